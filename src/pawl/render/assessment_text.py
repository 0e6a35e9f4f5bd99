"""An assessment for a terminal: the vector, what keeps the next level away, what was not seen."""

from collections.abc import Iterator, Sequence

from pawl.maturity.verdict import (
    BLAMELESS,
    Assessment,
    CriterionResult,
    DimensionResult,
    Hit,
    ModelResult,
    Verdict,
)
from pawl.render.escaping import plain, wrapped

MAX_BLOCKING = 12
"""Criteria listed for one dimension; a count tells of the rest."""


def assessment_text(assessment: Assessment, notes: Sequence[str] = ()) -> str:
    """Return an assessment as plain text of about 100 columns; control characters become `?`."""
    lines = [*_head(assessment), *notes]
    for model in assessment.models:
        lines += ["", *_model(model)]
    if assessment.hits:
        lines += ["", "Integrity", *(line for hit in assessment.hits for line in _hit(hit))]
    for title, entries in (
        ("Exemptions that have ended", assessment.exemptions_expired),
        ("Exemptions that do not count", assessment.exemptions_refused),
        ("Not looked at", assessment.not_looked_at),
    ):
        if entries:
            lines += ["", title, *(line for entry in entries for line in wrapped(entry, 2))]
    return "".join(f"{plain(line)}\n" for line in lines)


def _head(assessment: Assessment) -> Iterator[str]:
    commit = f" at {assessment.commit[:12]}" if assessment.commit else ""
    yield f"{assessment.subject}{commit}, {assessment.as_of[:10]}"
    yield (
        f"{assessment.probes_run} probes asked, {assessment.probes_cannot_tell} could not tell;"
        f" evidence {assessment.evidence_root[:12]}"
    )


def _model(model: ModelResult) -> Iterator[str]:
    yield f"{model.name} ({model.model} {model.version})"
    if not model.complete:
        yield "  No level: a required probe failed, or nothing could be looked at."
    width = max(len(dimension.name) for dimension in model.dimensions)
    for dimension in model.dimensions:
        yield f"  {dimension.name.ljust(width)}  {_standing(model, dimension)}"
    if model.complete and len(model.dimensions) > 1:
        names = [each.name for each in model.dimensions if each.id in model.weakest]
        risk = next(each.risk for each in model.dimensions if each.id in model.weakest)
        yield from wrapped(f"weakest: {', '.join(names)}{f' (risk: {risk})' if risk else ''}", 2)
    for dimension in model.dimensions:
        yield from _blocking(dimension)


def _standing(model: ModelResult, dimension: DimensionResult) -> str:
    parts = [level_mark(dimension) if model.complete else "-"]
    if model.complete:
        parts.append(dimension.level_name)
    if dimension.confirmed is not None:
        lapsed = ", lapsed" if dimension.confirmed_lapsed else ""
        parts.append(f"confirmed L{dimension.confirmed}{lapsed}")
    counts = verdict_counts(dimension)
    if counts:
        parts.append(f"next: {counts}")
    if dimension.capped:
        parts.append(f"capped: {dimension.capped}")
    return "  ".join(parts)


def level_mark(dimension: DimensionResult) -> str:
    """Return a level in short, with its exemptions: `L3 (2 exempt, first ends 2026-12-03)`."""
    mark = f"L{dimension.measured}"
    if not dimension.exempt:
        return mark
    ends = f", first ends {(dimension.first_exemption_ends or '')[:10]}"
    return f"{mark} ({dimension.exempt} exempt{ends if dimension.first_exemption_ends else ''})"


def verdict_counts(dimension: DimensionResult) -> str:
    """Return what keeps the next level away, counted: `2 unmet, 3 unknown`; empty at the top."""
    blocking = blocking_criteria(dimension)
    counts = {
        verdict: sum(each.verdict is verdict for each in blocking)
        for verdict in (Verdict.UNMET, Verdict.UNKNOWN, Verdict.STALE, Verdict.CONTESTED)
    }
    told = ", ".join(f"{count} {verdict.value}" for verdict, count in counts.items() if count)
    return told or ("nothing of it applies here" if blocking else "")


def blocking_criteria(dimension: DimensionResult) -> list[CriterionResult]:
    """Return the criteria that keep the next level away: what was seen to fail comes first."""
    wanted = set(dimension.blocking)
    found = [each for each in dimension.criteria if each.id in wanted]
    return sorted(found, key=lambda each: each.verdict in BLAMELESS)


def _blocking(dimension: DimensionResult) -> Iterator[str]:
    blocking = blocking_criteria(dimension)
    if not blocking:
        return
    yield ""
    yield f"  {dimension.name}: what keeps L{blocking[0].level} away"
    for each in blocking[:MAX_BLOCKING]:
        yield f"    {each.verdict.value.ljust(9)} {each.id}"
        yield from wrapped(each.statement, 14)
        yield from wrapped(each.reason, 14)
        for place in [str(p) for need in each.needs for p in need.places][:3]:
            yield f"{'':14}{place}"
    if len(blocking) > MAX_BLOCKING:
        yield f"    and {len(blocking) - MAX_BLOCKING} more; see --json."


def _hit(hit: Hit) -> Iterator[str]:
    yield from wrapped(f"{hit.detector} ({hit.strength}, {hit.action}): {hit.indicator}", 2, 4)
    yield from wrapped(f"It may be honest: {hit.innocent} {hit.remedy}", 4)
    for place in hit.places[:3]:
        yield f"    {place}"
