"""The samples with which a run begins: what the tests know, by target."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from services.ingestion.tests.test_cloud_events import BINARY, LEARNING, MEASUREMENT, SIGNAL, event
from services.ingestion.tests.test_generic import BUILD, MAPPING
from services.ingestion.tests.test_meanings import headers_of, rows_of
from services.ingestion.tests.test_xapi_cases import CASES
from services.ingestion.tests.xapi_statements import statement
from tests.fuzz.samples import Sample
from tests.support.scim import CORE, ENTERPRISE, PATCH

PAYLOADS: Final = Path("services/ingestion/tests/payloads")
_LARGEST: Final = 30_000
"""Of payloads, in bytes: larger ones say no more and take longer."""

_SIGNED: Final = {
    "x-hub-signature-256": "sha256=00",
    "x-hub-signature": "sha1=00",
    "authorization": "Basic a2luZXRpYzpzZWNyZXQ=",
    "webhook-id": "msg_1",
    "webhook-timestamp": "1795521600",
    "webhook-signature": "v1,AAAA v1,BBBB",
    "x-hubspot-signature-v3": "AAAA",
    "x-hubspot-request-timestamp": "1795521600000",
    "x-grafana-alerting-signature": "00",
    "x-grafana-alerting-timestamp": "1795521600",
    "linear-signature": "00",
    "x-zendesk-webhook-signature": "AAAA",
    "x-zendesk-webhook-signature-timestamp": "2026-11-24T12:00:00Z",
}
"""Headers by which tools prove that a webhook is theirs; here they prove nothing."""

_EVENTS: Final = (event(), event(LEARNING, "learning"), event(SIGNAL, "signal", time="2026-01-01T00:00:00Z", ext=7))
_PEOPLE: Final = """email,former_email,name,role,team,unit,manager,time_zone,language,effective_from,active,external_id.hris
eve@x.example,,Eve,Senior Engineer,Data & AI,technology,dana@x.example,Europe/Oslo,en,2026-01-31,true,7
finn@x.example,f@x.example,"Finn ""F"" Ek",lead,payments,,,UTC,no,,no,
"""
_MEASUREMENTS: Final = """kpi;team;value;n;period_start;period_end;version;time_zone
lead-time;payments;3,5;2;2026-01-01;2026-01-07;1;Europe/Berlin
lead-time;"checkout";4.5;3;2026-01-01T00:00:00Z;2026-01-08T00:00:00+01:00;;
"""
_CATALOGUE: Final = """id,title,url,effort_minutes,language,teaches,retired,system
C-1,Testing,https://learn.example/1,20,en,testing:2 security:3,no,
C-2,=HYPERLINK(1),https://learn.example/2,45,de,,true,academy
"""
_DIRECTORY: Final = """
teams:
  - {slug: payments, name: Payments, unit: commerce, manager: dana@x.example}
people:
  - email: eve@x.example
    name: "Eve \\u00e4"
    role: engineer
    team: payments
    time_zone: Europe/Berlin
    effective_from: 2026-01-01T00:00:00Z
    external_ids: {lms: L-2, email-alias: e@x.example}
    active: yes
