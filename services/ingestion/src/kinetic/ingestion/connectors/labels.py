"""Labels that people put on what they run: the same few facts, whatever a tool or a company calls them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from kinetic.ingestion.connectors.payloads import text_of, whole

_NAMES: Final = {
    "team": ("team", "team_name", "squad"),
    "owner": ("owner",),
    "service": (
        "service",
        "service_name",
        "service.name",
        "sloth_service",
        "application",
        "app",
        "app_name",
        "app_kubernetes_io_name",
    ),
    "project": ("project",),
    "repository": ("repository", "repo"),
    "environment": ("environment", "env", "deployment.environment"),
    "cluster": ("cluster", "cluster_name", "kube_cluster_name", "k8s.cluster.name"),
    "namespace": ("namespace", "kube_namespace", "k8s.namespace.name"),
    "folder": ("grafana_folder",),
    "job": ("job",),
}
_FACTS: Final = {label: fact for fact, names in _NAMES.items() for label in names}
_RANKS: Final = {label: rank for names in _NAMES.values() for rank, label in enumerate(names)}


def facts_of(labels: Any) -> dict[str, str]:
    """The facts for rules in `labels`, an object of names and values. An owner with an e-mail address is a person."""
    given = whole(labels)
    facts: dict[str, str] = {}
    known = [name for name in given if name in _FACTS]
    for name in sorted(known, key=_RANKS.__getitem__, reverse=True):  # the usual name comes last
        if value := text_of(given[name]):
            facts[_FACTS[name]] = value
    if "@" in facts.get("owner", ""):
        facts["person"] = facts.pop("owner")
    return facts


def labels_of(tags: Iterable[str]) -> Mapping[str, str]:
    """Labels written as ``name:value``. Of several with one name the first counts, and tags without a value do not."""
    labels: dict[str, str] = {}
    for tag in tags:
        name, _, value = tag.partition(":")
        if value.strip():
            labels.setdefault(name.strip().lower(), value.strip())
    return labels
