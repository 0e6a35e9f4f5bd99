"""Entries are read in the chain's order, all of them or some kinds, whatever their number."""

import pytest

from pawl.governance.ledger import PAWL, Draft
from pawl.store.records import ledger, postgres, sqlite
from pawl.store.records.check import check
from pawl.store.records.engine import Engine, reading, writing

AT = "2026-11-21T12:00:00.000000Z"
KINDS = ("alert.tested", "run.tested", "rules.tested", "alerting.tested")


def test_kinds_are_picked_out_of_many_pages(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the beginning of their type; the parts they are read in leave none out, repeat none."""
    monkeypatch.setattr(sqlite, "_ROWS_AT_ONCE", 3)
    monkeypatch.setattr(postgres, "_ROWS_AT_ONCE", 3)
    with writing(engine) as connection:
        for number in range(20):
            draft = Draft(
                type=KINDS[number % 4], subject=f"s{number}", actor=PAWL, body={}, claimed_at=AT,
                recorded_at=AT, idempotency_key=f"k{number}",
            )  # fmt: skip
            ledger.append(connection, draft)
    with reading(engine) as connection:
        everything = list(ledger.entries(connection))
        some = list(ledger.entries(connection, "alert.", "rules."))
        none = list(ledger.entries(connection, "budget."))
    assert [entry.seq for entry in everything] == list(range(1, 21))
    assert some == [entry for entry in everything if entry.type in (KINDS[0], KINDS[2])]
    assert none == []


def test_an_entry_before_the_first_is_not_passed_over(engine: Engine) -> None:
    """A row with a number below the chain's is found by its check."""
    with writing(engine) as connection:
        draft = Draft(
            type="rules.tested", subject="s", actor=PAWL, body={}, claimed_at=AT, recorded_at=AT,
            idempotency_key="k",
        )  # fmt: skip
        ledger.append(connection, draft)
        connection.execute("UPDATE ledger SET seq = -3")
    assert not check(engine).intact
