"""An organisation as large as a run needs: teams with one manager and some members each, one skill, one course."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SKILL, COURSE, ROLE = "release-engineering", "course-1", "engineer"
CENTURY_DAYS = 36_500.0
"""A half-life so long that pressure is a count: nothing decays during a run."""


@dataclass(frozen=True)
class Company:
    """`teams` teams of `members` people, each with its own manager."""

    teams: int
    members: int = 2

    @property
    def slugs(self) -> list[str]:
        """The handles of all teams."""
        return [f"team-{number}" for number in range(self.teams)]

    def manager_of(self, slug: str) -> str:
        """The address of a team's manager."""
        return f"manager.{slug}@chaos.example"

    def directory(self) -> dict[str, Any]:
        """The document for `PUT /directory`."""
        teams = [{"slug": s, "name": s, "unit": "chaos", "manager": self.manager_of(s)} for s in self.slugs]
        managers = [self._person(self.manager_of(s), s, "manager", None) for s in self.slugs]
        members = [
            self._person(f"{s}.{number}@chaos.example", s, ROLE, self.manager_of(s))
            for s in self.slugs
            for number in range(self.members)
        ]
        return {"teams": teams, "people": [*managers, *members]}

    def catalogue(self) -> dict[str, Any]:
        """The document for `PUT /catalogue`."""
        course = {
            "external_ids": {"example-lms": COURSE},
            "title": "Releases in small steps",
            "url": "https://lms.chaos.example/course-1",
            "teaches": [{"competency": SKILL, "level": 5}],
            "effort_minutes": 20,
            "language": "en",
        }
        return {"content": [course]}

    def capabilities(self) -> dict[str, Any]:
        """The document for `PUT /capabilities`: every signal presses with its severity, nothing fades, and pressure decides."""
        rule = {"kind": "delivery.*", "competency": SKILL, "weight": 1.0, "half_life_days": CENTURY_DAYS}
        return {
            "competencies": [{"key": SKILL, "name": "Release engineering"}],
            "requirements": [{"role": ROLE, "competency": SKILL, "level": 3}],
            "signal_rules": [rule],
            "detection": {"opening_score": 0},
        }

    def policy(self) -> dict[str, Any]:
        """The document for `PUT /policy`: attention is free at every hour of every day, nothing is withheld, so that it stops nothing here."""
        days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        return {
            "weekly_budget": 50,
            "quiet_hours": None,
            "working_days": days,
            "nudge_ttl_days": 14,
            "cool_down_days": 0,
            "holdout_share": 0,
        }

    def _person(self, email: str, team: str, role: str, manager: str | None) -> dict[str, Any]:
        return {
            "email": email,
            "name": email.partition("@")[0],
            "role": role,
            "team": team,
            "manager": manager,
            "time_zone": "UTC",
            "language": "en",
            "external_ids": {"example-lms": email},
        }
