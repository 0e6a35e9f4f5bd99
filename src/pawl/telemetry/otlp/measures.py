"""What data points of metrics become: facts that confirm, and never add tokens or money.

A METRIC event carries its numbers as attributes only, so nothing that sums token or cost fields
can count it. `series` names the stream of points it belongs to, for `Counters`.
"""

import math
from hashlib import blake2b

from pawl.telemetry.event import Kind
from pawl.telemetry.otlp.lean import CUMULATIVE, DELTA, BadRecord, Point
from pawl.telemetry.otlp.naming import fits, pick
from pawl.telemetry.otlp.telling import Fact, Teller, text

_TEMPORALITIES = {DELTA: "delta", CUMULATIVE: "cumulative"}


def tell_point(teller: Teller, point: Point) -> None:
    """Add the event of a data point; raises BadRecord for one that cannot be true."""
    names = teller.names
    if not fits(point.metric, names.metrics):
        return
    value = point.value
    if not math.isfinite(value) or (point.monotonic and value < 0):
        raise BadRecord("a measurement cannot be true")
    if point.count is not None and point.count < 0:
        raise BadRecord("a measurement cannot be true")
    attributes, fields = point.attributes, names.fields
    series = _digest(
        teller.series_seed,
        point.metric,
        point.temporality,
        sorted((name, repr(told)) for name, told in attributes.items()),
    )
    time, claimed = teller.clock.judge(point.time)
    more = {
        "metric": text(point.metric, teller.limit) or "",
        "value": repr(value),
        "temporality": _TEMPORALITIES.get(point.temporality, "gauge"),
        "series": series,
    }
    if point.unit:
        more["unit"] = text(point.unit, teller.limit) or ""
    if point.start:
        more["start"] = teller.clock.text(point.start)
    if point.count is not None:
        more["count"] = str(point.count)
    if claimed is not None:
        more["claimed_time"] = claimed
    fact = Fact(
        _digest(series, point.start, point.time, value, point.count),
        time,
        attributes,
        teller.kept(attributes),
        text(pick(attributes, fields.session_id), teller.limit) or teller.session,
        None,
    )
    teller.tell(
        fact,
        Kind.METRIC,
        "metric",
        model=teller.model(attributes),
        tool=text(pick(attributes, fields.tool), teller.limit),
        more=more,
    )


def _digest(*told: object) -> str:
    return blake2b(repr(told).encode("utf-8", "backslashreplace"), digest_size=12).hexdigest()
