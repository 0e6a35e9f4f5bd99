"""Answers of Prometheus to a query over a range, as series.

The form is that of https://prometheus.io/docs/prometheus/latest/querying/api/: a status, and data
of type `matrix` with labels and pairs of seconds and texts.
"""

import math

import msgspec

from pawl.base import typed
from pawl.base.errors import CannotTell
from pawl.investigation.facts import Series

MAX_SERIES = 500
MAX_POINTS = 11_000
"""Points of one series: as many as Prometheus itself answers."""
_MAX_LABEL = 200


class _Row(msgspec.Struct):
    metric: dict[str, str]
    values: list[tuple[float, str]]


class _Data(msgspec.Struct):
    resultType: str  # noqa: N815
    result: list[_Row]


class _Answer(msgspec.Struct):
    status: str
    data: _Data | None = None
    error: str = ""


def read_range(body: bytes, *, query: str, place: str) -> tuple[Series, ...]:
    """Return the series of an answer; raises CannotTell for one that is none."""
    try:
        answer = typed.decode(body, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CannotTell(f"the answer cannot be read: {error}.", place=place) from error
    if answer.status != "success" or answer.data is None:
        raise CannotTell(
            f"the query failed: {answer.error[:200] or 'no reason given'}.", place=place
        )
    if answer.data.resultType != "matrix":
        raise CannotTell("the answer is no series over time.", place=place)
    found = []
    for row in answer.data.result[:MAX_SERIES]:
        labels = {key[:_MAX_LABEL]: value[:_MAX_LABEL] for key, value in row.metric.items()}
        name = labels.pop("__name__", "") or query
        points = tuple(
            (at, number)
            for at, text in row.values[:MAX_POINTS]
            if (number := _number(text)) is not None
        )
        found.append(
            Series(
                name=name[:_MAX_LABEL], source="metrics", points=points, labels=labels, place=place
            )
        )
    return tuple(found)


def _number(text: str) -> float | None:
    """Return a value; None for what is no number or endless."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
