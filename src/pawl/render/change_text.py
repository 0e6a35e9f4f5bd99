"""Changes, exceptions and what is live, for people.

Texts are what people and tools wrote: each is shown without control characters.
"""

from collections.abc import Iterable, Iterator, Mapping

from pawl.changes.approval import Judged, Said
from pawl.changes.change import Change, Refusal, State
from pawl.changes.concern import Concern
from pawl.changes.evidence import Evidence
from pawl.changes.manifest import Changed, Manifest, changed, works_of
from pawl.changes.registry import Live
from pawl.changes.risk import RiskResult
from pawl.changes.simulate import Played
from pawl.governance.exceptions import Declared, GateException, Standing
from pawl.render.escaping import cut, plain, wrapped
from pawl.render.table import aligned, printable
from pawl.services.change_terms import Asked, Moment

LINE = 300
PROMPT_LINES = 60
"""Lines of a prompt that are shown, before and after each; the manifest has all."""
_NEXT = {
    State.DRAFT: "pawl change submit {id}",
    State.IN_REVIEW: "pawl gate check {id}, then pawl change approve {id} by somebody accountable",
    State.APPROVED: "pawl change start {id}",
    State.ROLLING_OUT: "pawl change advance {id}, or rollback {id} at any time",
    State.LIVE: "pawl change rollback {id} takes it back",
    State.ROLLBACK_FAILED: "pawl change rollback {id} tries again",
    State.UNMANAGED: "pawl change rollback {id}, or make a change of it",
    State.EXPIRED: "pawl change edit {id}, and submit it again",
    State.REJECTED: "",
}
"""What can be done next in a state."""


def told_text(change: Change) -> str:
    """Return where a change stands in two lines: what a command leaves behind."""
    lines = [f"{change.id} {change.state}: {_short(change.manifest.title)}"]
    after = _NEXT.get(change.state, "")
    if after:
        lines.append(f"  next: {after.format(id=change.id)}")
    return _joined(lines)


def refusal_text(refusal: Refusal) -> str:
    """Return why nothing happened, every reason on a line, and what to do instead."""
    lines = [f"refused ({refusal.code})"]
    lines += [line for reason in refusal.reasons for line in wrapped(_short(reason), 2, 4)]
    if refusal.hint:
        lines += wrapped(f"→ {_short(refusal.hint)}", 2, 4)
    return _joined(lines)


def changes_text(changes: Iterable[Change], counts: Mapping[State, int]) -> str:
    """Return changes as a table, and how many are in which state."""
    body = [
        (
            each.id,
            each.state.value,
            each.changed_at[:16],
            printable(each.manifest.scope or "-"),
            printable(each.manifest.title),
        )
        for each in changes
    ]
    if not body:
        return "No changes.\n"
    table = aligned(("change", "state", "since", "scope", "title"), body, left=5)
    total = ", ".join(f"{count:,} {state}" for state, count in sorted(counts.items()) if count)
    return f"{table}{total}\n" if total else table


def change_text(
    change: Change,
    asked: Asked | None,
    judged: Iterable[Judged],
    evidence: Iterable[Evidence],
    timeline: Iterable[Moment],
    concerns: Iterable[Concern] = (),
) -> str:
    """Return all there is to know of a change before answering for it."""
    manifest = change.manifest
    lines = [f"{change.id} {change.state}", f"  {_short(manifest.title)}"]
    for each in concerns:
        lines += wrapped(f"somebody must see to it: {each.kind}: {_short(each.why)}", 2, 4)
    if manifest.why:
        lines += wrapped(f"why: {_short(manifest.why)}", 2, 4)
    lines.append(f"  scope: {_short(manifest.scope) or 'everything'}")
    works = ", ".join(sorted(works_of(manifest))) or "nothing"
    lines.append(f"  touches: {works} in {len(changed(manifest))} components")
    lines.append(f"  content: {change.digest}")
    lines += [] if asked is None else _bound(asked)
    lines.append(f"  authors: {_short(', '.join(change.authors)) or 'unknown'}")
    if manifest.assisted:
        lines.append("  written with the help of an agent")
    lines += _plan(change)
    lines += [] if asked is None else difference_lines(asked.difference)
    lines += _answers(change, {each.approval: each for each in judged})
    lines += _evidence(evidence)
    lines += _timeline(timeline)
    return _joined(lines) + _after(change)


