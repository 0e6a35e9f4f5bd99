"""The questions of the first page and of `/metrics`, and their rows as values."""

from collections.abc import Mapping
from typing import Any

from pawl.store.events.answers import Rows, moment, time_text
from pawl.store.events.queries import query
from pawl.telemetry.conduct import Conduct, Ending, Repeated, Spread
from pawl.telemetry.meters import ErrorMeter, Latency, Meters, RequestMeter, RunMeter

MOST_CLASSES = 20
MOST_WORKFLOWS = 500
MOST_MODELS = 100
"""Groups that are told apart, the largest first."""


class OverviewQuestions:
    """What the first page asks. The engine runs the statements in `_rows`."""

    def _rows(self, statement: str, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
        raise NotImplementedError

    def conduct(self, since: str, until: str, least: int) -> Conduct:
        """Return how the runs that began in `since <= time < until` behaved.

        A workflow counts as repeated with `least` runs or more in one project.
        """
        return ask_conduct(self._rows, since, until, least)

    def meters(self, since: str, until: str, lately: str) -> Meters:
        """Return what happened since a time, for `/metrics`; canonical times.

        `until` is now: facts from the future are not the newest. Latencies are those of requests
        since `lately`.
        """
        return ask_meters(self._rows, since, until, lately)


def ask_conduct(rows: Rows, since: str, until: str, least: int) -> Conduct:
    """Return how the runs that began in a period behaved; canonical times."""
    window: dict[str, object] = {"since": moment(since), "until": moment(until)}

    def ask(name: str, **more: object) -> list[tuple[Any, ...]]:
        return rows(query(f"overview_{name}"), window | more)

    return Conduct(
        endings=tuple(
            Ending(
                outcome=row[0],
                reason=row[1] or row[2] or None,
                by_limit=bool(row[1]),
                limited={"some": True, "none": False}.get(row[3]),
                runs=int(row[4]),
            )
            for row in ask("endings")
        ),
        errors=tuple((row[0], int(row[1])) for row in ask("errors", most=MOST_CLASSES)),
        repeated=tuple(map(_repeated, ask("repeats", least=least, most=MOST_WORKFLOWS))),
        denied=int(ask("denials")[0][0]),
    )


def ask_meters(rows: Rows, since: str, until: str, lately: str) -> Meters:
    """Return what happened since a time; canonical times. Of requests the whole hour counts."""
    begin: dict[str, object] = {"since": moment(since)}
    hour = {"since": moment(since).replace(minute=0, second=0, microsecond=0)}
    latest = begin | {"since": moment(lately), "most": MOST_MODELS}
    newest = rows(query("metrics_newest"), begin | {"until": moment(until)})[0][0]
    return Meters(
        requests=tuple(
            RequestMeter(
                project=row[0],
                model=row[1],
                agent=row[2],
                requests=int(row[3]),
                unpriced=int(row[4]),
                cost_micros=int(row[5]),
                tokens=(int(row[6]), int(row[7]), int(row[8]), int(row[9]), int(row[10])),
            )
            for row in rows(query("metrics_requests"), hour)
        ),
        runs=tuple(
            RunMeter(
                project=row[0],
                agent=row[1],
                outcome=row[2],
                runs=int(row[3]),
                tool_calls=int(row[4]),
            )
            for row in rows(query("metrics_runs"), begin)
        ),
        errors=tuple(
            ErrorMeter(agent=row[0], errors=int(row[1]), tool_errors=int(row[2]))
            for row in rows(query("metrics_errors"), begin)
        ),
        latencies=tuple(
            Latency(model=row[0], p95_ms=float(row[1]), requests=int(row[2]))
            for row in rows(query("metrics_latency"), latest)
        ),
        newest=None if newest is None else time_text(newest),
    )


def _repeated(row: tuple[Any, ...]) -> Repeated:
    return Repeated(
        project=row[0],
        workflow=row[1],
        runs=int(row[2]),
        alike=int(row[3]),
        cost_micros=_spread(row[4:7]),
        turns=_spread(row[7:10]),
        duration_ms=_spread(row[10:13]),
    )


def _spread(told: tuple[Any, ...]) -> Spread:
    runs, median, p90 = told
    return Spread(
        runs=int(runs),
        median=None if median is None else float(median),
        p90=None if p90 is None else float(p90),
    )
