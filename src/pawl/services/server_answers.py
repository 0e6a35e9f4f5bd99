"""What a running server answers, read back into values and checked.

Whoever asks a server prints the same as if it had answered itself, so an answer becomes the same
value again. A server of another version may tell more, but not other things under the same
schema: what does not decode, or answers another question, is refused as a whole.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Protocol, TypeVar

import msgspec
from msgspec import Meta

from pawl.base import typed
from pawl.base.errors import Unavailable
from pawl.services.cost import Answer, Question
from pawl.telemetry.bill import Amount, Bill, BillRow, Key, SourceShare, UnpricedModel
from pawl.telemetry.event import Event
from pawl.telemetry.usage import Usage

Count = Annotated[int, Meta(ge=0)]
Value = TypeVar("Value")


class Server(Protocol):
    """A server that is asked over HTTP."""

    @property
    def url(self) -> str:
        """Where it answers."""

    def get(self, path: str, parameters: Mapping[str, str]) -> bytes:
        """Return the JSON it answers; raises Unavailable."""


class _Amount(msgspec.Struct, frozen=True):
    requests: Count
    usage: Usage
    cost_usd_micros: Count | None
    unpriced_requests: Count


class _Unpriced(msgspec.Struct, frozen=True):
    model: str
    requests: Count
    usage: Usage


class _Share(msgspec.Struct, frozen=True):
    source: str
    agent: str
    requests: Count
    pays: Count
    confirms: Count
    disagrees: Count


class _Prices(msgspec.Struct, frozen=True):
    version: str
    as_of: str


class _Cost(msgspec.Struct, frozen=True):
    schema: Literal["pawl.cost/1"]
    by: tuple[Key, ...]
    since: str | None
    until: str | None
    rows: tuple[dict[str, Any], ...]
    total: _Amount
    unpriced: tuple[_Unpriced, ...]
    sources: tuple[_Share, ...]
    prices: _Prices
    warnings: tuple[str, ...]


class _Events(msgspec.Struct, frozen=True):
    schema: Literal["pawl.events/1"]
    events: tuple[Event, ...]
    total: Count


def ask_server(question: Question, server: Server) -> Answer:
    """Return the bill that a server answers. Raises Unavailable, its place the server's URL."""
    parameters = {
        "by": ",".join(question.by),
        "since": question.since,
        "until": question.until,
        "project": question.project,
    }
    given = {name: value for name, value in parameters.items() if value is not None}
    told = _decoded(server, server.get("/api/cost", given), _Cost)
    if (told.by, told.since, told.until) != (question.by, question.since, question.until):
        raise _other_version(server, "it answers another question")
    try:
        rows = tuple(_row(row, question.by) for row in told.rows)
    except (KeyError, msgspec.ValidationError) as error:
        raise _other_version(server, str(error)) from error
    bill = Bill(
        by=told.by,
        rows=rows,
        total=_amount(told.total),
        unpriced=tuple(
            UnpricedModel(model=model.model, requests=model.requests, usage=model.usage)
            for model in told.unpriced
        ),
        sources=tuple(SourceShare(**msgspec.structs.asdict(share)) for share in told.sources),
        prices_version=told.prices.version,
        prices_as_of=told.prices.as_of,
        since=told.since,
        until=told.until,
    )
    return Answer(bill=bill, warnings=told.warnings)


def ask_timeline(server: Server, run_id: str, limit: int) -> tuple[tuple[Event, ...], int]:
    """Return the first events of a run, and the number of all, as a server answers."""
    body = server.get(f"/api/runs/{run_id}/events", {"limit": str(limit)})
    told = _decoded(server, body, _Events)
    return told.events, told.total


def ask_view(server: Server, path: str, kind: type[Value]) -> Value:
    """Return what a server shows at a path, such as `/api/budgets`."""
    return _decoded(server, server.get(path, {}), kind)


def _decoded(server: Server, body: bytes, kind: type[Value]) -> Value:
    try:
        return typed.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _other_version(server, str(error)) from error


def _other_version(server: Server, reason: str) -> Unavailable:
    return Unavailable(
        f"the server's answer is not one that this Pawl understands: {reason}.",
        place=server.url,
        hint="Bring Pawl to the same version on this machine and on the server.",
    )


def _row(row: dict[str, Any], by: tuple[Key, ...]) -> BillRow:
    keys = typed.convert([row[key] for key in by], tuple[str, ...])
    return BillRow(keys=keys, amount=_amount(typed.convert(row, _Amount)))


def _amount(told: _Amount) -> Amount:
    return Amount(
        requests=told.requests,
        usage=told.usage,
        cost_micros=told.cost_usd_micros or 0,
        unpriced_requests=told.unpriced_requests,
    )
