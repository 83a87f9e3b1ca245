"""Every case of the standard's own conformance tests that we have is judged as they judge it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kinetic.common.problems import Problem
from kinetic.ingestion.xapi.parts import read_body
from kinetic.ingestion.xapi.reading import Read, read_statements

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "payloads" / "xapi" / "statements-1.0.3.jsonl").read_text().splitlines()
]


def judge(statement: Any, version: tuple[int, int]) -> int:
    try:
        read: list[Read] = read_statements(read_body("application/json", json.dumps(statement).encode()), version)
    except Problem as problem:
        return problem.status_code
    assert len(read) == 1
    return 200


def test_there_are_cases() -> None:
    assert len(CASES) == 462


@pytest.mark.parametrize("version", [(1, 0), (2, 0)], ids=["1.0.3", "2.0"])
@pytest.mark.parametrize("case", CASES, ids=[f"{case['file']}: {case['name']}" for case in CASES])
def test_case_is_judged_as_the_standard_judges_it(case: dict[str, Any], version: tuple[int, int]) -> None:
    assert judge(case["statement"], version) in case["expect"]
