"""Who is on call, as text for a terminal."""

from collections.abc import Iterator

from pawl.incidents.oncall import Shift
from pawl.incidents.oncall_view import OnCall
from pawl.render.table import aligned, printable

_MOST = 40
"""Turns that are listed; it says how many more there are."""


def oncall_text(found: OnCall) -> str:
    """Return who is on call now, who owns which domain, and the hand-overs to come."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: OnCall) -> Iterator[str]:
    yield f"As committed on {printable(found.branch)}, at {_time(found.at)}."
    for doubt in found.doubts:
        yield f"! {printable(doubt)}"
    yield ""
    rows = [
        (
            printable(each.rotation),
            printable(each.person) or "nobody",
            _time(each.until) if each.until < found.until else "for longer",
            printable(each.then) or ("nobody" if each.until < found.until else "-"),
        )
        for each in found.now
    ]
    if rows:
        yield aligned(("rotation", "on call", "until", "then"), rows, left=4)
    domains = [
        (each.domain, printable(each.role) or "-", printable(each.person) or "nobody")
        for each in found.owners
    ]
    yield aligned(("domain", "commands unless another does", "who"), domains, left=3)
    steps = [f"{after:g} s {printable(page)}" for after, page in found.escalation]
    yield (
        f"An incident pages: {', '.join(steps) or 'nobody'}; after {found.breach_after_s:g} s the "
        "promise of a commander is broken."
    )
    yield ""
    handed = [each for each in found.turns if each.starts > found.at]
    handed.sort(key=lambda each: (each.starts, each.rotation))
    yield f"Hand-overs until {found.until[:10]}:" if handed else "No hand-over until then."
    for each in handed[:_MOST]:
        yield f"  {_time(each.starts)}  {printable(each.rotation)}: {_who(each)}"
    if len(handed) > _MOST:
        yield f"  and {len(handed) - _MOST} more"
    for each in found.gaps[:_MOST]:
        yield (
            f"! Nobody is on call for {printable(each.rotation)} from {_time(each.starts)} to "
            f"{_time(each.ends)}."
        )


def _who(shift: Shift) -> str:
    return printable(shift.person) or "nobody"


def _time(at: str) -> str:
    return f"{at[:16].replace('T', ' ')}Z"
