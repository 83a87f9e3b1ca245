"""Whether Kafka would take a produce now, asked in Kafka's own protocol."""

from __future__ import annotations

import socket
import struct

from kinetic.embedded.ports import LOOPBACK

_METADATA_KEY, _METADATA_VERSION = 3, 1
_CORRELATION = 1
_CLIENT = b"kinetic-embedded"
_TIMEOUT_SECONDS = 5.0


def kafka_answers(port: int) -> bool:
    """True when the broker lists itself as alive.

    A broker lists itself once the controller has unfenced it; the same metadata update gives its partitions their
    leader, so that a produce with acks=all succeeds from then on.

    Protocol: https://kafka.apache.org/protocol.html (Metadata v1, asking for no topic).
    """
    header = struct.pack(f">hhih{len(_CLIENT)}s", _METADATA_KEY, _METADATA_VERSION, _CORRELATION, len(_CLIENT), _CLIENT)
    request = header + struct.pack(">i", 0)
    try:
        with socket.create_connection((LOOPBACK, port), _TIMEOUT_SECONDS) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            with connection.makefile("rb") as answer:
                _length, _correlation, brokers = struct.unpack(">iii", answer.read(12))
    except (OSError, struct.error):
        return False
    return bool(brokers > 0)
