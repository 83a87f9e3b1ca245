"""What Kinetic keeps of a SCIM user and of a SCIM group. It is published at /Schemas; all else is dropped at the door."""

from __future__ import annotations

from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import Field, StringConstraints, ValidationInfo, model_validator
from scim2_models import (
    URN,
    AnyExtension,
    CaseExact,
    ComplexAttribute,
    Context,
    ExtensibleStringEnum,
    Extension,
    Mutability,
    Reference,
    Required,
    Resource,
    Uniqueness,
)

USER: URN = URN("urn:ietf:params:scim:schemas:core:2.0:User")
GROUP: URN = URN("urn:ietf:params:scim:schemas:core:2.0:Group")
ENTERPRISE: URN = URN("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")

_ToGroup = Reference["Group"]  # groups refer to users, and users to groups
Short = Annotated[str, StringConstraints(max_length=200)]


class Name(ComplexAttribute):
    """The parts of a person's name."""

    formatted: Short | None = None
    """The full name as it is shown."""

    family_name: Short | None = None
    """The family name."""

    given_name: Short | None = None
    """The given name."""


class Email(ComplexAttribute):
    """An address of a person."""

    class Type(ExtensibleStringEnum):
        """What an address is for."""

        work = "work"
        home = "home"
        other = "other"

    value: Annotated[Short | None, Required.true] = None
    """The address."""

    type: Type | None = None
    """What the address is for. Without a primary one, that for work counts."""

    primary: bool | None = None
    """Whether this is the address that counts."""


class GroupMembership(ComplexAttribute):
    """The team of a person."""

    value: Annotated[str | None, Mutability.read_only, CaseExact.true] = None
    """The id of the group."""

    ref: Annotated[_ToGroup | None, Mutability.read_only] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """Where the group is found."""


class User(Resource[AnyExtension]):
    """A person of the directory."""

    __schema__ = USER

    user_name: Annotated[Short | None, Uniqueness.server, Required.true] = None
    """The name with which the person signs in, often an e-mail address."""

    name: Name | None = None
    """The parts of the name."""

    display_name: Short | None = None
    """The name that is shown. Without it, the formatted name, then the given and family name."""

    title: Short | None = None
    """The role at work. Roles in the capability map are its lower-case form with hyphens."""

    preferred_language: Short | None = Field(None, examples=["en", "en-US", "de", "fr", "es", "pt-BR", "ja"])
    """The language of messages, as in Accept-Language; the first counts."""

    timezone: Short | None = Field(None, examples=sorted(available_timezones()))
    """The IANA name of the time zone, for quiet hours."""

    active: bool | None = None
    """Whether the person works here at present. Without it, they do."""

    emails: Annotated[list[Email] | None, Required.true] = None
    """Addresses. The primary one counts; without any, a user name that is an address."""

    groups: Annotated[list[GroupMembership] | None, Mutability.read_only] = None
    """The team, if any."""

    @model_validator(mode="before")
    @classmethod
    def _take_user_name_for_address(cls, sent: Any, told: ValidationInfo) -> Any:
        """Entra sends no `emails` for accounts without a mailbox; their user name is an address."""
        is_new = (told.context or {}).get("scim") == Context.RESOURCE_CREATION_REQUEST
        if not is_new or not isinstance(sent, dict):
            return sent
        names = {key.lower(): key for key in sent if isinstance(key, str)}
        user_name = sent.get(names.get("username", ""))
        if sent.get(names.get("emails", "")) or not isinstance(user_name, str) or not is_address(user_name):
            return sent
        return {**sent, names.get("emails", "emails"): address_of_work(user_name)}


class Manager(ComplexAttribute):
    """Whom a person reports to."""

    value: Annotated[str | None, CaseExact.true] = None
    """The id of the manager's user."""

    ref: Reference[User[Any]] | None = Field(None, serialization_alias="$ref", validation_alias="$ref")
    """Where the manager's user is found."""

    @model_validator(mode="before")
    @classmethod
    def _unwrap(cls, sent: Any) -> Any:
        """Entra sends the bare id, older tenants a list with one manager."""
        if isinstance(sent, list) and len(sent) == 1:
            sent = sent[0]
        return {"value": sent} if isinstance(sent, str) else sent


class EnterpriseUser(Extension):
    """What an enterprise knows of a person besides."""

    __schema__ = ENTERPRISE

    employee_number: Short | None = None
    """The number of the person in the HR system."""

    manager: Manager | None = None
    """The reporting line: who sees and assigns what concerns the person."""


class GroupMember(ComplexAttribute):
    """A person of a team."""

    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    """The id of the member's user."""

    ref: Annotated[Reference[User[Any]] | None, Mutability.immutable] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """Where the member's user is found."""

    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User"])
    """Always User: teams do not stand in teams."""


class Group(Resource[Any]):
    """A team of the directory."""

    __schema__ = GROUP

    display_name: Annotated[Short | None, Uniqueness.server, Required.true] = None
    """The team's name. Its slug is made from the first one and stays."""

    members: list[GroupMember] | None = None
    """The people of the team. A person works in one team."""


def is_address(text: str) -> bool:
    """Whether a user name is an e-mail address."""
    return text.count("@") == 1 and not text.startswith("@") and not text.endswith("@")


def address_of_work(address: str) -> list[dict[str, Any]]:
    """The e-mail addresses of somebody who has one."""
    return [{"value": address, "type": "work", "primary": True}]
