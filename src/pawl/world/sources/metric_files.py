"""Measures, out of files that hold answers of Prometheus to a query over a range.

Reads: the globs of `metrics` in `[investigation]`, such as what a pipeline has kept of a test.
"""

import msgspec

from pawl.base.errors import CannotTell
from pawl.investigation.facts import Facts, Series
from pawl.investigation.prometheus import read_range
from pawl.investigation.symptoms import epoch
from pawl.world.source import Asking, Source, files_of, tail_of


def _missing(asking: Asking) -> str:
    return "" if asking.settings.metrics else "[investigation] names no files of measures."


def _look(asking: Asking) -> Facts:
    since, until = epoch(asking.window.since), epoch(asking.window.until)
    found: list[Series] = []
    left: list[str] = []
    left_bytes = asking.most
    for path in files_of(asking, asking.settings.metrics):
        content, whole = tail_of(path, left_bytes)
        left_bytes -= len(content)
        if not whole:
            left.append(f"{path.name} was not read: there is more than fits.")
            continue
        try:
            series = read_range(content, query=path.stem, place=path.name)
        except CannotTell as error:
            left.append(f"{path.name}: {error.message}")
            continue
        for each in series:
            points = tuple(point for point in each.points if since <= point[0] <= until)
            found.append(msgspec.structs.replace(each, points=points))
    if left and not found:
        raise CannotTell(" ".join(left)[:300], place=", ".join(asking.settings.metrics)[:200])
    return Facts(series=tuple(found), left=tuple(left))


SOURCE = Source(title="Metric files", answers=("metrics",), missing=_missing, look=_look)
