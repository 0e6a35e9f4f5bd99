"""What readiness asks of Pawl's own records: runs, their limits, what they cost, who watches."""

from collections.abc import Callable

from pawl.maturity.evidence import Depth, Kind, Share, Value
from pawl.maturity.facts import Facts
from pawl.maturity.facts.practice import Practice
from pawl.maturity.looking.practised import practice_of
from pawl.maturity.looking.recent import within
from pawl.maturity.probe import Answer, cannot_tell, no, yes

TRACKED_DAYS = 14
"""The source asks for a look each week; one may be late by another."""


def spending(facts: Facts) -> Answer:
    """Look whether costs are known and recent, and whether budgets and alerts watch them."""
    practice = practice_of(facts)
    if isinstance(practice, Answer):
        return practice
    priced = practice.requests - practice.unpriced_requests
    recent = sum(within(at, facts.as_of, TRACKED_DAYS) for at, _ in practice.run_costs)
    values: dict[str, Value] = {
        "priced": Share(priced, practice.requests),
        "recent": recent,
        "watched": practice.cost_alerts is not None,
    }
    if practice.budgets is None:
        return cannot_tell("Pawl's records do not tell of budgets.", values=values)
    values["budgets"] = practice.budgets
    reason = (
        f"{priced} of {practice.requests} requests have a price, {recent} runs of {TRACKED_DAYS} "
        f"days a cost; {practice.budgets} budgets are in force"
    )
    reason += "." if practice.cost_alerts is not None else ", and no alert was ever looked at."
    if not practice.requests and not practice.run_costs:
        return no(f"Nothing was spent that Pawl saw: {reason}", Kind.TELEMETRY, values=values)
    return yes(reason, Depth.RUNS, Kind.TELEMETRY, values=values, inputs=_counts(practice))


def recorded_runs(judge: Callable[[Practice], Answer]) -> Callable[[Facts], Answer]:
    """Return a look at recorded runs; without any, there is nothing to tell from."""

    def look(facts: Facts) -> Answer:
        practice = practice_of(facts)
        if isinstance(practice, Answer):
            return practice
        if not practice.runs:
            return no("No supervised run was recorded here.", Kind.TELEMETRY)
        return judge(practice)

    return look


def recorded(practice: Practice) -> Answer:
    """Say how many runs are recorded."""
    return yes(
        f"{practice.runs} supervised runs are recorded with how each ended.",
        Depth.RUNS,
        Kind.TELEMETRY,
        values={"runs": practice.runs},
        inputs=_counts(practice),
    )


def say_why(practice: Practice) -> Answer:
    """Look whether what happened in runs can be read afterwards."""
    readable = practice.runs - practice.runs_unreadable
    return yes(
        f"{practice.runs_with_session} of {practice.runs} runs name their session, {readable} "
        f"could be read, and {len(practice.gaps)} stretches have runs without any event.",
        Depth.RUNS,
        Kind.TELEMETRY,
        values={
            "sessions": Share(practice.runs_with_session, practice.runs),
            "readable": Share(readable, practice.runs),
            "gaps": len(practice.gaps),
        },
        inputs=_counts(practice),
    )


def limited(practice: Practice) -> Answer:
    """Look how many runs had a limit that would have ended them."""
    return yes(
        f"{practice.runs_with_limits} of {practice.runs} runs had a limit.",
        Depth.RUNS,
        Kind.TELEMETRY,
        values={"limited": Share(practice.runs_with_limits, practice.runs)},
        inputs=_counts(practice),
    )


def _counts(practice: Practice) -> list[int]:
    return [practice.runs, practice.requests, practice.runs_with_limits, len(practice.run_costs)]
