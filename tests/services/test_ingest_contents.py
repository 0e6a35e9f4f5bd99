"""Taking telemetry in where contents are kept: the texts are durable first, or nothing is."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from tests.looping import finished
from tests.telemetry.otlp.cases import claude_log, logs

from pawl.services.contents import Keeping
from pawl.services.ingest import Ingest, Limits, NotNow
from pawl.store.content_days import ContentsUnavailable
from pawl.store.contents import Contents
from pawl.store.spool import SpoolWriter, read_segment, segments
from pawl.telemetry.content import Content
from pawl.telemetry.otlp.reading import JSON, Signal

NOW = "2026-11-21T12:00:00.000000Z"
MARK = "a marker that is nowhere else"
Make = Callable[..., Ingest]


@pytest.fixture
def contents(tmp_path: Path) -> Iterator[Contents]:
    """The contents of the test's folder."""
    made = Contents(tmp_path, lambda: NOW)
    yield made
    made.close()


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Make]:
    """Return a maker of ingests over the test's folder; their threads end with the test."""
    opened: list[Ingest] = []

    def make(**more: object) -> Ingest:
        opened.append(Ingest(tmp_path / "spool", now=lambda: NOW, **more))  # type: ignore[arg-type]
        return opened[-1]

    yield make
    for one in opened:
        one.stop()


def send(ingest: Ingest, *prompts: str) -> None:
    """Take one body with a record for each prompt."""
    records = (
        claude_log("user_prompt", prompt=prompt, event_0sequence=number)
        for number, prompt in enumerate(prompts)
    )
    finished(ingest.take(Signal.LOGS, JSON, logs(*records), gzipped=False))


def spooled(folder: Path) -> list[str]:
    """Return the ids in the spool."""
    found = [read_segment(each.path).events for each in segments(folder / "spool")]
    return [event.id for part in found for event in part]


def holding(folder: Path, words: str) -> list[str]:
    """Return the files in whose bytes words are."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return [path.name for path in files if words.encode() in path.read_bytes()]


def test_without_the_switch_nothing_of_it_is_anywhere(tmp_path: Path, made: Make) -> None:
    """No folder, and no byte of what was said in any file."""
    ingest = made()
    send(ingest, MARK)
    ingest.stop()
    assert len(spooled(tmp_path)) == 1
    assert not (tmp_path / "contents").exists()
    assert holding(tmp_path, MARK) == []


def test_with_it_the_text_is_beside_the_event_and_not_in_it(
    tmp_path: Path, made: Make, contents: Contents
) -> None:
    """It is found by the event's id; the spool knows nothing of it."""
    send(made(keeping=Keeping(contents, 10_000)), MARK, "password=hunter2hunter2")
    (one, two), _ = contents.of_session("s-1", 10_000)
    assert sorted([one.event_id, two.event_id]) == sorted(spooled(tmp_path))
    assert {one.text, two.text} == {MARK, "password=[redacted]"}
    assert holding(tmp_path / "spool", MARK) == []
    assert holding(tmp_path, "hunter2") == []


class Recording:
    """Writes down in what order things become durable, and fails when told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.happened: list[str] = []
        self.failure: Exception | None = None
        keep = SpoolWriter.keep

        def kept(writer: SpoolWriter, batch: bytearray) -> None:
            self.happened.append("events")
            keep(writer, batch)

        monkeypatch.setattr(SpoolWriter, "keep", kept)

    def keep(self, found: Sequence[Content]) -> None:
        if self.failure is not None:
            raise self.failure
        self.happened.append("texts")

    def close(self) -> None:
        """Nothing is open."""


def test_texts_come_before_their_events(made: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever dies in between leaves a text too many, and never an acknowledged event without."""
    order = Recording(monkeypatch)
    send(made(keeping=Keeping(order, 10_000)), MARK)
    assert order.happened == ["texts", "events"]


@pytest.mark.parametrize("failure", [ContentsUnavailable("the disk is full"), KeyError("defect")])
def test_what_cannot_be_kept_is_not_acknowledged(
    tmp_path: Path, made: Make, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    """The sender is asked to come again, and then everything is there."""
    order = Recording(monkeypatch)
    order.failure = failure
    ingest = made(keeping=Keeping(order, 10_000), monotonic=iter(range(0, 10_000, 100)).__next__)
    with pytest.raises(NotNow):
        send(ingest, MARK)
    assert spooled(tmp_path) == []
    order.failure = None
    send(ingest, MARK)
    assert len(spooled(tmp_path)) == 1


def test_texts_count_into_what_is_in_memory(made: Make, contents: Contents) -> None:
    """And are let go of afterwards."""
    ingest = made(keeping=Keeping(contents, 100_000), limits=Limits(in_flight_bytes=200_000))
    seen: list[int] = []
    keep = contents.keep

    def watched(found: Sequence[Content]) -> int:
        seen.append(ingest.in_flight_bytes)
        return keep(found)

    contents.keep = watched  # type: ignore[method-assign]
    send(ingest, "x" * 90_000)
    assert seen[0] > 90_000
    assert ingest.in_flight_bytes == 0
