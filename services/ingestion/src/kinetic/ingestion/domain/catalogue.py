"""What a catalogue document changes: everything in it, or nothing when anything in it is wrong.

Content is known again by any of its external ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kinetic.contracts.ids import CompetencyKey, ContentId
from kinetic.contracts.ingestion import ContentChanged, Teaches
from kinetic.ingestion.domain.documents import CatalogueDocument, ContentEntry, Mistake, Path, repeated

Claim = tuple[str, str]
"""A system and the id that a content item has there."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The catalogue as it stands."""

    version: int
    content: Mapping[ContentId, ContentChanged]


@dataclass(frozen=True, slots=True)
class CatalogueChange:
    """What to save and to publish. Nothing changes when there are mistakes."""

    version: int
    content: tuple[ContentChanged, ...] = ()
    mistakes: tuple[Mistake, ...] = ()


def decide_catalogue(current: Catalogue, document: CatalogueDocument, new_id: Callable[[], str]) -> CatalogueChange:
    """The changes that `document` makes to `current`."""
    owners = {claim: content_id for content_id, item in current.content.items() for claim in item.external_ids.items()}
    mistakes = (*_repetitions(document), *_confusions(document, owners))
    if mistakes:
        return CatalogueChange(current.version, mistakes=mistakes)
    decided = [_content(entry, owners, new_id, current.version + 1) for entry in document.content]
    changed = tuple(item for item in decided if _differs(item, current.content.get(item.content_id)))
    return CatalogueChange(current.version + 1 if changed else current.version, changed)


def decide_import(current: Catalogue, document: CatalogueDocument, new_id: Callable[[], str]) -> CatalogueChange:
    """The same for a document that speaks of some systems only: ids of other systems stay as they are."""
    owners = {claim: item for item in current.content.values() for claim in item.external_ids.items()}
    entries = tuple(_with_other_ids(entry, owners) for entry in document.content)
    return decide_catalogue(current, document.model_copy(update={"content": entries}), new_id)


def decide_feed(
    current: Catalogue, document: CatalogueDocument, system: str, new_id: Callable[[], str]
) -> CatalogueChange:
    """The same for a document that is all that `system` offers: what it offers no more is retired."""
    change = decide_import(current, document, new_id)
    if change.mistakes:
        return change
    offered = {entry.external_ids[system] for entry in document.content if system in entry.external_ids}
    changed = {item.content_id for item in change.content}
    vanished = tuple(
        item.model_copy(update={"retired": True, "version": current.version + 1})
        for item in current.content.values()
        if system in item.external_ids and item.external_ids[system] not in offered
        if not item.retired and item.content_id not in changed
    )
    content = (*change.content, *vanished)
    return CatalogueChange(current.version + 1 if content else current.version, content)


def _with_other_ids(entry: ContentEntry, owners: Mapping[Claim, ContentChanged]) -> ContentEntry:
    known = next((owners[claim] for claim in entry.external_ids.items() if claim in owners), None)
    return entry.model_copy(update={"external_ids": {**known.external_ids, **entry.external_ids}}) if known else entry


def _claims(document: CatalogueDocument) -> Iterator[tuple[Claim, Path]]:
    for index, entry in enumerate(document.content):
        for system, external_id in entry.external_ids.items():
            yield (system, external_id), ("content", index, "external_ids", system)


def _repetitions(document: CatalogueDocument) -> Iterator[Mistake]:
    for first, again in repeated(_claims(document)):
        yield Mistake(again, "is already the id of", also=first[:2])


def _confusions(document: CatalogueDocument, owners: Mapping[Claim, ContentId]) -> Iterator[Mistake]:
    """One entry that several known items claim, or several entries that claim one."""
    claimed: dict[ContentId, int] = {}
    for index, entry in enumerate(document.content):
        found = {owners[claim] for claim in entry.external_ids.items() if claim in owners}
        if len(found) > 1:
            yield Mistake(("content", index, "external_ids"), f"belongs to {len(found)} content items of the catalogue")
        for content_id in found:
            other = claimed.setdefault(content_id, index)
            if other != index:
                yield Mistake(("content", index), f"and content/{other} are one content item of the catalogue")


def _content(
    entry: ContentEntry, owners: Mapping[Claim, ContentId], new_id: Callable[[], str], version: int
) -> ContentChanged:
    known = next((owners[claim] for claim in entry.external_ids.items() if claim in owners), None)
    fields: dict[str, Any] = entry.model_dump(exclude={"teaches"})
    teaches = tuple(Teaches(competency=CompetencyKey(t.competency), level=t.level) for t in entry.teaches)
    return ContentChanged(content_id=known or ContentId(new_id()), teaches=teaches, version=version, **fields)


def _differs(item: ContentChanged, known: ContentChanged | None) -> bool:
    return known is None or item.model_copy(update={"version": known.version}) != known
