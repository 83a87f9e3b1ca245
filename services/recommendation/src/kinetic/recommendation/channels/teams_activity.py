"""What the Bot Framework tells a bot, as far as it is read here, and what a press on a card says.

https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import BaseModel, Field, TypeAdapter, model_validator

from kinetic.contracts.recommendation import DismissalReason, SnoozeUntil
from kinetic.recommendation.channels.teams import FROM_DIGEST
from kinetic.recommendation.presses import Press
from kinetic.recommendation.store.teams_conversations import Conversation

MSTEAMS: Final = "msteams"
PRESSED: Final = "adaptiveCard/action"

_Text = Annotated[str, Field(max_length=1000)]


class _Told(BaseModel):
    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, told: Any) -> Any:
        return {name: value for name, value in told.items() if value is not None} if isinstance(told, dict) else told


class Member(_Told):
    """Somebody, or the bot, in a conversation."""

    id: _Text = ""


class Account(Member):
    """Who did it; people of the organisation have an object id in Entra."""

    object_id: UUID | None = Field(default=None, alias="aadObjectId")


class Place(_Told):
    """The conversation in which something happened."""

    id: Annotated[str, Field(min_length=1, max_length=1000)]
    kind: _Text = Field(default="", alias="conversationType")


class Tenant(_Told):
    """An organisation in Entra."""

    id: _Text


class ChannelData(_Told):
    """What Teams adds to an activity."""

    tenant: Tenant | None = None


class Activity(_Told):
    """Something that happened in a conversation. Members that nothing here needs are left out."""

    type: _Text
    name: _Text = ""
    action: _Text = ""
    channel_id: _Text = Field(default="", alias="channelId")
    service_url: _Text = Field(alias="serviceUrl")
    sender: Account = Field(default=Account(), alias="from")
    recipient: Member = Member()
    conversation: Place
    channel_data: ChannelData = Field(default=ChannelData(), alias="channelData")
    members_removed: list[Member] = Field(default=[], alias="membersRemoved", max_length=1000)
    locale: _Text = ""
    value: Any = None

    @property
    def tenant_id(self) -> str:
        """The organisation from which it comes; empty when Teams does not say."""
        return self.channel_data.tenant.id if self.channel_data.tenant else ""

    @property
    def object_id(self) -> str:
        """Whose doing it is; empty when Teams does not say."""
        return str(self.sender.object_id) if self.sender.object_id else ""

    @property
    def takes_leave(self) -> bool:
        """Whether the bot was removed from the conversation; an upgrade of the app (`remove-upgrade`) is none."""
        if self.type == "installationUpdate":
            return self.action == "remove"
        return bool(self.recipient.id) and any(gone.id == self.recipient.id for gone in self.members_removed)

    @property
    def personal_conversation(self) -> Conversation | None:
        """The conversation in which the bot reaches this person alone; None for those with others in them."""
        if self.conversation.kind != "personal" or not self.object_id or not is_safe(self.service_url):
            return None
        return Conversation(self.object_id, self.conversation.id, self.service_url, self.tenant_id.lower())


class _Pressed(BaseModel):
    nudge_id: UUID
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]


class _Assign(_Pressed):
    verb: Literal["assign"]
    choice: None = None


class _Snooze(_Pressed):
    verb: Literal["snooze"]
    choice: SnoozeUntil


class _Dismiss(_Pressed):
    verb: Literal["dismiss"]
    choice: DismissalReason


_PRESSED: Final[TypeAdapter[_Assign | _Snooze | _Dismiss]] = TypeAdapter(
    Annotated[_Assign | _Snooze | _Dismiss, Field(discriminator="verb")]
)


class _Executed(BaseModel):
    verb: _Text
    data: dict[str, Any] = {}


class _Invoked(BaseModel):
    action: _Executed


def press_of_invoke(value: Any) -> Press:
    """The press on an `Action.Execute`. ValueError when it is none of our cards'."""
    executed = _Invoked.model_validate(value).action
    return press_of_submit({**executed.data, "verb": executed.verb})


def press_of_submit(value: Any) -> Press:
    """The press on the `Action.Submit` that stands in for it. ValueError when it is none of our cards'."""
    pressed = _PRESSED.validate_python(value)
    return Press(str(pressed.nudge_id), pressed.version, pressed.choice)


def is_from_digest(value: Any) -> bool:
    """Whether an `Action.Execute` was pressed on a card that shows more than what it is about."""
    try:
        return _Invoked.model_validate(value).action.data.get(FROM_DIGEST) is True
    except ValueError:
        return False


def is_safe(url: str) -> bool:
    """Whether the bot's token may be sent there: encrypted, or to this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return parts.username is None and bool(host) and (parts.scheme == "https" or host in ("127.0.0.1", "localhost"))
