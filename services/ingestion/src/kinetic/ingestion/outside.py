"""Reading a document from elsewhere: bounded in time and size, and never from inside our own network.

The address that was looked at is the one that is called: a name that changes between the two leads nowhere else.
Redirects are not followed, and proxies of the environment are not used.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpx

MOST_BYTES = 20_000_000
MOST_SECONDS = 30.0
_NAT64 = IPv6Network("64:ff9b::/96")


class NotRead(Exception):
    """The document could not be had. Says why, and quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Found:
    """A document; without a body it is still the one with that tag."""

    body: bytes | None
    etag: str | None


def refuse_unsafe_url(url: str, allow_inside: bool) -> httpx.URL:
    """The URL. ValueError unless it is https without a user, and when it names an address inside."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise ValueError("must be a URL") from None
    if parsed.scheme != "https" and not (allow_inside and parsed.scheme == "http"):
        raise ValueError("must begin with https://")
    if parsed.userinfo or not parsed.host:
        raise ValueError("must name a host, and no user")
    try:
        address = ip_address(parsed.host)
    except ValueError:
        return parsed
    if not allow_inside and is_inside(address):
        raise ValueError("must not name an address of a private network")
    return parsed


def is_inside(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is anything else than one of the public Internet, also when it is wrapped in IPv6."""
    if isinstance(address, IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour
        if wrapped is None and address in _NAT64:
            wrapped = IPv4Address(int(address) & 0xFFFFFFFF)
        if wrapped is not None:
            return is_inside(wrapped)
        if address.teredo is not None or address.is_site_local:
            return True
    return not address.is_global or address.is_multicast


async def read_outside(url: str, bearer: str | None, etag: str | None, allow_inside: bool) -> Found:
    """The document at `url`. Raises NotRead."""
    try:
        async with asyncio.timeout(MOST_SECONDS):
            return await _read(refuse_unsafe_url(url, allow_inside), bearer, etag, allow_inside)
    except TimeoutError:
        raise NotRead(f"it did not come within {MOST_SECONDS:.0f} seconds") from None
    except ValueError as error:
        raise NotRead(f"the URL {error}") from error
    except httpx.HTTPError as error:
        raise NotRead(f"the connection failed: {type(error).__name__}") from error


async def _read(url: httpx.URL, bearer: str | None, etag: str | None, allow_inside: bool) -> Found:
    host = url.raw_host.decode()
    address = await _address_of(host, url.port or (443 if url.scheme == "https" else 80), allow_inside)
    headers = {"host": url.netloc.decode(), "accept-encoding": "identity", "user-agent": "Kinetic"}
    if bearer is not None:
        headers["authorization"] = f"Bearer {bearer}"
    if etag is not None:
        headers["if-none-match"] = etag
    async with (
        httpx.AsyncClient(timeout=MOST_SECONDS, trust_env=False) as http,
        http.stream("GET", url.copy_with(host=address), headers=headers, extensions={"sni_hostname": host}) as answer,
    ):
        if answer.status_code == 304 and etag is not None:
            return Found(None, etag)
        if answer.status_code != 200:
            raise NotRead(f"it was answered {answer.status_code}")
        return Found(await _body(answer), _tag(answer))


async def _address_of(host: str, port: int, allow_inside: bool) -> str:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise NotRead("its host is not known") from None
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    if not allow_inside and any(is_inside(ip_address(address)) for address in addresses):
        raise NotRead("its host has an address of a private network")
    return addresses[0]


async def _body(answer: httpx.Response) -> bytes:
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        raise NotRead("it came compressed, which was not asked for")
    body = bytearray()
    async for chunk in answer.aiter_raw():
        body += chunk
        if len(body) > MOST_BYTES:
            raise NotRead(f"it is larger than {MOST_BYTES} bytes")
    return bytes(body)


def _tag(answer: httpx.Response) -> str | None:
    etag: str | None = answer.headers.get("etag")
    return etag if etag and len(etag) <= 500 and etag.isascii() and etag.isprintable() else None
