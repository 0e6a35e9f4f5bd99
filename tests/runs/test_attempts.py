"""Several attempts are one run: limits hold over all of them, and one record tells of all."""

import msgspec
import pytest

from pawl.runs.attempts import joined, remaining, total, without_contents
from pawl.runs.limits import Used
from pawl.runs.record import Outcome, ProcessesLeft, RunCost, RunRecord, Stop
from pawl.runs.spec import Limits
from pawl.telemetry.usage import Usage


def record(**fields: object) -> RunRecord:
    base = RunRecord(
        run_id="run_a",
        agent="claude-code",
        outcome=Outcome.AGENT_FAILED,
        started_at="2026-11-21T00:00:00.000000Z",
        turns=2,
        duration_ms=1000,
        usage=Usage(input=10, output=5),
        cost=RunCost(usd=0.5, basis="priced"),
        tool_calls={"Bash": 1},
        processes=ProcessesLeft(terminated=1, killed=0),
    )
    return msgspec.structs.replace(base, **fields)


def test_what_is_left_of_the_limits() -> None:
    """Each ceiling is lowered by what was used; idle time is each attempt's own."""
    limits = Limits(turns=5, usd_micros=1000, wall_s=60, idle_s=5, grace_s=2)
    left = remaining(limits, Used(turns=2, usd_micros=400, wall_s=20.0, idle_s=4.0))
    assert left == Limits(turns=3, usd_micros=600, wall_s=40, idle_s=5, grace_s=2)


@pytest.mark.parametrize("used", [Used(usd_micros=1000), Used(wall_s=60.0), Used(turns=6)])
def test_no_attempt_where_a_limit_is_used_up(used: Used) -> None:
    """A measured ceiling that is reached, or a counted one that is passed, ends the trying."""
    assert remaining(Limits(turns=5, usd_micros=1000, wall_s=60), used) is None


def test_one_record_of_two_attempts() -> None:
    """The last ending, and the sum of what both used."""
    last = record(
        outcome=Outcome.SUCCEEDED,
        started_at="2026-11-21T00:01:00.000000Z",
        result="done",
        tool_calls={"Bash": 2, "Read": 1},
    )
    both = joined(record(), Used(turns=2), last, attempts=2)
    assert (both.outcome, both.result, both.attempts) == (Outcome.SUCCEEDED, "done", 2)
    assert (both.turns, both.duration_ms) == (4, 2000)
    assert both.usage == Usage(input=20, output=10)
    assert both.cost == RunCost(usd=1.0, basis="priced")
    assert both.tool_calls == {"Bash": 3, "Read": 1}
    assert both.started_at == "2026-11-21T00:00:00.000000Z"
    assert both.processes == ProcessesLeft(terminated=2, killed=0)


def test_unknown_in_one_attempt_is_unknown_in_all() -> None:
    """A sum with an unknown part is not the sum of the rest."""
    silent = record(usage=None, cost=RunCost(usd=None, basis="unpriced"), turns=None)
    both = joined(record(), Used(), silent, attempts=2)
    assert (both.usage, both.turns, both.cost.usd) == (None, None, None)


def test_a_stop_is_told_in_terms_of_the_whole_run() -> None:
    """The last attempt had only what was left; the record names the limit as it was asked."""
    stopped = record(outcome=Outcome.STOPPED, stop=Stop(limit="usd", value=0.7, threshold=0.6))
    both = joined(record(), Used(usd_micros=400_000), stopped, attempts=2)
    assert both.stop is not None
    assert (both.stop.value, both.stop.threshold) == pytest.approx((1.1, 1.0))


def test_use_adds_up() -> None:
    """Three attempts are two additions."""
    assert total(Used(turns=1, tokens=5), Used(turns=2, tokens=7)).tokens == 12


def test_what_is_stored_holds_no_contents() -> None:
    """Results and the inputs of denied calls stay out; which tool was denied stays in."""
    denial = msgspec.Raw(b'{"tool_name":"Bash","tool_use_id":"t1","tool_input":{"command":"x"}}')
    kept = without_contents(record(result="secret", permission_denials=(denial, msgspec.Raw(b"7"))))
    assert kept.result is None
    assert [bytes(each) for each in kept.permission_denials] == [
        b'{"tool_name":"Bash","tool_use_id":"t1"}',
        b"{}",
    ]
