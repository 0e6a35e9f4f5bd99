"""What changed between two assessments, for a terminal and as Markdown: each change, one cause."""

from collections.abc import Iterator

import msgspec

from pawl.maturity.difference import Change, Difference
from pawl.render.escaping import markdown_code, markdown_text, plain, wrapped

_NOT_THERE = "not there"


def difference_json(found: Difference) -> bytes:
    """Return the difference as JSON: `pawl.difference/1`."""
    return msgspec.json.encode(found)


def difference_text(found: Difference) -> str:
    """Return the changes as plain text, levels first; control characters become `?`."""
    lines = [f"from {', '.join(found.before) or 'nothing'}"]
    lines += [f"to   {', '.join(found.after) or 'nothing'}"]
    if not found.changes:
        lines += ["no verdict and no level changed"]
    else:
        counts = ", ".join(f"{count} by {cause}" for cause, count in found.counts.items())
        lines += [f"{len(found.changes)} changes: {counts}"]
    for change in _levels_first(found):
        lines += ["", *_change(change)]
    return "".join(f"{plain(line)}\n" for line in lines)


def difference_markdown(found: Difference) -> str:
    """Return the changes as a Markdown table, levels first."""
    lines = ["# What changed", "", f"From {markdown_text(', '.join(found.before) or 'nothing')}"]
    lines += [f"to {markdown_text(', '.join(found.after) or 'nothing')}.", ""]
    if not found.changes:
        return "\n".join([*lines, "No verdict and no level changed."]) + "\n"
    lines += ["| What | Before | After | Cause | Why |", "|---|---|---|---|---|"]
    for change in _levels_first(found):
        cells = [change.before or _NOT_THERE, change.after or _NOT_THERE]
        cells += [change.cause.value, _why(change)]
        shown = " | ".join(markdown_text(cell) for cell in cells)
        lines.append(f"| {markdown_code(_name(change))} | {shown} |")
    lines += ["", f"Causes are told apart in this order: {', '.join(found.order)}."]
    return "\n".join(lines) + "\n"


def _levels_first(found: Difference) -> list[Change]:
    return sorted(found.changes, key=lambda change: change.what == "verdict")


def _change(change: Change) -> Iterator[str]:
    before, after = change.before or _NOT_THERE, change.after or _NOT_THERE
    yield from wrapped(f"{_name(change)}: {before} -> {after}, by {change.cause.value}", 0, 4)
    if why := _why(change):
        yield from wrapped(why, 4)
    if len(change.passed) > 1:
        steps = ", ".join(
            f"{step.became or _NOT_THERE} by {step.cause.value}" for step in change.passed
        )
        yield from wrapped(f"on the way: {steps}", 4)


def _name(change: Change) -> str:
    if change.what == "verdict":
        return f"{change.subject} {change.criterion}"
    kinds = {"level": "level", "firm": "firm level", "confirmed": "confirmed level"}
    return f"{change.subject} {change.model}.{change.dimension} {kinds[change.what]}"


def _why(change: Change) -> str:
    return change.why or change.before_why
