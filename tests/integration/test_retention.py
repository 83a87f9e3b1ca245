"""Every table says how long it keeps its rows."""

from __future__ import annotations

import re

import pytest

from tools.documents import ROOT, SERVICES, create_service

KEPT = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "retention.md").read_text()))


@pytest.mark.parametrize("name", SERVICES)
def test_every_table_says_how_long_it_keeps_its_rows(name: str) -> None:
    tables = {table for branch in create_service(name).branches for table in branch.metadata.tables}
    assert tables - KEPT == set()
