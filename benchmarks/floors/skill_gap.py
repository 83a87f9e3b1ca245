"""The floor of skill-gap: the same states and the same gap events, on dictionaries instead of a domain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from uuid_utils import uuid7

from benchmarks.floors.charting import draw
from benchmarks.floors.evidence import seen_in
from benchmarks.floors.loop import Connection, Read, Told, stamp, tell
from benchmarks.floors.mastering import left, master
from benchmarks.floors.surging import surge_column, surge_of
from benchmarks.floors.weeks import keep_shares
from kinetic.skill_gap.domain.days import day_of
from kinetic.skill_gap.domain.surge import nothing_seen

DAY = 86_400.0
OPEN, CALM, ENOUGH, MORE = 1.0, 0.25, 0.8, 2.0

_LOAD = """SELECT team_id::text, competency, pressure, as_of, surge, standing, gap_id::text, version, told, evidence, cause
           FROM assessment WHERE team_id = ANY($1::text[]::uuid[])"""
_MEMBERS = """SELECT team_id::text, person_id::text, role, competency, held, stability, mastery.as_of
              FROM directory_now LEFT JOIN mastery USING (person_id)
              WHERE team_id = ANY($1::text[]::uuid[]) ORDER BY person_id"""
_SAVE = """INSERT INTO assessment (team_id, competency, pressure, as_of, standing, gap_id, version, told, evidence, cause,
                                   surge, surge_score, due_at)
           SELECT * FROM unnest($1::text[]::uuid[], $2::text[], $3::text[]::jsonb[], $4::timestamptz[], $5::text[],
                                $6::text[]::uuid[], $7::int[], $8::text[]::jsonb[], $9::text[]::jsonb[],
                                $10::text[]::jsonb[], $11::text[]::jsonb[], $12::float8[], $13::timestamptz[])
           ON CONFLICT (team_id, competency) DO UPDATE SET
               pressure = excluded.pressure, as_of = excluded.as_of, standing = excluded.standing, gap_id = excluded.gap_id,
               version = excluded.version, told = excluded.told, evidence = excluded.evidence, cause = excluded.cause,
               surge = excluded.surge, surge_score = excluded.surge_score, due_at = excluded.due_at"""

Pair = tuple[str, str]
State = dict[str, Any]


class Floor:
    """Its three stages, which share what they know of the map."""

    def __init__(self) -> None:
        self._rules: dict[str, Any] | None = None
        self._required: dict[str, dict[str, int]] = {}
        self._teaches: dict[str, list[dict[str, Any]]] = {}

    async def signals(self, connection: Connection, read: Sequence[Read]) -> list[Told]:
        """Signals press, and pressure opens gaps."""
        rules = await self._load_rules(connection)
        by_kind = {rule["kind"]: rule for rule in rules["signal_rules"]}
        return await self._press(connection, [(one, by_kind[one.data["kind"]]) for one in read])

    async def measurements(self, connection: Connection, read: Sequence[Read]) -> list[Told]:
        """KPIs stand on their charts. As long as those are young, none of them presses enough for a gap."""
        rules = await self._load_rules(connection)
        slips = await draw(connection, rules, read)
        by_kpi = {rule["kpi"]: rule["competency"] for rule in rules["kpi_rules"]}
        teams = list({one.data["team_id"] for one, _ in slips})
        states, members = await _load(connection, teams), await _members(connection, teams)
        now = await connection.fetchval("SELECT clock_timestamp()")
        covers: dict[Pair, tuple[float | None, list[str], int | None]] = {}
        for one, slip in slips:
            pair = (one.data["team_id"], by_kpi[slip["kpi"]])
            state = states.get(pair) or _quiet(now)
            cover = covers.get(pair) or covers.setdefault(pair, self._cover(members, pair, now))
            if _at(state, now) + min(2.0, slip["score"] / 5) >= OPEN and cover[2] is not None:
                raise AssertionError("the run measures charts, not gaps")
        await keep_shares(connection, {pair: cover[0] for pair, cover in covers.items()}, now)
        return []

    async def learning(self, connection: Connection, read: Sequence[Read]) -> list[Told]:
        """Completions raise mastery, and the learners' teams are assessed again."""
        await self._load_rules(connection)
        done = [one for one in read if one.data["verb"] in ("completed", "passed", "failed")]
        people = list({one.data["person_id"] for one in done})
        await master(connection, done, people, self._teaches)
        rows = await connection.fetch(
            "SELECT DISTINCT team_id::text FROM directory_now WHERE person_id = ANY($1::text[]::uuid[])", people
        )
        teams = [row["team_id"] for row in rows]
        states = await _load(connection, teams)
        members = await _members(connection, teams)
        now = await connection.fetchval("SELECT clock_timestamp()")
        told: list[Told] = []
        changed: dict[Pair, State] = {}
        covers = {pair: self._cover(members, pair, now) for pair in states}
        for pair, state in states.items():
            if event := self._decide(pair, state, covers[pair], now, _cause_of(state)):
                told.append(event)
                changed[pair] = state
        await _save(connection, changed, now)
        await keep_shares(connection, {pair: cover[0] for pair, cover in covers.items()}, now)
        return told

    async def _press(self, connection: Connection, demands: Sequence[tuple[Read, Any]]) -> list[Told]:
        teams = list({one.data["team_id"] for one, *_ in demands})
        states, members = await _load(connection, teams), await _members(connection, teams)
        now = await connection.fetchval("SELECT clock_timestamp()")
        covers: dict[Pair, tuple[float | None, list[str], int | None]] = {}
        touched: dict[Pair, State] = {}
        told: list[Told] = []
        for one, rule in demands:
            pair = (one.data["team_id"], rule["competency"])
            state = touched[pair] = states.setdefault(pair, _quiet(now))
            _press(state, seen_in(one), one.data["severity"] * rule["weight"], rule["half_life_days"], now)
            state["cause"] = [one.id, one.correlation_id, one.traceparent]
            cover = covers.get(pair) or covers.setdefault(pair, self._cover(members, pair, now))
            if event := self._decide(pair, state, cover, now, one):
                told.append(event)
        await _save(connection, touched, now)
        return told

    async def _load_rules(self, connection: Connection) -> dict[str, Any]:
        if self._rules is None:
            self._rules = await connection.fetchval("SELECT document FROM capability_map ORDER BY version DESC LIMIT 1")
            for need in self._rules["requirements"]:
                self._required.setdefault(need["competency"], {})[need["role"]] = need["level"]
            rows = await connection.fetch("SELECT content_id::text, teaches FROM content")
            self._teaches = {row["content_id"]: row["teaches"] for row in rows}
        return self._rules

    def _cover(self, members: dict[str, Any], pair: Pair, now: datetime) -> tuple[float | None, list[str], int | None]:
        needed = self._required.get(pair[1], {})
        team = [(person, role, held) for person, (role, held) in members.get(pair[0], {}).items() if role in needed]
        if not team:
            return None, [], None
        shares = {
            person: min(1.0, left(held[pair[1]], now) / needed[role]) if pair[1] in held else None
            for person, role, held in team
        }
        known = [share for share in shares.values() if share is not None]
        below = [person for person, share in shares.items() if share is None or share < ENOUGH]
        return sum(known) / len(team) if known else None, below, max(needed[role] for _, role, _ in team)

    def _decide(
        self, pair: Pair, state: State, cover: tuple[float | None, list[str], int | None], now: datetime, cause: Read
    ) -> Told | None:
        verdict = (
            _judge_open(state, cover, _at(state, now)) if state["standing"] == "open" else _judge(state, cover, now)
        )
        return self._tell(pair, state, cover, verdict[0], now, cause, verdict[1]) if verdict else None

    def _tell(
        self, pair: Pair, state: State, cover: Any, what: str, now: datetime, cause: Read, reason: str | None = None
    ) -> Told:
        data = self._facts(pair, state, now) | {"coverage": cover[0]}
        if what != "ruled_out":
            state["gap_id"] = state["gap_id"] or str(uuid7())
            state["version"] += 1
            data |= {"gap_id": state["gap_id"], "version": state["version"]}
        data |= {"reason": reason} if reason else {"person_ids": cover[1], "required_level": cover[2]}
        state["told"] = {"type": f"kinetic.gap.{what}.v1", "data": data}
        if what == "closed":
            state.update(standing="quiet", gap_id=None, version=0)
        else:
            state["standing"] = "ruled_out" if what == "ruled_out" else "open"
        return tell(cause, f"kinetic.gap.{what}.v1", "kinetic.gaps", pair[0], data, "/kinetic/skill-gap", stamp(now))

    def _facts(self, pair: Pair, state: State, now: datetime) -> State:
        rules = self._rules or {}
        goals = [goal for goal in rules["goals"] if pair[1] in goal["competencies"]]
        return {
            "team_id": pair[0],
            "competency": pair[1],
            "competency_name": next(c["name"] for c in rules["competencies"] if c["key"] == pair[1]),
            "goal": max(goals, key=lambda goal: float(goal["weight"]))["key"] if goals else None,
            "pressure": _at(state, now),
            "evidence": state["evidence"],
            "map_version": rules["version"],
            "decided_at": stamp(now),
        }


