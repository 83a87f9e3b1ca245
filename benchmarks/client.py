"""`python -m benchmarks.client URL`: a load of events from a process of its own; prints events per second.

A client of a few lines, so that the two cores serve the server. The token stands in KINETIC_TOKEN.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from time import perf_counter
from urllib.parse import urlsplit
from uuid import uuid4

import orjson
import uvloop

ACCEPTED = 202
TEAMS = 200


def main() -> None:
    """Send, wait for every answer, and say how fast it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--requests", type=int, required=True)
    parser.add_argument("--batch", type=int, default=0, help="events in a request; 0 sends single events")
    parser.add_argument("--connections", type=int, default=64)
    arguments = parser.parse_args()
    requests = [_request(arguments.url, arguments.batch, number) for number in range(arguments.requests)]
    seconds = uvloop.run(send_all(arguments.url, iter(requests), arguments.connections))
    print(arguments.requests * max(1, arguments.batch) / seconds)


async def send_all(url: str, requests: Iterator[bytes], connections: int) -> float:
    """Send all `requests`, each connection the next when it has its answer; how many seconds that took."""
    address = urlsplit(url)
    started = perf_counter()
    await asyncio.gather(*(_send(address.hostname, address.port, requests) for _ in range(connections)))
    return perf_counter() - started


async def _send(host: str | None, port: int | None, requests: Iterator[bytes]) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    for request in requests:
        status, body = await exchange(reader, writer, request)
        if status != ACCEPTED:
            raise AssertionError(f"answered {status}: {body[:300].decode()}")
    writer.close()


async def exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> tuple[int, bytes]:
    """Send one request; status and body of its answer, which must name its length."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return int(head[9:12]), await reader.readexactly(length)


def _request(url: str, batch: int, number: int) -> bytes:
    events = [event(number * max(1, batch) + place) for place in range(max(1, batch))]
    body = orjson.dumps(events if batch else events[0])
    kind = "cloudevents-batch" if batch else "cloudevents"
    token = os.environ.get("KINETIC_TOKEN", "")
    return post(url, body, f"Authorization: Bearer {token}", f"Content-Type: application/{kind}+json")


def post(url: str, body: bytes, *headers: str) -> bytes:
    """The bytes of a request."""
    lines = (f"POST {urlsplit(url).path} HTTP/1.1", "Host: door", *headers, f"Content-Length: {len(body)}")
    return "\r\n".join((*lines, "", "")).encode() + body


def event(number: int) -> dict[str, object]:
    """A signal that no other run has sent."""
    now = datetime.now(UTC).isoformat()
    return {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": "/benchmark",
        "type": "kinetic.signal.report.v1",
        "time": now,
        "data": {
            "kind": "delivery.failed",
            "team": f"team-{number % TEAMS}",
            "severity": 0.3,
            "summary": f"Deployment {number} of the payment service to production failed after 12 minutes",
            "url": f"https://github.example/company/payments/actions/runs/{number}",
            "occurred_at": now,
            "attributes": {"repository": "payments", "branch": "main", "workflow": "deploy"},
        },
    }


if __name__ == "__main__":
    main()
