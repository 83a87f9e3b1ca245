"""The floor of recommendation: the same value, budget and words, on dictionaries, with one query per kind of row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from uuid_utils import uuid7

from benchmarks.floors import nudging_rows as rows
from benchmarks.floors.loop import Connection, Read, Told, stamp, tell
from benchmarks.floors.nudging_value import prospect, reckon
from benchmarks.floors.nudging_words import word

State = dict[str, Any]


@dataclass
class World:
    """What a batch rests on, and what has become of it so far."""

    now: datetime
    policy: State
    gaps: dict[str, State]
    nudges: dict[str, State]
    teams: dict[str, State]
    people: dict[str, State]
    contents: dict[str, State]
    dismissed: dict[tuple[str, str], set[str]]
    taken: dict[str, set[str]]
    spent: Counter[str]
    prospects: dict[Any, list[State]] = field(default_factory=dict)
    decided: dict[str, State] = field(default_factory=dict)
    touched: dict[str, State] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)


async def nudge(connection: Connection, read: Sequence[Read]) -> list[Told]:
    """A nudge for each gap that opens, its offer renewed when the gap moves, withdrawn when its reasons are gone."""
    world = await _load(connection, read)
    for one in read:
        _consider(world, one)
    await rows.save_gaps(connection, world.decided.values(), world.now)
    await rows.save_nudges(connection, world.touched.values())
    return world.told


async def _load(connection: Connection, read: Sequence[Read]) -> World:
    gap_ids, team_ids, skills = ([*{one.data[name] for one in read}] for name in ("gap_id", "team_id", "competency"))
    people = list({person for one in read for person in one.data.get("person_ids", ())})
    now = await connection.fetchval("SELECT clock_timestamp()")
    policy = await connection.fetchrow(rows.POLICY)
    teams = await _by(connection, "team_id", rows.TEAMS, team_ids)
    nudges = await _by(connection, "gap_id", rows.NUDGES, gap_ids)
    offered = [nudge["content_id"] for nudge in nudges.values()]
    dismissed = await connection.fetch(rows.DISMISSED, team_ids, skills)
    contents = await _by(connection, "content_id", rows.CONTENTS, skills, offered)
    taken = await connection.fetch(rows.TAKEN, people, list(contents))
    return World(
        now=now,
        policy=dict(policy or {}),
        gaps=await _by(connection, "gap_id", rows.GAPS, gap_ids),
        nudges=nudges,
        teams=teams,
        people=await _by(connection, "person_id", rows.PEOPLE, people),
        contents=contents,
        dismissed={(row["team_id"], row["competency"]): set(row["contents"]) for row in dismissed},
        taken={row["content_id"]: set(row["people"]) for row in taken},
        spent=await _spent(connection, teams, now),
    )


async def _by(connection: Connection, key: str, query: str, *arguments: Any) -> dict[str, State]:
    return {row[key]: dict(row) for row in await connection.fetch(query, *arguments)}


async def _spent(connection: Connection, teams: dict[str, State], now: datetime) -> Counter[str]:
    weeks = {team["manager_id"]: _week(now, team["time_zone"]) for team in teams.values() if team["manager_id"]}
    starts, ends = [start for start, _ in weeks.values()], [end for _, end in weeks.values()]
    found = await connection.fetch(rows.SPENT, list(weeks), starts, ends)
    return Counter({row["manager_id"]: row["composed"] for row in found})


def _consider(world: World, one: Read) -> None:
    gap = one.data
    known = world.gaps.get(gap["gap_id"])
    if known and gap["version"] <= known["version"]:
        return
    cause = [one.id, known["cause"][1], known["cause"][2]] if known else [one.id, one.correlation_id, one.traceparent]
    world.gaps[gap["gap_id"]] = {"version": gap["version"], "cause": cause}
    closed = one.type == "kinetic.gap.closed.v1"
    team = world.teams[gap["team_id"]]
    people = [] if closed else _concerned(world, gap, team)
    nudge = world.nudges.get(gap["gap_id"])
    if nudge and nudge["state"] in ("composed", "seen"):
        nudge = _uphold(world, one, nudge, team, people)
    hindered: tuple[Any, ...] = (None, None, None)
    if not closed and (nudge is None or nudge["state"] == "withdrawn"):
        hindered = _suggest(world, one, cause, team, people)
    due = None if closed or (nudge and nudge["state"] in rows.ANSWERED) else world.now + timedelta(hours=1)
    world.decided[gap["gap_id"]] = {"one": one, "cause": cause, "hindered": hindered, "due": hindered[2] or due}


def _concerned(world: World, gap: State, team: State) -> list[str]:
    members, people, manager = team["members"], world.people, team["manager_id"]
    return [p for p in gap["person_ids"] if p in members and p in people and manager in people[p]["managers"]]


def _uphold(world: World, one: Read, nudge: State, team: State, people: list[str]) -> State:
    content = world.contents[nudge["content_id"]]
    if one.type == "kinetic.gap.closed.v1":
        reason = "gap_closed"
    elif nudge["manager_id"] != team["manager_id"] or not people:
        reason = "manager_changed"
    elif content["retired"]:
        reason = "content_retired"
    else:
        left = _left(world, nudge["content_id"], people) or people
        return _refresh(world, nudge, _offer(one.data, content, team, left, nudge["offer"].get("reckoning")))
    version = nudge["version"] + 1
    outcome: State = {"at": stamp(world.now), "by": None, "person_ids": [], "reason": reason}
    ended = {**nudge, "state": "withdrawn", "version": version, "outcome": outcome}
    _tell(world, one, ended, "withdrawn", {"reason": reason})
    return ended


def _refresh(world: World, nudge: State, offer: State) -> State:
    if offer == nudge["offer"]:
        return nudge
    version = nudge["version"] + 1
    renewed = {**nudge, "offer": offer, "version": version, "offered_version": version}
    world.touched[nudge["nudge_id"]] = world.nudges[nudge["gap_id"]] = renewed
    return renewed


def _suggest(world: World, one: Read, cause: list[Any], team: State, people: list[str]) -> tuple[Any, ...]:
    """Compose a nudge; or what hinders it, whose attention it asks for, and until when."""
    gap, manager = one.data, team["manager_id"]
    if manager is None or not people:
        return ("no_reports" if manager else "no_manager"), manager, None
    found = _candidates(world, gap, people)
    if not found:
        return "no_content", manager, None
    spent = world.spent[manager]
    if spent >= world.policy["weekly_budget"]:
        return "weekly_budget", manager, _week(world.now, team["time_zone"])[1]
    reckoning = reckon(world.policy, gap, spent, found)
    if reckoning["chosen"] is None:
        return "not_worth_it", manager, None
    content = world.contents[reckoning["chosen"]]
    left = _left(world, reckoning["chosen"], people)
    world.spent[manager] += 1
    _compose(world, one, cause, content, _offer(gap, content, team, left, reckoning), team)
    return None, None, None


def _compose(world: World, one: Read, cause: list[Any], content: State, offer: State, team: State) -> None:
    gap, manager = one.data, team["manager_id"]
    title, _why = word(gap, content, len(offer["person_ids"]), offer["team_size"], ZoneInfo(team["time_zone"]))
    expires = world.now + timedelta(days=world.policy["nudge_ttl_days"])
    nudge = {"nudge_id": str(uuid7()), "manager_id": manager, "content_id": content["content_id"], "offer": offer}
    nudge |= {name: gap[name] for name in ("gap_id", "team_id", "competency")}
    nudge |= {"version": 1, "offered_version": 1, "policy_version": world.policy["version"], "state": "composed"}
    nudge |= {"composed_at": world.now, "expires_at": expires, "cause": cause, "outcome": None}
    told = {
        "competency": gap["competency"],
        "title": title,
        "person_ids": offer["person_ids"],
        "effort_minutes": content["effort_minutes"],
        "expires_at": stamp(expires),
        "map_version": gap["map_version"],
        "content_version": content["version"],
        "policy_version": nudge["policy_version"],
        "expected_value_hours": next(
            one["value_hours"]
            for one in offer["reckoning"]["weighed"]
            if one["prospect"]["content_id"] == content["content_id"]
        ),
        "propensity": offer["reckoning"]["propensity"],
    }
    _tell(world, one, nudge, "composed", told)


def _candidates(world: World, gap: State, people: list[str]) -> list[tuple[State, int]]:
    languages = Counter(_language(world.people[person]["language"]) for person in people)
    language = min(languages, key=lambda one: (-languages[one], one))
    dismissed = world.dismissed.get((gap["team_id"], gap["competency"]), ())
    need = gap["competency"], gap["required_level"], language, *dismissed
    if need not in world.prospects:
        known = [
            (_level(content, gap["competency"]), prospect(content, gap))
            for content in world.contents.values()
            if not content["retired"]
            and _level(content, gap["competency"])
            and _language(content["language"]) == language
            and content["content_id"] not in dismissed
        ]
        least = min(gap["required_level"], max((level for level, _ in known), default=0)) - 1
        world.prospects[need] = [one for level, one in known if level >= least]
    counted = [(one, len(_left(world, one["content_id"], people))) for one in world.prospects[need]]
    return [(one, count) for one, count in counted if count]


def _left(world: World, content_id: str, people: list[str]) -> list[str]:
    have = world.taken.get(content_id)
    return [person for person in people if person not in have] if have else people


def _level(content: State, skill: str) -> int:
    return max((taught["level"] for taught in content["teaches"] if taught["competency"] == skill), default=0)


def _language(language: str) -> str:
    return language.replace("_", "-").partition("-")[0].lower()


def _offer(gap: State, content: State, team: State, people: list[str], reckoning: State | None) -> State:
    return {
        "content": {name: content[name] for name in rows.OFFERED},
        "competency_name": gap["competency_name"],
        "goal": gap["goal"],
        "person_ids": people,
        "team_size": len(team["members"]),
        "evidence": gap["evidence"],
        "map_version": gap["map_version"],
        "reckoning": reckoning,
        "required_level": gap["required_level"],
    }


def _tell(world: World, one: Read, nudge: State, what: str, more: State) -> None:
    names = ("nudge_id", "gap_id", "team_id", "manager_id", "content_id", "version")
    now = stamp(world.now)
    data = {name: nudge[name] for name in names} | {"occurred_at": now} | more
    event = tell(one, f"kinetic.nudge.{what}.v1", "kinetic.nudges", nudge["team_id"], data, rows.SOURCE, now)
    cause = [event.headers["ce_id"], one.correlation_id, one.traceparent]
    world.touched[nudge["nudge_id"]] = world.nudges[nudge["gap_id"]] = {**nudge, "cause": cause}
    world.told.append(event)


def _week(moment: datetime, zone: str) -> tuple[datetime, datetime]:
    today = moment.astimezone(ZoneInfo(zone)).date()
    monday = today - timedelta(days=today.weekday())
    start, end = (datetime.combine(day, time(0), ZoneInfo(zone)) for day in (monday, monday + timedelta(days=7)))
    return start.astimezone(UTC), end.astimezone(UTC)
