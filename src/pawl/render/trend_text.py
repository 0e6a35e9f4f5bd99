"""The levels that assessments measured, over time, for a terminal."""

from collections.abc import Mapping, Sequence

from pawl.render.table import aligned

Levels = Mapping[str, int] | None


def trend_text(points: Sequence[tuple[str, Levels]]) -> str:
    """Return a table of `(time, levels by dimension)`, oldest first; `?` is not published.

    Of assessments in a row that measured the same, only the first stands, and the very last.
    """
    names = list(dict.fromkeys(name for _, levels in points for name in levels or ()))
    kept = [
        point
        for number, point in enumerate(points)
        if number in (0, len(points) - 1) or point[1] != points[number - 1][1]
    ]
    body = [(at[:16].replace("T", " "), *_row(levels, names)) for at, levels in kept]
    return aligned(("assessed (UTC)", *names), body, left=1)


def _row(levels: Levels, names: Sequence[str]) -> list[str]:
    return [f"L{levels[name]}" if levels and name in levels else "?" for name in names]
