"""Tables to take away: nothing in them is a formula, and nothing is lost."""

import csv
import io
import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.table import Table, usd
from pawl.render.tabular import csv_pieces, json_pieces, safe_cell


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1"])  # noqa: RUF001
def test_a_text_that_a_spreadsheet_would_run_is_quoted(text: str) -> None:
    """It gets an apostrophe before it, and is otherwise as it was."""
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["a=b", "", "main", "'x", -5, -0.25, True, None])
def test_other_cells_stay_as_they_are(value: str | float | None) -> None:
    """A number below zero is a number, and a sign within a text does nothing."""
    assert safe_cell(value) == value


def test_csv_has_a_header_empty_unknowns_and_words_for_truth() -> None:
    """Unknown is an empty cell; true and false are words."""
    table = Table("t", ("tool", "p50_ms", "failed"), [("=x", None, True), ("a,b", 1.5, False)])
    assert "".join(csv_pieces(table)) == ('tool,p50_ms,failed\r\n\'=x,,true\r\n"a,b",1.5,false\r\n')


def test_json_is_one_object_with_rows_by_column() -> None:
    """JSON needs no apostrophes: nothing runs it."""
    table = Table("t", ("tool", "cost_usd"), [("=x", usd(1_250_001)), ("y", None)])
    assert json.loads("".join(json_pieces(table))) == {
        "schema": "pawl.table/1",
        "table": "t",
        "columns": ["tool", "cost_usd"],
        "rows": [{"tool": "=x", "cost_usd": 1.250001}, {"tool": "y", "cost_usd": None}],
    }


def test_rows_are_asked_for_as_they_are_sent() -> None:
    """A table that never ends is sent all the same, piece by piece."""

    def endless() -> Iterator[tuple[int]]:
        number = 0
        while True:
            number += 1
            yield (number,)

    pieces = csv_pieces(Table("t", ("n",), endless()))
    assert next(pieces).startswith("n\r\n1\r\n")
    pieces = json_pieces(Table("t", ("n",), endless()))
    assert next(pieces).endswith('"rows":[')
    assert next(pieces).startswith('{"n":1},')


CELLS = st.one_of(st.none(), st.integers(-(2**50), 2**50), st.booleans(), st.text(max_size=20))


@given(st.lists(st.tuples(CELLS, CELLS), max_size=450))
def test_both_forms_hold_every_row(rows: list[tuple[str | int | bool | None, ...]]) -> None:
    """Each row is there once, in its order, whatever its texts are, in CSV and in JSON."""
    table = Table("t", ("a", "b"), rows)
    read = json.loads("".join(json_pieces(table)))["rows"]
    assert [tuple(row.values()) for row in read] == rows
    lines = list(csv.reader(io.StringIO("".join(csv_pieces(table)), newline="")))
    assert len(lines) == len(rows) + 1
    assert not any(cell[:1] in tuple("=+@\t\r\n") for line in lines[1:] for cell in line)