def difference_lines(difference: Iterable[Changed]) -> Iterator[str]:
    """Yield what changes: of a prompt its words, of all else what it was and is to be."""
    yield "changes:"
    for each in difference:
        yield f"  {_short(each.component)}"
        yield from _sides(each.before, each.after)


def live_text(component: str, live: Live | None, content: object, history: Iterable[Live]) -> str:
    """Return what a component is, who approved it, why, on what evidence, and what went before."""
    if live is None:
        return f"{_short(component)}: nothing is known; no change here ever set it.\n"
    how = "" if live.managed else ", never a change here: it counts as unapproved"
    lines = [f"{_short(component)} since {live.since[:16]}Z{how}"]
    lines.append(f"  part: {live.part}")
    if live.change:
        lines.append(f"  change: {live.change} {_short(live.title)}")
    if live.why:
        lines += wrapped(f"why: {_short(live.why)}", 2, 4)
    lines.append(f"  approved by: {', '.join(live.approved_by) or 'nobody'}")
    if live.decision:
        lines.append(
            f"  decision: {live.decision[:16]}, on {', '.join(live.evidence) or 'nothing'}"
        )
    lines.append(f"  goes back to: {live.goes_back_to[:16] or 'what stood before Pawl knew of it'}")
    if content is not None:
        lines += _words(content, "  ")
    earlier = [each for each in history if each != live]
    lines += [
        f"  before: {each.part[:16]} from {each.since[:16]}Z by {each.change or 'nobody here'}"
        for each in reversed(earlier[-10:])
    ]
    return _joined(lines)


def exceptions_text(found: Iterable[tuple[GateException, Standing | None]]) -> str:
    """Return exceptions with how they stand."""
    lines: list[str] = []
    for each, standing in found:
        lines += _exception(each, standing)
    return _joined(lines) if lines else "No exceptions.\n"


def exception_text(exception: GateException) -> str:
    """Return one exception after a command."""
    return _joined(_exception(exception, None))


def simulation_text(played: Iterable[Played]) -> str:
    """Return what a policy would have said, where it differs from what was said, and the sums."""
    every = list(played)
    lines = [
        f"{each.at[:16]}Z {each.change}: was {_may(each.was)}, would be {_may(each.would_be)}"
        f" ({', '.join(each.gates)})"
        for each in every
        if each.gates
    ]
    blocked = sum(each.was and not each.would_be for each in every)
    allowed = sum(each.would_be and not each.was for each in every)
    lines.append(
        f"{len(every)} decisions: {blocked} would newly be blocked, {allowed} newly be allowed, "
        f"{len(every) - blocked - allowed} would be as they were."
    )
    return _joined(lines)


def evidence_text(evidence: Iterable[Evidence]) -> str:
    """Return pieces of evidence, one a line."""
    lines = list(_evidence(evidence))
    return _joined(lines) if lines else "No evidence about this content.\n"


def risk_line(risk: RiskResult) -> str:
    """Return how risky a change is, and by which rules."""
    why = ", ".join(hit.rule for hit in risk.hits)
    return f"risk: {risk.risk}, declared {risk.declared}" + (f" ({why})" if why else "")


def _bound(asked: Asked) -> list[str]:
    return [
        f"  on base: {asked.base_digest}",
        f"  under policy: {asked.policy_digest}",
        f"  {risk_line(asked.risk)}",
    ]


def _plan(change: Change) -> Iterator[str]:
    manifest = change.manifest
    stages = ", ".join(
        f"{_short(stage.name)} {stage.exposure:.4g}" for stage in manifest.rollout.stages
    )
    yield f"  goes out by {manifest.rollout.executor}: {stages}"
    if manifest.rollback is not None:
        yield f"  goes back by {manifest.rollback.executor}"
    if manifest.experiment is not None:
        found = manifest.experiment
        yield from wrapped(f"experiment: {_short(found.hypothesis)}", 2, 4)
        yield f"    reaches at most {found.exposure_max:.4g}, ends {_short(found.ends_at)}"


