"""Values that are seen where others were seen before, such as the model that answers.

Nobody need have changed anything here for that: who runs a model may put another under the same
use. What was deployed by us is told by deployments as well.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pawl.base.times import time_from_ms
from pawl.investigation.facts import Change, ChangeKind, Line
from pawl.investigation.terms import Terms

DIMENSIONS = frozenset({"model", "version", "agent_version"})
MAX_VALUES = 50


class Observed(NamedTuple):
    """That a component had a value of a dimension at a moment, in epoch seconds."""

    at: float
    component: str
    dimension: str
    value: str


def observed_in(lines: Iterable[Line]) -> Iterator[Observed]:
    """Yield what lines of logs say of models and versions."""
    for line in lines:
        for name, value in line.of:
            if name in DIMENSIONS:
                yield Observed(line.at, line.component, name, value)


def shifts(
    observed: Iterable[Observed], since: float, until: float, terms: Terms, source: str
) -> list[Change]:
    """Return each value that came in the window and took the place of what was usual before."""
    first: dict[tuple[str, str], dict[str, float]] = {}
    early: dict[tuple[str, str], Counter[str]] = {}
    late: dict[tuple[str, str], Counter[str]] = {}
    lead_end = since + (until - since) * terms.lead_share
    for each in observed:
        if not since <= each.at <= until:
            continue
        key = (each.component, each.dimension)
        seen = first.setdefault(key, {})
        if each.value not in seen and len(seen) >= MAX_VALUES:
            continue
        seen[each.value] = min(each.at, seen.get(each.value, each.at))
        (early if each.at < lead_end else late).setdefault(key, Counter())[each.value] += 1
    found = []
    for key, values in sorted(first.items()):
        before, after = early.get(key, Counter()), late.get(key, Counter())
        if not before:
            continue
        usual = min(before, key=lambda value: (-before[value], value))
        for value, at in sorted(values.items()):
            if before[value] == 0 and after[value] >= terms.lead_points:
                found.append(_shift(key, usual, value, at, source))
    return found


def _shift(key: tuple[str, str], before: str, after: str, at: float, source: str) -> Change:
    component, dimension = key
    of = f"{dimension} of {component}" if component else dimension
    return Change(
        kind=ChangeKind.SHIFT,
        id=of,
        at=time_from_ms(at * 1000),
        title=f"{of}: {before} to {after}",
        source=source,
        component=component,
        before=before,
        after=after,
    )
