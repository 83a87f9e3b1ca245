"""`multipart/mixed` bodies: statements first, then the attachments, of which only the hashes are looked at (Data 2.4.11)."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from typing import Final

from kinetic.common.problems import Problem

MOST_PARTS: Final = 200
_LONGEST_HEADER: Final = 8_192
_HASH: Final = "x-experience-api-hash"


@dataclass(frozen=True, slots=True)
class Body:
    """The JSON text of a request, and the SHA-2 hashes of the attachments that came with it."""

    statements: bytes
    hashes: frozenset[str] = frozenset()


def read_body(content_type: str, body: bytes) -> Body:
    """The parts of a request. Problem 400 when its media type is another, or the parts are not as the standard has them."""
    header = Message()
    header["content-type"] = content_type
    kind = header.get_content_type()
    if kind == "application/json":
        return Body(body)
    boundary = header.get_boundary()
    if kind != "multipart/mixed" or not boundary:
        raise refused("Send application/json, or multipart/mixed with a boundary.", "The media type is not taken here")
    parts = _split(body, boundary.encode("latin-1", "replace"))
    if not parts or parts[0][0].get_content_type() != "application/json":
        raise refused("The first part must be application/json.")
    return Body(parts[0][1], frozenset(_hash_of(part) for part, _ in parts[1:]))


def _split(body: bytes, boundary: bytes) -> list[tuple[Message, bytes]]:
    """The headers and the content of each part (RFC 2046, section 5.1.1)."""
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary, MOST_PARTS + 1)[1:]
    if len(pieces) > MOST_PARTS:
        raise Problem(413, "There are too many parts", f"Send at most {MOST_PARTS - 1} attachments at once.")
    if not pieces or not pieces[-1].startswith(b"--"):
        raise refused("The last part does not end with the boundary.")
    return [_read_part(piece) for piece in pieces[:-1]]


def _read_part(piece: bytes) -> tuple[Message, bytes]:
    # A part without headers begins with the empty line at once.
    head, separator, content = piece.partition(b"\r\n\r\n")
    if not separator or len(head) > _LONGEST_HEADER:
        raise refused("The headers of a part must end with an empty line.")
    # Newer policies understand more of a header than is asked here: comments within comments, until the stack ends.
    return BytesHeaderParser(policy=compat32).parsebytes(head.lstrip(b" \t\r\n")), content


def _hash_of(part: Message) -> str:
    named = part.get(_HASH)
    if named is None or str(part.get("content-transfer-encoding", "")).lower() != "binary":
        raise refused("An attachment needs X-Experience-API-Hash and Content-Transfer-Encoding: binary.")
    return str(named).strip().lower()


def refused(detail: str, title: str = "The statements are not valid") -> Problem:
    """Problem 400 about the request as a whole."""
    return Problem(400, title, detail)
