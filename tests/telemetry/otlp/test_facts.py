"""What senders tell, by hand: identity, refusals, clocks, privacy, and the names of each sender."""

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
    span,
    spans,
    take,
    told,
)

from pawl.base.times import time_from_ms
from pawl.runs.spec import RunSpec
from pawl.services.run_environment import resource_attributes
from pawl.telemetry.event import Attribution, Event, Kind, Source
from pawl.telemetry.otlp.naming import names
from pawl.telemetry.otlp.reading import Signal
from pawl.telemetry.otlp.recognising import sender_of
from pawl.telemetry.reconcile import reconcile

COUNTED = {"input_tokens": 10, "output_tokens": 5, "request_id": "req_1", "model": "m"}


def request(**attributes: Any) -> list[Event]:
    """Return the events of an `api_request` of Claude Code."""
    return take(Signal.LOGS, logs(claude_log("api_request", **(COUNTED | attributes)))).events


@pytest.mark.parametrize(
    ("service", "scope", "agent"),
    [
        ("claude-code", "", "claude-code"),
        ("claude-code-desktop", "", "claude-code"),
        ("renamed", "com.anthropic.claude_code.events", "claude-code"),
        ("codex_exec", "", "codex"),
        ("codex_cli_rs", "", "codex"),
        ("gemini-cli", "gemini-cli", "gemini-cli"),
        ("opencode", "", "opencode"),
        ("our-bot", "openai-instrumentation", None),
    ],
)
def test_a_sender_is_known_by_its_service_or_scope(
    service: str, scope: str, agent: str | None
) -> None:
    """claude_code, codex, gemini_cli and opencode by name; genai takes everybody else."""
    assert sender_of(service, scope).agent == agent


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


def test_lifetimes_of_cache_writes_are_kept_apart() -> None:
    """Without a breakdown all of a write is of the default lifetime."""
    (event,) = request(cache_creation_tokens=10)
    assert (event.cache_write_5m, event.cache_write_1h) == (10, 0)
    (event,) = request(cache_creation_tokens=10, cache_creation_1h_tokens=7)
    assert (event.cache_write_5m, event.cache_write_1h) == (3, 7)


def test_a_faster_answer_is_a_model_of_its_own() -> None:
    """It is priced apart, under the name that transcripts give it."""
    assert request(speed="normal")[0].model == "m"
    assert request(speed="fast")[0].model == "m-fast"


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


@pytest.mark.parametrize(
    ("name", "attributes", "kinds"),
    [
        ("tool_decision", {"decision": "accept"}, [Kind.TOOL_CALL]),
        ("tool_decision", {"decision": "reject"}, [Kind.TOOL_CALL, Kind.TOOL_DENIED]),
        ("tool_result", {"success": "true"}, [Kind.TOOL_RESULT]),
        ("api_error", {"status_code": 529}, [Kind.ERROR]),
        ("internal_error", {"error_code": "X"}, [Kind.ERROR]),
        ("api_refusal", {"request_id": "r"}, [Kind.REFUSAL]),
        ("api_retries_exhausted", {"total_attempts": 11}, [Kind.RETRY]),
        ("compaction", {"trigger": "auto", "success": "true"}, [Kind.COMPACTION]),
        ("subagent_completed", {"total_tokens": 9}, [Kind.SUBAGENT_ENDED]),
        ("user_prompt", {"prompt_length": 5}, [Kind.PROMPT]),
        ("assistant_response", {"response_length": 5}, [Kind.MESSAGE]),
        ("hook_execution_complete", {"num_blocking": 1}, [Kind.HOOK]),
        ("mcp_server_connection", {"status": "failed"}, [Kind.MCP_CONNECTION]),
        ("api_request", {"duration_ms": 5}, []),
        ("api_response_body", {"body": "secret"}, []),
        ("something_new", {"body": "secret"}, []),
    ],
)
def test_each_event_of_claude_code_has_its_kind(
    name: str, attributes: dict[str, Any], kinds: list[Kind]
) -> None:
    """Every documented event that tells of work is a kind of ours; the others are taken as read."""
    taken = take(Signal.LOGS, logs(claude_log(name, **attributes)))
    assert [event.kind for event in taken.events] == kinds
    assert taken.accepted == 1
    assert "secret" not in repr(taken)


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


def codex(name: str, **attributes: Any) -> list[Event]:
    """Return the events of a log event of Codex."""
    record = claude_log(f"codex.{name}", **attributes)
    return take(Signal.LOGS, logs(record, service="codex_cli_rs")).events


