"""The HTTP doors of ingestion, one module each."""

from __future__ import annotations

from kinetic.ingestion.api import catalogue, directory, events, integrations, parked, trials, webhooks

routers = (
    events.router,
    webhooks.router,
    directory.router,
    catalogue.router,
    integrations.router,
    trials.router,
    parked.router,
)
