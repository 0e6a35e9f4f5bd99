"""The objects that `/api` answers with, as types: what the OpenAPI document says of them.

The handlers build most of them as plain mappings; the contract test holds what they send against
these types.
"""

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from pawl.maturity.ceremony_terms import Ceremony
from pawl.maturity.verdict import Hit
from pawl.runs.record import RunRow
from pawl.services.pages import ImportProgress
from pawl.telemetry.event import Event


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens in disjoint buckets; `reasoning` is noted inside `output`."""

    input: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    output: int
    reasoning: int
    web_searches: int


class CostAmount(msgspec.Struct, frozen=True, kw_only=True):
    """What requests used and cost; null money is unknown."""

    requests: int
    usage: Tokens
    cost_usd_micros: int | None
    unpriced_requests: int


class CostRow(CostAmount, frozen=True, kw_only=True):
    """A group of the bill, with the keys that were asked for."""

    day: str | UnsetType = UNSET
    hour: str | UnsetType = UNSET
    project: str | UnsetType = UNSET
    repo: str | UnsetType = UNSET
    branch: str | UnsetType = UNSET
    developer: str | UnsetType = UNSET
    model: str | UnsetType = UNSET
    agent: str | UnsetType = UNSET


class UnpricedUse(msgspec.Struct, frozen=True, kw_only=True):
    """A model without a price."""

    model: str
    requests: int
    usage: Tokens


class CostSource(msgspec.Struct, frozen=True, kw_only=True):
    """How many requests a source told of, pays for, confirms, tells differently."""

    source: str
    agent: str
    requests: int
    pays: int
    confirms: int
    disagrees: int


class Prices(msgspec.Struct, frozen=True, kw_only=True):
    """The price table of a bill."""

    version: str
    as_of: str


class CostAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The bill, as `pawl cost --json` prints it."""

    schema: Literal["pawl.cost/1"]
    by: list[str]
    since: str | None
    until: str | None
    rows: list[CostRow]
    total: CostAmount
    unpriced: list[UnpricedUse]
    sources: list[CostSource]
    prices: Prices
    warnings: list[str]


class RunsPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of runs."""

    schema: Literal["pawl.runs/1"]
    runs: list[RunRow]
    total: int
    page: int
    pages: int


class OneRow(msgspec.Struct, frozen=True, kw_only=True):
    """A run without a record: it goes on, or nobody supervised it."""

    schema: Literal["pawl.run-row/1"]
    run: RunRow


class RunEvents(msgspec.Struct, frozen=True, kw_only=True):
    """What happened in a run, and how many events there are in all."""

    schema: Literal["pawl.events/1"]
    events: list[Event]
    total: int


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far the import is."""

    schema: Literal["pawl.import-progress/1"]
    progress: ImportProgress


class FleetModel(msgspec.Struct, frozen=True, kw_only=True):
    """Where a subject stands on one model; levels by dimension, null where incomplete."""

    complete: bool
    weakest: Any
    levels: dict[str, int | None] | None


class FleetSubject(msgspec.Struct, frozen=True, kw_only=True):
    """A subject with its newest levels."""

    subject: str
    as_of: str
    models: dict[str, FleetModel]


class Fleet(msgspec.Struct, frozen=True, kw_only=True):
    """A page of all subjects."""

    schema: Literal["pawl.fleet/1"]
    subjects: list[FleetSubject]
    total: int
    page: int
    pages: int


class TrendPoint(msgspec.Struct, frozen=True, kw_only=True):
    """The levels of one assessment by dimension."""

    as_of: str
    digest: str
    measured: dict[str, int | None]
    confirmed: dict[str, int | None]


class TrendAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How levels moved, oldest first."""

    schema: Literal["pawl.trend/1"]
    subject: str
    model: str
    points: list[TrendPoint]


class LiveExemption(msgspec.Struct, frozen=True, kw_only=True):
    """An exemption that has not ended."""

    id: str | None
    criterion: str
    ends: str | None
    counts: bool


class ExemptionsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What counts, what ended, what is refused."""

    schema: Literal["pawl.exemptions-judged/1"]
    live: list[LiveExemption]
    expired: list[str]
    refused: dict[str, str]


class IntegrityAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the detectors noticed, each with its innocent explanation."""

    schema: Literal["pawl.integrity/1"]
    hits: list[Hit]


class CeremoniesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The assessments that people held or hold, newest first."""

    schema: Literal["pawl.ceremonies/1"]
    assessments: list[Ceremony]


class TableAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A table of the pages."""

    schema: Literal["pawl.table/1"]
    table: str
    columns: list[str]
    rows: list[dict[str, str | int | float | bool | None]]
