"""The settings of recommendation."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from kinetic.common.settings import CommonSettings

Port = Annotated[int, Field(ge=1, le=65535)]


class Settings(CommonSettings):
    """What recommendation is told besides what every service is told. A channel without its settings is not there.

    How often a manager may be interrupted is policy, kept in the database.
    """

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
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    mail_from: str = "nudges@localhost"
    mail_from_name: str = "Kinetic"
    unsubscribe_keys: SecretStr = Field(
        default=SecretStr(""),
        description="Keys of the addresses that unsubscribe; the first makes them, all are taken.",
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
