"""The holdout: a stable draw for a team, a competency and a quarter, which never concerns safety or security."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from kinetic.common.events import Envelope, new_id
from kinetic.common.retention import first_id_of
from kinetic.contracts.ids import CompetencyKey, GapId, TeamId
from kinetic.contracts.recommendation import Arm, HoldoutDrawn, NudgeComposed, NudgeWithheld
from kinetic.contracts.skill_gap import GapOpened
from kinetic.recommendation.domain.consider import Decision, decide_after_gaps, decide_again
from kinetic.recommendation.domain.gap import ToldGap
from kinetic.recommendation.domain.holdout import WITHHELD_FOR, Holdout, Unit, arm_of, number_of, quarter_of, unit_of
from kinetic.recommendation.domain.picture import Picture
from services.recommendation.tests.company import TEAM, changed, closed, envelope, opened
from services.recommendation.tests.test_consider import SKILLS, World

SALT = "s3cret"
OPENED_AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
ALL, NOBODY = Holdout(1.0, SALT), Holdout(1e-9, SALT)


def gap_of(moment: datetime = OPENED_AT, competency: CompetencyKey = SKILLS[0], **changes: object) -> GapOpened:
    """A gap that opened then, about which a nudge may be withheld."""
    told = {"gap_id": GapId(first_id_of(moment)), "competency": competency, "may_be_withheld": True, **changes}
    return opened(**told)


def picture_of(holdout: Holdout, now: datetime = OPENED_AT, version: int = 1) -> Picture:
    """Dana at work at that time, with nothing known and this holdout in force."""
    picture = World(now=now).picture({})
    return replace(picture, policy=replace(picture.policy, holdout=holdout, version=version))


def decide(picture: Picture, *told: ToldGap) -> Decision:
    return decide_after_gaps(picture, [envelope(event) for event in told], new_id)


def after(picture: Picture, decision: Decision, **changes: object) -> Picture:
    """The picture once a decision is kept."""
    return replace(
        picture,
        gaps={gap.gap_id: gap for gap in decision.gaps},
        nudges={nudge.gap_id: nudge for nudge in decision.nudges},
        draws={**picture.draws, **{draw.unit: draw for draw in decision.draws}},
        **changes,  # type: ignore[arg-type]
    )


def told_types(*decisions: Decision) -> list[type]:
    return [type(emission.data) for decision in decisions for emission in decision.emissions]


def units(count: int) -> list[Unit]:
    return [Unit(TeamId(new_id()), SKILLS[0], "2026-Q4") for _ in range(count)]


def test_an_analyst_draws_the_same_number_from_the_salt_and_the_unit() -> None:
    for unit in units(20):
        digest = sha256(f"{SALT}|{unit.team_id}|{unit.competency}|2026-Q4".encode()).hexdigest()
        first_bits = f"{int(digest, 16):0256b}"[:53]
        assert number_of(unit, SALT) == int(first_bits, 2) / 2**53


@pytest.mark.parametrize("share", [0.05, 0.1, 0.5])
def test_so_many_are_withheld_as_the_policy_says(share: float) -> None:
    drawn = [arm_of(unit, Holdout(share, SALT)) for unit in units(10_000)]
    four_deviations = 4 * (share * (1 - share) / 10_000) ** 0.5
    assert abs(drawn.count(Arm.WITHHELD) / 10_000 - share) < four_deviations


def test_another_salt_team_competency_or_quarter_is_another_draw() -> None:
    unit = units(1)[0]
    others = [
        number_of(unit, "other"),
        number_of(replace(unit, team_id=TEAM), SALT),
        number_of(replace(unit, competency=SKILLS[1]), SALT),
        number_of(replace(unit, quarter="2027-Q1"), SALT),
    ]
    assert len({number_of(unit, SALT), *others}) == 5
    assert all(0 <= number < 1 for number in others)


@pytest.mark.parametrize(
    ("moment", "quarter"),
    [
        ("2026-12-31T23:59:59.999+00:00", "2026-Q4"),
        ("2027-01-01T00:00:00+00:00", "2027-Q1"),
        ("2027-03-31T23:59:59+00:00", "2027-Q1"),
        ("2027-04-01T00:00:00+00:00", "2027-Q2"),
        ("2027-09-30T23:59:59+00:00", "2027-Q3"),
    ],
)
def test_a_quarter_begins_at_midnight_of_utc(moment: str, quarter: str) -> None:
    began = datetime.fromisoformat(moment)
    assert quarter_of(began) == quarter
    assert unit_of(gap_of(began)).quarter == quarter


def test_a_withheld_gap_becomes_no_nudge_and_is_told_as_withheld_and_drawn_once() -> None:
    gap = gap_of()
    picture = picture_of(ALL)
    first = decide(picture, gap)
    assert told_types(first) == [HoldoutDrawn, NudgeWithheld]
    assert (first.nudges, [draw.arm for draw in first.draws]) == ((), [Arm.WITHHELD])
    later = after(picture, first, now=OPENED_AT + timedelta(days=1))
    again = decide_again(later, new_id)
    moved = decide(after(later, again), changed(gap, pressure=9.0))
    assert (told_types(again, moved), again.draws, moved.nudges) == ([], (), ())
    assert [one.hindrance.obstacle for one in moved.gaps if one.hindrance] == ["withheld"]


def test_a_treated_gap_is_told_as_drawn_and_nudged_about() -> None:
    decision = decide(picture_of(NOBODY), gap_of())
    assert told_types(decision) == [HoldoutDrawn, NudgeComposed]
    assert [draw.arm for draw in decision.draws] == [Arm.TREATED]


def test_it_is_drawn_before_it_is_asked_who_could_be_nudged_about_what() -> None:
    picture = picture_of(NOBODY)
    empty = replace(picture, library=replace(picture.library, contents={}), teams={})
    assert told_types(decide(empty, gap_of())) == [HoldoutDrawn]


def test_a_batch_draws_what_its_events_one_by_one_would() -> None:
    gap = gap_of()
    reopened = gap_of(OPENED_AT + timedelta(days=3))
    story: Sequence[ToldGap] = (gap, closed(gap), reopened)
    whole = decide(picture_of(ALL), *story)
    picture, parts = picture_of(ALL), []
    for event in story:
        parts.append(decide(picture, event))
        picture = after(picture, parts[-1])
    assert told_types(whole) == told_types(*parts) == [HoldoutDrawn, NudgeWithheld, NudgeWithheld]
    assert len(whole.draws) == 1


@pytest.mark.parametrize("now", [OPENED_AT, OPENED_AT + timedelta(days=60)])
def test_the_arm_follows_from_when_the_gap_opened_and_not_from_when_it_is_considered(now: datetime) -> None:
    decision = decide(picture_of(Holdout(0.5, SALT), now), gap_of())
    (draw,) = decision.draws
    assert (draw.unit.quarter, draw.arm) == ("2026-Q4", arm_of(draw.unit, Holdout(0.5, SALT)))


def test_a_gap_that_opens_again_in_the_quarter_is_in_the_same_arm_whatever_the_policy_says_by_then() -> None:
    gap, reopened = gap_of(), gap_of(OPENED_AT + timedelta(days=3))
    before = picture_of(ALL)
    known = after(before, decide(before, gap, closed(gap)))
    policy = replace(known.policy, holdout=Holdout(1e-9, "another salt"), version=2)
    again = decide(replace(known, policy=policy), reopened)
    assert (told_types(again), again.draws) == ([NudgeWithheld], ())


def test_a_gap_that_opens_again_in_another_quarter_is_drawn_anew() -> None:
    gap, reopened = gap_of(), gap_of(datetime(2027, 1, 4, 9, tzinfo=UTC))
    picture = picture_of(ALL)
    known = after(picture, decide(picture, gap, closed(gap)))
    again = decide(replace(known, now=datetime(2027, 1, 4, 10, tzinfo=UTC)), reopened)
    assert [draw.unit.quarter for draw in again.draws] == ["2027-Q1"]


def test_what_may_not_be_withheld_never_is_and_is_not_drawn() -> None:
    decision = decide(picture_of(ALL), gap_of(may_be_withheld=False))
    assert (told_types(decision), decision.draws) == ([NudgeComposed], ())


def test_a_gap_of_which_nothing_is_told_may_not_be_withheld() -> None:
    told = {name: value for name, value in gap_of().model_dump().items() if name != "may_be_withheld"}
    assert told_types(decide(picture_of(ALL), GapOpened.model_validate(told))) == [NudgeComposed]


def test_a_withheld_gap_that_turns_out_to_be_about_security_is_nudged_about_at_once() -> None:
    gap = gap_of()
    picture = picture_of(ALL)
    known = after(picture, decide(picture, gap))
    assert told_types(decide(known, changed(gap, may_be_withheld=False))) == [NudgeComposed]


def test_without_a_share_nothing_is_drawn_and_what_was_withheld_is_freed() -> None:
    gap = gap_of()
    picture = picture_of(ALL)
    known = after(picture, decide(picture, gap))
    off = replace(known, policy=replace(known.policy, holdout=Holdout(0.0, SALT)))
    assert told_types(decide_again(off, new_id)) == [NudgeComposed]
    assert told_types(decide(picture_of(Holdout(0.0, SALT)), gap)) == [NudgeComposed]


def test_nobody_is_left_alone_for_longer_than_a_quarter() -> None:
    gap = gap_of()
    picture = picture_of(ALL)
    known = after(picture, decide(picture, gap))
    end = OPENED_AT + WITHHELD_FOR
    assert told_types(decide_again(replace(known, now=end - timedelta(hours=1)), new_id)) == []
    assert told_types(decide_again(replace(known, now=end), new_id)) == [NudgeComposed]


def test_what_was_nudged_about_once_is_not_withheld_afterwards() -> None:
    gap = gap_of()
    picture = picture_of(Holdout(0.0, SALT))
    nudged = after(picture, decide(picture, gap))
    manager_gone = decide(replace(nudged, teams={}), changed(gap))
    known = after(nudged, manager_gone, policy=replace(picture.policy, holdout=ALL))
    assert told_types(decide_again(replace(known, teams=picture.teams), new_id)) == [NudgeComposed]


def test_a_draw_belongs_to_the_life_that_the_signal_began() -> None:
    told: Envelope[ToldGap] = envelope(gap_of())
    decision = decide_after_gaps(picture_of(ALL), [told], new_id)
    assert {emission.cause for emission in decision.emissions} == {told.cause}
