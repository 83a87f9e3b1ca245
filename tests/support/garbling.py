"""Records as a stranger may write them: aiokafka cannot decode a garbled one, nor unpack one that is packed with Snappy."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.record.util import calc_crc32c

_NAME, _GARBLED = b"a-header-name", b"\xff\xfeheader-name"
_LENGTH, _CRC, _CODEC, _RECORDS = slice(8, 12), slice(17, 21), 22, slice(61, None)
_SNAPPY = 2


async def write_garbled(kafka: str, topic: str, partition: int, values: Sequence[bytes]) -> None:
    """Write one record per value, each in a batch of its own, with a header whose name is not UTF-8."""
    for value in values:
        await _write(kafka, topic, partition, value, {_NAME.decode(): "x"}, _garble)


async def write_packed(kafka: str, topic: str, partition: int, value: bytes, headers: Mapping[str, str]) -> None:
    """Write a record that is packed with Snappy."""
    await _write(kafka, topic, partition, value, headers, _pack)


async def _write(
    kafka: str,
    topic: str,
    partition: int,
    value: bytes,
    headers: Mapping[str, str],
    change: Callable[[bytearray], None],
) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    try:
        batch = producer.create_batch()
        raw_headers = [(name, text.encode()) for name, text in headers.items()]
        batch.append(timestamp=None, key=None, value=value, headers=raw_headers)
        batch._buffer = bytearray(batch._build())
        change(batch._buffer)
        batch._buffer[_CRC] = struct.pack(">I", calc_crc32c(bytes(batch._buffer[_CRC.stop :])))
        await (await producer.send_batch(batch, topic, partition=partition))
    finally:
        await producer.stop()


def _garble(batch: bytearray) -> None:
    batch[:] = batch.replace(_NAME, _GARBLED)


def _pack(batch: bytearray) -> None:
    """As one literal of Snappy's raw format: its length twice, as a varint and behind the tag, and the bytes as they are."""
    records = bytes(batch[_RECORDS])
    size = len(records)
    batch[_RECORDS] = bytes([size & 0x7F | 0x80, size >> 7, 61 << 2]) + struct.pack("<H", size - 1) + records
    batch[_CODEC] |= _SNAPPY
    batch[_LENGTH] = struct.pack(">i", len(batch) - _LENGTH.stop)
