"""Addresses to which something is sent, and which are none."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

# A dot-string of RFC 5321, also in other scripts (RFC 6531). Quoted local parts are left out: nobody has one.
_ATOM: Final = r'[^\s()<>\[\]:;@\\,."\x00-\x1f\x7f-\x9f]+'
_MAILBOX: Final = re.compile(rf"{_ATOM}(\.{_ATOM})*@{_ATOM}(\.{_ATOM})*")


def is_mailbox(address: str) -> bool:
    """Whether a mail can go there: one mailbox and nothing around it, which could be read as a command or a header."""
    return len(address) <= 254 and address.isprintable() and _MAILBOX.fullmatch(address) is not None


def is_safe_url(url: str) -> bool:
    """Whether nobody reads on the way what is sent there: https, or http on this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    if not host or not url.isprintable() or " " in url:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(host))


def is_this_machine(host: str) -> bool:
    """Whether a host is a loopback address, or the name of one."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
