"""The documents of an organisation in which every event of a run can open a gap of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.chaos.company import ROLE, Company

TEAMS = 400
SEVERITY, WEIGHT = 0.8, 2.0


@dataclass(frozen=True)
class Organisation:
    """`skills` skills, each with a kind of signal and a course of its own: one event per team and skill opens a gap."""

    skills: int

    @property
    def company(self) -> Company:
        """Teams of two, each with its own manager."""
        return Company(TEAMS)

    def pairs(self, skill: int) -> list[tuple[str, str]]:
        """(team, skill) of every team."""
        return [(slug, f"skill-{skill}") for slug in self.company.slugs]

    def catalogue(self) -> dict[str, Any]:
        """The document for `PUT /catalogue`."""
        (course,) = self.company.catalogue()["content"]
        return {"content": [{**course, **self._course(number)} for number in range(self.skills)]}

    def capabilities(self) -> dict[str, Any]:
        """The document for `PUT /capabilities`: one signal is pressure enough."""
        keys = [f"skill-{number}" for number in range(self.skills)]
        fades = {"weight": WEIGHT, "half_life_days": 14.0}
        return {
            "competencies": [{"key": key, "name": key.title()} for key in keys],
            "requirements": [{"role": ROLE, "competency": key, "level": 3} for key in keys],
            "signal_rules": [{"kind": kind_of(key), "competency": key, **fades} for key in keys],
            "detection": {"opening_score": 0, "cool_down_days": 0},
        }

    def _course(self, number: int) -> dict[str, Any]:
        taught = [{"competency": f"skill-{number}", "level": 5}]
        return {"external_ids": {"example-lms": f"course-{number}"}, "teaches": taught}


def kind_of(skill: str) -> str:
    """The kind of signal that asks for a skill. The map takes no digits in a kind, so they become letters."""
    return "delivery.kind_" + "".join("abcdefghij"[int(digit)] for digit in skill.partition("-")[2])
