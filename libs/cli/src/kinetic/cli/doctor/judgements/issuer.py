"""Can tokens be judged, and do the services take the one at hand?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from kinetic.cli.doctor.finding import Finding, counted, doubtful, fine, listed, skipped, wrong

_ADMIN: Final = "admin"


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """A key of the issuer. `algorithm` is the one it signs with, None for one that nobody here knows."""

    key_id: str | None
    algorithm: str | None
    is_usable: bool


@dataclass(frozen=True, slots=True)
class TokenState:
    """What the token says, and `fault`: why it is not valid here; None when it is.

    `is_judged` is False when the issuer's keys could not be had.
    """

    issuer: str
    audiences: tuple[str, ...]
    fault: str | None
    is_judged: bool = True

    @property
    def is_valid(self) -> bool:
        """Whether services who were told the same take it."""
        return self.is_judged and self.fault is None


def judge_keys(keys: Sequence[PublishedKey], algorithms: Collection[str]) -> list[Finding]:
    """Whether at least one published key verifies one of `algorithms`, the only ones that services take."""
    usable = [key for key in keys if key.is_usable and key.algorithm in algorithms]
    takes = " and ".join(algorithms)
    if not keys:
        return [wrong("issuer keys", "the JWK set is empty", "Let the issuer publish its keys at KINETIC_JWKS_URL.")]
    if not usable:
        has = listed(sorted({key.algorithm or "unknown" for key in keys}))
        remedy = f"Let the issuer sign with {takes}, by keys that have a `kid` and are for signatures."
        return [wrong("issuer keys", f"no key of {len(keys)} can be used ({has}); services take {takes} only", remedy)]
    used = listed(sorted({str(key.algorithm) for key in usable}))
    return [fine("issuer keys", f"{counted(len(usable), 'usable key')}, {used}")]


def judge_token(token: TokenState, issuer: str, audience: str) -> list[Finding]:
    """Whether the token at hand is one that services who were told `issuer` and `audience` take."""
    if not token.is_judged:
        return [skipped("token", "the keys of the issuer could not be had")]
    if token.fault is None:
        return [fine("token", f"of {issuer} for the audience {audience}")]
    if token.issuer != issuer:
        remedy = "Set KINETIC_ISSUER to exactly what the tokens say in `iss`, here and for the services."
        return [wrong("token", f"its `iss` is {token.issuer}, not {issuer}", remedy)]
    if audience not in token.audiences:
        remedy = "Let the issuer put it into `aud`, or set KINETIC_AUDIENCE to what stands there."
        return [wrong("token", f"its `aud` is {listed(token.audiences) or 'missing'}, not {audience}", remedy)]
    return [wrong("token", token.fault, "Bring a fresh token of this issuer in KINETIC_TOKEN.")]


def judge_access(answers: Mapping[str, tuple[int, str]], is_valid: bool) -> list[Finding]:
    """How each service answered the token: status and what it said. `is_valid`: the token is, by our own settings."""
    findings = [*_refusals(answers, is_valid), *_lacking(answers)]
    taking = [service for service, (status, _) in answers.items() if status == HTTPStatus.OK]
    return findings or [fine("access", f"{listed(taking)} take the token")]


def _refusals(answers: Mapping[str, tuple[int, str]], is_valid: bool) -> list[Finding]:
    by_text: dict[str, list[str]] = defaultdict(list)
    for service, (status, said) in answers.items():
        if status not in (HTTPStatus.OK, HTTPStatus.FORBIDDEN):
            by_text[said or str(status)].append(service)
    remedy = (
        "Give these services the KINETIC_ISSUER, KINETIC_AUDIENCE and KINETIC_JWKS_URL that this command has."
        if is_valid
        else "See what is said of the issuer and of the token."
    )
    return [wrong("access", f"{listed(services)} answered {text}", remedy) for text, services in by_text.items()]


def _lacking(answers: Mapping[str, tuple[int, str]]) -> list[Finding]:
    lacking = [service for service, (status, _) in answers.items() if status == HTTPStatus.FORBIDDEN]
    if not lacking:
        return []
    remedy = f"Bring a token with the role `{_ADMIN}`."
    return [
        skipped("access", f"the token lacks the role `{_ADMIN}`: what only administrators see was not checked", remedy)
    ]


def judge_discovery(told: str | None, issuer: str) -> list[Finding]:
    """`told` is the `issuer` of the issuer's own metadata; None when it publishes none, which it need not."""
    if told is None or told == issuer:
        return []
    remedy = "Set KINETIC_ISSUER to exactly what the issuer calls itself."
    return [doubtful("issuer", f"calls itself {told}, not {issuer}", remedy)]