def test_an_attempt_of_codex_is_news_only_when_it_failed_or_repeats() -> None:
    """One that went well is no event; a repeated one is a retry, a failed one an error."""
    name = "http.response.status_code"
    assert codex("api_request", **{name: 200, "attempt": 0}) == []
    again = codex("api_request", **{name: 503, "attempt": 2})
    assert [event.kind for event in again] == [Kind.RETRY, Kind.ERROR]
    assert {event.attributes["status"] for event in again} == {"503"}


def test_a_codex_decision_has_our_words() -> None:
    """An approved call is a call; a denied one is that too."""
    assert [e.kind for e in codex("tool_decision", decision="approved")] == [Kind.TOOL_CALL]
    assert [e.kind for e in codex("tool_decision", decision="denied")] == [
        Kind.TOOL_CALL,
        Kind.TOOL_DENIED,
    ]


def test_noise_of_a_runtime_is_no_span() -> None:
    """Codex traces its own runtime; gemini_cli and claude_code spans are work."""
    noisy = [span("fs.read_file", {}), span("receiving", {}), span("run_turn", {})]
    found = take(Signal.TRACES, spans(*noisy, service="codex_exec"))
    assert [event.attributes["name"] for event in found.events] == ["run_turn"]
    assert found.accepted == 3


def test_a_sub_agents_span_belongs_to_the_session() -> None:
    """Its conversation is the sub-agent's id; the session is the one it works for."""
    told_by_span = {"session.id": "s-1", "gen_ai.conversation.id": "a-7", "agent_id": "a-7"}
    (event,) = take(Signal.TRACES, spans(span("claude_code.hook", told_by_span))).events
    assert event.session_id == "s-1"
    assert event.attributes["agent_id"] == "a-7"


SDK = {
    "ai.telemetry.metadata.sessionId": "ses_1",
    "ai.model.id": "claude-opus-5-5",
    "ai.response.id": "msg_1",
}


def opencode(name: str, attributes: dict[str, Any]) -> list[Event]:
    """Return the events of a span of opencode."""
    return take(Signal.TRACES, spans(span(name, SDK | attributes), service="opencode")).events


@pytest.mark.parametrize(
    ("attributes", "fresh"),
    [
        ({"ai.model.provider": "openai.responses", "ai.usage.promptTokens": 100}, 60),
        ({"ai.model.provider": "anthropic.messages", "ai.usage.inputTokens": 100}, 100),
        (
            {
                "ai.model.provider": "anthropic.messages",
                "ai.usage.inputTokens": 140,
                "ai.usage.inputTokenDetails.noCacheTokens": 100,
            },
            100,
        ),
    ],
)
def test_the_ai_sdk_counts_as_the_provider_does(attributes: dict[str, Any], fresh: int) -> None:
    """Cached tokens are inside the input for most, outside for Anthropic, apart in version 6."""
    counted = {"ai.usage.cachedInputTokens": 40, "ai.usage.outputTokens": 7}
    found = opencode("ai.streamText.doStream", attributes | counted)
    assert [event.kind for event in found] == [Kind.SPAN, Kind.REQUEST]
    assert (found[1].input, found[1].cache_read, found[1].output) == (fresh, 40, 7)
    assert found[1].session_id == "ses_1"


def test_sums_of_the_ai_sdk_are_not_counted() -> None:
    """The span around the steps carries their sum."""
    assert [event.kind for event in opencode("ai.streamText", {"ai.usage.inputTokens": 9})] == [
        Kind.SPAN
    ]


def test_tools_of_the_ai_sdk_are_calls_with_results() -> None:
    """A tool's span tells the call, the result and how long it took, without what it was given."""
    found = opencode(
        "ai.toolCall",
        {"ai.toolCall.name": "bash", "ai.toolCall.id": "c1", "ai.toolCall.args": "secret"},
    )
    assert [event.kind for event in found] == [Kind.SPAN, Kind.TOOL_CALL, Kind.TOOL_RESULT]
    assert {(event.tool, event.tool_call_id) for event in found} == {("bash", "c1")}
    assert found[2].duration_ms == 1500
    assert found[2].attributes["arguments_characters"] == "6"
    assert "secret" not in repr(found)


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


# -- the conventions for generative AI ----------------------------------------------------------

