"""An assessment as one HTML page for whoever decides: it prints on one sheet of A4.

The vector of levels, the weakest and its risk, the first five goals, and what was not looked at.
Self-contained: no script, no font, no image, nothing loaded. What does not fit is counted and
told, never dropped in silence. It speaks of practice, never of people.
"""

from collections.abc import Iterator, Sequence

from pawl.maturity.model import Model
from pawl.maturity.roadmap import Goal
from pawl.maturity.verdict import BLAMELESS, Assessment, DimensionResult, ModelResult, Verdict
from pawl.render.escaping import cut, html_text, plain

MAX_GOALS = 5
MAX_UNSEEN = 5
MAX_HITS = 3
_CELL = 58
"""Characters that a cell shows at most; with these, four models fit on one sheet."""
_SHORT = 50
_LINE = 118
"""Characters of one line over the whole width."""

_STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--paper:#fff;--line:#d0d7de;
--full:#0b6b50;--weak:#a04a00}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9da7b1;--paper:#0d1117;
--line:#3d444d;--full:#3fb58f;--weak:#f0a35e}}
*{box-sizing:border-box}
body{margin:0 auto;padding:14px;max-width:820px;background:var(--paper);color:var(--ink);
font:12.5px/1.35 system-ui,sans-serif;overflow-wrap:break-word}
h1{font-size:19px;margin:0}h2{font-size:13.5px;margin:10px 0 3px}p{margin:2px 0}
.soft{color:var(--soft)}.weak{color:var(--weak);font-weight:600}
table{border-collapse:collapse;width:100%;table-layout:fixed}
.w1{width:27%}.w2{width:22%}.w3{width:12%}.w4{width:7%}.g1{width:44%}.g3{width:12%}.g4{width:6%}
.g5{width:11%}th.model{color:var(--ink);padding-top:7px}
th,td{text-align:left;vertical-align:top;padding:2px 8px 2px 0;border-top:1px solid var(--line)}
th{font-weight:600;color:var(--soft);border-top:0}
.bar{display:inline-flex;gap:2px;vertical-align:-1px}
.bar i{width:11px;height:9px;border:1px solid var(--soft);border-radius:2px}
.bar i.on{background:var(--full);border-color:var(--full)}
ul{margin:2px 0;padding-left:17px}footer{margin-top:8px;font-size:10px}
@page{size:A4;margin:9mm}
@media print{:root{--ink:#000;--soft:#444;--paper:#fff;--line:#bbb;--full:#0b6b50;--weak:#8a3f00}
body{padding:0;max-width:none;font-size:7.8pt;line-height:1.18}h1{font-size:14pt}
h2{font-size:9pt;margin:5px 0 1px}footer{font-size:7pt}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
"""


def assessment_page(
    assessment: Assessment, models: Sequence[Model] = (), goals: Sequence[Goal] = ()
) -> str:
    """Return the page; `models` tell how many levels there are, `goals` stand in their order."""
    tops = {model.id: max(level.ordinal for level in model.levels) for model in models}
    parts = [
        f"<h1>Maturity of {html_text(cut(plain(assessment.subject), _CELL))}</h1>",
        f'<p class="soft">{_about(assessment)}</p>',
    ]
    parts.append(
        '<table><tr><th class="w1">Dimension</th><th class="w2">Level</th>'
        '<th class="w3">Confirmed</th><th class="w4">Failed</th><th class="w4">Unseen</th>'
        "<th>Next level waits for</th></tr>"
    )
    for model in assessment.models:
        parts += _model(model, tops.get(model.model))
    parts.append("</table>")
    parts += _goals(goals)
    parts += _hits(assessment)
    parts += _unseen(assessment)
    parts.append(f'<footer class="soft">{_definitions(assessment)}</footer>')
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>Maturity of {html_text(cut(plain(assessment.subject), _CELL))}</title>"
        f"<style>{_STYLE}</style></head>\n<body>\n" + "\n".join(parts) + "\n</body></html>\n"
    )


def _about(assessment: Assessment) -> str:
    commit = f", commit {assessment.commit[:12]}" if assessment.commit else ""
    return html_text(
        f"{assessment.as_of[:10]}{commit}. {assessment.probes_run} probes asked, "
        f"{assessment.probes_cannot_tell} could not tell. Levels stand side by side and are never "
        "averaged."
    )


def _model(model: ModelResult, top: int | None) -> Iterator[str]:
    yield _whole_row(html_text(cut(plain(model.name), _CELL)), "model")
    if not model.complete:
        yield _whole_row(
            '<span class="weak">No level: a required probe failed, or nothing could be looked at.'
            "</span>"
        )
        return
    several = len(model.dimensions) > 1
    for each in model.dimensions:
        yield _row(each, top, weak=several and each.id in model.weakest)
    lowest = next((each for each in model.dimensions if each.id in model.weakest), None)
    if lowest is not None and lowest.risk:
        names = ", ".join(each.name for each in model.dimensions if each.id in model.weakest)
        prefix = f"Weakest: {names}. " if several else ""
        told = f"{prefix}Risk: {lowest.risk}."
        yield _whole_row(html_text(cut(plain(told), 2 * _LINE)))


def _whole_row(cell: str, name: str = "") -> str:
    tag, kind = ("th", f' class="{name}"') if name else ("td", "")
    return f'<tr><{tag} colspan="6"{kind}>{cell}</{tag}></tr>'


def _row(dimension: DimensionResult, top: int | None, *, weak: bool) -> str:
    waiting = [each for each in dimension.criteria if each.id in dimension.blocking]
    failed = sum(each.verdict is Verdict.UNMET for each in waiting)
    unknown = sum(each.verdict in BLAMELESS for each in waiting)
    first = min(waiting, key=lambda each: each.verdict in BLAMELESS, default=None)
    told = dimension.capped or ("nothing above" if first is None else first.statement)
    name = html_text(cut(plain(dimension.name), 30))
    mark = ' <span class="weak">weakest</span>' if weak else ""
    exempt = f" ({dimension.exempt} exempt)" if dimension.exempt else ""
    level = f"L{dimension.measured} {cut(plain(dimension.level_name), 24)}{exempt}"
    return (
        f"<tr><td>{name}{mark}</td><td>{_bar(dimension.measured, top)} {html_text(level)}</td>"
        f"<td>{html_text(_confirmed(dimension))}</td><td>{failed}</td>"
        f"<td>{unknown}</td><td>{html_text(cut(plain(told), _SHORT))}</td></tr>"
    )


def _bar(measured: int, top: int | None) -> str:
    if top is None:
        return ""
    boxes = "".join(f"<i{' class=on' if place < measured else ''}></i>" for place in range(top))
    return f'<span class="bar" role="img" aria-label="level {measured} of {top}">{boxes}</span>'


def _confirmed(dimension: DimensionResult) -> str:
    if dimension.confirmed is None:
        return "never"
    until = (dimension.confirmed_until or "")[:10]
    return f"L{dimension.confirmed} {'ended' if dimension.confirmed_lapsed else 'until'} {until}"


def _goals(goals: Sequence[Goal]) -> Iterator[str]:
    if not goals:
        return
    yield f"<h2>First {min(len(goals), MAX_GOALS)} of {len(goals)} goals, most risk removed per"
    yield "person-day first</h2>"
    yield (
        '<table><tr><th class="g1">Goal</th><th>Proved by</th><th class="g3">Owner</th>'
        '<th class="g4">Days</th><th class="g5">Due</th></tr>'
    )
    for goal in goals[:MAX_GOALS]:
        most = "≤ " if goal.at_most and goal.days else ""
        name = f"{goal.model}.{goal.dimension} L{goal.level}: {goal.statement}"
        yield (
            f"<tr><td>{html_text(cut(plain(name), 2 * _CELL))}</td>"
            f"<td>{html_text(cut(plain(goal.indicator), _CELL))}</td>"
            f"<td>{html_text(cut(plain(goal.owner), 24))}</td>"
            f"<td>{most}{goal.days:g}</td>"
            f"<td>{html_text(goal.due or 'beyond ten years')}</td></tr>"
        )
    yield "</table>"


def _hits(assessment: Assessment) -> Iterator[str]:
    noted = [hit for hit in assessment.hits if hit.action != "note"]
    if not noted:
        return
    yield "<h2>Evidence that lost credit</h2><ul>"
    for hit in noted[:MAX_HITS]:
        told = f"{hit.indicator} It may be honest: {hit.innocent}"
        yield f"<li>{html_text(cut(plain(told), 2 * _LINE))}</li>"
    yield f"{_more(len(noted) - MAX_HITS)}</ul>"


def _unseen(assessment: Assessment) -> Iterator[str]:
    yield "<h2>Not looked at</h2>"
    entries = [
        *assessment.not_looked_at,
        *(f"exemption ended: {each}" for each in assessment.exemptions_expired),
        *(f"exemption does not count: {each}" for each in assessment.exemptions_refused),
    ]
    if not entries:
        yield "<p>Nothing was left out.</p>"
        return
    yield "<ul>"
    for entry in entries[:MAX_UNSEEN]:
        yield f"<li>{html_text(cut(plain(entry), _LINE))}</li>"
    yield f"{_more(len(entries) - MAX_UNSEEN)}</ul>"


def _more(count: int) -> str:
    return f"<li>and {count} more; the full report names them.</li>" if count > 0 else ""


def _definitions(assessment: Assessment) -> str:
    parts = [
        f"{assessment.engine}",
        f"evidence {assessment.evidence_root[:16]}",
        f"probes {assessment.probes_digest[:16]}",
        *(f"{each.model} {each.version} {each.digest[:12]}" for each in assessment.models),
    ]
    return html_text(cut(" · ".join(part for part in parts if part.strip()), 2 * _LINE))
