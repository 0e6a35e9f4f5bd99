"""What keeps a level away, the cheapest way there, and what would be if: for a terminal."""

from collections.abc import Iterator

from pawl.maturity.gaps import Gap
from pawl.maturity.what_if import WhatIf
from pawl.maturity.why_not import Path, WhyNot
from pawl.render.escaping import wrapped


def why_not_text(found: WhyNot) -> str:
    """Return what keeps a level away, what was seen to fail first."""
    return _joined(_why_not(found))


def path_text(found: Path) -> str:
    """Return the cheapest way to a level in the order to walk it; effort in person-days."""
    return _joined(_path(found))


def what_if_text(found: WhatIf) -> str:
    """Return what would change, marked as hypothetical in its first line."""
    return _joined(_what_if(found))


def _why_not(found: WhyNot) -> Iterator[str]:
    if found.level is None:
        yield f"{found.name} is at L{found.measured}, and no level above it is rated."
        return
    yield f"{found.name} is at L{found.measured}; this keeps {found.level_id} away:"
    if found.capped:
        yield from wrapped(f"Capped: {found.capped}", 2)
    if not found.reachable:
        yield "  Nothing of this level can be met here at all."
    for title, gaps in (
        ("Seen to be missing", found.unmet),
        ("Not known, and nobody's fault", found.blameless),
        (f"{found.choose} of these exempt ones must be met", found.among if found.choose else ()),
    ):
        if gaps:
            yield f"  {title}"
            for gap in gaps:
                yield from _gap(gap)
    if found.provisional:
        yield from wrapped(f"Counts today, confirms nothing: {', '.join(found.provisional)}.", 2)


def _gap(gap: Gap) -> Iterator[str]:
    yield f"    {gap.criterion} ({gap.verdict.value})"
    yield from wrapped(gap.reason, 6)
    for work in gap.works:
        days = "effort not declared" if work.days is None else f"{work.days:g} person-days"
        most = " at most" if work.at_most else ""
        yield from wrapped(f"→ {work.remedy} ({days}{most}, {work.probe})", 6, 8)
        for place in work.places[:3]:
            yield f"        {place}"
    if gap.waits_days:
        yield f"      then it must be seen to hold for {gap.waits_days:g} days"


def _path(found: Path) -> Iterator[str]:
    if not found.reachable:
        yield f"{found.model}.{found.dimension}: L{found.target} cannot be reached here."
        return
    if not found.steps and not found.waiting:
        yield f"{found.model}.{found.dimension} is at L{found.measured}: nothing is missing."
        return
    yield (
        f"{found.model}.{found.dimension}: from L{found.measured} to L{found.target} in"
        f" {_span(found)} person-days,"
        f" then up to {found.waits_days:g} days of being seen to hold"
    )
    for number, step in enumerate(found.steps, 1):
        days = "?" if step.days is None else f"{step.days:g}"
        most = "at most " if step.at_most else ""
        yield from wrapped(
            f"{number:2}. L{step.level}  {step.remedy} ({most}{days} person-days, {step.probe})",
            2,
            6,
        )
        yield from wrapped(f"serves {', '.join(step.serves)}", 6, 8)
    if found.waiting:
        yield from wrapped(f"Only time is missing for {', '.join(found.waiting)}.", 2)
    if found.ended_exemptions:
        yield from wrapped(f"Meets what is exempt today: {', '.join(found.ended_exemptions)}.", 2)
    if found.uncounted:
        yield from wrapped(f"No effort is declared for {', '.join(found.uncounted)}.", 2)


def _span(found: Path) -> str:
    if found.days_at_least == found.days_at_most:
        return f"{found.days_at_most:g}"
    return f"{found.days_at_least:g} to {found.days_at_most:g}"


def _what_if(found: WhatIf) -> Iterator[str]:
    yield f"Hypothetical: {found.subject} as of {found.as_of[:10]}, if this were so"
    for supposed in found.supposed:
        yield from wrapped(f"- {supposed}", 2, 4)
    for refused in found.exemptions_refused:
        yield from wrapped(f"It would not count: {refused}", 2, 4)
    if not found.changes:
        yield "Nothing would change."
        return
    yield "What would change"
    moved = {(c.model, c.dimension) for c in found.changes if c.what == "level"}
    for change in found.changes:
        if change.what == "firm" and (change.model, change.dimension) in moved:
            continue  # It went with the level.
        name = ".".join(part for part in (change.model, change.dimension) if part)
        about = change.criterion or f"{name} level"
        yield from wrapped(f"{about}: {change.before} → {change.after}", 2, 4)


def _joined(lines: Iterator[str]) -> str:
    text = "".join(f"{line}\n" for line in lines)
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in text)
