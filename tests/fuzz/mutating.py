"""How samples are changed: in their bytes, in their words, and in the values of their JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any, Final

from tests.fuzz.samples import Sample

LONGEST: Final = 200_000
"""Bytes of the largest texts: what takes quadratic time shows at that size."""

_HERE: Final = "@@here@@"
_WORD: Final = re.compile(rb"[\w.+-]+")

VALUES: Final[Sequence[bytes]] = (
    *(b"null", b"true", b"false", b"0", b"-0", b"-1", b"1.5", b"1e999", b"-1e999", b"1e-999", b"NaN", b"Infinity"),
    *(b"9223372036854775808", b"18446744073709551616", b"9" * 5000, b"0." + b"9" * 5000),
    *(
        b'""',
        b'" "',
        b'"\\u0000"',
        b'"a\\u0000b"',
        b'"\\ud800"',
        b'"\\udfff\\ud800"',
        b'"\\u202e"',
        b'"' + b"x" * 5000 + b'"',
    ),
    *(b'"1"', b'"true"', b'"2026-02-30"', b'"2026-01-31T09:30:00Z"', b'"9999-12-31T23:59:59-23:59"', b'"0001-01-01"'),
    *(b"[]", b"{}", b"[[]]", b'[null, 7, "x", {}]', b'{"a": 1, "a": 2}', b'{"\\u0000": 1}', b'{"": {"": ""}}'),
    *(b'"https://x.example/?a=%zz"', b'"http://["', b'"a@b@c"', b'"=1+1"', b'"kinetic.signal.report.v1"', b"{1: 2}"),
    *(b"[" * depth + b"]" * depth for depth in (10, 250, 300, 500, 900, 10_000)),
    *(b'{"a":' * depth + b"1" + b"}" * depth for depth in (250, 500, 900)),
)
"""What stands nowhere in the samples, as JSON."""

WORDS: Final[Sequence[bytes]] = (
    *(
        b"",
        b"\x00",
        b"\xff",
        b"\xed\xa0\x80",
        b"\xef\xbb\xbf",
        b"\xe2\x80\xa8",
        b"1e999",
        b"9" * 400,
        b"null",
        b"~",
        b"no",
    ),
    *(
        b"!!bool x",
        b"!!int ''",
        b"!!python/name:os.system",
        b"&a",
        b"*a",
        b"<<",
        b"1:1:1.5",
        b"0x1F",
        b"2026-13-45",
        b"---",
    ),
    *(
        b'"',
        b"'",
        b";",
        b",",
        b"\t",
        b"\r",
        b"\n",
        b"\r\n\r\n",
        b"=1+1",
        b"@SUM(A1)",
        b'""',
        b"sep=;",
        b"charset*=x'y'z",
    ),
    *(b"contains(a, `1`)", b"sort_by(@, &a)", b"[?a == 'b']", b"a[*].b[]", b"to_number('x')", b"`{`", b"@", b"!"),
    *(b'eq "', b"pr", b"and", b"not (", b"[type eq", b"co 5", b"gt true", b"urn:x:y", b"emails.value", b"meta.created"),
    *(b"--b--", b"--b\r\n", b"Content-Type: ;;*=", b'application/json; a="', b"multipart/mixed; boundary*0*=b"),
)
"""What stands nowhere in the samples, as words of CSV, YAML, JMESPath, filters and MIME."""

_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\x00", b"[", b"{", b'"', b",", b";", b"\n", b"\xff", b"\\", b"-", b"!")


def mutated(sample: Sample, others: Sequence[Sample], random: Random) -> Sample:
    """`sample`, changed one to four times; parts of `others` may come into it."""
    for _ in range(random.choice((1, 1, 1, 2, 2, 4))):
        if sample.told and random.random() < 0.15:
            sample = Sample(_told_otherwise(sample.told, random), sample.text)
        else:
            sample = Sample(sample.told, _text_otherwise(sample.text, random.choice(others).text, random)[:LONGEST])
    return sample


def _text_otherwise(text: bytes, other: bytes, random: Random) -> bytes:
    if random.random() < 0.5:
        try:
            return _value_otherwise(text, other, random)
        except (ValueError, RecursionError):
            pass  # it is no JSON, or nested too deeply to be written again
    return random.choice(_CHANGES)(text, other, random)


def _told_otherwise(told: Any, random: Random) -> Any:
    """What is told keeps its shape: a text in it is another text."""
    places = [place for place in _places(told) if isinstance(_at(told, place), str)]
    if not places:
        return told
    place = random.choice(places)
    text: str = _at(told, place)
    changed = random.choice(_CHANGES)(text.encode("utf-8", "replace"), b"x", random)[:2000]
    return json.loads(json.dumps(_with(told, place, changed.decode("latin-1"))))


def _value_otherwise(text: bytes, other: bytes, random: Random) -> bytes:
    """A JSON text with another value, another key, or less in one place. ValueError for what is no JSON."""
    value = json.loads(text)
    place = random.choice(list(_places(value)))
    if place and random.random() < 0.3:
        return _dumps(_renamed(value, place, random))
    written = random.choice(VALUES) if random.random() < 0.7 else _part_of(other, random)
    return _dumps(_with(value, place, _HERE)).replace(f'"{_HERE}"'.encode(), written)


def _part_of(text: bytes, random: Random) -> bytes:
    value = json.loads(text)
    return _dumps(_at(value, random.choice(list(_places(value)))))


def _renamed(value: Any, place: tuple[Any, ...], random: Random) -> Any:
    """The value with a key or an element moved, doubled or gone."""
    around, step = _at(value, place[:-1]), place[-1]
    if isinstance(around, list):
        changed: Any = [*around[:step], *around[step + 1 :]] if random.random() < 0.5 else [*around, *around]
    else:
        changed = {name: inner for name, inner in around.items() if name != step}
        if random.random() < 0.5:
            changed[random.choice(("", "id", "type", "\x00", "a/b~c", "x" * 300, step + "s"))] = around[step]
    return _with(value, place[:-1], changed)


def _places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield place
    if len(place) < 40:
        entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for step, inner in entries:
            yield from _places(inner, (*place, step))


def _at(value: Any, place: tuple[Any, ...]) -> Any:
    for step in place:
        value = value[step]
    return value


def _with(value: Any, place: tuple[Any, ...], changed: Any) -> Any:
    if not place:
        return changed
    step, *rest = place
    inner = _with(value[step], tuple(rest), changed)
    if isinstance(value, dict):
        return {**value, step: inner}
    return [*value[:step], inner, *value[step + 1 :]]


def _dumps(value: Any) -> bytes:
    return json.dumps(value).encode()


def _cut(text: bytes, random: Random) -> tuple[int, int]:
    start = random.randrange(len(text) + 1)
    return start, min(len(text), start + random.choice((1, 2, 8, 64, 512)))


def _truncate(text: bytes, _: bytes, random: Random) -> bytes:
    return text[: random.randrange(len(text) + 1)]


def _flip(text: bytes, _: bytes, random: Random) -> bytes:
    if not text:
        return b"\x00"
    at = random.randrange(len(text))
    return text[:at] + bytes([text[at] ^ 1 << random.randrange(8)]) + text[at + 1 :]


def _remove(text: bytes, _: bytes, random: Random) -> bytes:
    start, end = _cut(text, random)
    return text[:start] + text[end:]


def _insert(text: bytes, _: bytes, random: Random) -> bytes:
    start, _end = _cut(text, random)
    return text[:start] + random.choice((*_MARKS, *WORDS)) + text[start:]


def _repeat(text: bytes, _: bytes, random: Random) -> bytes:
    """A part of the text over and over: what is quadratic in it takes long."""
    start, end = _cut(text, random)
    times = random.choice((2, 20, 1000, LONGEST))
    part = text[start:end]
    return text[:end] + part * min(times, LONGEST // max(1, len(part))) + text[end:]


def _replace_word(text: bytes, _: bytes, random: Random) -> bytes:
    words = list(_WORD.finditer(text[:20_000]))
    if not words:
        return random.choice(WORDS)
    word = random.choice(words)
    return text[: word.start()] + random.choice(WORDS) + text[word.end() :]


def _splice(text: bytes, other: bytes, random: Random) -> bytes:
    return text[: _cut(text, random)[0]] + other[_cut(other, random)[0] :]


def _reencode(text: bytes, _: bytes, random: Random) -> bytes:
    charset = random.choice(("utf-16", "utf-16-be", "utf-32", "latin-1", "utf-8-sig", "utf-7"))
    return text.decode("utf-8", "replace").encode(charset, "replace")


_CHANGES: Final[Sequence[Callable[[bytes, bytes, Random], bytes]]] = (
    _truncate,
    _flip,
    _remove,
    _insert,
    _insert,
    _repeat,
    _replace_word,
    _replace_word,
    _splice,
    _reencode,
)
