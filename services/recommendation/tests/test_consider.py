"""The promise about attention, for any order of gaps: never over the budget, never a dismissed suggestion again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from kinetic.common.events import new_id
from kinetic.contracts.ids import CompetencyKey, ContentId, GapId, PersonId, TeamId
from kinetic.contracts.ingestion import Teaches
from kinetic.contracts.recommendation import DismissalReason, NudgeComposed, NudgeDeferred
from kinetic.contracts.skill_gap import GapOpened
from kinetic.recommendation.domain.attention import Policy, QuietHours, next_open, week_of
from kinetic.recommendation.domain.consider import Decision, decide_after_gaps, decide_again
from kinetic.recommendation.domain.content import Appraisal, Content
from kinetic.recommendation.domain.effect import MeasuredEffect
from kinetic.recommendation.domain.exploration import WIDTH
from kinetic.recommendation.domain.gap import Gap
from kinetic.recommendation.domain.nudge import Change, Click, Nudge, dismiss
from kinetic.recommendation.domain.picture import Library, Manager, Person, Picture, Team
from kinetic.recommendation.domain.reckoning import recompute
from services.recommendation.tests.company import BEN, CARLA, DANA, OTHER_TEAM, TEAM, changed, closed, envelope, opened

ZONE = ZoneInfo("Europe/Berlin")
POLICY = Policy(1, 2, QuietHours(time(18), time(8)), frozenset({1, 2, 3, 4, 5}), 14)
SKILLS = tuple(CompetencyKey(f"skill-{number}") for number in range(3))
PEOPLE = {person: Person(frozenset({DANA}), "en") for person in (BEN, CARLA)}
BEGIN = datetime(2026, 11, 20, 12, tzinfo=UTC)


def _course(name: str, *skills: CompetencyKey) -> Content:
    teaches = tuple(Teaches(competency=skill, level=4) for skill in skills)
    return Content(ContentId(name), 1, name, "https://lms.example", "en", 30, teaches)


COURSES = [_course("a", *SKILLS), _course("b", SKILLS[0]), _course("c", SKILLS[1], SKILLS[2])]


@dataclass
class World:
    """What a database would hold, and a clock."""

    now: datetime = BEGIN
    gaps: dict[GapId, Gap] = field(default_factory=dict)
    nudges: dict[GapId, list[Nudge]] = field(default_factory=dict)
    told: list[object] = field(default_factory=list)

    def all_nudges(self) -> list[Nudge]:
        return [nudge for nudges in self.nudges.values() for nudge in nudges]

    def picture(self, gaps: dict[GapId, Gap]) -> Picture:
        start, end = week_of(self.now, ZONE)
        spent = sum(start <= nudge.composed_at < end for nudge in self.all_nudges())
        dismissed: dict[tuple[TeamId, CompetencyKey], frozenset[ContentId]] = {}
        for nudge in self.all_nudges():
            if nudge.state == "dismissed":
                about = nudge.team_id, nudge.competency
                dismissed[about] = dismissed.get(about, frozenset()) | {nudge.offer.content.content_id}
        members = frozenset({BEN, CARLA})
        dana = Manager(DANA, ZONE, spent)
        contents = {course.content_id: course for course in COURSES}
        return Picture(
            now=self.now,
            policy=POLICY,
            gaps=gaps,
            nudges={gap_id: nudges[-1] for gap_id, nudges in self.nudges.items()},
            teams={TEAM: Team(dana, members), OTHER_TEAM: Team(dana, members)},
            people=PEOPLE,
            library=Library(contents, {}, dismissed, {}, {}),
        )

    def keep(self, decision: Decision) -> None:
        self.gaps |= {gap.gap_id: gap for gap in decision.gaps}
        for nudge in decision.nudges:
            others = [kept for kept in self.nudges.get(nudge.gap_id, []) if kept.nudge_id != nudge.nudge_id]
            self.nudges[nudge.gap_id] = [*others, nudge]
        self.told += [emission.data for emission in decision.emissions]

    def open(self, gaps: Sequence[GapOpened]) -> None:
        self.keep(decide_after_gaps(self.picture(self.gaps), [envelope(gap) for gap in gaps], new_id))

    def close_all(self) -> None:
        news = [closed(gap.told) for gap in self.gaps.values() if isinstance(gap.told, GapOpened)]
        self.keep(decide_after_gaps(self.picture(self.gaps), [envelope(gap) for gap in news], new_id))

    def dismiss_all(self) -> None:
        for nudge in self.all_nudges():
            if nudge.is_open:
                answer = dismiss(nudge, Click(nudge.version, DANA, self.now), DismissalReason.WRONG_SKILL)
                assert isinstance(answer, Change)
                self.keep(Decision((), (answer.nudge,), answer.emissions))

    def ring(self) -> None:
        due = {gap_id: gap for gap_id, gap in self.gaps.items() if gap.due_at and gap.due_at <= self.now}
        self.keep(decide_again(self.picture(due), new_id))


gaps = st.builds(
    lambda team, skill, pressure: opened(team_id=team, competency=skill, pressure=pressure),
    st.sampled_from([TEAM, OTHER_TEAM]),
    st.sampled_from(SKILLS),
    st.floats(1, 9),
)
steps = st.one_of(
    st.lists(gaps, min_size=1, max_size=5).map(lambda found: ("open", found)),
    st.integers(1, 100).map(lambda hours: ("wait", hours)),
    st.sampled_from([("ring", None), ("dismiss", None), ("close", None)]),
)


def _live(world: World, step: tuple[str, object]) -> None:
    match step:
        case ("open", list(found)):
            world.open(found)
        case ("wait", int(hours)):
            world.now += timedelta(hours=hours)
        case ("ring", _):
            world.ring()
        case ("dismiss", _):
            world.dismiss_all()
        case ("close", _):
            world.close_all()


@given(st.lists(steps, max_size=25))
@settings(max_examples=150, deadline=None)
def test_never_more_than_the_budget_in_a_week_and_never_at_a_quiet_hour(story: list[tuple[str, object]]) -> None:
    world = World()
    for step in story:
        _live(world, step)
    composed = [told for told in world.told if isinstance(told, NudgeComposed)]
    weeks = Counter(week_of(nudge.occurred_at, ZONE) for nudge in composed)
    assert max(weeks.values(), default=0) <= POLICY.weekly_budget
    assert all(next_open(POLICY, ZONE, nudge.occurred_at) == nudge.occurred_at for nudge in composed)
    assert len({nudge.nudge_id for nudge in composed}) == len(composed)


@given(st.lists(steps, max_size=25))
@settings(max_examples=150, deadline=None)
def test_a_dismissed_suggestion_never_comes_again_and_a_gap_has_one_open_nudge(story: list[tuple[str, object]]) -> None:
    world = World()
    dismissed: set[tuple[str, str, str]] = set()
    for step in story:
        before = {nudge.nudge_id for nudge in world.all_nudges()}
        _live(world, step)
        fresh = [nudge for nudge in world.all_nudges() if nudge.nudge_id not in before]
        assert not dismissed & {_suggestion(nudge) for nudge in fresh}
        dismissed |= {_suggestion(nudge) for nudge in world.all_nudges() if nudge.state == "dismissed"}
        for of_gap in world.nudges.values():
            assert sum(nudge.is_open for nudge in of_gap) <= 1


def _suggestion(nudge: Nudge) -> tuple[str, str, str]:
    return nudge.team_id, nudge.competency, nudge.offer.content.content_id


def test_the_greater_pressure_gets_the_last_nudge_of_the_week() -> None:
    world = World(now=datetime(2026, 11, 21, 12, tzinfo=UTC))
    found = [opened(team_id=TEAM, competency=SKILLS[0], pressure=pressure) for pressure in (1.0, 3.0, 2.0)]
    world.open(found)
    world.now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    world.ring()
    suggested = {nudge.gap_id for nudge in world.all_nudges()}
    assert suggested == {found[1].gap_id, found[2].gap_id}


def test_a_deferral_is_told_once_while_nothing_about_it_changes() -> None:
    world = World(now=datetime(2026, 11, 21, 12, tzinfo=UTC))
    world.open([opened(competency=SKILLS[0])])
    for _ in range(30):
        world.now += timedelta(hours=1)
        world.ring()
    deferred = [told for told in world.told if isinstance(told, NudgeDeferred)]
    assert [told.due_at for told in deferred] == [datetime(2026, 11, 23, 8, tzinfo=ZONE)]


def test_a_manager_of_nobody_concerned_gets_nothing() -> None:
    world = World(now=datetime(2026, 11, 23, 9, tzinfo=UTC))
    picture = replace(world.picture({}), people={BEN: Person(frozenset({PersonId(new_id())}), "en")})
    decision = decide_after_gaps(picture, [envelope(opened(competency=SKILLS[0]))], new_id)
    assert decision.nudges == ()
    assert [gap.hindrance.obstacle for gap in decision.gaps if gap.hindrance] == ["no_reports"]


WORKDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


def _decide(gap: GapOpened, library: Library, **changes: object) -> Decision:
    picture = replace(World(now=WORKDAY).picture({}), library=library, **changes)  # type: ignore[arg-type]
    return decide_after_gaps(picture, [envelope(gap)], new_id)


def _library(
    *courses: Content, taken: frozenset[PersonId] = frozenset(), effect: MeasuredEffect | None = None
) -> Library:
    contents = {course.content_id: course for course in courses}
    appraisals = {content_id: Appraisal(effect=effect) for content_id in contents}
    return Library(contents, appraisals, {}, dict.fromkeys(contents, taken), {})


def _obstacles(decision: Decision) -> list[str]:
    return [gap.hindrance.obstacle for gap in decision.gaps if gap.hindrance]


def test_a_nudge_carries_the_computation_that_it_rests_on_and_tells_its_value() -> None:
    gap = opened(competency=SKILLS[0])
    decision = _decide(gap, _library(*COURSES))
    (nudge,), (emission,) = decision.nudges, decision.emissions
    reckoning = nudge.offer.reckoning
    assert reckoning is not None
    assert recompute(reckoning) == reckoning
    assert (reckoning.lot.gap_id, reckoning.lot.gap_version, reckoning.policy_version) == (gap.gap_id, 1, 1)
    assert reckoning.lot.width == WIDTH
    assert {one.prospect.content_id for one in reckoning.weighed} == {"a", "b"}
    assert isinstance(emission.data, NudgeComposed)
    assert emission.data.content_id == reckoning.chosen
    assert emission.data.expected_value_hours == reckoning.expected_value_hours
    assert (emission.data.expected_value_hours or 0) > 0
    assert emission.data.propensity == reckoning.propensity


def test_what_costs_more_than_it_brings_is_not_suggested_and_costs_no_attention() -> None:
    endless = replace(COURSES[1], effort_minutes=6000)
    decision = _decide(opened(competency=SKILLS[0]), _library(endless))
    assert (decision.nudges, decision.emissions) == ((), ())
    assert _obstacles(decision) == ["not_worth_it"]


def test_what_was_measured_to_harm_is_not_suggested() -> None:
    harm = MeasuredEffect(-0.5, 0.05, 12)
    assert _obstacles(_decide(opened(competency=SKILLS[0]), _library(COURSES[1], effect=harm))) == ["not_worth_it"]


def test_what_was_measured_to_help_is_suggested_though_it_claims_little() -> None:
    basics = replace(COURSES[0], teaches=(Teaches(competency=SKILLS[0], level=1),))
    gap = opened(competency=SKILLS[0], pressure=5.0, required_level=4)
    library = _library(basics, COURSES[1])
    helps = replace(library, appraisals={basics.content_id: Appraisal(effect=MeasuredEffect(1.2, 0.1, 12))})
    (before,), (after,) = _decide(gap, library).nudges, _decide(gap, helps).nudges
    assert [nudge.offer.content.content_id for nudge in (before, after)] == [COURSES[1].content_id, basics.content_id]


def test_a_gap_that_was_not_worth_it_is_suggested_when_the_pressure_rises() -> None:
    low, library = opened(competency=SKILLS[0], pressure=0.1), _library(COURSES[1])
    before = _decide(low, library)
    assert _obstacles(before) == ["not_worth_it"]
    picture = replace(World(now=WORKDAY).picture({low.gap_id: before.gaps[0]}), library=library)
    later = decide_after_gaps(picture, [envelope(changed(low, pressure=3.0))], new_id)
    assert [nudge.offer.content.content_id for nudge in later.nudges] == ["b"]


def test_what_is_left_after_a_dismissal_is_drawn_anew() -> None:
    gap = opened(competency=SKILLS[0], pressure=5.0)
    library = replace(_library(*COURSES), dismissed={(TEAM, SKILLS[0]): frozenset({COURSES[0].content_id})})
    (before,), (after,) = _decide(gap, _library(*COURSES)).nudges, _decide(gap, library).nudges
    assert before.offer.reckoning is not None
    assert after.offer.reckoning is not None
    draws = [
        {one.prospect.content_id: one.draw_hours for one in reckoning.weighed}[COURSES[1].content_id]
        for reckoning in (before.offer.reckoning, after.offer.reckoning)
    ]
    assert draws[0] != draws[1]
    assert recompute(after.offer.reckoning) == after.offer.reckoning


def test_who_has_taken_the_content_is_left_out_and_when_nobody_is_left_it_is_no_candidate() -> None:
    gap = opened(competency=SKILLS[0], pressure=5.0)
    (nudge,) = _decide(gap, _library(COURSES[1], taken=frozenset({BEN}))).nudges
    assert nudge.offer.person_ids == (CARLA,)
    assert _obstacles(_decide(gap, _library(COURSES[1], taken=frozenset({BEN, CARLA})))) == ["no_content"]


def test_an_open_nudge_leaves_out_who_takes_its_content_meanwhile_and_is_never_emptied() -> None:
    gap = opened(competency=SKILLS[0])
    (first,) = _decide(gap, _library(COURSES[1])).nudges
    nudge = first
    for version, taken in enumerate(({BEN}, {BEN, CARLA}), 2):
        picture = replace(World(now=WORKDAY).picture({}), nudges={gap.gap_id: nudge})
        news = changed(gap, version=version, evidence=gap.evidence * version)
        told = replace(picture, library=_library(COURSES[1], taken=frozenset(taken)))
        (nudge,) = decide_after_gaps(told, [envelope(news)], new_id).nudges
        assert (nudge.version, nudge.offer.person_ids) == (version, (CARLA,))
        assert nudge.offer.reckoning == first.offer.reckoning
