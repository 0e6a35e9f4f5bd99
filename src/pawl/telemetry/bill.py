"""The answer to "who spent what, on what".

A bill counts each model request once, whatever number of sources told of it. Requests of a
model without a price are in `requests` and in the tokens, and never in the money: they are
listed under `unpriced`.
"""

from enum import StrEnum

import msgspec

from pawl.telemetry.usage import ZERO, Usage

UNKNOWN = "(unknown)"
"""How a key that no source told is shown; it is a group of its own, never dropped."""


class Key(StrEnum):
    """What a bill can be grouped by. Days and hours are UTC."""

    DAY = "day"
    HOUR = "hour"
    PROJECT = "project"
    REPO = "repo"
    BRANCH = "branch"
    DEVELOPER = "developer"
    MODEL = "model"
    AGENT = "agent"


class Amount(msgspec.Struct, frozen=True, kw_only=True):
    """What a group of requests used and cost. Money in micro-USD, priced requests only."""

    requests: int = 0
    usage: Usage = ZERO
    cost_micros: int = 0
    unpriced_requests: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(
            requests=self.requests + other.requests,
            usage=self.usage + other.usage,
            cost_micros=self.cost_micros + other.cost_micros,
            unpriced_requests=self.unpriced_requests + other.unpriced_requests,
        )


class BillRow(msgspec.Struct, frozen=True, kw_only=True):
    """One group: its key values in the order of `Bill.by`, and its amount."""

    keys: tuple[str, ...]
    amount: Amount


class UnpricedModel(msgspec.Struct, frozen=True, kw_only=True):
    """A model the price table does not know, with what it used."""

    model: str
    requests: int
    usage: Usage


class SourceShare(msgspec.Struct, frozen=True, kw_only=True):
    """How many requests one source told of, how many it pays for and how many it confirms.

    `disagrees` counts requests whose final tokens this source tells differently from the payer.
    """

    source: str
    agent: str
    requests: int
    pays: int
    confirms: int
    disagrees: int


class Bill(msgspec.Struct, frozen=True, kw_only=True):
    """A whole answer. `prices_as_of` is the date of the price table used (ISO day)."""

    by: tuple[Key, ...]
    rows: tuple[BillRow, ...]
    total: Amount
    unpriced: tuple[UnpricedModel, ...]
    sources: tuple[SourceShare, ...]
    prices_version: str
    prices_as_of: str
    since: str | None = None
    until: str | None = None
