"""The tools that ingestion understands, one module each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kinetic.ingestion.connectors.github import GitHub
from kinetic.ingestion.connectors.jira import Jira
from kinetic.ingestion.connectors.protocol import Connector

_ALL: tuple[Connector, ...] = (GitHub(), Jira())

CONNECTORS: Mapping[str, Connector] = MappingProxyType({connector.tool: connector for connector in _ALL})
"""Tool name → connector."""
