"""Price one model request from a dated table.

Rates are US dollars per million tokens, which is the same number as micro-USD per token. They
are kept as integer pico-USD per token, because list prices such as 0.01875 have no whole number
of nano-USD; a request is summed exactly and rounded once, half to even, to micro-USD.

A row holds from one day (`from`, included) to another (`until`, excluded). A row with
`above_prompt_tokens` prices the whole request, every bucket of it, once its prompt (input, cache
reads and cache writes) is larger than that. A model that no row covers has no price: unknown
is not zero.
"""

import hashlib
import re
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

import msgspec

from pawl.base.errors import BadFile
from pawl.telemetry.usage import Usage

SCHEMA = "pawl.prices/1"
PICOS_PER_MICRO = 1_000_000
_CACHE_LIMIT = 20_000
"""Pairs of model and day remembered; a hostile transcript cannot fill memory with names."""

Rates = tuple[int, int, int, int, int, int | None]
"""Pico-USD per token of input, cache read, cache write 5m, cache write 1h, output, and pico-USD
per web search (None when the table has no fee)."""

Steps = tuple[tuple[int, Rates], ...]
"""Rates by prompt size: the last step whose threshold is below the prompt applies."""


class RateRow(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}
):
    """Rates in USD per million tokens. A cache rate left out is the input rate: no discount."""

    input: float
    output: float
    cache_read: float | None = None
    cache_write_5m: float | None = None
    cache_write_1h: float | None = None
    from_: str | None = None
    until: str | None = None
    above_prompt_tokens: int | None = None
    source: str | None = None


