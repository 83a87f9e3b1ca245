"""What the work of companies is made of: competencies, the KPI that tells of each, and the signals that complain."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trade:
    """A competency with its KPI. `shape` is how the KPI is distributed: plain, count or share."""

    competency: str
    kpi: str
    unit: str
    shape: str
    direction: str
    kinds: tuple[str, ...]
    source: str


LOWER, HIGHER = "lower_is_better", "higher_is_better"

TRADES = (
    Trade("release-engineering", "change-failure-rate", "percent", "share", LOWER, ("delivery.failed",), "github"),
    Trade("agile-delivery", "lead-time", "hours", "plain", LOWER, ("delivery.delayed",), "jira"),
    Trade(
        "incident-response",
        "time-to-restore",
        "minutes",
        "plain",
        LOWER,
        ("service.incident", "service.breached"),
        "pager",
    ),
    Trade("test-design", "escaped-defects", "defects", "count", LOWER, ("quality.defect",), "jira"),
    Trade("customer-empathy", "satisfaction", "percent", "share", HIGHER, ("customer.dissatisfied",), "helpdesk"),
    Trade("secure-coding", "open-findings", "findings", "count", LOWER, ("security.finding",), "github"),
    Trade("sales-conversation", "win-rate", "percent", "share", HIGHER, ("sales.lost",), "crm"),
    Trade("safe-work", "near-misses", "reports", "count", LOWER, ("safety.incident",), "ehs"),
)

THROUGHPUT = Trade("", "throughput", "items", "plain", HIGHER, (), "jira")
"""A KPI that asks for no competency."""

KIND_SOURCES = {kind: trade.source for trade in TRADES for kind in trade.kinds}
KPI_SOURCES = {trade.kpi: trade.source for trade in (*TRADES, THROUGHPUT)}
