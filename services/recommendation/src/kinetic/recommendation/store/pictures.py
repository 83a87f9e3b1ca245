"""What a decision rests on, put together from the directory, the catalogue and what was suggested before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeGuard
from zoneinfo import ZoneInfo

from kinetic.common.database import Transaction
from kinetic.contracts.ids import ContentId, GapId, PersonId, TeamId
from kinetic.contracts.skill_gap import GapChanged, GapClosed, GapOpened
from kinetic.directory import store as directory
from kinetic.recommendation.domain.attention import Policy, week_of, zone_of
from kinetic.recommendation.domain.gap import Gap, ToldGap
from kinetic.recommendation.domain.holdout import is_eligible, unit_of
from kinetic.recommendation.domain.picture import Library, Manager, Person, Picture, Team
from kinetic.recommendation.domain.preferences import NO_WISHES
from kinetic.recommendation.store import absences, contents, holdout, nudges, policies, preferences, taken


@dataclass(frozen=True, slots=True)
class Roster:
    """Who manages each team, or stands in for who does, and who works there. A manager who has left, or is not known yet, is not there."""

    managers: Mapping[TeamId, PersonId]
    zones: Mapping[PersonId, ZoneInfo]
    members: Mapping[TeamId, frozenset[PersonId]]

    @property
    def manager_ids(self) -> set[PersonId]:
        """Everybody who manages one of the teams."""
        return set(self.zones)


async def load_roster(tx: Transaction, team_ids: Iterable[TeamId]) -> Roster:
    """The roster of teams that are locked, so that no change of managers goes unseen."""
    rows = await tx.fetch(
        """SELECT team_id, manager.person_id AS manager_id, manager.time_zone, ARRAY(
                      SELECT person_id FROM directory_now AS member
                      WHERE member.team_id = team.team_id AND person_id IS DISTINCT FROM team.manager_id) AS members
           FROM directory_team AS team
           LEFT JOIN directory_person AS manager ON manager.person_id = team.manager_id AND manager.active
           WHERE team_id = ANY($1::uuid[]) AND NOT removed""",
        sorted(set(team_ids)),
    )
    managers = {row["team_id"]: row["manager_id"] for row in rows if row["manager_id"]}
    standing_in = await absences.delegates(tx, set(managers.values()))
    acting = {team_id: standing_in.get(manager_id, manager_id) for team_id, manager_id in managers.items()}
    zones = {row["manager_id"]: row["time_zone"] for row in rows if row["manager_id"]}
    zones |= {one.person_id: one.time_zone for one in (await directory.people(tx, standing_in.values())).values()}
    return Roster(
        managers=acting,
        zones={person_id: zone_of(zones[person_id]) for person_id in acting.values()},
        members={row["team_id"]: frozenset(row["members"]) for row in rows},
    )


async def managed_teams(tx: Transaction, person_ids: Iterable[PersonId]) -> set[TeamId]:
    """The teams that one of `person_ids` manages, or stands in for whoever does."""
    rows = await tx.fetch(
        """SELECT team_id FROM directory_team WHERE manager_id = ANY($1::uuid[]) OR manager_id IN (
               SELECT person_id FROM preference WHERE delegate_id = ANY($1::uuid[]) AND away_until > clock_timestamp())""",
        list(person_ids),
    )
    return {row["team_id"] for row in rows}


async def load_picture(tx: Transaction, roster: Roster, gaps: Mapping[GapId, Gap], told: Sequence[ToldGap]) -> Picture:
    """The picture for deciding about `gaps`, and about what is `told` of them. Teams and managers are locked."""
    now, policy = await tx.now(), await policies.load(tx)
    everything = [*told, *(gap.told for gap in gaps.values())]
    latest = await nudges.latest(tx, {about.gap_id for about in everything})
    concerned = {person_id for about in everything for person_id in _concerned(about)}
    suggested = {nudge.offer.content.content_id for nudge in latest.values() if nudge.is_open}
    return Picture(
        now=now,
        policy=policy,
        gaps=gaps,
        nudges=latest,
        teams=await _load_teams(tx, roster, now),
        people=await _load_people(tx, concerned),
        library=await _load_library(tx, everything, suggested, concerned),
        draws=await holdout.load(tx, {unit_of(about) for about in everything if _takes_part(about, policy, now)}),
    )


async def load_managers(tx: Transaction, zones: Mapping[PersonId, ZoneInfo], now: datetime) -> dict[PersonId, Manager]:
    """What managers wish, and what came before each of them in their week. Only under their locks is it true for long."""
    spent = await nudges.spent(tx, {person_id: week_of(now, zone) for person_id, zone in zones.items()})
    wishes = await preferences.load(tx, zones)
    return {
        person_id: Manager(person_id, zone, spent.get(person_id, 0), wishes.get(person_id, NO_WISHES))
        for person_id, zone in zones.items()
    }


async def _load_teams(tx: Transaction, roster: Roster, now: datetime) -> dict[TeamId, Team]:
    managers = await load_managers(tx, roster.zones, now)
    by_team = {team_id: managers[manager_id] for team_id, manager_id in roster.managers.items()}
    return {team_id: Team(by_team.get(team_id), members) for team_id, members in roster.members.items()}


async def _load_people(tx: Transaction, person_ids: Iterable[PersonId]) -> dict[PersonId, Person]:
    """Everybody concerned who works here, with those above them. Circles in the reporting line end."""
    rows = await tx.fetch(
        """WITH RECURSIVE line AS (
               SELECT person_id, language, manager_id FROM directory_now JOIN directory_person USING (person_id)
               WHERE person_id = ANY($1::uuid[])
               UNION
               SELECT line.person_id, language, above.manager_id
               FROM line JOIN directory_now AS above ON above.person_id = line.manager_id
           )
           SELECT person_id, language, array_remove(array_agg(manager_id), NULL) AS managers
           FROM line GROUP BY person_id, language""",
        list(person_ids),
    )
    return {row["person_id"]: Person(frozenset(row["managers"]), row["language"]) for row in rows}


async def _load_library(
    tx: Transaction, told: Sequence[ToldGap], suggested: Iterable[ContentId], concerned: Iterable[PersonId]
) -> Library:
    competencies = {about.competency for about in told}
    found, appraisals = await contents.load(tx, competencies, suggested)
    team_ids = {about.team_id for about in told}
    return Library(
        contents=found,
        appraisals=appraisals,
        dismissed=await nudges.dismissed(tx, team_ids, competencies),
        answers=await nudges.answers(tx, team_ids, competencies),
        taken=await taken.load(tx, found, concerned),
    )


def _concerned(told: ToldGap) -> tuple[PersonId, ...]:
    return () if isinstance(told, GapClosed) else told.person_ids


def _takes_part(told: ToldGap, policy: Policy, now: datetime) -> TypeGuard[GapOpened | GapChanged]:
    return not isinstance(told, GapClosed) and is_eligible(told, policy.holdout, now)