def _answers(change: Change, judged: Mapping[str, Judged]) -> Iterator[str]:
    if change.answers:
        yield "answers:"
    for each in change.answers:
        found = judged.get(each.id)
        who = found.person if found and found.person else each.identity
        word = "approves" if each.said is Said.APPROVE else f"{each.said}s"
        stale = "" if found is None or found.counts else f" — does not count: {found.reason}"
        yield f"  {each.recorded_at[:16]}Z {_short(who)} {word}, by {each.source}{_short(stale)}"
        if each.note:
            yield from wrapped(_short(each.note), 4, 4)


def _evidence(evidence: Iterable[Evidence]) -> Iterator[str]:
    first = True
    for each in evidence:
        if first:
            yield "evidence:"
            first = False
        on = "" if each.events is None else f" on {each.events:,}"
        yield f"  {each.recorded_at[:16]}Z {_short(each.kind)} {each.verdict}{on}, {each.id}"
        yield f"    by {_short(each.producer)}"


def _timeline(timeline: Iterable[Moment]) -> Iterator[str]:
    every = list(timeline)
    if every:
        yield "what happened:"
    for each in every[-30:]:
        yield f"  {each.at[:19]}Z {each.type} by {_short(each.by)}"
        if each.text:
            yield from wrapped(_short(each.text), 4, 4)


def _exception(found: GateException, standing: Standing | None) -> Iterator[str]:
    glass = f", broken glass of {_short(found.incident)}" if found.incident else ""
    state = f" {standing.status}" if standing is not None else ""
    yield f"{found.id}{state}: {_short(found.rule)} for {found.digest[:12]}{glass}"
    yield from wrapped(_short(found.reason), 2, 4)
    yield from wrapped(f"meanwhile: {_short(found.compensating_control)}", 2, 4)
    given = f", given by {_short(found.approved_by)}" if found.approved_by else ""
    yield f"  asked by {_short(found.requested_by)}, owned by {_short(found.owner)}{given}"
    yield f"  until {found.expires_at[:16]}Z, used {len(found.uses)} of {found.max_uses}"
    if standing is not None and standing.reason:
        yield from wrapped(_short(standing.reason), 2, 4)


def emergencies_text(every: Iterable[Declared]) -> str:
    """Return emergencies with who commands them, and till when."""
    lines = []
    for each in every:
        found = each.emergency
        by = ", ".join(_short(one.person) for one in found.commanders)
        until = f" until {found.closed_at[:16]}Z" if found.closed_at else ""
        lines.append(f"{found.id} severity {found.severity}, commanded by {by}")
        lines.append(f"  from {found.declared_at[:16]}Z{until}, for {_short(each.change)}")
        lines += wrapped(_short(each.why), 2, 4)
    return "".join(f"{line}\n" for line in lines) or "No emergency was declared.\n"


def _sides(before: object, after: object) -> Iterator[str]:
    yield from _words(before, "    - ")
    yield from _words(after, "    + ")


def _words(value: object, mark: str) -> Iterator[str]:
    if value is None:
        yield f"{mark}(nothing)"
        return
    text = value.get("text") if isinstance(value, dict) else None
    if isinstance(text, str):
        lines = text.splitlines()
        yield from (f"{mark}{cut(plain(line), LINE)}" for line in lines[:PROMPT_LINES])
        if len(lines) > PROMPT_LINES:
            yield f"{mark}… {len(lines) - PROMPT_LINES} lines more"
        return
    said = (
        ", ".join(f"{key} {each}" for key, each in value.items())
        if isinstance(value, dict)
        else str(value)
    )
    yield f"{mark}{cut(plain(said), LINE)}"


def _after(change: Change) -> str:
    after = _NEXT.get(change.state, "")
    return f"next: {after.format(id=change.id)}\n" if after else ""


def _may(allowed: bool) -> str:
    return "allowed" if allowed else "blocked"


def _short(text: str) -> str:
    return cut(plain(text), LINE)


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def draft_text(
    digest: str, manifest: Manifest, authors: Iterable[str], difference: Iterable[Changed]
) -> str:
    """Return a manifest that was not opened."""
    lines = [f"{_short(manifest.title)} (not opened)", f"  content: {digest}"]
    lines.append(f"  scope: {_short(manifest.scope) or 'everything'}")
    lines.append(f"  touches: {', '.join(sorted(works_of(manifest)))}")
    lines.append(f"  authors: {_short(', '.join(authors)) or 'whoever opens it'}")
    lines += difference_lines(difference)
    return _joined(lines)
