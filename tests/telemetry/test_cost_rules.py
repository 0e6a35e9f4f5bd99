"""The ways a bill goes wrong: each has one test, on what the agents really wrote."""

import json
from collections import Counter
from pathlib import Path

import pytest
from tests.telemetry.formats.lines import FIXTURES, claude, encoded, observe, recorded

from pawl.base.loading import load_yaml
from pawl.telemetry import pricing
from pawl.telemetry.bill import Key
from pawl.telemetry.format import Format
from pawl.telemetry.formats import claude_code, codex, gemini_cli, opencode
from pawl.telemetry.observation import Observation
from pawl.telemetry.pricing import PriceFile, compile_prices
from pawl.telemetry.reconcile import Request, reconcile
from pawl.telemetry.rollup import bill
from pawl.telemetry.usage import ZERO, Usage

PRICES = compile_prices(
    load_yaml(path.read_text(), PriceFile, place=path.name)
    for path in (Path(pricing.__file__).parent / "prices").glob("*.yaml")
)
CLAUDE, CODEX = claude_code.FORMAT, codex.FORMAT


def spent(seen: list[Observation]) -> Usage:
    return sum((request.usage or ZERO for request in reconcile(seen)), ZERO)


def served(case: str) -> Usage:
    """What the recording model server says it used, broken answers left out."""
    total = ZERO
    for line in (FIXTURES / case / "requests.jsonl").read_text().splitlines():
        usage = json.loads(line).get("usage")
        if usage:
            total += Usage(
                usage.get("input", 0),
                usage.get("cache_read", 0),
                usage.get("cache_write", 0),
                usage.get("cache_write_1h", 0),
                usage.get("output", 0),
            )
    return total


def five(usage: Usage) -> tuple[int, ...]:
    return (
        usage.input,
        usage.cache_read,
        usage.cache_write_5m,
        usage.cache_write_1h,
        usage.output,
    )


FORMS = {
    "claude": CLAUDE,
    "claude-2.1.197": CLAUDE,
    "codex": CODEX,
    "gemini": gemini_cli.FORMAT,
}
BROKEN = {
    "claude/compact": "the summary's own request is not in the file",
    "claude/error-dropped-stream": "the broken answer is not in the file",
    "claude/sigkill-json": "the answer nobody waited for is not in the file",
    "codex/error-dropped-stream": "the broken answer is not in the file",
    "codex/sigterm": "the answer nobody waited for is not in the file",
    "gemini/sigterm-group": "the answer nobody waited for is not in the file",
}
"""Cases where the server told more than any file of the agent does, and what."""
RECORDED = [
    (FORMS[cli], f"{cli}/{path.parent.name}")
    for cli in FORMS
    for path in sorted((FIXTURES / cli).glob("*/transcripts"))
]


@pytest.mark.parametrize(("form", "case"), RECORDED, ids=[case for _, case in RECORDED])
def test_recorded_transcripts_hold_what_the_server_told(form: Format, case: str) -> None:
    """Tokens read from a recorded case's files are, to the token, those its model server told."""
    read, told = five(spent(recorded(form, case))), five(served(case))
    assert (read == told) != (case in BROKEN)
    assert all(ours <= theirs for ours, theirs in zip(read, told, strict=True))


# -- the rules that cost money when broken ---------------------------------------------------------


def test_running_totals_of_a_session_are_not_spent_again_on_resume() -> None:
    """The session totals that each run of a resumed session restates add nothing."""
    seen = recorded(CLAUDE, "claude/resume-stream")
    assert len(reconcile(seen)) == 3
    assert five(spent(seen)) == five(served("claude/resume-stream"))


def test_usage_of_the_last_turn_is_not_the_usage_of_the_run() -> None:
    """Sub-agents' requests, in files of their own, are in the bill of their session."""
    seen = recorded(CLAUDE, "claude/subagents-foreground")
    assert five(spent(seen)) == five(served("claude/subagents-foreground"))
    assert {one.session_id for one in seen} == {seen[0].session_id}
    assert any(one.side for one in seen)


def test_block_lines_of_one_response_count_once() -> None:
    """Three lines of one message, one per content block, are one request with its last count."""
    blocks = [
        claude(output=count, stop=None if count < 9 else "end_turn", uuid=f"u{number}")
        for number, count in enumerate((1, 1, 9))
    ]
    (request,) = reconcile(observe(CLAUDE, encoded(*blocks)))
    assert request.usage is not None
    assert request.usage.output == 9


def test_a_fork_does_not_bill_its_parents_history_again() -> None:
    """The lines a forked session copies count once across files, in either order."""
    seen = recorded(CLAUDE, "claude/resume")
    assert Counter(one.copied for one in seen) == {False: 4, True: 3}
    for order in (seen, seen[::-1]):
        assert five(spent(order)) == five(served("claude/resume"))
        assert not any(request.id is None for request in reconcile(order))


def test_running_sums_of_a_thread_are_not_added_up() -> None:
    """A resumed thread's files tell each response's own tokens beside the sum so far."""
    seen = recorded(CODEX, "codex/resume")
    assert [(one.input or 0) + one.cache_read for one in seen] == [1000, 2000, 2200]


