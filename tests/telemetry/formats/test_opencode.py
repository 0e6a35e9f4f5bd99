"""opencode's messages, from an export and as lines of its database."""

import json
from typing import Any

from tests.telemetry.formats.lines import FIXTURES, encoded, observe

from pawl.telemetry.event import Kind
from pawl.telemetry.format import Depth
from pawl.telemetry.formats.opencode import FORMAT
from pawl.telemetry.reconcile import reconcile

EXPORT = (FIXTURES / "opencode/tools-json/step2.stdout.json").read_bytes()


def lines_of(export: bytes) -> bytes:
    """The lines that the database's reader makes of the same session."""
    document = json.loads(export)
    return encoded(*({"session": document["info"], **message} for message in document["messages"]))


def test_an_export_and_the_database_tell_the_same() -> None:
    """Whichever way a session is read, its requests and events are the same."""
    assert observe(FORMAT, EXPORT) == observe(FORMAT, lines_of(EXPORT))
    whole = FORMAT.open("x", Depth(), None).feed(EXPORT)
    assert whole == FORMAT.open("x", Depth(), None).feed(lines_of(EXPORT))


def test_the_products_own_price_is_kept_as_reported() -> None:
    """Its figures add up to the cost its session states."""
    total = sum(request.reported_micros or 0 for request in reconcile(observe(FORMAT, EXPORT)))
    assert total == round(json.loads(EXPORT)["info"]["cost"] * 1_000_000)


def test_tools_and_sub_agents_are_events() -> None:
    """Tool parts are calls with results; a task is a sub-agent that began and ended."""
    export = (FIXTURES / "opencode/subagent/step2.stdout.json").read_bytes()
    kinds = [event.kind for event in FORMAT.open("x", Depth(), None).feed(export)]
    for kind in (Kind.SESSION, Kind.SUBAGENT_STARTED, Kind.SUBAGENT_ENDED, Kind.TOOL_RESULT):
        assert kinds.count(kind) == 1


def _message(**info: Any) -> bytes:
    base = {"id": "m", "sessionID": "s", "role": "assistant", "time": {"created": 1795233368190}}
    return encoded({"session": {}, "info": base | info, "parts": []})


def test_an_answer_still_being_written_is_partial() -> None:
    """Without a completion time counts are not final; without any count there is no request."""
    tokens = {"input": 5, "output": 1, "reasoning": 0, "cache": {"read": 0, "write": 0}}
    (seen,) = observe(FORMAT, _message(tokens=tokens))
    assert seen.final is False
    assert observe(FORMAT, _message(tokens={"input": 0, "output": 0})) == []


def test_an_unfinished_answer_and_its_end_are_two_facts() -> None:
    """Their events have ids of their own, so a store that knows one still takes the other."""
    tokens = {"input": 5, "output": 1, "reasoning": 0, "cache": {"read": 0, "write": 0}}
    ended = {"created": 1795233368190, "completed": 1795233369190}
    (early,) = observe(FORMAT, _message(tokens=tokens))
    (late,) = observe(FORMAT, _message(tokens=tokens | {"output": 9}, time=ended))
    (again,) = observe(FORMAT, _message(tokens=tokens))
    assert early.id != late.id
    assert early == again
    (request,) = reconcile([early, late])
    assert request.usage is not None
    assert request.usage.output == 9


def test_negative_tokens_are_refused() -> None:
    """A count below zero is counted as refused."""
    reader = FORMAT.open("x", Depth(everything=False), None)
    assert reader.observe(_message(tokens={"input": -5, "output": 1})) == []
    assert reader.refused == 1


def test_exports_and_databases_are_recognised() -> None:
    """First bytes tell an export and a database."""
    assert FORMAT.recognises("export.json", EXPORT[:4096])
    assert FORMAT.recognises("opencode.db", b"SQLite format 3\0")
    assert not FORMAT.recognises("other.json", b'{"a": 1}')
