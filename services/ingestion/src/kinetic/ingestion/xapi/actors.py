"""Who: agents and groups, known by one inverse functional identifier each (Data 2.4.2)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, StringConstraints, Tag, model_validator

from kinetic.ingestion.xapi.fields import Iri, Irl, Part, Text

Mailbox = Annotated[Text, StringConstraints(pattern=r"^mailto:[^@\s]+@[^@\s]+$", max_length=300)]
Sha1 = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{40}$", to_lower=True)]
AccountName = Annotated[Text, StringConstraints(min_length=1)]


class Account(Part):
    """A login at a system (Data 2.4.2.4)."""

    homePage: Irl
    name: AccountName


class Party(Part):
    """What agents and groups have in common."""

    name: str | None = None
    mbox: Mailbox | None = None
    mbox_sha1sum: Sha1 | None = None
    openid: Iri | None = None
    account: Account | None = None

    @property
    def identifiers(self) -> int:
        """How many inverse functional identifiers are given."""
        given = (self.mbox, self.mbox_sha1sum, self.openid, self.account)
        return sum(identifier is not None for identifier in given)


class Agent(Party):
    """A person or a program: exactly one identifier."""

    objectType: Literal["Agent"] = "Agent"

    @model_validator(mode="after")
    def _must_be_identified_once(self) -> Agent:
        if self.identifiers != 1:
            raise ValueError("must have exactly one of mbox, mbox_sha1sum, openid and account")
        return self


class Group(Party):
    """Several agents: identified once, or anonymous and then with its members."""

    objectType: Literal["Group"]
    member: list[Agent] | None = None

    @model_validator(mode="after")
    def _must_be_identified_or_have_members(self) -> Group:
        if self.identifiers > 1:
            raise ValueError("must have at most one of mbox, mbox_sha1sum, openid and account")
        if not self.identifiers and self.member is None:
            raise ValueError("without an identifier, must have its members")
        return self


def object_type_of(value: Any, default: str) -> str | None:
    """The object type by which a union is told apart; None when it is no text."""
    named = value.get("objectType", default) if isinstance(value, dict) else None
    return named if isinstance(named, str) else None


def _actor_type(value: Any) -> str | None:
    return object_type_of(value, "Agent")


Actor = Annotated[Annotated[Agent, Tag("Agent")] | Annotated[Group, Tag("Group")], Discriminator(_actor_type)]
