"""The tools that ingestion understands, one module each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kinetic.ingestion.connectors import github, jira
from kinetic.ingestion.connectors.protocol import Connector

_MODULES = (github, jira)

CONNECTORS: Mapping[str, Connector] = MappingProxyType({module.CONNECTOR.tool: module.CONNECTOR for module in _MODULES})
"""Tool name → connector."""
