"""What every service is told from outside: frozen settings, read once from the environment."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from kinetic.common import dead_letters, waiting
from kinetic.contracts import topics

_LONGEST_DAYS = max(topics.KEPT_DAYS, waiting.LIMIT_HOURS // 24 + dead_letters.RETENTION_DAYS)
"""An event can come again from its topic, or by the replay of a dead letter that had waited."""


class CommonSettings(BaseSettings):
    """Environment variables are the field names in capitals behind ``KINETIC_``, e.g. ``KINETIC_KAFKA``.

    They are the same for every service and for tests that use a Kafka and a Postgres of their own.
    """

    model_config = SettingsConfigDict(env_prefix="KINETIC_", frozen=True, extra="ignore")

    kafka: str = Field(default="127.0.0.1:19092", description="Bootstrap servers, separated by commas.")
    postgres: str = Field(
        default="postgresql://kinetic:kinetic@127.0.0.1:15432/kinetic",
        description="postgresql:// address. Services share the database, each in its own schema.",
    )
    issuer: str = Field(default="http://127.0.0.1:8100", description="`iss` of the tokens.")
    audience: str = Field(default="kinetic", description="`aud` of the tokens.")
    jwks_url: str = Field(default="http://127.0.0.1:8100/jwks.json")
    otlp_endpoint: str | None = Field(default=None, description="OpenTelemetry collector; None switches export off.")
    trace_sample_ratio: Annotated[float, Field(ge=0, le=1)] = 1.0
    log_level: str = "INFO"
    pool_size: Annotated[int, Field(ge=2, le=100)] = 10
    backlog_limit: Annotated[int, Field(ge=1)] = Field(
        default=200_000, description="Outbox rows from which on doors answer 503."
    )
    inbox_retention_days: Annotated[int, Field(gt=_LONGEST_DAYS)] = Field(
        default=14,
        description="Longer than an event can come again. Compacted topics have no limit; versions guard what they tell.",
    )
    api_pages: bool = Field(default=False, description="Serve `/docs` and `/openapi.json`, which ask for no token.")
    topic_replication: Annotated[int, Field(ge=1)] = 1
    topic_min_in_sync: Annotated[int, Field(ge=1)] = 1
