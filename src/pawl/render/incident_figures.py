"""Figures of incidents and actions for a terminal.

Every share stands with what it is a share of and with its 95 % interval, every time with how many
have not ended; what nothing tells is a dash and never a zero.
"""

from collections.abc import Iterator

from pawl.base.durations import format_duration
from pawl.changes.metrics import Rate
from pawl.incidents.metrics import AllFigures
from pawl.render.table import aligned


def incident_figures_text(found: AllFigures) -> str:
    """Return figures for a terminal."""
    told, actions = found.incidents, found.actions
    shares = aligned(
        ("share", "value", "of", "95 % interval"),
        [
            ("commander in time", *_share(told.commander_in_time)),
            ("repeats", *_share(told.repeats)),
            ("actions done in time", *_share(actions.completed_in_time)),
        ],
        left=1,
    )
    head = ("time", "median", "9 of 10 within", "mean of ended", "ended", "running", "unknown")
    times = aligned(head, list(_times(found)), left=1)
    lines = [
        f"{told.since[:16]}Z up to {told.until[:16]}Z: {told.incidents} incidents, besides "
        f"{told.merged} merged and {told.declined} declined.",
        "",
        shares,
        times,
        f"{told.waiting} are too young to have kept or broken the promise of a commander; "
        f"{actions.carried_over} actions were due before and are open; "
        f"{actions.given_up} were given up before they were due.",
        f"Definitions {told.definitions[:12]}.",
    ]
    return "\n".join(lines) + "\n"


def _times(found: AllFigures) -> Iterator[tuple[str, ...]]:
    for each in found.incidents.pairs:
        spans = (each.times.median_s, each.times.p90_s, each.times.mean_s)
        lasted = ("-" if span is None else format_duration(span) for span in spans)
        counts = (each.times.ended, each.times.running, each.unknown)
        yield each.id, *lasted, *map(str, counts)


def _share(rate: Rate) -> tuple[str, str, str]:
    if rate.value is None or rate.low is None or rate.high is None:
        return "-", "0", "-"
    interval = f"{100 * rate.low:.1f} % to {100 * rate.high:.1f} %"
    return f"{100 * rate.value:.1f} %", f"{rate.numerator} of {rate.denominator}", interval
