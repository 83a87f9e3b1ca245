"""The tools that ingestion understands, one module each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from kinetic.ingestion.connectors import (
    alertmanager,
    azuredevops,
    datadog,
    freshdesk,
    generic,
    github,
    gitlab,
    grafana,
    hubspot,
    intercom,
    jira,
    linear,
    newrelic,
    opsgenie,
    pagerduty,
    salesforce,
    sentry,
    servicenow,
    statuspage,
    trello,
    xapi,
    zendesk,
)
from kinetic.ingestion.connectors.protocol import Connector

_MODULES = (
    alertmanager,
    azuredevops,
    datadog,
    freshdesk,
    github,
    gitlab,
    grafana,
    hubspot,
    intercom,
    jira,
    linear,
    newrelic,
    opsgenie,
    pagerduty,
    salesforce,
    sentry,
    servicenow,
    statuspage,
    trello,
    zendesk,
)

CONNECTORS: Mapping[str, Connector] = MappingProxyType({module.CONNECTOR.tool: module.CONNECTOR for module in _MODULES})
"""Tool name → connector."""

GENERIC = "generic"
"""The tool of an integration whose payloads a mapping of its own explains."""

XAPI = "xapi"
"""The tool of a learning platform, which sends statements to a door of their own."""

KAFKA = "kafka"
"""The tool of an integration that writes CloudEvents to a topic of its own: nothing has to be explained."""

TOOLS = (*sorted(CONNECTORS), GENERIC, KAFKA, XAPI)


def connector_for(tool: str, mapping: Mapping[str, Any] | None) -> Connector | None:
    """The connector of an integration; None when nobody reads its tool any more."""
    if tool == GENERIC:
        return generic.connector_of(generic.PayloadMapping.model_validate(mapping))
    return xapi.CONNECTOR if tool == XAPI else CONNECTORS.get(tool)
