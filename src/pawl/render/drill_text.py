"""Drills as people and machines read them: the list, a spec, and the report of a run."""

from collections.abc import Iterable

import msgspec

from pawl.incidents.drill import Drill, Outcome, Result
from pawl.incidents.drill_answers import DrillLine, DrillsAnswer, answer_of
from pawl.incidents.drill_run import DrillRun, State
from pawl.render.escaping import markdown_text, plain

SAID = {
    Outcome.MET: "held",
    Outcome.NOT_MET: "did not hold",
    Outcome.CANNOT_TELL: "nobody can tell",
}
_MARK = {Outcome.MET: "met", Outcome.NOT_MET: "not met", Outcome.CANNOT_TELL: "cannot tell"}


def run_json(run: DrillRun) -> bytes:
    """Return a run as one pawl.drill-run/1 object."""
    return msgspec.json.encode(answer_of(run))


def drills_json(lines: Iterable[DrillLine]) -> bytes:
    """Return the drills there are as one pawl.drills/1 object."""
    return msgspec.json.encode(DrillsAnswer(drills=tuple(lines)))


def drills_text(lines: Iterable[DrillLine]) -> str:
    """Return the drills there are, one a line, each with how it last went."""
    return "".join(
        f"{each.drill.id:20} {each.drill.kind:19} {_last(each):28} {plain(each.drill.title)}\n"
        for each in lines
    )


def drill_text(drill: Drill, place: str) -> str:
    """Return what a drill says, in full."""
    rules = drill.abort
    lines = [
        f"{plain(drill.title)}",
        f"  {drill.kind}, {plain(place)}, run by {plain(drill.run_by)}",
        f"  Hypothesis: {plain(drill.hypothesis)}",
        f"  Fault: {plain(drill.fault.plugin)} {_parameters(drill)}".rstrip(),
        f"  Stopped after {rules.after_s:g} s, {rules.spend_usd_max:g} USD, "
        f"{rules.written_mb_max:g} MB or {rules.processes_max} processes",
    ]
    lines += [
        f"  - {plain(each.claim)}: {plain(each.measure)} {plain(each.bound)}"
        for each in drill.expectations
    ]
    if drill.source:
        lines.append(f"  Source: {plain(drill.source)}")
    return "".join(f"{line}\n" for line in lines)


def run_text(run: DrillRun) -> str:
    """Return how a run went, in a few lines."""
    lines = [f"{run.id}  {run.drill.id}: {verdict_text(run)}"]
    for each in run.results:
        told = each.expectation
        lines.append(
            f"  {_MARK[each.outcome]:12} {plain(told.claim)}: {measured_text(each)}, "
            f"expected {plain(told.bound)}"
        )
    for gap in run.gaps:
        opened = f" ({gap.action})" if gap.action else ""
        lines.append(
            f"  to do by {gap.due_at[:10]}, {plain(gap.owner)}: {plain(gap.title)}{opened}"
        )
    return "".join(f"{line}\n" for line in lines)


def verdict_text(run: DrillRun) -> str:
    """Return in a few words what came of a run."""
    if run.state is State.ABORTED:
        return f"aborted. {plain(run.why)}"
    if run.verdict is None or run.score is None:
        return str(run.state)
    score = run.score
    every = score.met + score.not_met + score.cannot_tell
    lasted = f" in {run.lasted_s:.1f} s" if run.lasted_s is not None else ""
    return f"the hypothesis {SAID[run.verdict]}; {score.met} of {every} expectations met{lasted}"


def measured_text(result: Result) -> str:
    """Return a measured value with its unit, or why there is none."""
    if result.value is None:
        return plain(result.why)
    return f"{result.value:g} {plain(result.expectation.unit)}"


def report_markdown(run: DrillRun) -> str:
    """Return the report of a run as Markdown."""
    drill = run.drill
    began, ended = (run.started_at or "")[:19], (run.ended_at or "")[:19]
    lines = [
        f"# Drill: {_md(drill.title)}",
        "",
        f"**{_md(verdict_text(run))}.**",
        "",
        "| | |",
        "|---|---|",
        f"| Run | `{run.id}` |",
        f"| Drill | `{drill.id}`, {drill.kind} |",
        f"| Run by | {_md(run.by)}, for {_md(drill.run_by)} |",
        f"| From | {began}Z |",
        f"| Until | {ended}Z |",
        f"| Fault | `{drill.fault.plugin}` {_md(_parameters(drill))} |",
        f"| Digest | `{run.digest[:16]}` |",
        "",
        "## Hypothesis",
        "",
        _md(drill.hypothesis),
        "",
        "## Expectations",
        "",
        "| expectation | expected | measured | outcome |",
        "|---|---|---|---|",
    ]
    for each in run.results:
        told = each.expectation
        lines.append(
            f"| {_md(told.claim)} | {_md(told.bound)} | {_md(measured_text(each))} "
            f"| {_MARK[each.outcome]} |"
        )
    lines += ["", "## Timeline", ""]
    lines += [f"- {note.after_s:.2f} s: {_md(note.text)}" for note in run.notes] or ["Nothing."]
    lines += ["", "## Gaps and actions", ""]
    lines += [
        f"- {_md(gap.title)}: {_md(gap.owner)}, by {gap.due_at[:10]}"
        + (f", action `{gap.action}`" if gap.action else ", no action opened")
        for gap in run.gaps
    ] or ["None."]
    return "\n".join(lines) + "\n"


def _last(line: DrillLine) -> str:
    if line.last is None:
        return "never run"
    last = line.last.run
    day = last.planned_at[:10]
    if last.state is State.FINISHED and last.verdict is not None:
        return f"{day} {SAID[last.verdict]}"
    return f"{day} {last.state}"


def _parameters(drill: Drill) -> str:
    return ", ".join(f"{name}: {value}" for name, value in sorted(drill.fault.parameters.items()))


def _md(text: str) -> str:
    return markdown_text(text)
