"""What a manager reads: what slipped, what we saw and when, how many people, how many minutes. No names, no guilt, no causes.

The words are those of the reader's language and are put together when they are shown; what is kept are the facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, assert_never
from zoneinfo import ZoneInfo

from kinetic.contracts.ids import CompetencyKey
from kinetic.contracts.recommendation import DismissalReason, WithdrawalReason
from kinetic.contracts.skill_gap import Evidence
from kinetic.recommendation.domain.expectation import Design, Expectation, Measured, MeasuredInTeams, NotMeasured
from kinetic.recommendation.domain.left_out import Reason
from kinetic.recommendation.domain.notice import Notice
from kinetic.recommendation.domain.nudge import Nudge, Offer, Outcome, State
from kinetic.recommendation.words import Phrasebook

LONGEST_TITLE: Final = 140
KPI: Final = "kpi."


@dataclass(frozen=True, slots=True)
class Words:
    """The headline of a nudge and the sentences below it."""

    title: str
    why: str


def word_offer(offer: Offer, competency: CompetencyKey, book: Phrasebook, zone: ZoneInfo) -> Words:
    """The words for an offer: what slipped is the title, the rest stands below."""
    slips = _slips(offer.evidence, book, zone)
    title = slips[0] if slips else book.say("slip-unseen", competency=offer.competency_name)
    sentences = [
        *([_also(slips[1:], book)] if slips[1:] else []),
        book.say("linked", competency=offer.competency_name, people=len(offer.person_ids), team=offer.team_size),
        _teaching(offer, offer.content.level_of(competency), book),
    ]
    return Words(_cut(title), " ".join(sentences))


def effort(minutes: int, people: int, book: Phrasebook) -> str:
    """E.g. ``25 minutes each, 75 in total``."""
    if people == 1:
        return book.say("effort-one", minutes=minutes)
    return book.say("effort-several", minutes=minutes, total=minutes * people)


def expectation(known: Expectation, book: Phrasebook) -> str:
    """What is known of the effect. It is called one only where the design has earned it."""
    match known:
        case NotMeasured(int(completions), int(needed)):
            return book.say("not-measured-so-far", completions=completions, needed=needed)
        case NotMeasured():
            return book.say("not-measured")
        case MeasuredInTeams():
            rounded = {name: round(getattr(known, name), 1) for name in ("mean", "low", "high")}
            return book.say("measured-in-teams", n=known.n, **rounded)
        case Measured():
            return f"{_expected(known, book)} {_basis(known, book)}"


def ended(nudge: Nudge, outcome: Outcome, book: Phrasebook, zone: ZoneInfo) -> str:
    """How a nudge ended: by a click, by time, or because Kinetic took it back."""
    match outcome.reason:
        case None if nudge.state is State.EXPIRED:
            return expired(outcome.at, book, zone)
        case None:
            return assigned(nudge.offer.content.title, len(outcome.person_ids), outcome.at, book, zone)
        case DismissalReason():
            return dismissed(outcome.reason, outcome.at, book, zone)
        case WithdrawalReason():
            return withdrawn(outcome.reason, outcome.at, book, zone)
        case never:
            assert_never(never)


def assigned(content: str, people: int, at: datetime, book: Phrasebook, zone: ZoneInfo) -> str:
    """What the click did."""
    return book.say("done-assigned", content=content, people=people, moment=book.moment(at, zone))


def dismissed(reason: DismissalReason, at: datetime, book: Phrasebook, zone: ZoneInfo) -> str:
    """What the click did."""
    label = book.say(f"dismissal-{reason}")
    return book.say("done-dismissed", reason=label, moment=book.moment(at, zone))


def expired(at: datetime, book: Phrasebook, zone: ZoneInfo) -> str:
    """What time did."""
    return book.say("done-expired", moment=book.moment(at, zone))


def withdrawn(reason: WithdrawalReason, at: datetime, book: Phrasebook, zone: ZoneInfo) -> str:
    """What Kinetic did."""
    return book.say("done-withdrawn", reason=book.say(f"withdrawal-{reason}"), moment=book.moment(at, zone))


def snoozed(due_at: datetime | None, book: Phrasebook, zone: ZoneInfo) -> str:
    """Until when a nudge rests; until its gap moves again when no time is known."""
    if due_at is None:
        return book.say("done-snoozed-moved")
    return book.say("done-snoozed", moment=book.moment(due_at, zone))


def notice_ended(notice: Notice, book: Phrasebook, zone: ZoneInfo) -> str | None:
    """How a notice ended; None while it has not."""
    if notice.ending is None:
        return None
    return book.say(f"notice-{notice.ending}", moment=book.moment(notice.changed_at, zone))


def left_out(reason: Reason, book: Phrasebook) -> str:
    """Why somebody was left out."""
    return book.say(f"left-out-{reason}")


def _expected(known: Measured, book: Phrasebook) -> str:
    percents = {name: abs(round(getattr(known, name) * 100)) for name in ("mean", "low", "high")}
    way = "lower" if known.mean < 0 else "higher"
    is_one_way = known.low * known.high >= 0
    return book.say(
        "expected-one-way" if is_one_way else "expected-both-ways", measure=known.measure, way=way, **percents
    )


def _basis(known: Measured, book: Phrasebook) -> str:
    if known.is_causal and known.design is not Design.SIMILAR:
        return book.say("basis-effect", n=known.n, others=known.comparison_n, method=known.design.value)
    return book.say("basis-pattern", n=known.n, others=known.comparison_n)


def _slips(evidence: Iterable[Evidence], book: Phrasebook, zone: ZoneInfo) -> list[str]:
    """What slipped: KPIs in the words of their newest measurement, then what happened, the heaviest kind first."""
    by_kind: dict[str, list[Evidence]] = {}
    for item in sorted(evidence, key=lambda item: item.observed_at):
        by_kind.setdefault(item.kind, []).append(item)
    ranked = sorted(by_kind.values(), key=lambda seen: (not seen[0].kind.startswith(KPI), -sum(e.weight for e in seen)))
    return [_slip(seen, book, zone) for seen in ranked]


def _slip(seen: Sequence[Evidence], book: Phrasebook, zone: ZoneInfo) -> str:
    kind = seen[-1].kind
    if kind.startswith(KPI):
        return seen[-1].statement.strip() or book.say("slip-number", kpi=kind.removeprefix(KPI))
    message_id = f"kind-{kind.replace('.', '-')}"
    known = message_id if book.has(message_id) else "kind-other"
    what = book.say(known, count=len(seen), kind=kind)
    since, until = book.day(seen[0].observed_at, zone), book.day(seen[-1].observed_at, zone)
    return book.say("slip-on" if since == until else "slip-since", what=what, day=since)


def _also(slips: Sequence[str], book: Phrasebook) -> str:
    items = [_uncapitalised(slip) for slip in slips]
    if len(items) == 1:
        return book.say("also-seen", items=items[0])
    return book.say("also-seen", items=book.say("list-last", items="; ".join(items[:-1]), last=items[-1]))


def _teaching(offer: Offer, level: int, book: Phrasebook) -> str:
    title, required = offer.content.title, offer.required_level
    if level < required:
        return book.say("teaches-partly", content=title, level=level, required=required)
    return book.say("teaches", content=title)


def _uncapitalised(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


def _cut(text: str) -> str:
    if len(text) <= LONGEST_TITLE:
        return text
    return text[: LONGEST_TITLE - 1].rsplit(" ", 1)[0] + "…"