def _judge_open(state: State, cover: Any, pressure: float) -> tuple[str, str | None] | None:
    """What is to be told of an open gap, and why."""
    share, below, level = cover
    enough = share is not None and share >= ENOUGH
    reason = "no_longer_required" if level is None else "covered" if enough else "calm" if pressure < CALM else None
    if reason:
        return "closed", reason
    last = state["told"]["data"]
    moved = (
        last["person_ids"] != below
        or (last["coverage"] is None) != (share is None)
        or pressure >= MORE * last["pressure"]
        or abs((last["coverage"] or 0.0) - (share or 0.0)) >= 0.1
    )
    return ("changed", None) if moved else None


def _judge(state: State, cover: Any, now: datetime) -> tuple[str, str | None] | None:
    """What is to be told where no gap is open, and why."""
    share, _, level = cover
    pressure = _at(state, now)
    if pressure < CALM:
        state["standing"] = "quiet"
        return None
    if pressure >= OPEN and level is not None and (share is None or share < ENOUGH):
        return "opened", None
    if pressure >= OPEN and state["standing"] != "ruled_out":
        return "ruled_out", "not_required" if level is None else "already_covered"
    return None


async def _load(connection: Connection, teams: list[str]) -> dict[Pair, State]:
    rows = await connection.fetch(_LOAD, teams)
    return {(row["team_id"], row["competency"]): {**row, "surge": surge_of(dict(row))} for row in rows}


