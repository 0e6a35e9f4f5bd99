"""The figures about incidents in the order in which a page shows them, each with what it means."""

from collections.abc import Iterable, Sequence

import msgspec

from pawl.incidents.metrics import ActionFigures, IncidentFigures, PairTimes, definitions
from pawl.services.change_figures_view import RateLine

_PAIRS = {
    "time-to-accept": "Time to a commander",
    "detection-to-accept": "From detection to a commander",
    "time-to-mitigate": "Time to mitigate",
    "time-to-resolve": "Time to resolve",
}


class PairLine(msgspec.Struct, frozen=True, kw_only=True):
    """How long something takes; `about` says from when to when, and by whose clock."""

    id: str
    name: str
    about: str
    pair: PairTimes


class Quarter(msgspec.Struct, frozen=True, kw_only=True):
    """The actions that were due in one quarter, such as `2026 Q4`; the last one may be running."""

    name: str
    figures: ActionFigures
    running: bool


class FiguresView(msgspec.Struct, frozen=True, kw_only=True):
    """All figures of one window of `days`, and how each of the last quarters went."""

    figures: IncidentFigures
    days: int
    rates: tuple[RateLine, ...]
    pairs: tuple[PairLine, ...]
    quarters: tuple[Quarter, ...]


def figures_view(
    figures: IncidentFigures, quarters: Sequence[ActionFigures], days: int, now: str
) -> FiguresView:
    """Return the figures of a window in their order; `quarters` are newest first."""
    return FiguresView(
        figures=figures,
        days=days,
        rates=(
            RateLine(
                id="commander-in-time",
                name="Promise of a commander kept",
                about="A human accepted within the time promised at the declaration.",
                of="incidents old enough to tell",
                rate=figures.commander_in_time,
                better="high",
            ),
            RateLine(
                id="repeats",
                name="Repeats",
                about="Confirmed by somebody to have the cause of an earlier one.",
                of="incidents",
                rate=figures.repeats,
                better="low",
            ),
        ),
        pairs=tuple(_pairs(figures.pairs)),
        quarters=tuple(
            Quarter(name=quarter_of(each.since), figures=each, running=each.until == now)
            for each in quarters
        ),
    )


def quarter_of(time: str) -> str:
    """Return the quarter of an instant, such as `2026 Q4`."""
    return f"{time[:4]} Q{(int(time[5:7]) + 2) // 3}"


def quarter_bounds(now: str, back: int) -> tuple[str, str]:
    """Return the bounds of the quarter so many before the present one, which ends now.

    What is due later in a quarter that goes on has had no time to be done.
    """
    number = int(now[:4]) * 4 + (int(now[5:7]) - 1) // 3 - back
    return _start(number), min(now, _start(number + 1))


def _start(number: int) -> str:
    year, quarter = divmod(number, 4)
    return f"{year:04}-{quarter * 3 + 1:02}-01T00:00:00.000000Z"


def _pairs(found: Iterable[PairTimes]) -> list[PairLine]:
    about = {each.id: each for each in definitions().pairs}
    return [
        PairLine(
            id=each.id,
            name=_PAIRS.get(each.id, each.id.replace("-", " ").capitalize()),
            about=about[each.id].source if each.id in about else "",
            pair=each,
        )
        for each in found
    ]
