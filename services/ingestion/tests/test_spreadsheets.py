"""CSV is read as people and programs save it."""

from __future__ import annotations

import csv
from contextlib import suppress
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetic.ingestion.spreadsheets import Unreadable, read_table

TEXT = 'E-Mail;Full Name\r\n"a@x.example";"Ann ""A"" ; B"\r\n'


@pytest.mark.parametrize(
    "body",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.replace("\r\n", "\n").encode(),
        ("sep=;\r\n" + TEXT).encode(),
        TEXT.rstrip().encode(),
        TEXT.replace(";", "\t", 1).replace('";"', '"\t"').encode(),
        TEXT.replace(";", ",", 1).replace('";"', '","').encode(),
        (TEXT + ";\r\n\r\n").encode(),
    ],
)
def test_usual_forms_are_one_table(body: bytes) -> None:
    table = read_table(body)

    assert (table.columns, table.misfits) == (("e_mail", "full_name"), {})
    (row,) = table.rows
    assert row.cells == {"e_mail": "a@x.example", "full_name": 'Ann "A" ; B'}


def test_row_is_named_by_the_line_in_which_it_begins() -> None:
    table = read_table(b'email,name\na,"two\nlines"\n\nb,B\nc\nd,D,too,many\n')

    assert [(row.line, row.cells["email"]) for row in table.rows] == [(2, "a"), (5, "b")]
    assert list(table.misfits) == [6, 7]


def test_told_separator_counts_as_a_line() -> None:
    assert read_table(b"sep=|\na|b\n1|2\n").rows[0].line == 3


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "line 1"),
        (b"\n\n", "line 1"),
        (b"a,a\n1,2\n", "stands twice"),
        (b"a,b\n1,\xe4\n", "line 2: not UTF-8"),
        (b'a,b\n1,"open\n', "line 2"),
        (b"a,b\n1," + b"x" * 200_000 + b"\n", "line 2"),
        (b"\xff\xfea", "not UTF-8"),
    ],
)
def test_what_is_no_table_is_refused_in_words(body: bytes, told: str) -> None:
    with pytest.raises(Unreadable, match=told):
        read_table(body)


cells = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)


@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=10), st.sampled_from(",;\t"))
def test_what_a_program_writes_is_read(rows: list[tuple[str, str]], separator: str) -> None:
    text = StringIO(newline="")
    writer = csv.writer(text, delimiter=separator)
    writer.writerows([("one", "two"), *rows])

    table = read_table(text.getvalue().encode())

    expected = [tuple(cell.strip() for cell in row) for row in rows if any(cell.strip() for cell in row)]
    assert [tuple(row.cells.values()) for row in table.rows] == expected


@given(st.binary(max_size=300))
def test_nothing_else_than_unreadable_is_raised(body: bytes) -> None:
    with suppress(Unreadable):
        read_table(body)
