"""Labels that people put on what they run: the same few facts, whatever a tool or a company calls them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from kinetic.ingestion.connectors.payloads import text_of, whole

_NAMES: Final = {
    "team": ("team", "team_name", "squad"),
    "owner": ("owner",),
    "service": ("service", "service_name", "service.name", "sloth_service", "application", "app", "app_name"),
    "project": ("project",),
    "repository": ("repository", "repo"),
    "environment": ("environment", "env", "deployment.environment"),
    "cluster": ("cluster", "cluster_name", "kube_cluster_name", "k8s.cluster.name"),
    "namespace": ("namespace", "kube_namespace", "k8s.namespace.name"),
    "folder": ("grafana_folder",),
    "job": ("job",),
}
_NOTHING: Final[Mapping[str, None]] = dict.fromkeys(_NAMES)
_KNOWN: Final = {label: (-rank, fact) for fact, names in _NAMES.items() for rank, label in enumerate(names)}


def facts_of(labels: Any) -> dict[str, str | None]:
    """The facts for rules in `labels`, an object of names and values. An owner with an e-mail address is a person."""
    known = [(*_KNOWN[name], text_of(value)) for name, value in whole(labels).items() if name in _KNOWN]
    facts = {**_NOTHING, **{fact: value for _, fact, value in sorted(known) if value}}  # the usual name comes last
    return {**facts, "owner": None, "person": facts["owner"]} if "@" in (facts["owner"] or "") else facts


def labels_of(tags: Iterable[str]) -> Mapping[str, str]:
    """Labels written as ``name:value``. Of several with one name the first counts, and tags without a value do not."""
    labels: dict[str, str] = {}
    for tag in tags:
        name, _, value = tag.partition(":")
        if value.strip():
            labels.setdefault(name.strip().lower(), value.strip())
    return labels
