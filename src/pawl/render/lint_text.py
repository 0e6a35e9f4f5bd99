"""A lint for people: what fails first, each with its place, why and what to do instead."""

from collections.abc import Iterator

from pawl.assets.lint import Found, Linted
from pawl.base.finding import Severity
from pawl.render.escaping import plain

_MARKS = {
    Severity.CRITICAL: "critical",
    Severity.HIGH: "high",
    Severity.MEDIUM: "medium",
    Severity.LOW: "low",
    Severity.INFO: "info",
}


def lint_text(linted: Linted, *, hidden: bool = False) -> str:
    """Return findings as lines; `hidden` shows those that are known or waived as well."""
    return "".join(f"{line}\n" for line in _lines(linted, hidden))


def _lines(linted: Linted, hidden: bool) -> Iterator[str]:
    for found in linted.findings:
        if found.state == "new" or hidden:
            yield from _finding(found)
    for void in linted.void:
        place = plain(f"{void.path}:{void.line}" if void.line else void.path)
        why = void.why or "nothing needs it any more"
        yield plain(f"{place}: the waiver of {', '.join(void.rules)} holds nothing: {why}.")
    for path in linted.unread:
        yield plain(f"{path}: not looked at; it is too large, or no text in UTF-8.")
    for told in linted.unseen:
        yield plain(f"not everything was looked at: {told}")
    for told in linted.remarks:
        yield plain(f"note: {told}")
    for rule, why in linted.failed.items():
        yield plain(f"the rule {rule} failed, a defect of Pawl's or of a plugin: {why}")
    yield _summary(linted)


def _finding(found: Found) -> Iterator[str]:
    place = f"{found.path}:{found.line}" if found.line is not None else found.path
    state = f" ({found.state}{': ' + found.reason if found.reason else ''})"
    yield plain(
        f"{place}: {_MARKS[found.severity]}: {found.message} [{found.rule}]"
        f"{'' if found.state == 'new' else state}"
    )
    for step in found.trail:
        yield plain(f"    → {step}")
    if found.also:
        yield plain(f"    told by {', '.join(found.also)} as well")
    if found.hint:
        yield plain(f"    {found.hint}")


def _summary(linted: Linted) -> str:
    looked = ", ".join(f"{count} {kind}" for kind, count in linted.looked_at.items())
    if not looked:
        return "Nothing here steers an agent: no file was looked at."
    counts = dict.fromkeys(("new", "known", "waived"), 0)
    for found in linted.findings:
        counts[found.state] += 1
    rest = ", ".join(f"{counts[state]} {state}" for state in ("known", "waived") if counts[state])
    failing = len(linted.failing)
    others = f" and {', '.join(linted.tools)}" if linted.tools else ""
    return (
        f"{counts['new']} found, {failing} at or above {_MARKS[linted.fail_at]}"
        f"{f' ({rest})' if rest else ''}; looked at {looked} with {len(linted.rules)} rules"
        f"{others}."
    )
