"""Add requests up into cells of an hour, and cells into a bill.

A rollup answers any bill over whole hours without looking at a request again, so it is what is
kept between two questions. A request is priced by the day it was made on, once, here.
"""

from collections.abc import Callable, Iterable

import msgspec

from pawl.telemetry.bill import (
    UNKNOWN,
    Amount,
    Bill,
    BillRow,
    Key,
    SourceShare,
    UnpricedModel,
)
from pawl.telemetry.observation import SOURCE_NAMES, Observation
from pawl.telemetry.pricing import PriceTable, Steps, cost_micros
from pawl.telemetry.reconcile import (
    Pairs,
    Request,
    Requests,
    attributed,
    payer_and_first,
    witnesses,
)
from pawl.telemetry.usage import Usage


class Cell(msgspec.Struct, array_like=True, gc=False):
    """Requests of one hour that share all keys, added up. A bill is a sum of cells.

    `hour` is the first 13 characters of a canonical time. Money in micro-USD. `unpriced` cells
    hold requests without a price, and no money.
    """

    hour: str
    project: str | None
    repo: str | None
    branch: str | None
    developer: str | None
    model: str | None
    agent: str
    unpriced: bool
    requests: int = 0
    input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0
    web_searches: int = 0
    cost_micros: int = 0


class ShareCell(msgspec.Struct, array_like=True, gc=False):
    """How many requests of one hour and project one source paid, confirmed or told otherwise."""

    hour: str
    project: str | None
    source: str
    agent: str
    pays: int = 0
    confirms: int = 0
    disagrees: int = 0


