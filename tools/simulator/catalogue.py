"""What can be learned, what it is really worth, and what is known of that from before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from random import Random

from tools.simulator.bones import Bones
from tools.simulator.calendar import midnight
from tools.simulator.draws import chance, stream
from tools.simulator.records import Content, Effect, Review, Teaches

WORKS, NOTHING = 0.45, 0.35
"""Shares of content that works and that does nothing; the rest harms. Of each competency at least one works."""

FOREIGN = 0.08
EFFECT_NOISE = 0.45
"""The error of one observed effect in sigma: two means of 20 days with some memory and drift, from a team without control."""

BESIDE_THE_POINT = 0.2
"""So many of the effects known from before are of teams that lacked nothing."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Content, its true gains by content and competency, and observations from before the company was watched."""

    contents: tuple[Content, ...]
    gains: dict[tuple[str, str], float]
    effects: tuple[Effect, ...]
    reviews: tuple[Review, ...]


def make_catalogue(bones: Bones, *seed: object) -> Catalogue:
    """Three to five items per competency, one of the highest level. Level and effort say little about what an item is worth."""
    rng = stream(*seed, "catalogue")
    contents: list[Content] = []
    gains: dict[tuple[str, str], float] = {}
    for trade in bones.trades:
        count, best = rng.randint(3, 5), rng.randrange(3)
        for number in range(1, count + 1):
            content_id = f"content-{trade.competency}-{number}"
            gain = _gain(rng, number - 1 == best)
            level = max(1, min(5, round(rng.gauss(3.2 + 0.4 * gain, 0.9))))
            level = 5 if number == 1 else level
            is_foreign = number > 3 and chance(rng, FOREIGN)
            gains[content_id, trade.competency] = 0.0 if is_foreign else gain
            contents.append(
                Content(
                    content_id,
                    f"{trade.competency.replace('-', ' ').capitalize()}, {number}",
                    (Teaches(trade.competency, level),),
                    rng.choice((15, 20, 30, 45, 60, 90)),
                    "de" if is_foreign else "en",
                    f"https://learn.example/{content_id}",
                    retired=number > 3 and not is_foreign and chance(rng, 0.1),
                )
            )
    return Catalogue(tuple(contents), gains, *_past(bones, contents, gains, *seed))


def _gain(rng: Random, must_work: bool) -> float:
    draw = rng.random()
    if must_work or draw < WORKS:
        return rng.uniform(0.5, 0.95)
    return rng.uniform(0.0, 0.05) if draw < WORKS + NOTHING else -rng.uniform(0.15, 0.5)


def _past(
    bones: Bones, contents: list[Content], gains: dict[tuple[str, str], float], *seed: object
) -> tuple[tuple[Effect, ...], tuple[Review, ...]]:
    effects: list[Effect] = []
    reviews: list[Review] = []
    for content in contents:
        rng = stream(*seed, "past", content.content_id)
        competency = content.teaches[0].competency
        gain = gains[content.content_id, competency]
        for number in range(rng.randint(0, 6)):
            effects.append(_effect(bones, rng, content.content_id, competency, gain))
            if rng.random() < 0.7:
                at = midnight(bones.start, 0) - timedelta(days=rng.uniform(5, 400))
                reviews.append(Review(content.content_id, f"past-{number}", rating_of(rng, gain), at))
    effects.sort(key=lambda effect: effect.occurred_at)
    reviews.sort(key=lambda review: review.occurred_at)
    return tuple(effects), tuple(reviews)


def _effect(bones: Bones, rng: Random, content_id: str, competency: str, gain: float) -> Effect:
    lack = 0.0 if chance(rng, BESIDE_THE_POINT) else rng.uniform(0.75, 2.5)
    true = gain * lack * rng.uniform(0.5, 1.0) if gain > 0 else gain * rng.uniform(0.5, 1.0)
    kpi = next(iter(bones.capabilities.kpis_of(competency)), next(iter(bones.yardsticks)))
    at = midnight(bones.start, 0) - timedelta(days=rng.uniform(5, 400))
    seen = true + rng.gauss(0.0, EFFECT_NOISE)
    team = rng.choice(bones.teams).team_id
    return Effect(content_id, team, competency, kpi, round(seen, 3), 20, 20, rng.randint(2, 6), at)


def rating_of(rng: Random, gain: float) -> int:
    """What a learner thinks of content: mostly whether they liked it, a little whether it helps."""
    return max(1, min(5, round(rng.gauss(3.5 + 0.6 * gain, 1.0))))
