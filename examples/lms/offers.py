"""Who has an account in the platform and what it teaches, taken from the company's files at the start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from examples.lms.requests import SYSTEM


@dataclass(frozen=True, slots=True)
class Learner:
    """A person with an account here."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Course:
    """A course that can be taken here."""

    id: str
    title: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Offers:
    """Accounts and courses by their own ids."""

    learners: dict[str, Learner]
    courses: dict[str, Course]


def load_offers(company: Path) -> Offers:
    """Read accounts and courses. OSError or KeyError when a file is missing or not of the expected shape."""
    people = _entries(company / "directory.yaml", "people")
    content = _entries(company / "catalogue.yaml", "content")
    learners = [Learner(entry["external_ids"][SYSTEM], entry["name"]) for entry in people]
    courses = [
        Course(e["external_ids"][SYSTEM], e["title"], e["effort_minutes"]) for e in content if not e.get("retired")
    ]
    return Offers({learner.id: learner for learner in learners}, {course.id: course for course in courses})


def _entries(path: Path, name: str) -> list[dict[str, Any]]:
    entries = yaml.safe_load(path.read_text())[name]
    return [entry for entry in entries if SYSTEM in entry["external_ids"]]
