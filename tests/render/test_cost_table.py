"""A bill for people and for programs."""

import msgspec

from pawl.render.cost import cost_json, cost_table
from pawl.render.imports import import_json, import_table
from pawl.telemetry.bill import Amount, Bill, BillRow, Key, SourceShare, UnpricedModel
from pawl.telemetry.imported import Import, Scanned
from pawl.telemetry.usage import Usage

CHEAP = Amount(requests=1, usage=Usage(input=5, output=1), cost_micros=140)
DEAR = Amount(requests=2, usage=Usage(input=10, cache_read=7), cost_micros=2_500_000)
UNKNOWN_MONEY = Amount(requests=1, usage=Usage(input=9), unpriced_requests=1)
BILL = Bill(
    by=(Key.PROJECT,),
    rows=(
        BillRow(keys=("a",), amount=CHEAP),
        BillRow(keys=("b\x1b[31m",), amount=DEAR + UNKNOWN_MONEY),
        BillRow(keys=("c",), amount=UNKNOWN_MONEY),
    ),
    total=CHEAP + DEAR + UNKNOWN_MONEY + UNKNOWN_MONEY,
    unpriced=(UnpricedModel(model="orbit", requests=2, usage=Usage(input=18)),),
    sources=(
        SourceShare(source="run", agent="claude-code", requests=4, pays=1, confirms=3, disagrees=2),
    ),
    prices_version="v1",
    prices_as_of="2026-11-21",
)


def test_money_that_is_not_known_is_null() -> None:
    """A row without any priced request has no cost in JSON; it is not zero."""
    rows = {row["project"]: row for row in cost_json(BILL)["rows"]}
    assert rows["c"]["cost_usd_micros"] is None
    assert rows["a"]["cost_usd_micros"] == 140
    assert rows["b\x1b[31m"]["unpriced_requests"] == 1


def test_the_json_is_the_documented_object() -> None:
    """Its keys are a contract."""
    value = msgspec.json.decode(msgspec.json.encode(cost_json(BILL, ["careful"])))
    assert value["schema"] == "pawl.cost/1"
    assert set(value) == {
        *("schema", "by", "since", "until", "rows", "total", "unpriced", "sources"),
        *("prices", "warnings"),
    }
    assert set(value["total"]) == {"requests", "usage", "cost_usd_micros", "unpriced_requests"}
    assert value["unpriced"][0]["model"] == "orbit"
    assert value["sources"][0]["disagrees"] == 2


def test_the_table_puts_the_dearest_first_and_says_what_is_missing() -> None:
    """Numbers are aligned; what is unpriced and what disagrees is said in words below."""
    text = cost_table(BILL)
    rows = text.splitlines()
    assert [row.split()[0] for row in rows[2:5]] == ["b?[31m", "a", "c"]
    assert rows[2].endswith("$2.50+")
    assert rows[4].endswith("unpriced")
    assert "No price is known for orbit: 2 requests" in text
    assert "2 of 4 requests" in text
    assert "\x1b" not in text


def test_days_stay_in_order() -> None:
    """A bill by day reads from the first day to the last."""
    days = (BillRow(keys=("2026-11-01",), amount=CHEAP), BillRow(keys=("2026-11-02",), amount=DEAR))
    bill = msgspec.structs.replace(BILL, by=(Key.DAY,), rows=days)
    assert [row.split()[0] for row in cost_table(bill).splitlines()[2:4]] == [
        "2026-11-01",
        "2026-11-02",
    ]


def test_a_bill_without_keys_is_its_total() -> None:
    """Grouped by nothing, the table is the total alone."""
    bill = msgspec.structs.replace(BILL, by=(), rows=())
    assert cost_table(bill).splitlines()[-1]
    assert "total" in cost_table(bill)


def test_nothing_found_is_said() -> None:
    """An empty bill is a sentence, not an empty table."""
    empty = msgspec.structs.replace(BILL, rows=(), total=Amount())
    assert cost_table(empty) == "No model requests found.\n"
    assert import_table(Import(agents=(), events=0, warnings=())) == "No transcripts found.\n"


def test_an_import_is_a_table_and_an_object() -> None:
    """Each agent has a line with what was read and skipped."""
    report = Scanned(agent="codex", files=3, read=2, unchanged=1, skipped=4, requests=9)
    done = Import(agents=(report,), events=20, warnings=("careful",))
    assert import_table(done).splitlines()[2].split() == ["codex", "3", "2", "1", "9", "4"]
    value = import_json(done)
    assert value["schema"] == "pawl.import/1"
    assert value["agents"][0]["skipped"] == 4
    assert value["warnings"] == ["careful"]
