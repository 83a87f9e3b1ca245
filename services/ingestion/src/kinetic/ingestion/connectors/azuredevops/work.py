"""Work items that are trouble or late, and pull requests that took long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.azuredevops.project import happened_at, person_in, place_of, project_of
from kinetic.ingestion.connectors.marks import kind_of
from kinetic.ingestion.connectors.once import once
from kinetic.ingestion.connectors.payloads import LONGEST_NAME, flag, identifier, link, moment, part, text, word
from kinetic.ingestion.connectors.protocol import Ignored, Observation, Reading
from kinetic.ingestion.connectors.severities import NEUTRAL, Scale, Severity, says
from kinetic.ingestion.connectors.work_items import (
    DONE,
    DROPPED,
    WorkItem,
    change_priority,
    day_in,
    day_of,
    end,
    label_fact,
    move_date,
    reopen,
    report,
    take_long,
    told,
)

_SEVERITY = Scale(
    "severity",
    {
        **dict.fromkeys(("critical", "1"), 1.0),
        **dict.fromkeys(("high", "2"), 0.75),
        **dict.fromkeys(("medium", "3"), 0.5),
        **dict.fromkeys(("low", "4"), 0.25),
    },
)
_PRIORITY = Scale("priority", {"1": 1.0, "2": NEUTRAL, "3": 0.25, "4": 0.1})
_BLOCKED = Severity(0.3)
_DATES = ("duedate", "targetdate", "finishdate")


@dataclass(frozen=True)
class Item:
    """The work item that an event is about."""

    payload: Any

    @once
    def fields(self) -> Mapping[str, Any]:
        """The fields as they are now, by the end of their names: ``System.State`` is ``state``."""
        resource = part(self.payload, "resource")
        return _by_end(part(resource, "revision", "fields") or part(resource, "fields"))

    @once
    def changes(self) -> Mapping[str, Any]:
        """What was changed, each with `oldValue` and `newValue`."""
        return _by_end(part(self.payload, "resource", "fields"))

    @once
    def type(self) -> str | None:
        return text(self.fields, "workitemtype")

    @once
    def severity(self) -> Severity:
        named = identifier(self.fields, "severity")
        return _severity_of(named) if named else _PRIORITY.of(identifier(self.fields, "priority"))

    @once
    def due(self) -> str | None:
        return next((found for name in _DATES if (found := text(self.fields, name))), None)

    @once
    def url(self) -> str | None:
        resource = part(self.payload, "resource")
        api = link(resource, "url") or link(resource, "revision", "url") or ""
        number = identifier(resource, "workItemId") or identifier(resource, "id")
        built = f"{api.partition('/_apis/')[0]}/_workitems/edit/{number}" if "/_apis/" in api and number else None
        return link(part(resource, "_links", "html"), "href") or built

    @once
    def changed(self) -> WorkItem:
        """The work item as an item that was changed."""
        return self.item(moment(self.fields, "changeddate") or moment(self.payload, "createdDate"))

    def item(self, at: datetime | None) -> WorkItem:
        """The work item as an item to which something happened at `at`."""
        project = text(self.fields, "teamproject") or project_of(self.payload)
        tags = [tag.strip() for tag in (text(self.fields, "tags") or "").split(";") if tag.strip()]
        marks = [self.type or "", *(tags if (self.type or "").lower() == "issue" else ())]
        return WorkItem(
            place=place_of(project),
            kind=kind_of(marks),
            severity=self.severity,
            at=at,
            url=self.url,
            facts={
                "project": project,
                "area": text(self.fields, "areapath"),
                "issue_type": self.type,
                "label": label_fact(tags),
                "person": person_in(self.fields, "assignedto"),
            },
            attributes={"project": project, "issue_type": self.type},
        )


def read_created(payload: Any) -> Reading:
    """A new work item."""
    new = Item(payload)
    item = new.item(moment(new.fields, "createddate") or moment(payload, "createdDate"))
    if says(new.type or "", frozenset({"impediment"})):
        return told([item.becomes(kinds.DELIVERY_DELAYED, new.severity, "reported", "An impediment")], "")
    return told(report(item), f"a new {new.type or 'work item'} is planned work, not trouble")


def read_updated(payload: Any) -> Reading:
    """A work item that was changed: one change may mean several things."""
    item = Item(payload)
    observations = (
        *_observe_type(item),
        *_observe_state(item),
        *_observe_priority(item),
        *_observe_dates(item),
        *_observe_block(item),
    )
    return told(observations, "what was changed of the work item is no sign of trouble")


def _observe_type(item: Item) -> Iterator[Observation]:
    before = text(item.changes, "workitemtype", "oldValue")
    if before and kind_of([before]) != item.changed.kind:
        yield from report(item.changed)


def _observe_state(item: Item) -> Iterator[Observation]:
    before, after = (word(item.changes, "state", name) for name in ("oldValue", "newValue"))
    if before in DONE and after and after not in DONE and after not in DROPPED:
        yield from reopen(item.changed)
    if after in DONE and before not in DONE and word(item.fields, "reason") not in DROPPED:
        yield from end(item.changed, day_in(item.due), day_of(item.changed.at))


def _observe_priority(item: Item) -> Iterator[Observation]:
    for name, judge in (("severity", _severity_of), ("priority", _PRIORITY.of)):
        before, after = (identifier(item.changes, name, value) for value in ("oldValue", "newValue"))
        if after:
            yield from change_priority(item.changed, judge(before).value, judge(after))


def _severity_of(named: str | None) -> Severity:
    """By the number before a name that every language has its own word for: ``1 - Critical``, ``1 - Kritisch``."""
    return _SEVERITY.of(named and named.partition(" - ")[0])


def _observe_dates(item: Item) -> Iterator[Observation]:
    moved = next((change for name in _DATES if (change := part(item.changes, name))), None)
    if moved:
        yield from move_date(item.changed, day_in(text(moved, "oldValue")), day_in(text(moved, "newValue")))


def _observe_block(item: Item) -> Iterator[Observation]:
    if flag(item.changes, "blocked", "newValue"):
        yield item.changed.becomes(kinds.DELIVERY_DELAYED, _BLOCKED, "blocked")


def read_pull_request(payload: Any) -> Reading:
    """A change that was merged a week or more after it was proposed. The event also tells of mere attempts to merge."""
    pull = part(payload, "resource")
    if word(pull, "status") != "completed":
        return Ignored("a pull request says something about the team's pace when it is merged")
    home = link(pull, "repository", "webUrl") or _without_user(link(pull, "repository", "remoteUrl"))
    number = identifier(pull, "pullRequestId")
    merged_at, project = happened_at(payload, "closedDate"), project_of(payload, part(pull, "repository"))
    repository = text(pull, "repository", "name")
    item = WorkItem(
        place=repository or place_of(project),
        kind=None,
        severity=Severity(NEUTRAL),
        at=merged_at,
        url=f"{home}/pullrequest/{number}" if home and number else link(part(pull, "_links", "web"), "href"),
        facts={
            "project": project,
            "repository": repository,
            "person": person_in(pull, "createdBy"),
        },
        attributes={"project": project, "repository": repository},
    )
    return take_long(item, moment(pull, "creationDate"), merged_at, "A pull request")


def _without_user(address: str | None) -> str | None:
    """The address from which a repository is cloned, without the name of who clones it: it is its page too."""
    scheme, _, rest = (address or "").partition("://")
    host, _, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}/{path}" if path else None


def _by_end(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for name, value in fields.items():
        if len(name) <= LONGEST_NAME:
            found.setdefault(_end_of(name), value)
    return found


@lru_cache(maxsize=1024)
def _end_of(name: str) -> str:
    """``state`` of ``System.State``. A project has the same fields every time."""
    return name.rpartition(".")[2].lower()