class Rollup(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """All cells of a set of requests under one price table."""

    cells: tuple[Cell, ...] = ()
    shares: tuple[ShareCell, ...] = ()
    prices_version: str = ""
    prices_as_of: str = ""


class Tally:
    """Adds requests up into cells. Each request is to be given once."""

    def __init__(self, prices: PriceTable) -> None:
        self._prices = prices
        self._cells: dict[tuple[object, ...], Cell] = {}
        self._shares: dict[tuple[object, ...], ShareCell] = {}
        self._steps: dict[tuple[str | None, str], Steps | None] = {}

    def add_fold(self, fold: Requests) -> None:
        """Add every request of a fold, without making a value of each."""
        alone: dict[tuple[str, str | None, int, str], int] = {}
        for _, kept in fold.groups():
            if len(kept) == 1:
                seen = kept[0]
                hour = self._add(seen, seen, seen)
                key = (hour, seen.project, seen.rank, seen.agent)
                alone[key] = alone.get(key, 0) + 1
                continue
            payer, first = payer_and_first(kept)
            where = attributed(kept)
            hour = self._add(payer, first, where)
            paid = (SOURCE_NAMES[payer.rank], payer.agent)
            self._witness(hour, where.project, paid, *witnesses(kept, payer))
        for (hour, project, rank, agent), pays in alone.items():
            self._share(hour, project, SOURCE_NAMES[rank], agent).pays += pays

    def add_request(self, request: Request) -> None:
        """Add one request."""
        usage = request.usage
        seen = Observation(
            request.id,
            request.time,
            0,
            request.agent,
            request.model,
            input=None if usage is None else usage.input,
            reported_micros=request.reported_micros,
            project=request.project,
            repo=request.repo,
            branch=request.branch,
            developer=request.developer,
        )
        if usage is not None:
            seen.cache_read, seen.output = usage.cache_read, usage.output
            seen.cache_write_5m, seen.cache_write_1h = usage.cache_write_5m, usage.cache_write_1h
            seen.reasoning, seen.web_searches = usage.reasoning, usage.web_searches
        self._add(seen, seen, seen)
        hour = request.time[:13]
        self._witness(hour, request.project, request.payer, request.confirms, request.disagrees)

    def rollup(self) -> Rollup:
        """Return the cells so far, in a fixed order."""
        return Rollup(
            tuple(self._cells[key] for key in sorted(self._cells, key=_sortable)),
            tuple(self._shares[key] for key in sorted(self._shares, key=_sortable)),
            self._prices.version,
            self._prices.as_of,
        )

    def _add(self, payer: Observation, first: Observation, where: Observation) -> str:
        """Add a request to its cell; return its hour."""
        hour = first.time[:13]
        cost = self._cost(payer, payer.time[:10])
        key = (
            hour,
            where.project,
            where.repo,
            where.branch,
            where.developer,
            payer.model,
            payer.agent,
            cost is None,
        )
        cell = self._cells.get(key)
        if cell is None:
            cell = self._cells[key] = Cell(*key)
        cell.requests += 1
        if cost is not None:
            cell.cost_micros += cost
        if payer.input is not None:
            cell.input += payer.input
            cell.cache_read += payer.cache_read
            cell.cache_write_5m += payer.cache_write_5m
            cell.cache_write_1h += payer.cache_write_1h
            cell.output += payer.output
            cell.reasoning += payer.reasoning
            cell.web_searches += payer.web_searches
        return hour

    def _cost(self, payer: Observation, day: str) -> int | None:
        """Our price; where no tokens were told, the sender's figure is all there is."""
        if payer.input is None:
            return payer.reported_micros
        key = (payer.model, day)
        try:
            steps = self._steps[key]
        except KeyError:
            model = payer.model
            steps = self._steps[key] = None if model is None else self._prices.steps(model, day)
        if steps is None:
            return None
        return cost_micros(
            steps,
            payer.input,
            payer.cache_read,
            payer.cache_write_5m,
            payer.cache_write_1h,
            payer.output,
            payer.web_searches,
        )

    def _witness(
        self,
        hour: str,
        project: str | None,
        payer: tuple[str, str],
        confirms: Pairs,
        disagrees: Pairs,
    ) -> None:
        self._share(hour, project, *payer).pays += 1
        for pair in confirms:
            self._share(hour, project, *pair).confirms += 1
        for pair in disagrees:
            self._share(hour, project, *pair).disagrees += 1

    def _share(self, hour: str, project: str | None, source: str, agent: str) -> ShareCell:
        key = (hour, project, source, agent)
        share = self._shares.get(key)
        if share is None:
            share = self._shares[key] = ShareCell(hour, project, str(source), agent)
        return share


def bill(
    requests: Iterable[Request],
    by: tuple[Key, ...],
    *,
    prices: PriceTable,
    since: str | None = None,
    until: str | None = None,
    project: str | None = None,
) -> Bill:
    """Return the bill of requests, each of which is given once. See `bill_of` for the window."""
    tally = Tally(prices)
    for request in requests:
        tally.add_request(request)
    return bill_of(tally.rollup(), by, since=since, until=until, project=project)


def bill_of(
    rollup: Rollup,
    by: tuple[Key, ...],
    *,
    since: str | None = None,
    until: str | None = None,
    project: str | None = None,
) -> Bill:
    """Return the bill of a rollup, rows sorted by their keys.

    `since` (included) and `until` (excluded) are canonical times, of which the hour counts:
    minutes are cut off both. `project` keeps one project alone, `UNKNOWN` what has none.
    """
    low, high = (since or "")[:13], (until or "9999")[:13]
    rows: dict[tuple[str, ...], list[int]] = {}
    unpriced: dict[str, list[int]] = {}
    whole = [0] * 10
    for cell in rollup.cells:
        if not low <= cell.hour < high or project not in (None, cell.project or UNKNOWN):
            continue
        amounts = _amounts(cell)
        keys = tuple([_READ[key](cell) for key in by])
        for sums in (rows.setdefault(keys, [0] * 10), whole):
            for position, value in enumerate(amounts):
                sums[position] += value
        if cell.unpriced:
            sums = unpriced.setdefault(cell.model or UNKNOWN, [0] * 10)
            for position, value in enumerate(amounts):
                sums[position] += value
    return Bill(
        by=by,
        rows=tuple(BillRow(keys=keys, amount=_amount(rows[keys])) for keys in sorted(rows)),
        total=_amount(whole),
        unpriced=tuple(
            UnpricedModel(model=model, requests=sums[0], usage=Usage(*sums[1:8]))
            for model, sums in sorted(unpriced.items())
        ),
        sources=_sources(rollup.shares, low, high, project),
        prices_version=rollup.prices_version,
        prices_as_of=rollup.prices_as_of,
        since=since,
        until=until,
    )


def _sources(
    shares: Iterable[ShareCell], low: str, high: str, project: str | None
) -> tuple[SourceShare, ...]:
    sums: dict[tuple[str, str], list[int]] = {}
    for share in shares:
        if not low <= share.hour < high or project not in (None, share.project or UNKNOWN):
            continue
        of = sums.setdefault((share.source, share.agent), [0, 0, 0])
        of[0] += share.pays
        of[1] += share.confirms
        of[2] += share.disagrees
    return tuple(
        SourceShare(
            source=source,
            agent=agent,
            requests=of[0] + of[1],
            pays=of[0],
            confirms=of[1],
            disagrees=of[2],
        )
        for (source, agent), of in sorted(sums.items())
    )


def _amounts(cell: Cell) -> tuple[int, ...]:
    return (
        cell.requests,
        cell.input,
        cell.cache_read,
        cell.cache_write_5m,
        cell.cache_write_1h,
        cell.output,
        cell.reasoning,
        cell.web_searches,
        cell.cost_micros,
        cell.requests if cell.unpriced else 0,
    )


def _amount(sums: list[int]) -> Amount:
    return Amount(
        requests=sums[0],
        usage=Usage(*sums[1:8]),
        cost_micros=sums[8],
        unpriced_requests=sums[9],
    )


def _sortable(key: tuple[object, ...]) -> tuple[str, ...]:
    return tuple([str(part) for part in key])


_READ: dict[Key, Callable[[Cell], str]] = {
    Key.DAY: lambda cell: cell.hour[:10],
    Key.HOUR: lambda cell: cell.hour,
    Key.PROJECT: lambda cell: cell.project or UNKNOWN,
    Key.REPO: lambda cell: cell.repo or UNKNOWN,
    Key.BRANCH: lambda cell: cell.branch or UNKNOWN,
    Key.DEVELOPER: lambda cell: cell.developer or UNKNOWN,
    Key.MODEL: lambda cell: cell.model or UNKNOWN,
    Key.AGENT: lambda cell: cell.agent,
}
