"""The real Claude Code and Codex send their telemetry to `pawl up`; the truth is their own results
and what the fake model told them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.end_to_end.fake_model import (
    FakeModel,
    Script,
    Usage,
    repeat,
    slow,
    text,
    tool,
    without_tools,
)
from tests.end_to_end.rig import AgentHome, claude_missing, codex_missing
from tests.end_to_end.served import Served

from pawl.base.times import seconds_between
from pawl.store.events.duckdb import DuckEvents

_MISSING = claude_missing()
pytestmark = [pytest.mark.agents, pytest.mark.skipif(_MISSING is not None, reason=_MISSING or "")]

FIRST = Usage(input=600, cache_read=11840, cache_write=2213, output=118)
SECOND = Usage(input=800, cache_read=14053, cache_write=512, output=163)
MODEL = "claude-sonnet-4-5"
PACE_S = 0.4
"""Seconds a model takes to answer, so that what the agent itself adds to them is little."""


def telemetry(url: str, **more: str) -> dict[str, str]:
    """Return the environment in which Claude Code sends its telemetry to a server."""
    return {
        # The home of the tests turns these on; whoever wants telemetry does not.
        "DISABLE_TELEMETRY": "",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "",
        "DISABLE_ERROR_REPORTING": "1",
        "DISABLE_GROWTHBOOK": "1",
        "CLAUDE_CODE_ENABLE_TELEMETRY": "1",
        "OTEL_EXPORTER_OTLP_ENDPOINT": url,
        "OTEL_LOGS_EXPORTER": "otlp",
        "OTEL_METRICS_EXPORTER": "otlp",
        **more,
    }


@pytest.mark.parametrize(
    "sends",
    [
        {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf", "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"},
        {
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json",
            "OTEL_TRACES_EXPORTER": "otlp",
            "CLAUDE_CODE_ENHANCED_TELEMETRY_BETA": "1",
        },
    ],
    ids=["protobuf", "json-with-traces"],
)
def test_a_session_appears_as_it_was(tmp_path: Path, sends: dict[str, str]) -> None:
    """Tokens, cost, tools and durations are those of the agent's own result; reading its
    transcript afterwards changes no total."""
    script = Script(
        [
            slow(tool("Bash", {"command": "cat app.py"}, FIRST), first_byte_s=PACE_S),
            slow(tool("Bash", {"command": "false"}, SECOND), first_byte_s=PACE_S),
            slow(text("It subtracts.", SECOND), first_byte_s=PACE_S),
        ]
    )
    side = Script([repeat(text("A title", Usage()))], name="side", when=without_tools)
    with Served(tmp_path / "server") as served:
        with FakeModel(script, rules=[side]) as model:
            home = AgentHome(tmp_path / "agent", model.url, telemetry(served.url, **sends))
            own = ("-p", "Do it", "--model", MODEL, "--allowedTools", "Bash")
            ran = home.run(home.claude(*own, "--output-format", "json"))
            assert ran.exit_code == 0, ran.stderr
            assert model.failures == []
        result = json.loads(ran.stdout)
        served.until("/api/cost?by=model", lambda told: told["total"]["requests"] == 3)
        bill, session = _told(served, result["session_id"])
        _is_the_result(bill, session, result)

        _import(served, home.home / ".claude")
        again, once_more = _told(served, result["session_id"])
        assert again["total"] == bill["total"]
        assert [source["source"] for source in again["sources"]] == ["telemetry", "transcript"]
        totals = ("requests", "tool_calls", "errors", "usage", "cost_micros", "models")
        assert {k: once_more[k] for k in totals} == {k: session[k] for k in totals}
        metrics = served.get("/metrics")
        assert 'pawl_ingest_requests_total{signal="metrics",status="200"}' in metrics
        assert 'status="4' not in metrics
    _took_as_long(served, session, result)


@pytest.mark.skipif(codex_missing() is not None, reason=codex_missing() or "")
@pytest.mark.parametrize("protocol", ["json", "binary"])
def test_a_session_of_codex_appears_as_it_was(tmp_path: Path, protocol: str) -> None:
    """Codex's telemetry brings the tokens that the model told; its session file changes none."""
    script = Script([tool("exec_command", {"cmd": "cat app.py"}, FIRST), text("Done.", SECOND)])
    side = Script([repeat(text("A title", Usage()))], name="side", when=without_tools)
    with Served(tmp_path / "server") as served:
        with FakeModel(script, rules=[side]) as model:
            home = AgentHome(tmp_path / "agent", model.url)
            with home.codex_config.open("a") as config:
                config.write("\n[otel]\n")
                for key, path in CODEX_EXPORTERS.items():
                    to = f'endpoint = "{served.url}{path}", protocol = "{protocol}"'
                    config.write(f"{key} = {{ otlp-http = {{ {to} }} }}\n")
            own = ("exec", "--dangerously-bypass-approvals-and-sandbox", "Do it")
            ran = home.run(home.codex(*own))
            assert ran.exit_code == 0, ran.stderr
            told = model.told(lambda call: call.script == "main")
        served.until("/api/cost?by=model", lambda told: told["total"]["requests"] == 2)
        bill = served.json("/api/cost?by=model")
        assert _of(bill) == (told.input, told.cache_read, told.output)
        _import(served, home.home / ".codex")
        again = served.json("/api/cost?by=model")
        assert [source["source"] for source in again["sources"]] == ["telemetry", "transcript"]
        assert again["total"]["requests"] == 2
        assert _of(again) == _of(bill)


