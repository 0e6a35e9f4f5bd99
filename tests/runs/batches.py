"""Made-up items and endings for tests of batches."""

from pawl.runs.batch_events import Rules
from pawl.runs.batch_item import Item, make_item
from pawl.runs.batch_result import Ending
from pawl.runs.record import Outcome

GOOD = Ending(outcome=Outcome.SUCCEEDED, exit=0, cost_micros=30, cost_basis="priced", wall_ms=5)
BAD = Ending(outcome=Outcome.AGENT_FAILED, exit=1, cost_micros=10, cost_basis="priced")
AGAIN = Ending(
    outcome=Outcome.AGENT_FAILED, exit=1, transient=True, cost_micros=10, cost_basis="priced"
)
UNKNOWN = Ending(outcome=Outcome.SUCCEEDED, exit=0)
AT = "2026-11-21T12:00:00.000000Z"


def items(count: int) -> tuple[Item, ...]:
    """Return so many items, `n0` onward."""
    return tuple(make_item({"id": f"n{n}"}, f"line {n + 1}", "f") for n in range(count))


def rules(
    *,
    jobs: int = 2,
    retries: int = 0,
    max_usd: int | None = None,
    per_item: int | None = None,
    stop_after_failures: int | None = None,
) -> Rules:
    """Return rules with money in micro-USD."""
    return Rules(
        jobs=jobs,
        retries=retries,
        max_usd=max_usd,
        per_item=per_item,
        stop_after_failures=stop_after_failures,
    )