OLD = {
    "gen_ai.system": "openai",
    "gen_ai.request.model": "gpt-5.5",
    "gen_ai.usage.prompt_tokens": 100,
    "gen_ai.usage.completion_tokens": 20,
    "gen_ai.usage.cache_read_input_tokens": 30,
    "gen_ai.usage.reasoning_tokens": 4,
}
MIDDLE = {
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "alias",
    "gen_ai.response.model": "gpt-5.5",
    "gen_ai.usage.input_tokens": 100,
    "gen_ai.usage.output_tokens": 20,
    "gen_ai.usage.cache_read.input_tokens": 30,
    "gen_ai.usage.cache_creation.input_tokens": 0,
    "gen_ai.usage.reasoning.output_tokens": 4,
}
NEW = {key: plain for key, plain in MIDDLE.items() if "creation" not in key} | {
    "gen_ai.usage.cache_write.input_tokens": 0
}
LLM = {
    "llm.system": "openai",
    "llm.model_name": "gpt-5.5",
    "llm.token_count.prompt": 100,
    "llm.token_count.completion": 20,
    "llm.token_count.prompt_details.cache_read": 30,
    "llm.token_count.completion_details.reasoning": 4,
    "openinference.span.kind": "LLM",
}
NAMED = {"gen_ai.operation.name": "chat", "gen_ai.response.id": "resp_1"}


@pytest.mark.parametrize("spelled", [OLD, MIDDLE, NEW, LLM | {"gen_ai.operation.name": None}])
def test_old_and_new_names_tell_the_same_request(spelled: dict[str, Any]) -> None:
    """The input includes cached tokens, whatever the attribute is called."""
    attributes = {k: v for k, v in (NAMED | spelled).items() if v is not None}
    body = spans(span("chat gpt-5.5", attributes), service="our-bot")
    found = take(Signal.TRACES, body).events
    assert [event.kind for event in found] == [Kind.SPAN, Kind.REQUEST]
    event = found[1]
    assert event.usage is not None
    assert (event.input, event.cache_read, event.output, event.reasoning) == (70, 30, 20, 4)
    assert (event.agent, event.model, event.provider) == ("our-bot", "gpt-5.5", "openai")
    assert (event.message_id, event.duration_ms) == ("resp_1", 1500)


@pytest.mark.parametrize("operation", ["invoke_agent", "invoke_workflow", "create_agent", "plan"])
def test_sums_over_requests_are_not_requests(operation: str) -> None:
    """An invocation of an agent carries the tokens of its requests, and is a span only."""
    attributes = NAMED | MIDDLE | {"gen_ai.operation.name": operation}
    found = take(Signal.TRACES, spans(span("x", attributes), service="our-bot")).events
    assert [event.kind for event in found] == [Kind.SPAN]


def test_a_tools_span_is_a_call_and_its_result() -> None:
    """With its name, id and outcome."""
    attributes = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "search",
        "gen_ai.tool.call.id": "c1",
        "gen_ai.tool.call.arguments": "secret",
    }
    failed = span("execute_tool search", attributes, status={"code": 2})
    found = take(Signal.TRACES, spans(failed, service="our-bot")).events
    assert [event.kind for event in found] == [Kind.SPAN, Kind.TOOL_CALL, Kind.TOOL_RESULT]
    assert (found[2].tool, found[2].tool_call_id, found[2].outcome) == ("search", "c1", "error")
    assert "secret" not in repr(found)


def test_a_span_of_somebodys_service_is_not_ours() -> None:
    """A database call says nothing of models or agents; it is taken and let go of."""
    found = take(Signal.TRACES, spans(span("SELECT", {"db.system": "x"}), service="our-bot"))
    assert (found.accepted, found.events) == (1, [])


@pytest.mark.parametrize("identified", [True, False])
def test_a_span_and_the_event_inside_it_tell_of_one_request(identified: bool) -> None:
    """By the response's id, else by the span that the event was sent in."""
    attributes = NAMED | MIDDLE
    if not identified:
        del attributes["gen_ai.response.id"]
    seen = span("chat", attributes)
    log = {
        "timeUnixNano": str(NOW),
        "eventName": "gen_ai.client.inference.operation.details",
        "traceId": seen["traceId"],
        "spanId": seen["spanId"],
        "attributes": seen["attributes"],
    }
    both = [
        *take(Signal.TRACES, spans(seen, service="our-bot")).events,
        *take(Signal.LOGS, logs(log, service="our-bot")).events,
    ]
    assert len(told(both)) == 2
    assert len(reconcile(told(both))) == 1
