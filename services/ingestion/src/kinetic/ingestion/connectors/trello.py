"""Trello: cards that are labelled as trouble, come back, or are late.

Signature: `X-Trello-Webhook`, an HMAC-SHA1 in base64 over the raw body and the address of the webhook. The secret is Trello's:
*Power-Ups admin, API key, Secret*. Webhooks are made with Trello's API, ``POST /1/webhooks`` with `callbackURL` and the board as
`idModel`. Trello signs no time: a replay is told by the body.

| action | signal | severity |
|---|---|---|
| a label such as Bug, Incident, Security or Complaint is put on a card | by label | by the label |
| a card leaves a list that is called Done, Closed, Resolved or the like; its due date is no longer done | `quality.defect` | 0.5 |
| the due date of a card moves back | `delivery.delayed` | by days |
| a card is marked as done, or moved to such a list, after its due date | `delivery.delayed` | by days |

Lists and labels are known in the languages of `languages.py`. A label is a priority when it holds one of the words of
`severities.py` too, such as ``bug: critical``. Archiving says nothing of whether a card is done.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from kinetic.ingestion.connectors.marks import kind_of
from kinetic.ingestion.connectors.payloads import moment, part, text, word
from kinetic.ingestion.connectors.protocol import Connector, Headers, Ignored, Observation, Reading, Webhook
from kinetic.ingestion.connectors.severities import Severity, says, says_outright, worst_of
from kinetic.ingestion.connectors.signatures import Hmac, base64
from kinetic.ingestion.connectors.work_items import (
    DONE,
    WorkItem,
    day_of,
    end,
    label_fact,
    move_date,
    reopen,
    report,
    told,
)

_NOT_YET = frozenset({"not", "to", "be", "ready", "almost"})
"""``To be released`` holds work that is not, while ``Deployed to production`` does."""
_READY_FOR = frozenset({"zum", "zur", "für", "para", "pour", "voor", "om"})
"""``Fertig zum Testen`` is ready to be tested, and not done."""


def read(headers: Headers, payload: Any) -> Reading:
    """What a webhook of Trello means. The payload alone says everything."""
    del headers
    action = text(payload, "action", "type")
    if action == "addLabelToCard":
        return _read_label(payload)
    if action == "updateCard":
        return told(_observe_change(payload), "what was changed of the card is no sign of trouble")
    return Ignored(f"{action or 'a payload without action'} is no sign of trouble")


def _read_label(payload: Any) -> Reading:
    data = part(payload, "action", "data")
    label = text(data, "label", "name") or text(data, "text")
    if label is None or kind_of([label]) is None:
        return Ignored("the label does not mark the card as trouble")
    return told(report(_card(payload, [label])), "")


def _observe_change(payload: Any) -> Iterator[Observation]:
    data = part(payload, "action", "data")
    card, before = part(data, "card"), part(data, "old")
    was_done, is_done = _is_done(data, before, "listBefore"), _is_done(data, card, "listAfter")
    if was_done and is_done is False:
        yield from reopen(_card(payload, []))
    if was_done is False and is_done:
        item = _card(payload, [])
        yield from end(item, day_of(moment(card, "due")), day_of(item.at), "A card")
    if "due" in before:
        yield from move_date(_card(payload, []), day_of(moment(before, "due")), day_of(moment(card, "due")), "A card")


def _is_done(data: Any, card: Any, place: str) -> bool | None:
    """Whether the list called `place` holds done work, or the card's due date is marked as done; None when nobody says."""
    called = word(data, place, "name")
    if called:
        return says_outright(called, DONE, _NOT_YET) and not says(called, _READY_FOR)
    mark = card.get("dueComplete")
    return mark if isinstance(mark, bool) else None


def _card(payload: Any, labels: list[str]) -> WorkItem:
    data = part(payload, "action", "data")
    board = text(data, "board", "name") or text(payload, "model", "name")
    link = text(data, "card", "shortLink")
    return WorkItem(
        place=board or "Trello",
        kind=kind_of(labels),
        severity=Severity(worst_of(labels)),
        at=moment(payload, "action", "date"),
        url=f"https://trello.com/c/{quote(link, safe='')}" if link else None,
        facts={
            "board": board,
            "list": text(data, "listAfter", "name") or text(data, "list", "name"),
            "label": label_fact(labels),
        },
        attributes={"board": board},
    )


def _signed(webhook: Webhook) -> bytes:
    return webhook.body + webhook.url.encode("utf-8", "surrogateescape")


CONNECTOR = Connector("trello", Hmac("x-trello-webhook", base64(), algorithm="sha1", message=_signed), read)
