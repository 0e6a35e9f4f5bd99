"""What a server answers becomes the value it was made of, or is refused."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from pawl.base.errors import Unavailable
from pawl.render.cost import cost_json
from pawl.services.cost import Question
from pawl.services.server_answers import ask_server, ask_timeline
from pawl.telemetry.bill import Amount, Bill, BillRow, Key, SourceShare, UnpricedModel
from pawl.telemetry.event import Event, Kind, Source
from pawl.telemetry.usage import Usage

USAGE = Usage(1, 2, 3, 4, 5, 6, 7)
BILL = Bill(
    by=(Key.PROJECT, Key.MODEL),
    rows=(
        BillRow(keys=("p", "m"), amount=Amount(requests=2, usage=USAGE, cost_micros=9)),
        BillRow(keys=("q", "x"), amount=Amount(requests=1, usage=USAGE, unpriced_requests=1)),
    ),
    total=Amount(requests=3, usage=USAGE + USAGE, cost_micros=9, unpriced_requests=1),
    unpriced=(UnpricedModel(model="x", requests=1, usage=USAGE),),
    sources=(
        SourceShare(source="run", agent="codex", requests=3, pays=1, confirms=2, disagrees=1),
    ),
    prices_version="1",
    prices_as_of="2026-11-01",
    since="2026-11-01T00:00:00.000000Z",
)
QUESTION = Question(by=BILL.by, since=BILL.since, project="p")


class FakeServer:
    """Gives one answer and remembers the question."""

    url = "http://server"

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[tuple[str, Mapping[str, str]]] = []

    def get(self, path: str, parameters: Mapping[str, str]) -> bytes:
        self.asked.append((path, parameters))
        return msgspec.json.encode(self.answer)


def test_a_bill_comes_back_as_it_was() -> None:
    """What the server prints as JSON is read back to the same bill, warnings included."""
    server = FakeServer(cost_json(BILL, ["a link"]) | {"more": "of a later version"})
    answer = ask_server(QUESTION, server)
    assert (answer.bill, answer.warnings) == (BILL, ("a link",))
    given = {"by": "project,model", "since": BILL.since, "project": "p"}
    assert server.asked == [("/api/cost", given)]


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "pawl.cost/2"},
        {"by": ["project"]},
        {"by": ["colour"]},
        {"since": None},
        {"rows": [{}]},
        {"rows": [{"project": 1, "model": "m"}]},
        {"total": {}},
        {"prices": None},
        {"total": {"requests": -1, "usage": {}, "cost_usd_micros": 0, "unpriced_requests": 0}},
    ],
)
def test_an_answer_of_another_version_is_refused(change: dict[str, Any]) -> None:
    """What is no answer to this question in this schema is never printed."""
    with pytest.raises(Unavailable) as caught:
        ask_server(QUESTION, FakeServer(cost_json(BILL) | change))
    assert caught.value.place == "http://server"
    assert "same version" in caught.value.hint


def test_events_come_back_as_they_were() -> None:
    """A run's events are read back, with the number of all."""
    event = Event(
        id="e",
        time="2026-11-20T10:00:00.000000Z",
        kind=Kind.ERROR,
        source=Source.RUN,
        agent="codex",
        attributes={"kind": "odd"},
    )
    server = FakeServer({"schema": "pawl.events/1", "events": [event], "total": 7})
    assert ask_timeline(server, "run_1", 5) == ((event,), 7)
    assert server.asked == [("/api/runs/run_1/events", {"limit": "5"})]
    with pytest.raises(Unavailable, match="not one that this Pawl understands"):
        ask_timeline(FakeServer([]), "run_1", 5)
