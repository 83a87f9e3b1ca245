"""How the doctor goes about it: side by side, within bounds, and telling no secrets."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

import pytest
from rich.console import Console

from kinetic.cli.addresses import DEFAULT_PORTS, Addresses, known_addresses
from kinetic.cli.doctor import command, examination
from kinetic.cli.doctor.checks import Check, run_checks
from kinetic.cli.doctor.command import diagnose, target_of
from kinetic.cli.doctor.examination import examine, told_once
from kinetic.cli.doctor.finding import Finding, State, doubtful, fine, is_failed, skipped, without_secrets, wrong
from kinetic.cli.doctor.gathering.code import load_services, readers_of
from kinetic.cli.doctor.judgements.database import outbox_stands
from kinetic.cli.doctor.report import as_json, as_table, summary
from kinetic.cli.doctor.target import Target
from kinetic.cli.errors import Misused, Unreachable

NOWHERE = "127.0.0.1:1"


def check(name: str, run: Callable[[], Awaitable[list[Finding]]], within: float = 5.0) -> Check:
    return Check(name, run, "do this", within)


async def find_nothing() -> list[Finding]:
    await asyncio.sleep(0.2)
    return [fine("well", "")]


async def test_checks_run_side_by_side_and_are_told_in_their_order() -> None:
    begun = time.monotonic()
    findings = await run_checks([check(str(number), find_nothing) for number in range(5)])
    assert len(findings) == 5
    assert time.monotonic() - begun < 0.6


async def test_check_that_fails_hides_no_other() -> None:
    async def fail() -> list[Finding]:
        raise Unreachable("no answer from there")

    async def break_down() -> list[Finding]:
        raise ZeroDivisionError("a fault of ours")

    async def hang() -> list[Finding]:
        await asyncio.sleep(60)
        return []

    begun = time.monotonic()
    findings = await run_checks(
        [check("first", fail), check("second", break_down), check("third", hang, 0.1), check("fourth", find_nothing)]
    )

    assert [(f.name, f.state) for f in findings] == [
        ("first", State.WRONG),
        ("second", State.WRONG),
        ("third", State.WRONG),
        ("well", State.OK),
    ]
    assert time.monotonic() - begun < 5
    assert findings[0].detail == "no answer from there"
    assert "a fault of ours" in findings[1].detail
    assert findings[2].detail.startswith("no answer within")
    assert {f.remedy for f in findings[:3]} == {"do this"}


def test_only_what_is_wrong_fails() -> None:
    assert not is_failed([fine("a", ""), skipped("b", ""), doubtful("c", "", "")])
    assert is_failed([fine("a", ""), wrong("b", "", "")])


def test_secrets_are_blotted_out_wherever_they_stand() -> None:
    addresses = Addresses.at(DEFAULT_PORTS).changed(
        kafka=None, issuer=None, services={"feedback": "http://me:url-pass@x"}
    )
    target = Target(addresses, "https://jwks", "kinetic", "postgresql://u:p%40ss@db/x", "to.ken")
    quoting = [wrong("a", "password p@ss or p%40ss at url-pass", "with to.ken"), wrong("b", str(target.postgres), "")]

    told = as_json(without_secrets(quoting, target.secrets))

    assert not [secret for secret in ("p@ss", "p%40ss", "url-pass", "to.ken") if secret in told]


def test_outbox_that_metrics_and_tables_tell_of_is_told_once() -> None:
    stands = [outbox_stands("feedback", 90.0), outbox_stands("feedback", 91.0), outbox_stands("assignment", 90.0)]
    assert [finding.name for finding in told_once(stands)] == ["outbox of feedback", "outbox of assignment"]


def test_table_has_a_line_for_each_finding_and_says_what_to_do() -> None:
    terminal = Console(width=200, highlight=False)
    with terminal.capture() as captured:
        terminal.print(as_table([fine("Kafka", "[here]"), wrong("feedback", "no answer", "Start it.")]))
    lines = [line.split() for line in captured.get().splitlines()[1:]]
    assert lines == [["ok", "Kafka", "[here]"], ["wrong", "feedback", "no", "answer"], ["→", "Start", "it."]]


def test_json_is_one_array() -> None:
    assert json.loads(as_json([wrong("feedback", "no answer", "Start it.")])) == [
        {"name": "feedback", "state": "wrong", "detail": "no answer", "remedy": "Start it."}
    ]


def test_summary_counts_the_worst_first() -> None:
    assert summary([fine("a", ""), wrong("b", "", ""), fine("c", "")]) == "1 wrong, 2 ok"


def test_what_services_read_comes_from_their_code() -> None:
    readers = readers_of(load_services())
    assert ("skill-gap", "kinetic.signals") in readers
    assert ("ingestion", "kinetic.capabilities") in readers


def test_setting_that_is_not_allowed_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINETIC_SECRET_KEYS", "nearly-a-key")
    with pytest.raises(Misused, match="KINETIC_SECRET_KEYS") as refused:
        load_services()
    assert "nearly-a-key" not in str(refused.value)


def nothing_anywhere() -> Addresses:
    urls = dict.fromkeys(Addresses.at(DEFAULT_PORTS).services, f"http://{NOWHERE}")
    return Addresses.at(DEFAULT_PORTS).changed(kafka=NOWHERE, issuer=f"http://{NOWHERE}", services=urls)


async def test_installation_that_is_away_is_told_part_by_part() -> None:
    target = Target(
        nothing_anywhere(), f"http://{NOWHERE}/jwks", "kinetic", f"postgresql://a:sesame@{NOWHERE}/b", "t.o.k"
    )

    findings = await examine(target)

    found = {finding.name: finding.state for finding in findings}
    silent = ("Kafka", "Postgres", "issuer keys", *target.services)
    assert {name: found.get(name) for name in silent} == dict.fromkeys(silent, State.WRONG)
    assert all(finding.remedy for finding in findings if finding.state is State.WRONG)
    assert "sesame" not in as_json(findings)


async def test_secret_that_somebody_else_quotes_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def quote(_: object) -> list[Finding]:
        return [wrong("Postgres", "invalid address postgresql://a:sesame@b", "")]

    monkeypatch.setattr(examination, "run_checks", quote)
    findings = await examine(Target(nothing_anywhere(), "", "kinetic", "postgresql://a:sesame@b"))
    assert "invalid address" in as_json(findings)
    assert "sesame" not in as_json(findings)


async def test_what_needs_an_address_or_a_token_is_skipped_and_says_so() -> None:
    findings = await examine(Target(nothing_anywhere(), f"http://{NOWHERE}/jwks", "kinetic", without_token="none here"))
    why = {finding.name: finding.detail for finding in findings if finding.state is State.SKIPPED}
    assert "address" in why["Postgres"]
    assert "none here" in why["access"]


def test_token_of_the_example_is_shown_to_nobody_elses_issuer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "mint", lambda *_: "minted")

    def token_for(issuer: str | None) -> str | None:
        addresses = known_addresses().changed(kafka=None, issuer=issuer, services={})
        return target_of(addresses, jwks_url=None, audience="kinetic", postgres=None, token=None, email="a@b").token

    assert token_for(None) == "minted"
    assert token_for("https://login.example.com") is None


def test_diagnosis_exits_by_what_was_found(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    found: list[Finding] = [doubtful("a", "so so", "Look.")]

    async def examined(_: Target) -> list[Finding]:
        return found

    monkeypatch.setattr(command, "examine", examined)
    target = Target(nothing_anywhere(), "", "kinetic")
    assert diagnose(target, as_json=True) == 0
    assert json.loads(capsys.readouterr().out)[0]["state"] == "warning"
    found.append(wrong("b", "broken", "Mend."))
    assert diagnose(target, as_json=False) == 1
    assert "1 wrong, 1 warning" in capsys.readouterr().out
