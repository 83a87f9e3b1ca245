"""Does a gap become a nudge, and does an open nudge stand? The decision that the handlers and the timer take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from kinetic.common.events import Emission, Envelope
from kinetic.contracts.ids import CompetencyKey, ContentId, GapId, NudgeId, PersonId
from kinetic.contracts.recommendation import Arm, NudgeDeferred, WithdrawalReason
from kinetic.contracts.skill_gap import GapChanged, GapClosed, GapOpened
from kinetic.recommendation.domain.afterwards import Answer, hindrance_after, wrong_people
from kinetic.recommendation.domain.attention import Deferral, Policy, decide_attention
from kinetic.recommendation.domain.candidates import Need, eligible, language_of, left_to_take
from kinetic.recommendation.domain.content import UNAPPRAISED, Content
from kinetic.recommendation.domain.exploration import WIDTH, Lot
from kinetic.recommendation.domain.gap import Gap, Hindrance, Obstacle, ToldGap, take_told
from kinetic.recommendation.domain.holdout import Draw, Unit, arm_of, is_eligible, unit_of, withheld_until
from kinetic.recommendation.domain.nudge import Change, Nudge, Offer, State, compose, refresh, withdraw
from kinetic.recommendation.domain.picture import NOBODY, Manager, Picture, Team
from kinetic.recommendation.domain.preferences import attention_of
from kinetic.recommendation.domain.reckoning import Reckoning, reckon
from kinetic.recommendation.domain.snooze import rouse
from kinetic.recommendation.domain.value import Circumstances, Prospect, prospect_of
from kinetic.recommendation.domain.wording import word_offer
from kinetic.recommendation.words import ENGLISH, phrasebook_of

OpenGap = GapOpened | GapChanged


@dataclass(frozen=True, slots=True)
class Decision:
    """The gaps, nudges and draws of the holdout to save, and the events to tell."""

    gaps: tuple[Gap, ...]
    nudges: tuple[Nudge, ...]
    emissions: tuple[Emission, ...]
    draws: tuple[Draw, ...] = ()


def decide_after_gaps(picture: Picture, events: Sequence[Envelope[ToldGap]], new_id: Callable[[], str]) -> Decision:
    """Take each event in order, deciding after each, so that a batch does what its events would do one by one."""
    desk = _Desk(picture, new_id)
    for event in events:
        gap = take_told(desk.gap(event.data.gap_id), event)
        if gap is not None:
            desk.consider(gap)
    return desk.decision()


def decide_again(picture: Picture, new_id: Callable[[], str]) -> Decision:
    """Consider every gap of the picture again, the one under the greatest pressure first: attention is scarce."""
    desk = _Desk(picture, new_id)
    for gap in sorted(picture.gaps.values(), key=lambda gap: (-gap.told.pressure, gap.gap_id)):
        desk.consider(gap)
    return desk.decision()


class _Desk:
    """What lies on the table while one decision is taken: the picture, and what has changed in it so far."""

    def __init__(self, picture: Picture, new_id: Callable[[], str]) -> None:
        self._picture = picture
        self._new_id = new_id
        self._spent = {team.manager.person_id: team.manager.spent for team in picture.teams.values() if team.manager}
        self._latest = dict(picture.nudges)
        self._answers = dict(picture.library.answers)
        self._gaps: dict[GapId, Gap] = {}
        self._nudges: dict[NudgeId, Nudge] = {}
        self._draws: dict[Unit, Draw] = {}
        self._emissions: list[Emission] = []
        self._teaching = _by_competency(picture.library.contents.values())
        self._measured = {content_id for content_id, one in picture.library.appraisals.items() if one.effect}
        self._prospects: dict[tuple[Need, frozenset[ContentId]], list[Prospect]] = {}

    def gap(self, gap_id: GapId) -> Gap | None:
        """What is known of a gap by now."""
        return self._gaps.get(gap_id) or self._picture.gaps.get(gap_id)

    def decision(self) -> Decision:
        """All that changed."""
        gaps, nudges, draws = tuple(self._gaps.values()), tuple(self._nudges.values()), tuple(self._draws.values())
        return Decision(gaps, nudges, tuple(self._emissions), draws)

    def consider(self, gap: Gap) -> None:
        """Uphold the gap's open nudge or withdraw it; where there is none, suggest something if nothing hinders it."""
        nudge = self._upheld(gap)
        if isinstance(gap.told, GapClosed) or (nudge is not None and nudge.settles_gap):
            self._gaps[gap.gap_id] = gap.settled()
        elif nudge is not None and nudge.is_open:
            self._gaps[gap.gap_id] = gap.suggested(self._picture.now, nudge.snooze.due_at if nudge.snooze else None)
        else:
            self._gaps[gap.gap_id] = self._withhold(gap, gap.told) or self._suggest(gap, gap.told)

    def _upheld(self, gap: Gap) -> Nudge | None:
        """The latest nudge of a gap, after what has become of its reasons."""
        nudge, told, manager = self._latest.get(gap.gap_id), gap.told, self._team(gap).manager
        if nudge is None or not nudge.is_open:
            return nudge
        if isinstance(told, GapClosed):
            return self._apply(withdraw(nudge, WithdrawalReason.GAP_CLOSED, gap.cause, self._picture.now))
        people = self._concerned(told, manager)
        if manager is None or manager.person_id != nudge.manager_id or not people:
            return self._apply(withdraw(nudge, WithdrawalReason.MANAGER_CHANGED, nudge.cause, self._picture.now))
        content = self._picture.library.contents.get(nudge.offer.content.content_id, nudge.offer.content)
        if content.retired or not content.level_of(told.competency):
            return self._apply(withdraw(nudge, WithdrawalReason.CONTENT_RETIRED, nudge.cause, self._picture.now))
        left = self._still_offered(nudge, people)
        current = self._apply(refresh(nudge, self._offer(told, content, left, nudge.offer.reckoning)))
        return self._apply(rouse(current, told, self._attention(manager, told), manager.zone, self._picture.now))

    def _still_offered(self, nudge: Nudge, people: tuple[PersonId, ...]) -> tuple[PersonId, ...]:
        """The people of an open nudge without those who have taken its content meanwhile.

        When that is everybody, the last ones stay: the reason of the nudge is the gap, and that is about to close.
        """
        left = left_to_take(nudge.offer.content.content_id, people, self._picture.library.taken)
        return left or tuple(person_id for person_id in people if person_id in nudge.offer.person_ids) or people

    def _withhold(self, gap: Gap, told: OpenGap) -> Gap | None:
        """The gap while the holdout withholds a nudge about it; None when it does not. About what was nudged once, it never does."""
        holdout, now = self._picture.policy.holdout, self._picture.now
        if gap.gap_id in self._latest or not is_eligible(told, holdout, now):
            return None
        draw = self._drawn(gap, unit_of(told))
        if draw.arm is Arm.TREATED:
            return None
        if gap.withheld_at is None:
            self._emissions.append(Emission(draw.withholds(gap.gap_id, now), gap.cause))
        hindered = gap.hindered(Hindrance(Obstacle.WITHHELD, until=withheld_until(gap.gap_id)), now)
        return replace(hindered, withheld_at=gap.withheld_at or now)

    def _drawn(self, gap: Gap, unit: Unit) -> Draw:
        """What was drawn for a unit; what was drawn before stands."""
        known = self._draws.get(unit) or self._picture.draws.get(unit)
        if known is not None:
            return known
        policy, now = self._picture.policy, self._picture.now
        draw = Draw(unit, arm_of(unit, policy.holdout), policy.holdout.share, policy.version, gap.gap_id, now)
        self._draws[unit] = draw
        self._emissions.append(Emission(draw.event, gap.cause))
        return draw

    def _suggest(self, gap: Gap, told: OpenGap) -> Gap:
        """Compose a nudge for a gap that has none, or say what hinders it."""
        manager = self._team(gap).manager
        if manager is None:
            return gap.hindered(Hindrance(Obstacle.NO_MANAGER), self._picture.now)
        people = self._concerned(told, manager)
        if not people:
            return gap.hindered(Hindrance(Obstacle.NO_REPORTS, manager.person_id), self._picture.now)
        after = self._rest(told, manager)
        if after is not None:
            return gap.hindered(after, self._picture.now)
        known = self._candidates(told, self._need(told, people))
        left = {one.content_id: left_to_take(one.content_id, people, self._picture.library.taken) for one in known}
        candidates = [(one, len(left[one.content_id])) for one in known if left[one.content_id]]
        if not candidates:
            return gap.hindered(Hindrance(Obstacle.NO_CONTENT, manager.person_id), self._picture.now)
        spent = self._spent[manager.person_id]
        deferral = decide_attention(self._attention(manager, told), manager.zone, spent, self._picture.now)
        if deferral is not None:
            return self._defer(gap, manager, deferral)
        reckoning = self._reckon(told, candidates, spent)
        if reckoning.chosen is None:
            return gap.hindered(Hindrance(Obstacle.NOT_WORTH_IT, manager.person_id), self._picture.now)
        content = self._picture.library.contents[reckoning.chosen]
        return self._compose(gap, manager, self._offer(told, content, left[content.content_id], reckoning))

    def _rest(self, told: OpenGap, manager: Manager) -> Hindrance | None:
        """What earlier answers about the team and the competency still stand against."""
        policy, now = self._picture.policy, self._picture.now
        return hindrance_after(self._answers_about(told), told, manager.person_id, policy.rests, now)

    def _attention(self, manager: Manager, told: OpenGap) -> Policy:
        return attention_of(self._picture.policy, manager.wishes, told.pressure)

    def _compose(self, gap: Gap, manager: Manager, offer: Offer) -> Gap:
        self._spent[manager.person_id] += 1
        words = word_offer(offer, gap.competency, phrasebook_of(ENGLISH), manager.zone)
        self._apply(compose(self._nudge(gap, manager, offer), words.title))
        return gap.suggested(self._picture.now)

    def _defer(self, gap: Gap, manager: Manager, deferral: Deferral) -> Gap:
        hindrance = Hindrance(Obstacle(deferral.reason), manager.person_id, deferral.until)
        if hindrance != gap.hindrance:
            told = NudgeDeferred(
                gap_id=gap.gap_id,
                team_id=gap.team_id,
                manager_id=manager.person_id,
                reason=deferral.reason,
                due_at=deferral.until,
                occurred_at=self._picture.now,
            )
            self._emissions.append(Emission(told, gap.cause))
        return gap.hindered(hindrance, self._picture.now)

    def _nudge(self, gap: Gap, manager: Manager, offer: Offer) -> Nudge:
        policy, now = self._picture.policy, self._picture.now
        return Nudge(
            nudge_id=NudgeId(self._new_id()),
            gap_id=gap.gap_id,
            team_id=gap.team_id,
            manager_id=manager.person_id,
            competency=gap.competency,
            offer=offer,
            state=State.COMPOSED,
            version=1,
            offered_version=1,
            policy_version=policy.version,
            composed_at=now,
            expires_at=now + timedelta(days=policy.nudge_ttl_days),
            cause=gap.cause,
        )

    def _offer(
        self, told: OpenGap, content: Content, people: tuple[PersonId, ...], reckoning: Reckoning | None
    ) -> Offer:
        return Offer(
            content=content,
            competency_name=told.competency_name,
            goal=told.goal,
            person_ids=people,
            team_size=len(self._picture.teams[told.team_id].member_ids),
            evidence=told.evidence,
            map_version=told.map_version,
            reckoning=reckoning,
            required_level=told.required_level,
        )

    def _need(self, told: OpenGap, people: tuple[PersonId, ...]) -> Need:
        language = language_of([self._picture.people[person_id].language for person_id in people])
        return Need(told.competency, told.required_level, language)

    def _candidates(self, told: OpenGap, need: Need) -> list[Prospect]:
        """What may be suggested; teams that need the same, and dismissed the same, are looked up once."""
        library, dismissed = self._picture.library, self._dismissed(told)
        if (need, dismissed) not in self._prospects:
            teaching, worth = self._teaching.get(told.competency, ()), self._picture.policy.worth
            ruled_out = dismissed | worth.mandated_content
            self._prospects[need, dismissed] = [
                prospect_of(content, need, library.appraisals.get(content.content_id, UNAPPRAISED))
                for content in eligible(need, teaching, ruled_out, worth.allowed_formats, self._measured)
            ]
        return self._prospects[need, dismissed]

    def _dismissed(self, told: OpenGap) -> frozenset[ContentId]:
        return self._picture.library.dismissed.get((told.team_id, told.competency), frozenset())

    def _reckon(self, told: OpenGap, candidates: Iterable[tuple[Prospect, int]], spent: int) -> Reckoning:
        policy = self._picture.policy
        circumstances = Circumstances(
            pressure=told.pressure,
            goal_weight=told.goal_weight,
            kpi_sd_hours=policy.worth.kpi_sd_hours,
            interruption_minutes=policy.worth.interruption_minutes,
            spent=spent,
            weekly_budget=policy.weekly_budget,
        )
        lot = Lot(policy.worth.salt, told.gap_id, told.version, WIDTH, len(self._dismissed(told)))
        return reckon(lot, policy.version, circumstances, candidates)

    def _concerned(self, told: OpenGap, manager: Manager | None) -> tuple[PersonId, ...]:
        """The members concerned who still work in the team, report to its manager, and were not called wrong by them."""
        wrong = wrong_people(self._answers_about(told), self._picture.policy.rests, self._picture.now)
        members, people = self._team(told).member_ids, self._picture.people
        return tuple(
            person_id
            for person_id in told.person_ids
            if manager is not None
            and person_id in members
            and person_id not in wrong
            and person_id in people
            and manager.person_id in people[person_id].managers
        )

    def _answers_about(self, told: OpenGap) -> tuple[Answer, ...]:
        return self._answers.get((told.team_id, told.competency), ())

    def _team(self, about: Gap | OpenGap) -> Team:
        return self._picture.teams.get(about.team_id, NOBODY)

    def _apply(self, change: Change) -> Nudge:
        nudge = change.nudge
        if nudge != self._latest.get(nudge.gap_id):
            self._nudges[nudge.nudge_id] = self._latest[nudge.gap_id] = nudge
            self._emissions += change.emissions
            if nudge.outcome is not None and nudge.outcome.reason is WithdrawalReason.GAP_CLOSED:
                about = nudge.team_id, nudge.competency
                self._answers[about] = (*self._answers.get(about, ()), Answer.of(nudge))
        return nudge


def _by_competency(contents: Iterable[Content]) -> dict[CompetencyKey, list[Content]]:
    found: dict[CompetencyKey, list[Content]] = {}
    for content in contents:
        for competency in {taught.competency for taught in content.teaches}:
            found.setdefault(competency, []).append(content)
    return found
