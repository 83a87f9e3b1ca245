"""The capability map as people write it: YAML or JSON, validated with errors that name the line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kinetic.contracts.fields import ShortText, Slug, Text
from kinetic.contracts.skill_gap import Competency, Goal, Kpi, KpiRule, Requirement, SignalRule

Path = tuple[str | int, ...]
MAX_NESTING = 20


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong in a document, and where: a path into it and the line, counted from 1 (None when unknown)."""

    path: Path
    line: int | None
    detail: str


class InvalidDocument(ValueError):
    """The document cannot be used. Carries every mistake found."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__(f"{len(mistakes)} mistakes")
        self.mistakes = tuple(mistakes)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Competency(_Strict, Competency):
    key: Slug  # type: ignore[assignment]
    name: ShortText
    description: Text = ""


class _Kpi(_Strict, Kpi):
    key: Slug  # type: ignore[assignment]
    name: ShortText
    unit: ShortText
    replaces: Text = ""
    target: float = Field(allow_inf_nan=False)
    alarm: float = Field(allow_inf_nan=False)


class _Goal(_Strict, Goal):
    key: Slug
    name: ShortText


class _Requirement(_Strict, Requirement):
    role: Slug  # type: ignore[assignment]


class _SignalRule(_Strict, SignalRule):
    kind: str = Field(pattern=r"^[a-z]+(\.[a-z_]+)*(\.\*)?$", max_length=100)


class _KpiRule(_Strict, KpiRule):
    pass


class MapDocument(_Strict):
    """The capability map without its version, which Kinetic gives."""

    competencies: tuple[_Competency, ...] = Field(min_length=1, max_length=1000)
    kpis: tuple[_Kpi, ...] = Field(default=(), max_length=1000)
    goals: tuple[_Goal, ...] = Field(default=(), max_length=1000)
    requirements: tuple[_Requirement, ...] = Field(default=(), max_length=10_000)
    signal_rules: tuple[_SignalRule, ...] = Field(default=(), max_length=1000)
    kpi_rules: tuple[_KpiRule, ...] = Field(default=(), max_length=1000)


def read_map(source: bytes) -> MapDocument:
    """The map in a YAML or JSON text. InvalidDocument naming every mistake with its line."""
    root = _compose(source)
    try:
        document = MapDocument.model_validate(yaml.SafeLoader("").construct_document(root) if root else {})
    except ValidationError as error:
        raise InvalidDocument([_mistake(root, fault["loc"], fault["msg"]) for fault in error.errors()]) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidDocument([Mistake((), None, f"cannot be read: {error}")]) from error
    dangling = [_mistake(root, path, detail) for path, detail in _dangling(document)]
    if dangling:
        raise InvalidDocument(dangling)
    return document


def _compose(source: bytes) -> yaml.Node | None:
    try:
        text = source.decode("utf-8-sig")
        for depth, token in _nesting(text):
            if depth > MAX_NESTING:
                raise InvalidDocument([Mistake((), token.start_mark.line + 1, "is nested too deeply")])
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        raise InvalidDocument([Mistake((), None, "is not UTF-8")]) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise InvalidDocument([Mistake((), line, error.problem or "is not YAML")]) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise InvalidDocument([Mistake((), None, f"is not YAML: {error}")]) from error


def _nesting(text: str) -> Iterator[tuple[int, yaml.Token]]:
    """Each token with the depth it stands at; aliases are refused, since they can grow without bound."""
    depth = 0
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        if isinstance(token, yaml.AliasToken):
            raise InvalidDocument([Mistake((), token.start_mark.line + 1, "aliases are not allowed here")])
        if isinstance(token, _OPENING):
            depth += 1
        elif isinstance(token, _CLOSING):
            depth -= 1
        yield depth, token


_OPENING = (
    yaml.BlockMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.FlowSequenceStartToken,
)
_CLOSING = (yaml.BlockEndToken, yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)


def _dangling(document: MapDocument) -> Iterator[tuple[Path, str]]:
    """References to keys that do not exist, and keys that stand twice."""
    known = {
        "competency": {competency.key for competency in document.competencies},
        "kpi": {kpi.key for kpi in document.kpis},
    }
    for section in ("competencies", "kpis", "goals"):
        yield from _repeated(section, [item.key for item in getattr(document, section)])
    for section, fields in _REFERENCES:
        for index, item in enumerate(getattr(document, section)):
            for field, kind in fields:
                yield from _unknown((section, index, field), getattr(item, field), known[kind])


_REFERENCES = (
    ("requirements", (("competency", "competency"),)),
    ("signal_rules", (("competency", "competency"),)),
    ("kpi_rules", (("competency", "competency"), ("kpi", "kpi"))),
    ("goals", (("competencies", "competency"), ("kpis", "kpi"))),
)


def _unknown(path: Path, named: str | Sequence[str], known: Set[str]) -> Iterator[tuple[Path, str]]:
    if isinstance(named, str):
        if named not in known:
            yield path, f"no entry has the key {named!r}"
        return
    for position, key in enumerate(named):
        yield from _unknown((*path, position), key, known)


def _repeated(section: str, keys: Sequence[str]) -> Iterator[tuple[Path, str]]:
    seen: set[str] = set()
    for index, key in enumerate(keys):
        if key in seen:
            yield (section, index, "key"), f"the key {key!r} stands twice"
        seen.add(key)


def _mistake(root: yaml.Node | None, path: Path, detail: str) -> Mistake:
    return Mistake(path, _line(root, path), detail)


def _line(node: yaml.Node | None, path: Path) -> int | None:
    """The line of the deepest node on `path` that exists."""
    if node is None:
        return None
    line: int = node.start_mark.line + 1
    for step in path:
        child = _child(node, step)
        if child is None:
            break
        node, line = child, child.start_mark.line + 1
    return line


def _child(node: yaml.Node, step: str | int) -> Any:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step]
    return None
