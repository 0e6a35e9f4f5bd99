"""What an events store saw of spend, as budgets are told of it."""

from pawl.store.events.answers import Rows, moment
from pawl.store.events.queries import query
from pawl.telemetry.spent import Observed


def ask_spend(rows: Rows, since: str) -> tuple[Observed, ...]:
    """Return the spend of each day, owner, model and run since a canonical time."""
    return tuple(
        Observed(
            day=str(row[0])[:10],
            run_id=row[1],
            project=row[2],
            developer=row[3],
            agent=row[4],
            model=row[5],
            cost_micros=int(row[6]),
            requests=int(row[7]),
            unpriced=int(row[8]),
        )
        for row in rows(query("spend"), {"since": moment(since)})
    )
