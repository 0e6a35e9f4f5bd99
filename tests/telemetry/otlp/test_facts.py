"""What any sender tells, by hand: identity, refusals, clocks and privacy."""

import json
from typing import Any
from urllib.parse import unquote

import pytest
from tests.telemetry.otlp.cases import (
    NOW,
    RECEIVED,
    claude_log,
    counter,
    logs,
    metrics,
    point,
    take,
)

from pawl.base.times import time_from_ms
from pawl.runs.spec import RunSpec
from pawl.services.run_environment import resource_attributes
from pawl.telemetry.event import Attribution, Event, Kind, Source
from pawl.telemetry.otlp.naming import names
from pawl.telemetry.otlp.reading import Signal

COUNTED = {"input_tokens": 10, "output_tokens": 5, "request_id": "req_1", "model": "m"}


def request(**attributes: Any) -> list[Event]:
    """Return the events of an `api_request` of Claude Code."""
    return take(Signal.LOGS, logs(claude_log("api_request", **(COUNTED | attributes)))).events


def test_a_run_is_known_by_what_the_supervisor_set() -> None:
    """The resource of a supervised agent says whose work it is, in every event."""
    who = Attribution(
        project="shop",
        developer="ann@example.com",
        repo="acme/shop",
        branch="main",
        commit="c0ffee",
        pr="12",
        workflow="review",
        machine="ci-1",
    )
    spec = RunSpec(
        run_id="run_1", command=("claude",), agent="claude-code", cwd="/", attribution=who
    )
    told_pairs = dict(
        pair.split("=", 1) for pair in resource_attributes("team=platform", spec).split(",")
    )
    resource = {name: unquote(plain) for name, plain in told_pairs.items()}
    body = logs(claude_log("api_request", user_0email="typed@example.com", **COUNTED), **resource)
    (event,) = take(Signal.LOGS, body).events
    assert event.run_id == "run_1"
    assert event.source is Source.TELEMETRY
    for name in Attribution.__struct_fields__:
        assert getattr(event, name) == getattr(who, name)
    assert event.attributes["team"] == "platform"


def test_what_serves_a_change_says_so_in_every_event() -> None:
    """The resource names the change and the digest of its content, which stages are judged by."""
    resource = {"pawl.change": "chg_1", "pawl.digest": "d" * 64, "pawl.project": "support"}
    body = logs(claude_log("api_request", **COUNTED), **resource)
    (event,) = take(Signal.LOGS, body).events
    assert event.project == "support"
    assert event.attributes["change"] == "chg_1"
    assert event.attributes["change_digest"] == "d" * 64


def test_without_a_run_the_person_is_whom_the_sender_names() -> None:
    """An e-mail is a developer; an anonymous install id is kept apart and is nobody's name."""
    (event,) = request(user_0email="ann@example.com", user_0id="f7ba")
    assert event.developer == "ann@example.com"
    (event,) = request(user_0id="f7ba")
    assert event.developer is None
    assert event.attributes["user_id"] == "f7ba"


@pytest.mark.parametrize(
    "bad",
    [
        {"input_tokens": -1},
        {"output_tokens": "-5"},
        {"output_tokens": "many"},
        {"cache_read_tokens": 1.5},
        {"input_tokens": 1 << 53},
        {"input_tokens": "1" * 17},
        {"cost_usd_micros": -1},
        {"cost_usd": -0.5},
        {"cost_usd": float("nan")},
        {"cost_usd": float("inf")},
        {"cost_usd": 1e12},
        {"cost_usd": "free"},
        {"input_tokens": True},
        {"input_tokens": [1]},
    ],
)
def test_counts_that_cannot_be_true_reject_the_record(bad: dict[str, Any]) -> None:
    """Never clamped, never added: the record is counted as rejected and its neighbour taken."""
    bodies = [claude_log("api_request", **(COUNTED | bad)), claude_log("api_request", **COUNTED)]
    taken = take(Signal.LOGS, logs(*bodies))
    assert (taken.accepted, taken.rejected, len(taken.events)) == (1, 1, 1)
    assert "cannot be true" in taken.reason


def test_more_cached_than_read_is_rejected() -> None:
    """Where cached tokens are inside the input, a negative rest is no count."""
    record = claude_log("codex.sse_event", input_token_count=5, cached_token_count=6)
    taken = take(Signal.LOGS, logs(record, service="codex_exec"))
    assert (taken.rejected, taken.events) == (1, [])


def test_numbers_as_text_are_numbers() -> None:
    """Claude Code has sent counts as text."""
    (event,) = request(input_tokens="10", output_tokens="5", cost_usd="0.25", duration_ms="1200")
    (plain,) = request(cost_usd=0.25, duration_ms=1200)
    assert event.usage == plain.usage is not None
    assert event.reported_micros == plain.reported_micros == 250_000
    assert event.duration_ms == 1200


def test_a_negative_duration_is_unknown() -> None:
    """A clock that was set back is no reason to lose a request."""
    (event,) = request(duration_ms=-5)
    assert event.duration_ms is None


