"""An assessment as Markdown, for a change request, a job summary or a report in the repository.

It says what is missing and where to look, and never who. Text from the assessed tree is escaped.
"""

from collections.abc import Iterator, Sequence

from pawl.maturity.verdict import Assessment, CriterionResult, DimensionResult, Hit, ModelResult
from pawl.render.assessment_text import blocking_criteria, level_mark, verdict_counts
from pawl.render.escaping import markdown_code, markdown_text

MAX_BLOCKING = 30
"""Criteria listed for one dimension; a count tells of the rest."""
MAX_PLACES = 3
"""Places listed for one criterion."""


def assessment_markdown(assessment: Assessment, notes: Sequence[str] = ()) -> str:
    """Return an assessment as Markdown; `notes` stand below its head."""
    lines = [f"# Maturity of {markdown_text(assessment.subject)}", "", *_head(assessment)]
    lines += [line for note in notes for line in ("", markdown_text(note))]
    for model in assessment.models:
        lines += ["", *_model(model)]
    lines += _section("Integrity", [_hit(hit) for hit in assessment.hits])
    for title, entries in (
        ("Exemptions that have ended", assessment.exemptions_expired),
        ("Exemptions that do not count", assessment.exemptions_refused),
        ("Not looked at", assessment.not_looked_at),
    ):
        lines += _section(title, [f"- {markdown_text(entry)}" for entry in entries])
    lines += ["", "## What judged", "", *_definitions(assessment)]
    return "\n".join(lines) + "\n"


def _head(assessment: Assessment) -> Iterator[str]:
    commit = f" at {markdown_code(assessment.commit[:12])}" if assessment.commit else ""
    yield (
        f"Assessed on {markdown_text(assessment.as_of[:10])}{commit}. "
        f"{assessment.probes_run} probes asked, {assessment.probes_cannot_tell} could not tell."
    )


def _model(model: ModelResult) -> Iterator[str]:
    yield f"## {markdown_text(model.name)}"
    yield ""
    if not model.complete:
        yield "**No level**: a required probe failed, or nothing could be looked at."
        yield ""
    elif len(model.dimensions) > 1:
        names = [each.name for each in model.dimensions if each.id in model.weakest]
        risk = next(each.risk for each in model.dimensions if each.id in model.weakest)
        told = f" Risk: {markdown_text(risk)}." if risk else ""
        yield f"Weakest: **{markdown_text(', '.join(names))}**.{told}"
        yield ""
    yield "| Dimension | Level | Name | Confirmed | Next level waits for |"
    yield "|---|---|---|---|---|"
    for dimension in model.dimensions:
        yield _row(model, dimension)
    for dimension in model.dimensions:
        yield from _blocking(dimension)


def _row(model: ModelResult, dimension: DimensionResult) -> str:
    cells = [
        dimension.name,
        level_mark(dimension) if model.complete else "not published",
        dimension.level_name if model.complete else "",
        _confirmed(dimension),
        verdict_counts(dimension) or ("" if dimension.blocking else "nothing above"),
    ]
    if dimension.capped:
        cells[-1] = f"capped: {dimension.capped}"
    return "| " + " | ".join(markdown_text(cell) for cell in cells) + " |"


def _confirmed(dimension: DimensionResult) -> str:
    if dimension.confirmed is None:
        return "never"
    until = (dimension.confirmed_until or "")[:10]
    return f"L{dimension.confirmed} {'ended' if dimension.confirmed_lapsed else 'until'} {until}"


def _blocking(dimension: DimensionResult) -> Iterator[str]:
    blocking = blocking_criteria(dimension)
    if not blocking:
        return
    yield ""
    yield f"### {markdown_text(dimension.name)}: what keeps L{blocking[0].level} away"
    yield ""
    for each in blocking[:MAX_BLOCKING]:
        yield from _criterion(each)
    if len(blocking) > MAX_BLOCKING:
        yield f"- and {len(blocking) - MAX_BLOCKING} more."


def _criterion(criterion: CriterionResult) -> Iterator[str]:
    yield (
        f"- **{markdown_text(criterion.verdict.value)}** {markdown_code(criterion.id)} "
        f"{markdown_text(criterion.statement)}"
    )
    if criterion.reason:
        yield f"  {markdown_text(criterion.reason)}"
    places = list(dict.fromkeys(str(place) for need in criterion.needs for place in need.places))
    if places:
        more = f" and {len(places) - MAX_PLACES} more" if len(places) > MAX_PLACES else ""
        yield f"  {', '.join(markdown_code(place) for place in places[:MAX_PLACES])}{more}"


def _hit(hit: Hit) -> str:
    return (
        f"- **{markdown_text(hit.detector)}** ({hit.strength}, {hit.action}): "
        f"{markdown_text(hit.indicator)} It may be honest: {markdown_text(hit.innocent)} "
        f"{markdown_text(hit.remedy)}"
    )


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return ["", f"## {title}", "", *lines] if lines else []


def _definitions(assessment: Assessment) -> Iterator[str]:
    for name, value in (
        ("Engine", assessment.engine),
        ("Evidence", assessment.evidence_root),
        ("Probes", assessment.probes_digest),
        ("Thresholds", assessment.thresholds_digest),
        ("Ledger checkpoint", assessment.ledger_checkpoint or ""),
        *((f"Model {model.model} {model.version}", model.digest) for model in assessment.models),
    ):
        if value:
            yield f"- {markdown_text(name)}: {markdown_code(value)}"
