"""A learning platform's feed on a port of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class FeedServer:
    """Answers `body` under a tag, and remembers the headers that it was sent."""

    body: bytes = b"[]"
    etag: str = ""
    status: int = 200
    extra: dict[str, str] = field(default_factory=dict)
    url: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request and close."""
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        self.asked.append(headers)
        known = bool(self.etag) and headers.get("if-none-match") == self.etag
        sent = {"content-length": str(0 if known else len(self.body)), "connection": "close", **self.extra}
        if self.etag:
            sent["etag"] = self.etag
        head = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        writer.write(
            f"HTTP/1.1 {304 if known else self.status} x\r\n{head}\r\n".encode() + (b"" if known else self.body)
        )
        writer.close()


@asynccontextmanager
async def serving() -> AsyncIterator[FeedServer]:
    """A server on a free port of this machine."""
    feed = FeedServer()
    server = await asyncio.start_server(feed.answer, "127.0.0.1", 0)
    feed.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/feed"
    async with server:
        yield feed