CODEX_EXPORTERS = {
    "exporter": "/v1/logs",
    "trace_exporter": "/v1/traces",
    "metrics_exporter": "/v1/metrics",
}


def _of(bill: Any) -> tuple[int, int, int]:
    usage = bill["total"]["usage"]
    return usage["input"], usage["cache_read"], usage["output"]


def _told(served: Served, session_id: str) -> tuple[Any, Any]:
    """Return the bill and the session as the server tells them."""
    bill = served.json("/api/cost?by=model")
    (session,) = served.json("/api/runs")["runs"]
    assert session["run_id"] == session_id
    return bill, session


def _is_the_result(bill: Any, session: Any, result: Any) -> None:
    own = result["usage"]
    wanted = {
        "input": own["input_tokens"],
        "cache_read": own["cache_read_input_tokens"],
        "cache_write_5m": own["cache_creation"]["ephemeral_5m_input_tokens"],
        "cache_write_1h": own["cache_creation"]["ephemeral_1h_input_tokens"],
        "output": own["output_tokens"],
        "reasoning": 0,
        "web_searches": 0,
    }
    assert bill["total"]["usage"] == session["usage"] == wanted
    # Three requests, each rounded to a micro-dollar.
    assert abs(session["cost_micros"] - result["total_cost_usd"] * 1e6) <= 3
    assert bill["total"]["cost_usd_micros"] == session["cost_micros"]
    assert (session["tool_calls"], session["errors"]) == (2, 1)
    assert session["requests"] == result["num_turns"] == 3
    assert session["models"] == [MODEL]


def _took_as_long(served: Served, session: Any, result: Any) -> None:
    """Hold the durations in the store of the ended server against the agent's own."""
    with DuckEvents(served.data) as store:
        store.drain(served.data / "spool")
        told = store._rows(
            """SELECT kind, any_value(duration_ms) FROM events
            WHERE source = 'telemetry' AND kind IN ('request', 'tool_result')
                AND duration_ms IS NOT NULL
            GROUP BY kind, coalesce(request_id, tool_call_id)""",
            {},
        )
    requests = [ms for kind, ms in told if kind == "request"]
    results = [ms for kind, ms in told if kind == "tool_result"]
    assert (len(requests), len(results)) == (3, 2)
    assert sum(requests) == pytest.approx(result["duration_api_ms"], rel=0.2)
    span_ms = 1000 * seconds_between(session["started_at"], session["ended_at"])
    # The result counts from the start of the program, the events until the last was sent.
    assert sum(requests) <= span_ms
    assert span_ms == pytest.approx(result["duration_ms"], rel=0.4)


def _import(served: Served, folder: Path) -> None:
    command = [sys.executable, "-m", "pawl", "--data", str(served.data), "import", str(folder)]
    environment = {**os.environ, "HOME": str(served.home)}
    subprocess.run(command, check=True, capture_output=True, env=environment)