"""
_ITEM: Final = {
    "external_ids": {"lms": "C-1"},
    "title": "Testing",
    "url": "https://learn.example/1",
    "teaches": [{"competency": "testing", "level": 2}],
    "effort_minutes": 20,
    "language": "en",
}


@cache
def webhooks() -> Sequence[Sample]:
    """The payloads of all tools, with the headers that say what they are."""
    return list(_webhooks())


def _webhooks() -> Iterator[Sample]:
    for folder in sorted(PAYLOADS.iterdir()):
        for row in rows_of(folder.name) if (folder / "meanings.csv").exists() else ():
            text = (folder / row["file"]).read_bytes()
            if len(text) <= _LARGEST:
                headers = {**_SIGNED, **headers_of(row)}
                yield Sample({"tool": folder.name, "headers": headers, "url": "https://x.example/?token=t"}, text)


@cache
def events() -> Sequence[Sample]:
    """Good CloudEvents in the three modes of HTTP."""
    batch = _told(mode="batch"), _dumps(list(_EVENTS))
    whole = [Sample(_told(mode="structured"), _dumps(one)) for one in _EVENTS]
    binary = Sample(_told(mode="binary", headers=dict(BINARY)), _dumps(MEASUREMENT))
    return [*whole, Sample(*batch), binary]


@cache
def records() -> Sequence[Sample]:
    """Good CloudEvents in both modes of Kafka."""
    structured = {"content-type": "application/cloudevents+json", "traceparent": f"00-{'1' * 32}-{'2' * 16}-01"}
    binary = {name.replace("ce-", "ce_"): value for name, value in BINARY.items()}
    return [
        *(Sample(_told(headers=structured), _dumps(one)) for one in _EVENTS),
        Sample(_told(headers=binary), _dumps(MEASUREMENT)),
    ]


@cache
def json_texts() -> Sequence[Sample]:
    """JSON of any sort."""
    texts = [_dumps(_EVENTS), b'[1, {"a": [null, "\\u00e4", -0.0e1]}, []] ', b'{"a": {"a": 1}, "b": [[]]}']
    return [Sample(None, text) for text in texts] + [Sample(None, one.text) for one in webhooks()[::20]]


@cache
def mappings() -> Sequence[Sample]:
    """Mappings with a payload that they fit."""
    expressions = (
        "contains(project.key, 'shop')",
        "sort_by(builds, &number)[0].state == 'failed' || !(build.state != 'x')",
        "length(to_string(@)) > `3` && max(numbers[*].value) >= avg(numbers[].value)",
        "join(', ', keys(build)) | starts_with(@, 'state')",
        "merge(build, {a: [project, author]}).a[::-1] | [0].key",
        "to_number(build.level) || not_null(a, b, floor(`1.5`), reverse('x'), type(@))",
    )
    payload = {**BUILD, "builds": [{"number": 2, "state": "failed"}, {"number": 1}], "numbers": [{"value": 3}]}
    signal = MAPPING["signals"][0]
    changed = [{**MAPPING, "signals": [{**signal, "when": one, "place": one}]} for one in expressions]
    every = {**MAPPING, "each": "builds", "signature": {"scheme": "hmac", "prefix": "sha256=", "encoding": "base64"}}
    return [Sample(None, _dumps({"mapping": mapping, "payload": payload})) for mapping in (MAPPING, every, *changed)]


@cache
def measurements() -> Sequence[Sample]:
    """Rows of JSON."""
    dated = {**MEASUREMENT, "period_start": "2026-01-01", "period_end": "2026-01-07", "time_zone": "Europe/Oslo"}
    return [Sample(None, _dumps([MEASUREMENT, {**dated, "version": 2}])), Sample(None, b"[]")]


@cache
def tables() -> Sequence[Sample]:
    """CSV of the three sorts that are taken."""
    texts = {"people": _PEOPLE, "measurements": _MEASUREMENTS, "catalogue": _CATALOGUE}
    return [Sample({"of": of}, text.encode()) for of, text in texts.items()]


@cache
def documents() -> Sequence[Sample]:
    """Directories and catalogues as people write them, and a feed."""
    person = {"email": "eve@x.example", "name": "Eve", "role": "r", "time_zone": "UTC", "manager": "finn@x.example"}
    people = [person, {**person, "email": "finn@x.example", "manager": "dana@x.example"}]
    directory = {"teams": [{"slug": "t", "name": "T", "unit": "u"}], "people": people}
    catalogue = {"content": [_ITEM]}
    return [
        Sample({"of": "directory", "media": "yaml"}, _DIRECTORY.encode()),
        Sample({"of": "directory", "media": "json"}, _dumps(directory)),
        Sample({"of": "catalogue", "media": "json"}, _dumps(catalogue)),
        Sample({"of": "catalogue", "media": "yaml"}, _dumps(catalogue)),
        Sample({"of": "feed", "media": "json"}, _dumps([{**_ITEM, "id": "C-1"}])),
    ]


@cache
def statements() -> Sequence[Sample]:
    """The cases of the standard, a batch, and a request in parts."""
    told = {"content-type": "application/json", "version": "1.0"}
    cases = [Sample({**told, "version": "2.0"}, _dumps(case["statement"])) for case in CASES[::5]]
    said = [statement("passed", result={"score": {"raw": 3, "min": 1, "max": 5}}), statement()]
    attachment = (
        b"content-type: text/plain\r\ncontent-transfer-encoding: binary\r\nx-experience-api-hash: 00\r\n\r\nabc"
    )
    parts = b"--b\r\ncontent-type: application/json\r\n\r\n%s\r\n--b\r\n%s\r\n--b--\r\n" % (_dumps(said), attachment)
    multipart = {**told, "content-type": 'multipart/mixed; boundary="b"'}
    return [*cases, Sample(told, _dumps(said)), *[Sample(multipart, parts)] * 10]


@cache
def provisioning() -> Sequence[Sample]:
    """What identity providers create, put, patch and look for."""
    enterprise = {"employeeNumber": "7", "manager": {"value": "0190a6d5-0000-7000-8000-000000000000"}}
    user = {
        "schemas": [CORE, ENTERPRISE],
        "userName": "Eve@x.example",
        "name": {"givenName": "Eve", "familyName": "Ek", "formatted": "Eve Ek"},
        "emails": [{"value": "eve@x.example", "type": "work", "primary": True}, {"value": "e@x.example"}],
        "title": "Senior Engineer",
        "preferredLanguage": "no, en;q=0.5",
        "timezone": "Europe/Oslo",
        "externalId": "x-7",
        "active": True,
        ENTERPRISE: enterprise,
    }
    group = {"displayName": "Payments", "members": [{"value": enterprise["manager"]["value"], "type": "User"}]}  # type: ignore[index]
    return [
        *(Sample({"do": "create", "at": "/Users"}, _dumps(one)) for one in (user, {"userName": "f@x.example"})),
        Sample({"do": "replace", "at": "/Users"}, _dumps(user)),
        Sample({"do": "create", "at": "/Groups"}, _dumps(group)),
        *(Sample({"do": "patch", "at": "/Users"}, _dumps(_patch(operation))) for operation in _OPERATIONS),
        *(Sample({"do": "search", "at": "/Users"}, _dumps(query)) for query in _SEARCHES),
    ]


_OPERATIONS: Final[Sequence[dict[str, Any]]] = (
    {"op": "replace", "path": "active", "value": "False"},
    {"op": "Add", "path": 'emails[type eq "work"].value', "value": "new@x.example"},
    {"op": "remove", "path": f"{ENTERPRISE}:manager"},
    {"op": "replace", "value": {"displayName": "E", "name.givenName": "E", f"{ENTERPRISE}:employeeNumber": "8"}},
)
_SEARCHES: Final = (
    {"filter": 'userName eq "eve@x.example" and active eq true', "count": "2", "startIndex": "1"},
    {"filter": 'emails[type eq "work" and value co "x"] or not (meta.created gt "2026-01-01T00:00:00Z")'},
    {"filter": f'{ENTERPRISE}:manager.value pr or name.familyName sw "E"', "sortBy": "emails", "attributes": "name"},
    {"sortBy": "name.familyName", "sortOrder": "descending", "excludedAttributes": "emails.value,groups"},
    {"sortBy": "groups"},
    {"sortBy": "meta"},
)


def _patch(operation: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": [PATCH], "Operations": [operation]}


def _told(**told: Any) -> dict[str, Any]:
    return {"headers": {}, **told}


def _dumps(value: Any) -> bytes:
    return json.dumps(value).encode()