class ModelPrices(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All rows of one model; `web_search` is USD a request, `aliases` are other exact names."""

    id: str
    source: str
    rows: tuple[RateRow, ...]
    aliases: tuple[str, ...] = ()
    web_search: float | None = None


class PriceFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One price file: a version, the day it was checked, and where each number comes from."""

    schema: str
    version: str
    as_of: str
    sources: dict[str, str]
    models: tuple[ModelPrices, ...]


class CompiledRow(msgspec.Struct, frozen=True, array_like=True):
    """A row as integers, with the days it covers as `[from, until)` text."""

    from_: str
    until: str
    above: int
    rates: Rates


class PriceTable:
    """Prices, ready for use. Equal texts give equal tables."""

    def __init__(
        self,
        rows: dict[str, tuple[CompiledRow, ...]],
        names: dict[str, str],
        version: str,
        as_of: str,
    ) -> None:
        self.rows = rows
        self.names = names
        self.version = version
        self.as_of = as_of
        self._steps: dict[tuple[str, str], Steps | None] = {}

    @property
    def models(self) -> tuple[str, ...]:
        """The models priced, sorted."""
        return tuple(sorted(self.rows))

    def steps(self, model: str, day: str) -> Steps | None:
        """Return the rates of a model on an ISO day, by prompt size; None when unpriced."""
        key = (model, day)
        try:
            return self._steps[key]
        except KeyError:
            if len(self._steps) >= _CACHE_LIMIT:
                self._steps.clear()
            found = self._steps[key] = self._find(model, day)
            return found

    def price(self, model: str, usage: Usage, day: str) -> int | None:
        """Return the micro-USD of one request made on an ISO day; None when unpriced."""
        steps = self.steps(model, day)
        if steps is None:
            return None
        return cost_micros(
            steps,
            usage.input,
            usage.cache_read,
            usage.cache_write_5m,
            usage.cache_write_1h,
            usage.output,
            usage.web_searches,
        )

    def _find(self, model: str, day: str) -> Steps | None:
        for name in spellings(model):
            rows = self.rows.get(self.names.get(name, ""), ())
            held = [row for row in rows if row.from_ <= day < row.until]
            if held:
                return tuple(sorted((row.above, row.rates) for row in held))
        return None


def cost_micros(
    steps: Steps,
    input: int,
    cache_read: int,
    cache_write_5m: int,
    cache_write_1h: int,
    output: int,
    web_searches: int,
) -> int | None:
    """Return the micro-USD of one request, rounded half to even; None for a fee unknown."""
    prompt = input + cache_read + cache_write_5m + cache_write_1h
    rates = steps[0][1]
    for above, dearer in steps:
        if prompt > above:
            rates = dearer
    picos = (
        input * rates[0]
        + cache_read * rates[1]
        + cache_write_5m * rates[2]
        + cache_write_1h * rates[3]
        + output * rates[4]
    )
    if web_searches:
        fee = rates[5]
        if fee is None:
            return None
        picos += web_searches * fee
    micros, rest = divmod(picos, PICOS_PER_MICRO)
    if rest > 500_000 or (rest == 500_000 and micros & 1):
        return micros + 1
    return micros


_DATED = re.compile(r"[-@]\d{4}-?\d{2}-?\d{2}$")
_CLOUD_VERSION = re.compile(r"-v\d+(?::\d+)?(?::\w+)?$")
_CLOUD_PREFIX = re.compile(r"^(?:[a-z]{2,6}\.)?(?:anthropic|openai|google)\.")
_TAG = re.compile(r"\[\w+\]$|:(?:thinking|beta|free|online|nitro)$")


def spellings(model: str) -> Iterable[str]:
    """Yield the names a model reference may stand under in a table, most exact first.

    Reads `anthropic/claude-…`, Bedrock's `us.anthropic.claude-…-v1:0` and its ARNs, Vertex's
    `claude-…@20250929`, dated names, `[1m]` tags, `-latest`, and dots for dashes.
    """
    name = model.strip().lower()
    yield name
    name = name.rpartition("/")[2]
    yield name
    name = _TAG.sub("", name)
    yield name
    name = _CLOUD_PREFIX.sub("", _CLOUD_VERSION.sub("", name)).removesuffix("@default")
    yield name
    name = _DATED.sub("", name)
    yield name
    name = name.removesuffix("-latest")
    yield name
    if name.startswith("claude"):
        yield name.replace(".", "-")


def compile_prices(files: Iterable[PriceFile], *, extra: PriceFile | None = None) -> PriceTable:
    """Return the table of our files; a model in `extra` replaces ours whole.

    Raises BadFile for a rate finer than a pico-USD, a day that is none, or a name used twice.
    """
    rows: dict[str, tuple[CompiledRow, ...]] = {}
    names: dict[str, str] = {}
    parts = tuple(files)
    for part in parts:
        for model in part.models:
            if model.id in rows:
                raise BadFile(f"the model {model.id!r} is priced twice.", place="prices")
            _add(model, rows, names)
    version = max((part.version for part in parts), default="none")
    as_of = min((part.as_of for part in parts), default="")
    if extra is not None:
        for model in extra.models:
            _add(model, rows, names)
        version = f"{version}+{extra.version}"
    return PriceTable(rows, names, version, as_of)


def _add(
    model: ModelPrices, rows: dict[str, tuple[CompiledRow, ...]], names: dict[str, str]
) -> None:
    rows[model.id] = tuple(_compile(model, row) for row in model.rows)
    for name in (model.id, *model.aliases):
        names[name.lower()] = model.id


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _compile(model: ModelPrices, row: RateRow) -> CompiledRow:
    for day in (row.from_, row.until):
        if day is not None and not _DAY.fullmatch(day):
            raise BadFile(f"{day!r} is not a day.", place=model.id, hint="Write 2026-11-21.")

    def picos(rate: float | None) -> int:
        return _picos(model.id, row.input if rate is None else rate)

    write = picos(row.cache_write_5m)
    fee = None if model.web_search is None else _picos(model.id, model.web_search * 1_000_000)
    return CompiledRow(
        row.from_ or "",
        row.until or "9999",
        -1 if row.above_prompt_tokens is None else row.above_prompt_tokens,
        (
            picos(row.input),
            picos(row.cache_read),
            write,
            write if row.cache_write_1h is None else picos(row.cache_write_1h),
            picos(row.output),
            fee,
        ),
    )


def _picos(model: str, usd_per_million: float) -> int:
    value = Fraction(Decimal(repr(usd_per_million))) * PICOS_PER_MICRO
    if value.denominator != 1 or value < 0:
        raise BadFile(
            f"{usd_per_million} is not a rate.",
            place=model,
            hint="Write dollars per million tokens with six decimals at most.",
        )
    return int(value)


def price_digest(texts: Iterable[bytes]) -> str:
    """Return what identifies a set of price files, without parsing them."""
    whole = hashlib.sha256()
    for text in texts:
        whole.update(hashlib.sha256(text).digest())
    return whole.hexdigest()