def test_cached_tokens_are_in_or_out_as_the_sender_means_it() -> None:
    """Two senders include cached tokens in input, two do not; all land in disjoint buckets."""
    cases = (
        (CLAUDE, "claude/tools-json"),
        (CODEX, "codex/tools-json"),
        (gemini_cli.FORMAT, "gemini/tools-json"),
    )
    for form, case in cases:
        assert five(spent(recorded(form, case))) == five(served(case))
    export = (FIXTURES / "opencode/tools-json/step2.stdout.json").read_bytes()
    usage = spent(observe(opencode.FORMAT, export))
    assert five(usage) == (3320, 14400, 0, 0, 275)
    assert usage.reasoning == 47


def test_a_price_that_steps_is_paid_request_by_request() -> None:
    """Two requests below the step cost a fifth of one request above it."""

    def micros(*prompts: int) -> int:
        lines = [
            claude(
                request=f"r{n}",
                message=f"m{n}",
                model="claude-haiku-5-5",
                usage={"input_tokens": prompt, "output_tokens": 0},
            )
            for n, prompt in enumerate(prompts)
        ]
        return _bill(reconcile(observe(CLAUDE, encoded(*lines))))

    assert micros(60_000, 60_000) == 12_000
    assert micros(120_000) == 60_000


def test_a_session_that_ended_without_a_result_still_has_its_requests() -> None:
    """A killed agent prints nothing; the finished calls are in its transcript."""
    seen = recorded(CLAUDE, "claude/sigkill-json")
    assert five(spent(seen)) == (5, 9000, 500, 0, 60)


# -- eight cases a reader gets wrong ---------------------------------------------------------------


def test_a_tool_argument_named_id_or_model_may_be_null() -> None:
    """Arguments of a tool are the tool's business, whatever their names."""
    call = {"type": "tool_use", "id": "t", "name": "put", "input": {"id": None, "model": None}}
    assert len(reconcile(observe(CLAUDE, encoded(claude(content=[call]))))) == 1


def test_a_null_request_id_and_spaced_json_count() -> None:
    """A response is there whether its request id is null or its JSON has spaces in it."""
    line = claude(request=None) | {"requestId": None}
    for spaced in (False, True):
        (request,) = reconcile(observe(CLAUDE, encoded(line, spaced=spaced)))
        assert request.id == "msg_1"


def test_a_fork_without_request_ids_counts_once() -> None:
    """Without a request id the message id tells that a copied line is a copy."""
    original = claude(request=None)
    copy = original | {"sessionId": "22222222-2222"}
    seen = observe(CLAUDE, encoded(original)) + observe(CLAUDE, encoded(copy))
    assert len(reconcile(seen)) == 1


@pytest.mark.parametrize(
    "breakdown",
    [
        {},
        {"cache_creation": None},
        {"cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0}},
    ],
)
def test_a_cache_write_without_a_breakdown_is_a_short_one(breakdown: dict[str, object]) -> None:
    """A total that its breakdown does not explain is priced at the default lifetime."""
    usage = {"input_tokens": 1, "output_tokens": 1, "cache_creation_input_tokens": 700}
    (request,) = reconcile(observe(CLAUDE, encoded(claude(usage=usage | breakdown))))
    assert request.usage is not None
    assert (request.usage.cache_write_5m, request.usage.cache_write_1h) == (700, 0)


def test_ten_web_searches_cost_ten_cents() -> None:
    """Searches on the provider's side are billed by the request."""
    usage = {"input_tokens": 0, "output_tokens": 0, "server_tool_use": {"web_search_requests": 10}}
    assert _bill(reconcile(observe(CLAUDE, encoded(claude(usage=usage))))) == 100_000


def test_an_unknown_model_is_unpriced_and_shown() -> None:
    """A model without a price is listed with its tokens; it is never zero dollars."""
    found = reconcile(observe(CLAUDE, encoded(claude(model="orbit-coder-9"))))
    answer = bill(found, (Key.MODEL,), prices=PRICES)
    assert answer.total.unpriced_requests == 1
    assert [(m.model, m.usage.input) for m in answer.unpriced] == [("orbit-coder-9", 10)]
    known = reconcile(observe(CLAUDE, encoded(claude(model="claude-opus-5-5"))))
    assert _bill(known) == 140


def test_a_long_prompt_is_priced_whole_at_the_higher_rate() -> None:
    """210,000 tokens in and 1,500 out on Sonnet 4.5 are in the tier above 200,000, all of them."""
    usage = {"input_tokens": 210_000, "output_tokens": 1_000}
    line = claude(model="claude-sonnet-4-5-20250929", usage=usage)
    assert _bill(reconcile(observe(CLAUDE, encoded(line)))) == 1_282_500


def test_three_block_lines_of_one_session_are_one_request() -> None:
    """Asking for one session counts its block lines like asking for all."""
    line = claude()
    lines = [line | {"uuid": name} for name in ("u1", "u2", "u3")]
    assert len(reconcile(observe(CLAUDE, encoded(*lines)))) == 1


def _bill(found: list[Request]) -> int:
    answer = bill(found, (), prices=PRICES)
    assert not answer.unpriced
    return answer.total.cost_micros
