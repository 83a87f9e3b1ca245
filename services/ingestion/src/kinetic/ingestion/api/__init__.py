"""The HTTP doors of ingestion, one module each."""

from __future__ import annotations

from kinetic.ingestion.api import (
    catalogue,
    catalogue_import,
    directory,
    events,
    feeds,
    imports,
    integrations,
    measurements,
    parked,
    rehearsals,
    scim,
    tokens,
    trials,
    webhooks,
    xapi,
)

routers = (
    events.router,
    measurements.router,
    webhooks.router,
    directory.router,
    imports.router,
    catalogue.router,
    catalogue_import.router,
    feeds.router,
    integrations.router,
    trials.router,
    rehearsals.router,
    parked.router,
    tokens.router,
    xapi.router,
    scim.router,
)
