"""What a manager reads, by hand: the same sentences as ours writes for signals and KPIs that nobody named."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

State = dict[str, Any]


def word(gap: State, content: State, people: int, size: int, zone: ZoneInfo) -> tuple[str, str]:
    """Title and reasons of a suggestion."""
    slips = _slips(gap["evidence"], zone)
    name = gap["competency_name"]
    title = slips[0] if slips else f"{name}: the work asks for more than the team holds"
    also = "; ".join(slip[:1].lower() + slip[1:] for slip in slips[1:])
    below = f"{people} of {size} people {'is' if people == 1 else 'are'} below the level that their role needs"
    reached = max(
        (taught["level"] for taught in content["teaches"] if taught["competency"] == gap["competency"]), default=0
    )
    teaches = f"“{content['title']}” teaches it"
    if reached < gap["required_level"]:
        teaches += f" up to level {reached}; {gap['required_level']} is needed"
    why = f"The capability map links this to {name}: {below}. {teaches}."
    return title[:140], f"Also seen: {also}. {why}" if also else why


def _slips(evidence: list[State], zone: ZoneInfo) -> list[str]:
    by_kind: dict[str, list[State]] = {}
    for item in sorted(evidence, key=lambda item: item["observed_at"]):
        by_kind.setdefault(item["kind"], []).append(item)
    ranked = sorted(by_kind.items(), key=lambda at: (not at[0].startswith("kpi."), -sum(e["weight"] for e in at[1])))
    return [_slip(kind, seen, zone) for kind, seen in ranked]


def _slip(kind: str, seen: list[State], zone: ZoneInfo) -> str:
    if kind.startswith("kpi."):
        return str(seen[-1]["statement"])
    since, until = _day(seen[0]["observed_at"], zone), _day(seen[-1]["observed_at"], zone)
    if len(seen) == 1:
        return f"A signal “{kind}” on {until}"
    return f"At least {len(seen)} signals “{kind}” {'on' if since == until else 'since'} {since}"


def _day(moment: str, zone: ZoneInfo) -> str:
    local = datetime.fromisoformat(moment).astimezone(zone)
    return f"{local.day} {local:%b}"
