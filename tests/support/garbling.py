"""Records that a stranger can write and aiokafka cannot decode."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.record.util import calc_crc32c

_NAME, _GARBLED = b"a-header-name", b"\xff\xfeheader-name"
_CRC = slice(17, 21)


async def write_garbled(kafka: str, topic: str, partition: int, values: Sequence[bytes]) -> None:
    """Write one record per value, each in a batch of its own, with a header whose name is not UTF-8."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    try:
        for value in values:
            batch = producer.create_batch()
            batch.append(timestamp=None, key=None, value=value, headers=[(_NAME.decode(), b"x")])
            raw = bytearray(batch._build().replace(_NAME, _GARBLED))
            raw[_CRC] = struct.pack(">I", calc_crc32c(bytes(raw[_CRC.stop :])))
            batch._buffer = raw
            await (await producer.send_batch(batch, topic, partition=partition))
    finally:
        await producer.stop()
