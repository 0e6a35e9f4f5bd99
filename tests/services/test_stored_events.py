"""What a bill kept without an events store is in the store from its first opening on."""

import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.services.test_stored_cost import from_store, machine_for
from tests.store.events.made_events import at, distinct, event, requests
from tests.telemetry.formats.lines import claude, encoded

from pawl.app.serving import server_services
from pawl.services.cost import INDEX, SNAPSHOT, Question, ask
from pawl.services.spooled import SPOOL
from pawl.services.stored_events import kept_events, open_events
from pawl.store.events.duckdb import DuckEvents
from pawl.store.events.owner import StoreBusy
from pawl.store.spool import SpoolWriter
from pawl.telemetry.bill import Bill, Key
from pawl.telemetry.event import Event, Source
from pawl.telemetry.observation import observation
from pawl.telemetry.reconcile import Requests, reconcile

BY = (Key.DAY, Key.PROJECT, Key.MODEL, Key.DEVELOPER)
QUESTION = Question(by=BY)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder whose index knows three requests; the transcript of two of them is gone."""
    projects = tmp_path / "tree/projects/x"
    projects.mkdir(parents=True)
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "tree"))
    monkeypatch.setenv("PAWL_DEVELOPER", "ada")
    gone = projects / "s1.jsonl"
    gone.write_bytes(encoded(claude(), claude(request="r2", message="m2")))
    (projects / "s2.jsonl").write_bytes(encoded(claude(request="r3", message="m3")))
    data = tmp_path / "data"
    assert bill(data).total.requests == 3
    gone.unlink()
    return data


def bill(data: Path) -> Bill:
    return ask(QUESTION, machine_for(data.parent / "tree", data)).bill


def stored(data: Path) -> Bill:
    found: Bill = from_store(machine_for(data.parent / "tree", data), data, QUESTION)
    return found


def test_a_bill_does_not_shrink_when_the_store_is_made(data: Path) -> None:
    """Requests of transcripts that are gone are in the store's bill, and the index goes."""
    before = bill(data)
    assert stored(data) == before
    assert not (data / INDEX).exists()
    assert not (data / SNAPSHOT).exists()
    assert stored(data) == before


def test_a_server_that_starts_takes_them_over(data: Path) -> None:
    """From its first answer on, a new server's bill holds what was kept."""
    before = bill(data)
    serving = server_services(data, url="http://127.0.0.1:1")
    try:
        assert serving.pages.bill(BY, None, None) == before
        assert serving.import_once() == "done"
        assert serving.pages.bill(BY, None, None) == before
    finally:
        serving.stop()


class _Died(Exception):
    """The process ends here."""


@pytest.mark.parametrize("step", range(7))
def test_a_death_between_any_two_steps_repeats_harmlessly(
    data: Path, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever step was the last one, the next opening gives the same bill."""
    before = bill(data)
    left = step

    def dying(action: Any) -> Any:
        def act(*arguments: Any, **named: Any) -> Any:
            nonlocal left
            if left == 0:
                raise _Died
            left -= 1
            return action(*arguments, **named)

        return act

    with monkeypatch.context() as patched:
        for owner, name in (
            (DuckEvents, "drain"),
            (SpoolWriter, "append"),
            (SpoolWriter, "commit"),
            (Path, "unlink"),
        ):
            patched.setattr(owner, name, dying(getattr(owner, name)))
        with pytest.raises(_Died):
            open_events(data)
    assert (data / INDEX).exists()
    assert stored(data) == before
    assert not (data / INDEX).exists()


def test_the_run_stays_known(data: Path) -> None:
    """What the spool tells of a kept request is richer and is not displaced by the index."""
    told = event("run-event", request_id="r9", source=Source.RUN, run_id="run_9", input=1, output=1)
    with SpoolWriter(data / SPOOL, "run_9") as spool:
        spool.append([told])
        spool.commit()
    assert bill(data).total.requests == 4
    with open_events(data) as store:
        assert store._rows("SELECT run_id FROM requests WHERE key = 'r9'", {}) == [("run_9",)]


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x93\x09\xc4\x00\xc0"])
def test_an_index_that_cannot_be_read_is_left_alone(data: Path, content: bytes) -> None:
    """A broken index, or one of a later Pawl, neither stops the store nor is thrown away."""
    (data / INDEX).write_bytes(content)
    assert stored(data).total.requests == 1
    assert (data / INDEX).read_bytes() == content


@settings(max_examples=100)
@given(st.lists(requests(), max_size=40))
def test_kept_events_make_the_same_requests(events: list[Event]) -> None:
    """A fold that was written down and told as events reconciles to what it was."""
    seen = list(map(observation, distinct(events)))
    fold = Requests()
    fold.add(seen)
    again = reconcile(map(observation, kept_events(fold.dump())))
    assert again == fold.requests()
    assert again == reconcile([*map(observation, kept_events(fold.dump())), *seen])


def test_a_link_survives_the_observation_that_told_it() -> None:
    """A message that joined a request still does in the store, after its link was displaced."""
    told = [
        event("a", time=at(0), request_id="r", message_id="m", input=1, output=1),
        event("b", time=at(1), request_id="r", message_id="n", input=1, output=2),
        event("c", time=at(0), request_id="r", input=1, output=0),
        event("d", time=at(-1), request_id="r", input=1, output=0),
        event("e", time=at(2), message_id="m", source=Source.RUN, input=1, output=1),
    ]
    fold = Requests()
    fold.add(map(observation, told))
    assert fold.dump().links
    with tempfile.TemporaryDirectory() as name, DuckEvents(Path(name)) as store:
        with SpoolWriter(Path(name) / "spool", "x") as spool:
            spool.append(kept_events(fold.dump()))
            spool.commit()
        store.drain(Path(name) / "spool")
        assert store._rows("SELECT key FROM requests", {}) == [("r",)]


def test_a_command_waits_for_another_that_is_soon_done(tmp_path: Path) -> None:
    """Two commands at once are one after the other; neither sees that the store was taken."""
    first = open_events(tmp_path)
    taken = threading.Event()

    def second() -> None:
        with open_events(tmp_path):
            taken.set()

    waiting = threading.Thread(target=second)
    waiting.start()
    assert not taken.wait(0.2)
    first.close()
    waiting.join(timeout=30)
    assert taken.is_set()


def test_nobody_waits_for_a_server(tmp_path: Path) -> None:
    """An owner that answers somewhere is named at once: it will not let go."""
    url = "http://127.0.0.1:1"
    with open_events(tmp_path, url=url), pytest.raises(StoreBusy, match=r"127\.0\.0\.1:1"):
        open_events(tmp_path)
