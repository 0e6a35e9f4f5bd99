"""Each tool call counts once, whoever told of it and in however many events."""

import msgspec
from tests.evals.trials import Given, event, trial

from pawl.evals.record import Text, Trial
from pawl.evals.trajectory import Call, calls, matches
from pawl.telemetry.event import Event, Kind


def record(*events: Event, texts: tuple[Text, ...] = ()) -> Trial:
    """Return a record of events and texts."""
    return msgspec.structs.replace(trial(Given()), events=events, texts=texts)


def test_a_call_its_denial_and_its_result_are_one() -> None:
    """Three events of one id are one call, and it was denied."""
    found = calls(
        record(
            event(0, Kind.TOOL_CALL, tool="Bash", tool_call_id="x"),
            event(1, Kind.TOOL_DENIED, tool="Bash", tool_call_id="x"),
            event(2, Kind.TOOL_RESULT, tool=None, tool_call_id="x"),
        )
    )
    assert found == [Call(0, "Bash", None, True)]


def test_a_sender_that_only_tells_of_results_tells_of_calls() -> None:
    """Where no event tells of the call itself, its result or denial stands for it."""
    text = Text(source="tool_args", text='{"command": "ls"}', event_id="e0")
    found = calls(
        record(
            event(0, Kind.TOOL_RESULT, tool="Bash", tool_call_id="x"),
            event(1, Kind.TOOL_DENIED, tool="Write"),
            event(2, Kind.TOOL_RESULT, tool="Read"),
            event(3, Kind.REQUEST),
            texts=(text,),
        )
    )
    assert [(call.tool, call.denied) for call in found] == [
        ("Bash", False),
        ("Write", True),
        ("Read", False),
    ]
    assert found[0].arguments == text


def test_two_sources_of_one_call_are_one() -> None:
    """The same call told by two sources counts once, with the arguments that one of them knew."""
    digest = {"arguments_digest": "d"}
    told = record(
        event(0, Kind.TOOL_CALL, tool="Bash", tool_call_id="x", attributes=digest),
        event(1, Kind.TOOL_CALL, tool="Bash", tool_call_id="x", attributes=digest),
        texts=(Text(source="tool_args", text="{}", event_id="e1"),),
    )
    found = calls(told)
    assert len(found) == 1
    assert found[0].arguments is not None


def test_a_match_knows_what_it_cannot_know() -> None:
    """A call without tool or arguments may match; one with another tool never does."""
    text = Text(source="tool_args", text='{"command": "git push\\n--force"}')
    call = Call(0, "Bash", text, False)
    assert matches(call, "Bash", "push\n--force") is True
    assert matches(call, "B*", None) is True
    assert matches(call, "Bash", "pull") is False
    assert matches(call, "Write", "push") is False
    assert matches(call._replace(tool=None), "Bash", "push") is None
    assert matches(call._replace(tool=None), "Bash", "pull") is False
    assert matches(call._replace(arguments=None), "Bash", "push") is None
    cut = msgspec.structs.replace(text, cut=True)
    assert matches(call._replace(arguments=cut), "Bash", "pull") is None
