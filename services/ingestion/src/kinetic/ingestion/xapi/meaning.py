"""What a statement means to Kinetic: a learning record, the taking back of another statement, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from kinetic.contracts.ingestion import LearningVerb
from kinetic.ingestion.domain.occurrences import EMAIL, EMAIL_SHA1, Handle, Learning
from kinetic.ingestion.xapi.activities import Activity
from kinetic.ingestion.xapi.actors import Agent, Group
from kinetic.ingestion.xapi.fields import moment_of
from kinetic.ingestion.xapi.statements import VOIDED, Result, Score, Statement, StatementRef

ADL: Final = "http://adlnet.gov/expapi/verbs"
CMI5: Final = "https://w3id.org/xapi/adl/verbs"
MOVE_ON: Final = "https://w3id.org/xapi/cmi5/context/categories/moveon"
"""The category of cmi5 statements that decide whether a learner has done enough to move on (cmi5, 9.6.2.2)."""

_VERBS: Final = MappingProxyType(
    {
        f"{ADL}/registered": LearningVerb.ENROLLED,
        f"{ADL}/launched": LearningVerb.STARTED,
        f"{ADL}/initialized": LearningVerb.STARTED,
        f"{ADL}/attempted": LearningVerb.STARTED,
        f"{ADL}/progressed": LearningVerb.PROGRESSED,
        f"{ADL}/completed": LearningVerb.COMPLETED,
        f"{ADL}/passed": LearningVerb.PASSED,
        f"{ADL}/failed": LearningVerb.FAILED,
        f"{CMI5}/satisfied": LearningVerb.COMPLETED,
    }
)
_INTERACTION: Final = "http://adlnet.gov/expapi/activities/cmi.interaction"
_LONGEST_ID: Final = 200
"""Of handles in the directory and the catalogue."""

_FIRST_YEAR: Final = 1970


@dataclass(frozen=True, slots=True)
class Voiding:
    """The statement takes back the one with this id."""

    statement_id: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """The statement is taken and means nothing here, and why."""

    reason: str


Meaning = Learning | Voiding | Nothing


def meaning_of(statement: Statement, system: str, now: datetime) -> Meaning:
    """What `statement` means when the LMS `system` sends it. What happened later than `now` happened now."""
    if isinstance(statement.object, StatementRef) and statement.verb.id == VOIDED:
        return Voiding(statement.object.id)
    verb = _verb_of(statement)
    if verb is None:
        return Nothing("the verb is none of those that are followed")
    learner, content = _learner_of(statement.actor, system), _content_of(statement.object, system)
    if isinstance(learner, Nothing):
        return learner
    if isinstance(content, Nothing):
        return content
    occurred_at = min(moment_of(statement.timestamp), now) if statement.timestamp else now
    if occurred_at.year < _FIRST_YEAR:
        return Nothing("it happened before 1970")
    registration = statement.context.registration if statement.context else None
    score = _score_of(statement.result.score) if statement.result else None
    return Learning(learner, content, verb, score, registration, system, occurred_at)


def _verb_of(statement: Statement) -> LearningVerb | None:
    verb = _VERBS.get(statement.verb.id)
    if verb is None:
        return _verb_of_move_on(statement.result) if _decides_move_on(statement) else None
    if verb is not LearningVerb.COMPLETED or statement.result is None:
        return verb
    if statement.result.success is False:
        return LearningVerb.FAILED
    return LearningVerb.PROGRESSED if statement.result.completion is False else verb


def _decides_move_on(statement: Statement) -> bool:
    around = statement.context.contextActivities if statement.context else None
    return around is not None and any(activity.id == MOVE_ON for activity in around.category)


def _verb_of_move_on(result: Result | None) -> LearningVerb | None:
    """A verb that we do not know, such as `waived`, in the category that decides: its result says what it decided."""
    if result is None:
        return None
    if result.success is not None:
        return LearningVerb.PASSED if result.success else LearningVerb.FAILED
    return LearningVerb.COMPLETED if result.completion else None


def _learner_of(actor: Agent | Group, system: str) -> Handle | Nothing:
    """The handle alone: neither a name nor anything else of a person is kept."""
    if isinstance(actor, Group):
        return Nothing("the actor is a group")
    if actor.mbox is not None:
        return Handle(EMAIL, actor.mbox.removeprefix("mailto:").lower())
    if actor.mbox_sha1sum is not None:
        return Handle(EMAIL_SHA1, actor.mbox_sha1sum)
    if actor.account is None:
        return Nothing("the actor is named by an openid, which the directory does not know")
    if len(actor.account.name) > _LONGEST_ID:
        return Nothing("the account's name is longer than any of the directory")
    return Handle(system, actor.account.name)


def _content_of(about: object, system: str) -> Handle | Nothing:
    if not isinstance(about, Activity):
        return Nothing("the object is no activity")
    definition = about.definition
    if definition is not None and (definition.interactionType or definition.type == _INTERACTION):
        return Nothing("the object is a single question")
    if len(about.id) > _LONGEST_ID:
        return Nothing("the activity's id is longer than any of the catalogue")
    return Handle(system, about.id)


def _score_of(score: Score | None) -> float | None:
    """The score as a share: `scaled`, else where `raw` lies between `min` (0 if it is not given) and `max`."""
    if score is None:
        return None
    if score.scaled is not None:
        return max(0.0, score.scaled)
    if score.raw is None or score.max is None:
        return None
    low = score.min if score.min is not None else 0.0
    if score.max <= low:
        return None
    share = (score.raw - low) / (score.max - low)
    return share if 0.0 <= share <= 1.0 else None
