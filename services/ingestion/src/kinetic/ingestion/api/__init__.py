"""The HTTP doors of ingestion, one module each."""

from __future__ import annotations

from kinetic.ingestion.api import catalogue, directory, events, integrations, parked, tokens, trials, webhooks, xapi

routers = (
    events.router,
    webhooks.router,
    directory.router,
    catalogue.router,
    integrations.router,
    trials.router,
    parked.router,
    tokens.router,
    xapi.router,
)
