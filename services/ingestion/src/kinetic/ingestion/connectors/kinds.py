"""The kinds of signals that connectors tell, and the one sentence that each is summarised by.

Summaries are made of these sentences and of names that a tool configures (a repository, a project). What people
wrote, such as titles and comments, never gets in.
"""

from __future__ import annotations

from typing import Final

CUSTOMER_DISSATISFIED: Final = "customer.dissatisfied"
DELIVERY_DELAYED: Final = "delivery.delayed"
DELIVERY_FAILED: Final = "delivery.failed"
QUALITY_DEFECT: Final = "quality.defect"
SALES_LOST: Final = "sales.lost"
SECURITY_FINDING: Final = "security.finding"
SERVICE_BREACHED: Final = "service.breached"
SERVICE_INCIDENT: Final = "service.incident"

_SENTENCES: Final = {
    CUSTOMER_DISSATISFIED: "{thing} in {place} {state}",
    DELIVERY_DELAYED: "{thing} in {place} {state}",
    DELIVERY_FAILED: "{thing} in {place} {state}",
    QUALITY_DEFECT: "A defect in {place} was {state}",
    SALES_LOST: "A sale in {place} was {state}",
    SECURITY_FINDING: "A security finding in {place} was {state}",
    SERVICE_BREACHED: "A service level in {place} was {state}",
    SERVICE_INCIDENT: "An incident in {place} was {state}",
}

ALL: Final = tuple(_SENTENCES)


def summarise(kind: str, place: str, state: str, thing: str = "Work") -> str:
    """The summary of a signal of `kind`."""
    return _SENTENCES[kind].format(thing=thing, place=place, state=state)
