"""Asking what is alike takes words a little at a time, so that nobody else waits for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.services.made_incident_desk import MadeIncidents, made_incidents

from pawl.incidents.similarity import Signature, fingerprint
from pawl.store.records import incident_words
from pawl.store.records.check import check
from pawl.store.records.connection import Connection


@pytest.fixture
def made(tmp_path: Path) -> Iterator[MadeIncidents]:
    """A desk of its own."""
    found = made_incidents(tmp_path)
    yield found
    found.engine.dispose()


def test_words_are_taken_in_many_short_transactions(
    made: MadeIncidents, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None of them holds a declaration up for long, and the answer is that of one long one."""
    ids = [made.declared(f"The cache answers nothing, number {n}").id for n in range(7)]
    taken: list[int] = []
    take = incident_words.bring_up_to_date

    def counted(connection: Connection, most: int = 3) -> int:
        taken.append(take(connection, most))
        return taken[-1]

    monkeypatch.setattr(incident_words, "bring_up_to_date", counted)
    monkeypatch.setattr(incident_words, "AT_ONCE", 3)
    found = made.desk.similar(ids[-1])
    assert taken == [3, 3, 1]
    assert {each.incident for each in found} == set(ids[:-1])
    assert check(made.engine, replay=True).difference is None


def test_words_push_no_exact_match_down(made: MadeIncidents) -> None:
    """However many are worded like it, the one with the same fingerprint comes first."""
    same = fingerprint(Signature(component="code/cache", error="connection refused"))
    first = made.declared("Shop is down", fingerprint=same)
    for number in range(40):
        made.declared(f"Cache refuses every connection of the checkout, {number}")
    asked = made.declared("Cache refuses every connection of the checkout", fingerprint=same)
    found = made.desk.similar(asked.id, most=5)
    assert found[0].incident == first.id
    assert found[0].same_fingerprint