async def _members(connection: Connection, teams: list[str]) -> dict[str, Any]:
    """Team → person → (role, competency → (held, stability, as of))."""
    found: dict[str, Any] = {}
    for row in await connection.fetch(_MEMBERS, teams):
        _, held = found.setdefault(row["team_id"], {}).setdefault(row["person_id"], (row["role"], {}))
        if row["competency"]:
            held[row["competency"]] = (row["held"], row["stability"], row["as_of"])
    return found


async def _save(connection: Connection, touched: dict[Pair, State], now: datetime) -> None:
    if not touched:
        return
    due = now + timedelta(hours=1)
    states = touched.values()
    await connection.execute(
        _SAVE,
        [team for team, _ in touched],
        [competency for _, competency in touched],
        [_json(state["pressure"]) for state in states],
        *([state[name] for state in states] for name in ("as_of", "standing", "gap_id", "version")),
        *([_json(state[name]) for state in states] for name in ("told", "evidence", "cause")),
        [_json(surge_column(state["surge"])) for state in states],
        [state["surge"].score(day_of(now)) for state in states],
        [due] * len(touched),
    )


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _quiet(now: datetime) -> State:
    nothing: State = {"pressure": {}, "as_of": now, "standing": "quiet", "gap_id": None, "version": 0, "told": None}
    return {**nothing, "evidence": [], "cause": None, "surge": nothing_seen(day_of(now))}


def _at(state: State, now: datetime) -> float:
    days = max(0.0, (now - state["as_of"]).total_seconds() / DAY)
    return sum(float(amount * 0.5 ** (days / float(half_life))) for half_life, amount in state["pressure"].items())


def _add(state: State, amount: float, half_life: float, seen_at: datetime, now: datetime) -> None:
    days = max(0.0, (now - state["as_of"]).total_seconds() / DAY)
    sums = {h: kept * 0.5 ** (days / float(h)) for h, kept in state["pressure"].items()}
    age = max(0.0, (now - seen_at).total_seconds() / DAY)
    sums[str(half_life)] = sums.get(str(half_life), 0.0) + amount * 0.5 ** (age / half_life)
    state["pressure"], state["as_of"] = sums, now


def _press(state: State, seen: State, amount: float, half_life: float, now: datetime) -> None:
    seen_at = datetime.fromisoformat(seen["observed_at"])
    _add(state, amount, half_life, seen_at, now)
    state["surge"] = state["surge"].add(amount, day_of(seen_at), day_of(now))
    seen["weight"] = amount
    state["evidence"] = sorted((*state["evidence"], seen), key=lambda e: e["observed_at"])[-5:]


def _cause_of(state: State) -> Read:
    event_id, correlation_id, traceparent = state["cause"]
    return Read(event_id, correlation_id, traceparent, "", None)
