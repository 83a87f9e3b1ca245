"""A catalogue document changes what it says, or nothing."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from pydantic import ValidationError

from kinetic.ingestion.domain.catalogue import Catalogue, CatalogueChange, decide_catalogue
from kinetic.ingestion.domain.documents import CatalogueDocument

EMPTY = Catalogue(0, {})


def item(*external_ids: str, title: str = "Title", **fields: Any) -> dict[str, Any]:
    return {
        "external_ids": dict(external_id.split(":") for external_id in external_ids),
        "title": title,
        "url": "https://learn.example/1",
        "teaches": [{"competency": "testing", "level": 2}],
        "effort_minutes": 20,
        "language": "en",
        **fields,
    }


def decide(current: Catalogue, *content: dict[str, Any]) -> CatalogueChange:
    numbers = count(100 * current.version)
    document = CatalogueDocument.model_validate({"content": content})
    return decide_catalogue(current, document, lambda: f"content-{next(numbers)}")


def after(current: Catalogue, change: CatalogueChange) -> Catalogue:
    assert not change.mistakes
    return Catalogue(change.version, {**current.content, **{entry.content_id: entry for entry in change.content}})


def test_item_is_known_again_by_any_of_its_ids() -> None:
    catalogue = after(EMPTY, decide(EMPTY, item("lms:1", "hris:a")))

    change = decide(catalogue, item("hris:a", title="Renamed"))

    assert change.version == 2
    assert [entry.content_id for entry in change.content] == list(catalogue.content)


def test_same_document_again_changes_nothing() -> None:
    catalogue = after(EMPTY, decide(EMPTY, item("lms:1")))

    assert decide(catalogue, item("lms:1")) == CatalogueChange(1)


def test_a_certificate_says_for_how_long_it_is_valid_and_other_content_is_for_good() -> None:
    change = decide(EMPTY, item("lms:1", valid_for_days=730), item("lms:2"))

    assert [entry.valid_for_days for entry in change.content] == [730, None]


def test_the_format_of_an_item_is_told_if_the_catalogue_tells_it() -> None:
    change = decide(EMPTY, item("lms:1"), item("lms:2", format="video"))

    assert [entry.format for entry in change.content] == [None, "video"]


def test_two_items_with_one_id_are_both_named() -> None:
    change = decide(EMPTY, item("lms:1"), item("lms:1"))

    assert not change.content
    assert change.mistakes[0].also == ("content", 0)
    assert change.mistakes[0].path[:2] == ("content", 1)


def test_item_that_joins_two_known_ones_is_refused() -> None:
    catalogue = after(EMPTY, decide(EMPTY, item("lms:1"), item("hris:a")))

    assert decide(catalogue, item("lms:1", "hris:a")).mistakes


def test_two_items_that_are_one_known_item_are_refused() -> None:
    catalogue = after(EMPTY, decide(EMPTY, item("lms:1", "hris:a")))

    assert decide(catalogue, item("lms:1"), item("hris:a")).mistakes


@pytest.mark.parametrize(
    "fields",
    [
        {"effort_minutes": 0},
        {"valid_for_days": 0},
        {"valid_for_days": 36_501},
        {"format": "hologram"},
        {"external_ids": {}},
        {"url": "ftp://x"},
        {"teaches": [{"competency": "x"}]},
    ],
)
def test_invalid_field_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CatalogueDocument.model_validate({"content": [{**item("lms:1"), **fields}]})
