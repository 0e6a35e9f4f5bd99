"""What `pawl batch` tells people: a line an item, and what the batch came to."""

import shlex
from collections.abc import Iterable, Sequence

from pawl.base.durations import format_duration
from pawl.base.money import format_usd
from pawl.render.escaping import plain
from pawl.runs.batch_ending import Summary
from pawl.runs.batch_result import Result

_ERROR = 160
_NEXT = {
    "max-usd": "Say it again with a higher --max-usd to go on.",
    "deadline": "Say it again to go on.",
    "stop-after-failures": "Look at the failures, then say it again to go on.",
    "refused": "Remove what refuses the runs, then say it again to go on.",
    "interrupted": "Say it again to go on.",
    "asked-wrongly": "Mend it, then say it again to go on.",
    "supervisor": "Mend it, then say it again to go on.",
}


def result_text(result: Result, done: int, total: int) -> str:
    """Return the line about an item that has its result."""
    width = len(str(total))
    parts = [f"[{done:{width}}/{total}]", plain(result.item), result.outcome.value]
    if result.stop is not None:
        parts.append(f"({result.stop})")
    if result.wall_ms is not None:
        parts.append(format_duration(result.wall_ms / 1000))
    parts.append("cost unknown" if result.cost_micros is None else format_usd(result.cost_micros))
    if result.attempts > 1:
        parts.append(f"{result.attempts} attempts")
    line = "  ".join(parts)
    return f"{line}  {plain(result.error)[:_ERROR]}" if result.error else line


def cost_text(known_micros: int, unknown: int) -> str:
    """Return a cost of which some may be unknown."""
    if not unknown:
        return format_usd(known_micros)
    known = f"{format_usd(known_micros)} and " if known_micros else ""
    return f"{known}{unknown} of unknown cost"


def summary_text(summary: Summary) -> str:
    """Return what a call of a batch came to, with what to do next where items are left."""
    counts = [f"{summary.succeeded} succeeded"]
    if summary.failed:
        counts.append(f"{summary.failed} failed")
    if summary.cannot_tell:
        counts.append(f"{summary.cannot_tell} cannot be told")
    if summary.left:
        counts.append(f"{summary.left} left")
    before = f"; {summary.resumed} done before this call" if summary.resumed else ""
    lines = [
        f"{summary.items} items: {', '.join(counts)}{before}.",
        f"Cost: {cost_text(summary.known_cost_micros, summary.unknown_costs)}."
        f" Time: {format_duration(summary.wall_ms / 1000)}. Results: {plain(summary.results)}",
    ]
    if summary.stopped is not None:
        halt = summary.stopped
        lines.append(
            f"Stopped by {halt.by}: {plain(halt.detail)} {_NEXT.get(halt.by, '')}".rstrip()
        )
    return "\n".join(lines) + "\n"


def plan_text(commands: Iterable[tuple[str, str | None, Sequence[str]]]) -> str:
    """Return the command of each item, quoted for a shell to read, after its id and folder."""
    lines = []
    for item, folder, command in commands:
        where = f"  (in {plain(folder)})" if folder else ""
        lines.append(f"{plain(item)}{where}  {plain(shlex.join(command))}")
    return "\n".join(lines) + "\n"
