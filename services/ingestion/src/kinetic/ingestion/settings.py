"""The settings of ingestion."""

from __future__ import annotations

from typing import Annotated

from cryptography.fernet import Fernet
from pydantic import AfterValidator, Field, SecretStr

from kinetic.common.settings import CommonSettings


def refuse_other_than_fernet_keys(keys: SecretStr) -> SecretStr:
    """Return `keys`; ValueError unless each is a Fernet key."""
    for key in split_keys(keys):
        Fernet(key)
    return keys


def split_keys(keys: SecretStr) -> list[str]:
    """The keys, which commas separate."""
    return [key for key in keys.get_secret_value().split(",") if key]


class Settings(CommonSettings):
    """What ingestion is told besides what every service is told."""

    secret_keys: Annotated[SecretStr, AfterValidator(refuse_other_than_fernet_keys)] = Field(
        default=SecretStr(""),
        description="Fernet keys (32 bytes in URL-safe base64), separated by commas. The first encrypts, all decrypt. "
        "Without one, webhooks and integrations answer 503.",
    )
    queue_limit: Annotated[int, Field(ge=500)] = Field(
        default=20_000, description="Events that may wait for their transaction before the doors answer 503."
    )
    parked_limit: Annotated[int, Field(ge=1)] = Field(
        default=20_000,
        description="Events of one sender that may be parked before those that would be parked too are answered 429.",
    )
    public_url: str | None = Field(
        default=None,
        description="Where tools reach this service, e.g. https://in.example.com: some sign the address too.",
    )
    webhooks_per_second: Annotated[float, Field(gt=0)] = Field(
        default=100.0, description="Of one integration and replica, in the long run; five times as many at once."
    )
    feeds_inside: bool = Field(
        default=False,
        description="Let feeds of the catalogue be read over plain http and from private addresses, as of an LMS in the "
        "same network. Whoever may set up feeds can then reach everything that this service can.",
    )
    receipt_days: Annotated[int, Field(ge=1)] = Field(
        default=14, description="How long a repetition is recognised; longer than any tool sends again."
    )
    rotation_hours: Annotated[int, Field(ge=1)] = Field(
        default=72, description="How long the former secret of an integration stays valid after a rotation."
    )
