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

_SUBJECTS: Final = {
    CUSTOMER_DISSATISFIED: None,
    DELIVERY_DELAYED: None,
    DELIVERY_FAILED: None,
    QUALITY_DEFECT: "A defect",
    SALES_LOST: "A sale",
    SECURITY_FINDING: "A security finding",
    SERVICE_BREACHED: "A service level",
    SERVICE_INCIDENT: "An incident",
}
"""What the sentence is about; None where it is the thing that the tool tells of, and the state brings its own verb."""

ALL: Final = tuple(_SUBJECTS)


def summarise(kind: str, place: str, state: str, thing: str = "Work") -> str:
    """The summary of a signal of `kind`."""
    subject = _SUBJECTS[kind]
    return f"{subject} in {place} was {state}" if subject else f"{thing} in {place} {state}"
