"""What a run came to: its record, what `pawl run` exits with, and whether to try again."""

from pawl.base.money import usd
from pawl.base.times import format_time
from pawl.runs.agent import AgentError, Conclusion, Exit
from pawl.runs.meter import Metered
from pawl.runs.record import Outcome, ProcessesLeft, RunCost, RunRecord
from pawl.runs.spec import RunSpec
from pawl.runs.state import State
from pawl.runs.testimony import number

RETRY_FIRST_S = 2.0
"""Wait before the second attempt; it doubles from attempt to attempt."""
RETRY_CAP_S = 60.0
"""Longest wait: providers' own rate limits are counted by the minute."""

_SIGINT = 2


def assemble(
    spec: RunSpec,
    state: State,
    conclusion: Conclusion | None,
    exit: Exit | None,
    *,
    ended: str,
    attempts: int = 1,
    processes: ProcessesLeft | None = None,
    warnings: tuple[str, ...] = (),
) -> RunRecord:
    """Return the record of a finished run; `ended` is the canonical time of its end.

    A stop of ours outranks an interruption, which outranks what the agent says; a conclusion
    that is missing, because nothing could be read at all, is `unreadable`.
    """
    outcome, error = _outcome(state, conclusion)
    found = conclusion or Conclusion(outcome=Outcome.UNREADABLE)
    metered = state.metered
    signal = exit.signal if exit else None
    if outcome is Outcome.INTERRUPTED and state.interrupted is not None:
        # What ended the run, even where the agent itself only went by KILL.
        signal = state.interrupted
    return RunRecord(
        run_id=spec.run_id,
        agent=spec.agent,
        agent_version=found.agent_version,
        outcome=outcome,
        stop=state.stop,
        result=found.result,
        structured_output=found.structured_output,
        exit_code=exit.code if exit else None,
        signal=signal,
        error=error,
        session_id=found.session_id,
        models=metered.models,
        turns=state.used.turns or found.turns,
        started_at=format_time(state.started),
        ended_at=ended,
        duration_ms=round(1000 * state.used.wall_s),
        usage=metered.usage if metered.known else None,
        cost=_cost(metered, found.reported_micros),
        reported_cost_usd=None if found.reported_micros is None else usd(found.reported_micros),
        tool_calls=dict(state.tool_calls),
        permission_denials=found.permission_denials,
        attempts=attempts,
        processes=processes,
        stderr_tail=exit.stderr_tail if exit else "",
        warnings=(
            *state.launch.warnings,
            *state.warnings,
            *found.warnings,
            *_overshot(state),
            *warnings,
        ),
        project=spec.attribution.project,
        repo=spec.attribution.repo,
        branch=spec.attribution.branch,
        commit=spec.attribution.commit,
    )


def refused(spec: RunSpec, message: str, *, started: str) -> RunRecord:
    """Return the record of a run that was not started; `message` says why."""
    return RunRecord(
        run_id=spec.run_id,
        agent=spec.agent,
        outcome=Outcome.REFUSED,
        error=AgentError(class_="needs-user", message=message),
        started_at=started,
        ended_at=started,
        duration_ms=0,
        cost=RunCost(usd=0.0, basis="priced"),
        project=spec.attribution.project,
        repo=spec.attribution.repo,
        branch=spec.attribution.branch,
        commit=spec.attribution.commit,
    )


def exit_code(record: RunRecord) -> int:
    """Return what `pawl run` exits with."""
    if record.outcome is Outcome.INTERRUPTED:
        return 130 if record.signal == _SIGINT else 143
    return {
        Outcome.SUCCEEDED: 0,
        Outcome.AGENT_FAILED: 1,
        Outcome.UNREADABLE: 3,
        Outcome.REFUSED: 5,
        Outcome.STOPPED: 6,
    }[record.outcome]


def retry_delay(record: RunRecord, attempt: int, *, retries: int, chance: float) -> float | None:
    """Return seconds to wait before another attempt, or None: do not try again.

    Only a transient failure of the agent is tried again, `retries` times at most. The wait
    doubles from `RETRY_FIRST_S` to `RETRY_CAP_S`; `chance`, a number in [0, 1), takes up to half
    of it off, so that many runs failing together do not come back together. `attempt` counts
    from 1.
    """
    transient = record.error is not None and record.error.class_ == "transient"
    if record.outcome is not Outcome.AGENT_FAILED or not transient or attempt > retries:
        return None
    wait = min(RETRY_CAP_S, RETRY_FIRST_S * 2.0 ** min(attempt - 1, 30))
    return wait * (1 - chance / 2)


def _outcome(state: State, conclusion: Conclusion | None) -> tuple[Outcome, AgentError | None]:
    if state.stop is not None:
        return Outcome.STOPPED, None
    if state.interrupted is not None:
        return Outcome.INTERRUPTED, None
    if conclusion is None:
        return Outcome.UNREADABLE, None
    return Outcome(conclusion.outcome), conclusion.error


def _cost(metered: Metered, reported: int | None) -> RunCost:
    """Our price when every token has one, else the agent's own figure, else none."""
    if metered.known and not metered.unpriced:
        return RunCost(usd=usd(metered.micros), basis="priced")
    if reported is not None:
        return RunCost(usd=usd(reported), basis="reported")
    return RunCost(usd=None, basis="unpriced")


def _overshot(state: State) -> tuple[str, ...]:
    over = state.overshoot
    if over is None or state.stop is not None:
        return ()
    value, threshold = number(over.value), number(over.threshold)
    return (f"Over its limit, seen only after the end: {over.limit} {value} of {threshold}.",)
