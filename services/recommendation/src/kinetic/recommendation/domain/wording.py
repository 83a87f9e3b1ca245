"""What a manager reads: what slipped, what we saw and when, how many people, how many minutes. No names, no guilt, no causes.

English only. Every sentence holds when it is read later: dates, not ages, except for the ages of evidence, which are
worded when they are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from kinetic.contracts.assignment import BlockedReason, RefusalReason
from kinetic.contracts.recommendation import DismissalReason, WithdrawalReason
from kinetic.contracts.skill_gap import Evidence, GapChanged, GapOpened
from kinetic.recommendation.domain.content import Content
from kinetic.recommendation.domain.left_out import Reason

LONGEST_TITLE: Final = 140
KPI: Final = "kpi."
NO_MEASURED_EFFECT: Final = "No measured effect yet."

_KINDS: Final = {
    "delivery.delayed": ("a late delivery", "late deliveries"),
    "delivery.failed": ("a failed delivery", "failed deliveries"),
    "quality.defect": ("a defect", "defects"),
    "service.breached": ("a missed service level", "missed service levels"),
    "service.incident": ("an incident", "incidents"),
    "customer.dissatisfied": ("a dissatisfied customer", "dissatisfied customers"),
    "sales.lost": ("a lost sale", "lost sales"),
    "security.finding": ("a security finding", "security findings"),
    "safety.incident": ("a safety incident", "safety incidents"),
}
"""One of a kind, and several."""

DISMISSALS: Final = {
    DismissalReason.ALREADY_COVERED: "We already cover this",
    DismissalReason.WRONG_PEOPLE: "Wrong people",
    DismissalReason.WRONG_SKILL: "Wrong skill for this problem",
    DismissalReason.WRONG_EVIDENCE: "The evidence is wrong",
    DismissalReason.BAD_TIMING: "Bad timing",
}

WITHDRAWALS: Final = {
    WithdrawalReason.GAP_CLOSED: "the team has the skill again, or the work no longer asks for it",
    WithdrawalReason.MANAGER_CHANGED: "the people concerned have another manager now",
    WithdrawalReason.CONTENT_RETIRED: "the content was retired or teaches something else now",
}

LEFT_OUT: Final[Mapping[Reason, str]] = {
    RefusalReason.NOT_A_REPORT: "no longer reports to you",
    RefusalReason.INACTIVE: "has left",
    RefusalReason.CONTENT_RETIRED: "the content was retired",
    BlockedReason.NO_LMS_ACCOUNT: "has no account in the learning platform yet",
    BlockedReason.NOT_IN_LMS: "the learning platform does not offer the content yet",
}


_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Words:
    """The headline of a nudge and the sentences below it."""

    title: str
    why: str


def word_nudge(told: GapOpened | GapChanged, content: Content, people: int, team_size: int, zone: ZoneInfo) -> Words:
    """The words for a suggestion of `content` to `people` of the `team_size` who work in the team."""
    slips = _slips(told.evidence, zone)
    title = slips[0] if slips else f"{told.competency_name}: the work asks for more than the team holds"
    sentences = [
        *([f"Also seen: {_listed([_uncapitalised(slip) for slip in slips[1:]])}."] if slips[1:] else []),
        f"The capability map links this to {told.competency_name}: {_below(people, team_size)}.",
        _teaching(content, content.level_of(told.competency), told.required_level),
    ]
    return Words(_cut(title), " ".join(sentences))


def effort(minutes: int, people: int) -> str:
    """E.g. ``25 minutes each, 75 in total``."""
    if people == 1:
        return _counted(minutes, "minute")
    return f"{_counted(minutes, 'minute')} each, {minutes * people} in total"


def assign_label(people: int) -> str:
    """What stands on the button."""
    return f"Assign to {_people(people)}"


def assigned(content: str, people: int, at: datetime, zone: ZoneInfo) -> str:
    """What the click did."""
    return f"Assigned “{content}” to {_people(people)} on {_moment(at, zone)}."


def dismissed(reason: DismissalReason, at: datetime, zone: ZoneInfo) -> str:
    """What the click did."""
    return f"Dismissed on {_moment(at, zone)}: {_uncapitalised(DISMISSALS[reason])}."


def expired(at: datetime, zone: ZoneInfo) -> str:
    """What time did."""
    return f"Expired on {_moment(at, zone)}. Nothing was assigned."


def withdrawn(reason: WithdrawalReason, at: datetime, zone: ZoneInfo) -> str:
    """What Kinetic did."""
    return f"Withdrawn on {_moment(at, zone)}: {WITHDRAWALS[reason]}."


def how_often(weekly_budget: int) -> str:
    """What to expect of the inbox."""
    return f"Only you see this. At most {weekly_budget} a week."


def age(observed_at: datetime, now: datetime) -> str:
    """How long ago something was seen, in its largest whole unit."""
    minutes = int((now - observed_at).total_seconds() // 60)
    for length, unit in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= length:
            return f"{_counted(minutes // length, unit)} ago"
    return "just now"


def _slips(evidence: Iterable[Evidence], zone: ZoneInfo) -> list[str]:
    """What slipped: KPIs in the words of their newest measurement, then what happened, the heaviest kind first."""
    by_kind: dict[str, list[Evidence]] = {}
    for item in sorted(evidence, key=lambda item: item.observed_at):
        by_kind.setdefault(item.kind, []).append(item)
    ranked = sorted(by_kind.values(), key=lambda seen: (not seen[0].kind.startswith(KPI), -sum(e.weight for e in seen)))
    return [_slip(seen, zone) for seen in ranked]


def _slip(seen: Sequence[Evidence], zone: ZoneInfo) -> str:
    first, newest = seen[0], seen[-1]
    if newest.kind.startswith(KPI):
        return newest.statement.strip() or f"The number “{newest.kind.removeprefix(KPI)}” slipped"
    one, several = _KINDS.get(newest.kind, (f"a signal “{newest.kind}”", f"signals “{newest.kind}”"))
    since, until = _day(first.observed_at, zone), _day(newest.observed_at, zone)
    if len(seen) == 1:
        return f"{one[0].upper()}{one[1:]} on {until}"
    # a gap carries its newest evidence only, so there may have been more
    return f"At least {len(seen)} {several} {'on' if since == until else 'since'} {since}"


def _below(people: int, team_size: int) -> str:
    verb = "is" if people == 1 else "are"
    return f"{people} of {_people(team_size)} {verb} below the level that their role needs"


def _teaching(content: Content, level: int, required_level: int) -> str:
    if level < required_level:
        return f"“{content.title}” teaches it up to level {level}; {required_level} is needed."
    return f"“{content.title}” teaches it."


def _listed(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{'; '.join(items[:-1])}; and {items[-1]}"


def _uncapitalised(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _day(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{local.day} {_MONTHS[local.month - 1]}"


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    return f"{_day(moment, zone)} {moment.astimezone(zone):%H:%M}"


def _cut(text: str) -> str:
    if len(text) <= LONGEST_TITLE:
        return text
    return text[: LONGEST_TITLE - 1].rsplit(" ", 1)[0] + "…"
