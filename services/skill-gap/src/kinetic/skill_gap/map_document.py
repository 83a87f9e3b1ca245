"""The capability map as people write it: YAML or JSON, validated with errors that name the line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from kinetic.common.yaml_texts import NotTaken, read_yaml
from kinetic.contracts.fields import ShortText, Slug, Text
from kinetic.contracts.skill_gap import Competency, Detection, Goal, Kpi, KpiRule, Requirement, SignalRule

Path = tuple[str | int, ...]


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


_Weight = Annotated[float, Field(gt=0, le=1e6)]
"""Squares of weights are summed up."""


class _Strict(BaseModel):
    # JSON has no infinity: a map with one could be kept and never be read again
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class _Competency(Competency, _Strict):
    key: Slug  # type: ignore[assignment]
    name: ShortText
    description: Text = ""


class _Kpi(Kpi, _Strict):
    key: Slug  # type: ignore[assignment]
    name: ShortText
    unit: ShortText
    replaces: Text = ""
    target: float = Field(allow_inf_nan=False)
    alarm: float = Field(allow_inf_nan=False)


class _Goal(Goal, _Strict):
    key: Slug
    name: ShortText
    weight: _Weight = 1.0


class _Requirement(Requirement, _Strict):
    role: Slug  # type: ignore[assignment]


class _SignalRule(SignalRule, _Strict):
    kind: str = Field(pattern=r"^[a-z]+(\.[a-z_]+)*(\.\*)?$", max_length=100)
    weight: _Weight


class _KpiRule(KpiRule, _Strict):
    weight: _Weight


class _Detection(Detection, _Strict):
    @model_validator(mode="after")
    def _must_not_flap(self) -> _Detection:
        if self.calm_pressure > self.opening_pressure:
            raise ValueError("calm_pressure must not lie above opening_pressure: gaps would open and close in turn")
        return self


class MapDocument(_Strict):
    """The capability map without its version, which Kinetic gives."""

    competencies: tuple[_Competency, ...] = Field(min_length=1, max_length=1000)
    kpis: tuple[_Kpi, ...] = Field(default=(), max_length=1000)
    goals: tuple[_Goal, ...] = Field(default=(), max_length=1000)
    requirements: tuple[_Requirement, ...] = Field(default=(), max_length=10_000)
    signal_rules: tuple[_SignalRule, ...] = Field(default=(), max_length=1000)
    kpi_rules: tuple[_KpiRule, ...] = Field(default=(), max_length=1000)
    detection: _Detection = _Detection()


def read_map(source: bytes) -> MapDocument:
    """The map in a YAML or JSON text. InvalidDocument naming every mistake with its line."""
    try:
        document = MapDocument.model_validate(read_yaml(source) or {})
    except NotTaken as error:
        raise InvalidDocument([Mistake((), error.line, error.detail)]) from error
    except ValidationError as error:
        faults = [(fault["loc"], fault["msg"]) for fault in error.errors()]
        raise _invalid(source, faults) from error
    dangling = list(_dangling(document))
    if dangling:
        raise _invalid(source, dangling)
    return document


def _invalid(source: bytes, faults: Sequence[tuple[Path, str]]) -> InvalidDocument:
    root = yaml.compose(source, Loader=yaml.CSafeLoader)
    return InvalidDocument([Mistake(path, _line(root, path), detail) for path, detail in faults])


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
