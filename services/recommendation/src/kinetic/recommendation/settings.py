"""The settings of recommendation."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from kinetic.common.settings import CommonSettings
from kinetic.recommendation import keys
from kinetic.recommendation.channels.addresses import is_mailbox, is_safe_url, is_this_machine

Port = Annotated[int, Field(ge=1, le=65535)]


def _refuse_other_than_an_address(address: str) -> str:
    if not (address.isascii() and is_mailbox(address)):
        raise ValueError("KINETIC_MAIL_FROM must be an address such as nudges@company.example")
    return address


class Settings(CommonSettings):
    """What recommendation is told besides what every service is told. A channel without its settings is not there.

    How often a manager may be interrupted is policy, kept in the database.
    """

    model_config = SettingsConfigDict(hide_input_in_errors=True)  # an error is logged, and secrets stand beside it

    console_url: str = Field(
        default="http://127.0.0.1:8110", description="Where links in messages lead, without a slash."
    )
    recommendation_url: str = Field(
        default="http://127.0.0.1:8103",
        description="Where others reach this service, without a slash: the address in mails that unsubscribes.",
    )

    slack_token: SecretStr | None = Field(
        default=None,
        description="Bot token, `xoxb-…`. Nothing is sent without a signing secret. docs/channels/slack.md",
    )
    slack_signing_secrets: SecretStr = Field(
        default=SecretStr(""), description="What Slack signs clicks with; two, separated by a comma, while it changes."
    )
    slack_api_url: str = "https://slack.com/api/"
    slack_hooks_url: str = Field(
        default="https://hooks.slack.com/", description="Where answers to a click may go; to no other address they do."
    )

    teams_app_id: str | None = Field(default=None, description="The bot's application id in Entra ID.")
    teams_app_secret: SecretStr | None = Field(default=None, description="A secret of that application.")
    teams_tenant_id: str | None = Field(
        default=None, description="The application's tenant, and the only one whose people are answered."
    )
    teams_login_url: str = "https://login.microsoftonline.com"
    teams_openid_url: str = "https://login.botframework.com/v1/.well-known/openidconfiguration"

    smtp_host: str | None = None
    smtp_port: Port = 587
    smtp_security: Literal["tls", "starttls", "none"] = Field(
        default="starttls", description="`none` sends in the clear, to a relay on the same machine only."
    )
    smtp_ca_file: str | None = Field(
        default=None,
        description="PEM of authorities that are trusted besides those of the system, for a relay of one's own.",
    )
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    mail_from: Annotated[str, AfterValidator(_refuse_other_than_an_address)] = "nudges@localhost"
    mail_from_name: str = "Kinetic"
    unsubscribe_keys: SecretStr = Field(
        default=SecretStr(""),
        description="Keys of the addresses that unsubscribe, separated by commas; the first makes them, all are taken.",
    )

    nudge_webhook_url: str | None = Field(default=None, description="An endpoint of the company's own; https.")
    nudge_webhook_secrets: SecretStr = Field(
        default=SecretStr(""), description="`whsec_…` of Standard Webhooks; with two, both sign while they change."
    )

    @model_validator(mode="after")
    def _teams_is_whole(self) -> Self:
        told = [bool(value) for value in (self.teams_app_id, self.teams_app_secret, self.teams_tenant_id)]
        if any(told) and not all(told):
            raise ValueError("teams_app_id, teams_app_secret and teams_tenant_id belong together")
        return self

    @model_validator(mode="after")
    def _refuse_half_a_channel(self) -> Self:
        _refuse_mail_that_is_not_whole(self)
        secrets = keys.webhook_secrets(self.nudge_webhook_secrets)
        if self.nudge_webhook_url and not is_safe_url(self.nudge_webhook_url):
            raise ValueError("KINETIC_NUDGE_WEBHOOK_URL must be an https:// address; http:// is for this machine only")
        if self.nudge_webhook_url and not secrets:
            raise ValueError("KINETIC_NUDGE_WEBHOOK_URL needs KINETIC_NUDGE_WEBHOOK_SECRETS: every message is signed")
        return self


def _refuse_mail_that_is_not_whole(settings: Settings) -> None:
    unsubscribe_keys = keys.unsubscribe_keys(settings.unsubscribe_keys)
    if settings.smtp_host and not unsubscribe_keys:
        raise ValueError("KINETIC_SMTP_HOST needs KINETIC_UNSUBSCRIBE_KEYS: every mail can be unsubscribed from")
    is_away = bool(settings.smtp_host) and not is_this_machine(settings.smtp_host or "")
    if is_away and settings.smtp_security == "none":
        raise ValueError("KINETIC_SMTP_SECURITY=none is for a KINETIC_SMTP_HOST on this machine only")
    if is_away and not settings.recommendation_url.startswith("https://"):
        raise ValueError(
            "KINETIC_SMTP_HOST needs KINETIC_RECOMMENDATION_URL=https://…, where mails are unsubscribed from"
        )
    if bool(settings.smtp_user) != bool(settings.smtp_password):
        raise ValueError("KINETIC_SMTP_USER and KINETIC_SMTP_PASSWORD come together or not at all")
