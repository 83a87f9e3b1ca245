"""The HTTP doors of ingestion, one module each."""

from __future__ import annotations

from kinetic.ingestion.api import catalogue, directory, events, integrations, parked, webhooks

routers = (
    webhooks.router,
    events.router,
    directory.router,
    catalogue.router,
    integrations.router,
    parked.router,
)
