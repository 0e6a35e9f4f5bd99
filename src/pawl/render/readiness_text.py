"""Whether a repository is ready, for a terminal and as Markdown. Its text is hostile: escaped."""

from collections.abc import Iterator

from pawl.maturity.readiness import ItemResult, Readiness, Standing
from pawl.render.escaping import markdown_code, markdown_text, plain, wrapped

HEADS = {"step": "First integration, step by step", "question": "What one must know"}
_VERDICTS = {
    Standing.YES: "ready",
    Standing.NO: "not ready",
    Standing.CANNOT_TELL: "cannot tell, which is not ready",
}
MAX_PLACES = 3
"""Places that an item names."""


def readiness_text(told: Readiness) -> str:
    """Return readiness as plain text."""
    done = sum(each.standing is Standing.YES for each in told.items)
    lines = [
        f"{plain(told.subject)}: {_VERDICTS[told.standing]}",
        f"{done} of {len(told.items)} are proved. Items {told.version}, {told.as_of[:10]}.",
    ]
    for part, head in HEADS.items():
        lines += ["", head]
        for each in told.items:
            if each.part == part:
                lines += _item(each)
    if told.next_step is not None:
        lines += ["", f"Next: {told.next_step.item}"]
        lines += wrapped(plain(told.next_step.what), 2)
        lines.append(f"  $ {plain(told.next_step.command)}")
    if told.not_looked_at:
        lines += ["", "Not looked at:", *(f"  {plain(each)}" for each in told.not_looked_at)]
    return "\n".join(lines) + "\n"


def _item(item: ItemResult) -> Iterator[str]:
    yield f"  {item.standing.value:<11} {item.number}. {item.question}"
    if item.standing is not Standing.YES:
        yield from wrapped(plain(item.reason), 17)
        for place in _places(item):
            yield f"{'':17}at {plain(place)}"


def _places(item: ItemResult) -> list[str]:
    found = [
        str(place)
        for rest in item.rests
        if rest.standing is not Standing.YES
        for place in rest.places
    ]
    return found[:MAX_PLACES]


def readiness_markdown(told: Readiness) -> str:
    """Return readiness as Markdown, for a change request or a job's summary."""
    commit = f" at {markdown_code(told.commit[:12])}" if told.commit else ""
    lines = [
        f"# {markdown_text(told.subject)} is {_VERDICTS[told.standing]}",
        "",
        f"Looked at on {told.as_of[:10]}{commit}, by the items {told.version}.",
    ]
    for part, head in HEADS.items():
        lines += ["", f"## {head}", "", "| | Item | Why |", "| --- | --- | --- |"]
        lines += [
            f"| {each.standing.value} | {each.number}. {markdown_text(each.question)} "
            f"| {markdown_text(each.reason)} |"
            for each in told.items
            if each.part == part
        ]
    if told.next_step is not None:
        step = told.next_step
        lines += ["", "## Next", "", markdown_text(step.what), "", f"    {plain(step.command)}"]
    return "\n".join(lines) + "\n"