@pytest.mark.parametrize("seconds", [601 + 8 * 3600 + 11 * 60, 10**9])
def test_an_event_from_the_future_is_kept_at_our_time(seconds: int) -> None:
    """What its sender claimed is kept beside it, and its id does not depend on our clock."""
    record = claude_log("user_prompt") | {"timeUnixNano": str(NOW + seconds * 1_000_000_000)}
    (event,) = take(Signal.LOGS, logs(record)).events
    assert event.time == RECEIVED
    assert event.attributes["claimed_time"] == time_from_ms(NOW / 1_000_000 + seconds * 1000)


def test_a_record_without_a_time_gets_ours() -> None:
    """Observed time stands in for it, else our clock; an unset clock is not believed."""
    record = claude_log("user_prompt") | {"timeUnixNano": "0"}
    assert take(Signal.LOGS, logs(record)).events[0].time == RECEIVED
    seen = record | {"observedTimeUnixNano": str(NOW)}
    assert take(Signal.LOGS, logs(seen)).events[0].time == "2026-11-21T03:49:20.000000Z"
    ancient = record | {"timeUnixNano": str(10**15)}
    (event,) = take(Signal.LOGS, logs(ancient)).events
    assert event.time == RECEIVED
    assert event.attributes["claimed_time"].startswith("1970-01-12")


def test_the_last_instant_of_64_bits_is_read() -> None:
    """A time beyond every calendar is a claim like others."""
    record = claude_log("user_prompt") | {"timeUnixNano": str((1 << 64) - 1)}
    (event,) = take(Signal.LOGS, logs(record)).events
    assert event.attributes["claimed_time"].startswith("2554-")


def test_secrets_in_error_messages_are_redacted() -> None:
    """An error is kept short, and without what looks like a key."""
    text = "invalid x-api-key sk-ant-REDACTEDlooking0123456789 " + "x" * 500
    body = logs(claude_log("api_error", error=text, status_code=401, request_id="req_1"))
    (event,) = take(Signal.LOGS, body).events
    assert event.kind is Kind.ERROR
    assert "sk-ant" not in repr(event)
    assert len(event.attributes["error"]) <= 200


def test_a_secret_that_the_cut_would_tear_is_redacted() -> None:
    """Half a key is a secret too."""
    text = "x" * 190 + " sk-ant-abcdefghijklmnop0123456789"
    (event,) = take(Signal.LOGS, logs(claude_log("api_error", error=text))).events
    assert "sk-ant" not in event.attributes["error"]


def test_long_ids_stay_two() -> None:
    """Ids longer than a bound are cut with a digest of all of them."""
    one, other = (request(request_id="r" * 5000 + end)[0].request_id for end in "ab")
    assert one is not None
    assert other is not None
    assert one != other
    assert max(len(one), len(other)) <= 200


def test_lone_surrogates_do_not_reach_the_store() -> None:
    """Text that no encoding can write is made writable."""
    body = logs(claude_log("user_prompt", user_0email="PLACE")).replace(b"PLACE", b"a\\ud800b")
    try:
        found = take(Signal.LOGS, body).events
    except ValueError:
        return  # The reader of JSON may refuse it; then there is nothing to store.
    json.dumps(found[0].developer).encode()
    assert found[0].developer is not None
    found[0].developer.encode()


def test_the_name_of_an_event_may_stand_in_its_body_or_in_a_field() -> None:
    """Older exporters put it into the body, newer ones into the record; the prefix is no part."""
    record = claude_log("api_request", **COUNTED)
    counted = [pair for pair in record["attributes"] if pair["key"] != "event.name"]
    in_body = record | {"attributes": counted}
    in_field = in_body | {"eventName": "claude_code.api_request", "body": {"intValue": 1}}
    for value in (in_body, in_field):
        (event,) = take(Signal.LOGS, logs(value)).events
        assert event.kind is Kind.REQUEST


def test_a_server_of_tools_that_failed_says_so() -> None:
    """The connection's own word is the outcome; a compaction's success is one of ours."""
    body = logs(claude_log("mcp_server_connection", status="failed", duration_ms=40))
    (event,) = take(Signal.LOGS, body).events
    assert (event.outcome, event.duration_ms) == ("failed", 40)
    (event,) = take(Signal.LOGS, logs(claude_log("compaction", success="false"))).events
    assert event.outcome == "error"


def test_a_metric_that_cannot_be_true_is_rejected() -> None:
    """Infinite values and sums that only grow and are negative anyhow are left out."""
    bad = [
        counter("claude_code.cost.usage", point(-1.0)),
        counter("claude_code.cost.usage", point(1.0) | {"asDouble": "NaN"}),
        counter("claude_code.cost.usage", point(1.0)),
        counter("somebody.elses", point(1)),
    ]
    taken = take(Signal.METRICS, metrics(*bad))
    assert (taken.accepted, taken.rejected, len(taken.events)) == (2, 2, 1)


def test_tables_name_where_their_names_come_from() -> None:
    """Each table has its sources and a date."""
    for table in ("claude_code", "codex", "gemini_cli", "opencode", "genai"):
        found = names(table)
        assert found.sources
        assert found.as_of >= "2026"
