"""A channel that is half set up, or set up unsafely, keeps the service from starting, and no secret is told with the reason."""

from __future__ import annotations

from base64 import b64encode

import pytest
from pydantic import ValidationError

from kinetic.recommendation.channels.addresses import is_mailbox, is_safe_url
from kinetic.recommendation.settings import Settings

SECRET = "whsec_" + b64encode(b"s" * 32).decode()
KEY = "k" * 32
MAIL = {
    "SMTP_HOST": "mail.company.example",
    "UNSUBSCRIBE_KEYS": KEY,
    "RECOMMENDATION_URL": "https://kinetic.company.example",
}
WEBHOOK = {"NUDGE_WEBHOOK_URL": "https://hooks.company.example/nudges", "NUDGE_WEBHOOK_SECRETS": SECRET}


def given_by(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    """The settings in an environment."""
    for name, value in environment.items():
        monkeypatch.setenv(f"KINETIC_{name}", value)
    return Settings()


@pytest.mark.parametrize(
    "environment",
    [
        {},
        MAIL,
        {"SMTP_HOST": "127.0.0.1", "SMTP_SECURITY": "none", "UNSUBSCRIBE_KEYS": KEY},
        MAIL | {"SMTP_USER": "kinetic", "SMTP_PASSWORD": "p", "UNSUBSCRIBE_KEYS": f"{KEY}, {KEY}2"},
        WEBHOOK | {"NUDGE_WEBHOOK_SECRETS": f"{SECRET},{SECRET}"},
        WEBHOOK | {"NUDGE_WEBHOOK_URL": "http://127.0.0.1:8000/nudges"},
        WEBHOOK | {"NUDGE_WEBHOOK_URL": "http://[::1]/nudges"},
    ],
)
def test_a_channel_that_is_whole_is_taken(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    given_by(monkeypatch, **environment)


@pytest.mark.parametrize(
    ("environment", "setting"),
    [
        (MAIL | {"UNSUBSCRIBE_KEYS": ""}, "UNSUBSCRIBE_KEYS"),
        (MAIL | {"UNSUBSCRIBE_KEYS": f"{KEY},hushhush"}, "UNSUBSCRIBE_KEYS"),
        (MAIL | {"SMTP_SECURITY": "none"}, "SMTP_SECURITY"),
        (MAIL | {"RECOMMENDATION_URL": "http://kinetic.company.example"}, "RECOMMENDATION_URL"),
        (MAIL | {"SMTP_PASSWORD": "hushhush"}, "SMTP_USER"),
        (MAIL | {"SMTP_USER": "kinetic"}, "SMTP_PASSWORD"),
        (MAIL | {"MAIL_FROM": "nudges"}, "MAIL_FROM"),
        (MAIL | {"MAIL_FROM": "a@b.example,c@d.example"}, "MAIL_FROM"),
        (MAIL | {"MAIL_FROM": "nüdges@b.example"}, "MAIL_FROM"),
        (WEBHOOK | {"NUDGE_WEBHOOK_SECRETS": ""}, "NUDGE_WEBHOOK_SECRETS"),
        (WEBHOOK | {"NUDGE_WEBHOOK_SECRETS": "hushhush"}, "NUDGE_WEBHOOK_SECRETS"),
        (WEBHOOK | {"NUDGE_WEBHOOK_SECRETS": f"{SECRET},whsec_hushhush"}, "NUDGE_WEBHOOK_SECRETS"),
        (WEBHOOK | {"NUDGE_WEBHOOK_SECRETS": f"whsec_{SECRET}hushhush"}, "NUDGE_WEBHOOK_SECRETS"),
        (WEBHOOK | {"NUDGE_WEBHOOK_URL": "http://hooks.company.example/hushhush"}, "NUDGE_WEBHOOK_URL"),
        (WEBHOOK | {"NUDGE_WEBHOOK_URL": "http://127.0.0.1.evil.example/"}, "NUDGE_WEBHOOK_URL"),
        (WEBHOOK | {"NUDGE_WEBHOOK_URL": "https:///nudges"}, "NUDGE_WEBHOOK_URL"),
        (WEBHOOK | {"NUDGE_WEBHOOK_URL": "hooks.company.example"}, "NUDGE_WEBHOOK_URL"),
        (WEBHOOK | {"NUDGE_WEBHOOK_URL": "https://[::1/"}, "NUDGE_WEBHOOK_URL"),
    ],
)
def test_half_a_channel_is_refused_by_the_name_of_its_setting(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], setting: str
) -> None:
    with pytest.raises(ValidationError, match=rf"KINETIC_{setting}\b") as refused:
        given_by(monkeypatch, **environment)
    assert not any(secret in str(refused.value) for secret in (KEY, SECRET, "hushhush"))


def test_the_longest_address_is_one_and_a_longer_one_is_not() -> None:
    assert is_mailbox("o'hara+nudges@sub.company.example")
    assert is_mailbox("a" * 241 + "@company.exam")
    assert not is_mailbox("a" * 242 + "@company.exam")


def test_a_url_with_a_blank_is_none() -> None:
    assert is_safe_url("https://hooks.company.example/nudges")
    assert not is_safe_url("https://hooks.company.example/nud ges")
