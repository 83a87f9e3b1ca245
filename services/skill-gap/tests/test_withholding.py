"""Nudges about what keeps people and systems safe are never withheld."""

from __future__ import annotations

import pytest

from kinetic.contracts.ids import CompetencyKey
from kinetic.contracts.skill_gap import CapabilitiesPublished, Competency, GapChanged, GapOpened, SignalRule
from kinetic.skill_gap.domain.assess import Decision, Picture, decide_after_demands, decide_again
from kinetic.skill_gap.domain.assessment import demands_of_signal
from kinetic.skill_gap.domain.withholding import may_be_withheld
from tests.support.skill_gap import NOW, RULES, SKILL, TEAM, learners, signal

OTHER = CompetencyKey("first-aid")


def rules(kind: str, competency: CompetencyKey = SKILL, never: bool = False) -> CapabilitiesPublished:
    """A map with two competencies, one rule and, maybe, one that is spared by name."""
    competencies = (Competency(key=SKILL, name="Skill", never_withheld=never), Competency(key=OTHER, name="Other"))
    rule = SignalRule(kind=kind, competency=competency, weight=1.0, half_life_days=14)
    return RULES.model_copy(update={"competencies": competencies, "signal_rules": (rule,)})


@pytest.mark.parametrize("kind", ["delivery.*", "delivery.failed", "service.breached", "quality.safety"])
def test_what_delivery_and_quality_ask_for_may_be_withheld(kind: str) -> None:
    assert may_be_withheld(SKILL, rules(kind))


@pytest.mark.parametrize("kind", ["safety.*", "safety.incident", "security.*", "security.finding", "security"])
def test_what_safety_or_security_asks_for_may_not(kind: str) -> None:
    assert not may_be_withheld(SKILL, rules(kind))
    assert may_be_withheld(OTHER, rules(kind))


def test_what_the_map_spares_by_name_may_not() -> None:
    assert not may_be_withheld(SKILL, rules("delivery.*", never=True))


def test_what_the_map_does_not_have_may_not() -> None:
    assert not may_be_withheld(CompetencyKey("unheard-of"), rules("delivery.*"))


def test_a_gap_tells_whether_a_nudge_about_it_may_be_withheld() -> None:
    for kind, expected in (("delivery.*", True), ("security.*", False)):
        emissions = _opened(rules(kind), kind.replace("*", "failed")).emissions
        told = [one.data for one in emissions if isinstance(one.data, GapOpened | GapChanged)]
        assert [one.may_be_withheld for one in told] == [expected, expected]


def test_an_open_gap_is_told_again_when_the_map_no_longer_lets_it_be_withheld() -> None:
    before = _opened(rules("delivery.*"), "delivery.failed")
    picture = Picture(
        rules("delivery.*"), {(one.team_id, one.competency): one for one in before.assessments}, {TEAM: learners(1)}, {}
    )
    assert decide_again(picture, NOW, _id).emissions == ()
    spared = Picture(rules("delivery.*", never=True), picture.assessments, picture.learners, {})
    (told,) = decide_again(spared, NOW, _id).emissions
    assert isinstance(told.data, GapChanged)
    assert told.data.may_be_withheld is False


def _opened(capabilities: CapabilitiesPublished, kind: str) -> Decision:
    demands = [demand for _ in range(2) for demand in demands_of_signal(signal(1.0, kind=kind), capabilities)]
    return decide_after_demands(Picture(capabilities, {}, {TEAM: learners(1)}, {}), demands, NOW, _id)


def _id() -> str:
    return "0199f000-0000-7000-8000-200000000001"
