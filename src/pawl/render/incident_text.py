"""Incidents for a terminal, at any hour: where it stands, who leads, and what to do next.

Texts are what people and machines wrote: each is shown without control characters. The last line
is always the next thing to do.
"""

from collections.abc import Iterable, Iterator, Sequence

from pawl.base.durations import format_duration
from pawl.base.times import seconds_between
from pawl.incidents.action import DONE, Action
from pawl.incidents.event import Refusal
from pawl.incidents.incident import ONGOING, OVER, Incident, Milestone, State
from pawl.incidents.timer_audit import TimerFinding
from pawl.render.escaping import cut, plain, wrapped
from pawl.render.table import aligned, printable
from pawl.services.incident_terms import Declared, TimelineEntry

LINE = 300
SHOWN = 40
"""Entries of a timeline that are shown beside an incident; `timeline` has all."""
_NEXT = {
    State.DECLARED: "pawl incident accept {id}",
    State.COMMANDED: "pawl incident update {id}, then mitigate {id} when it no longer hurts",
    State.MITIGATED: "pawl incident resolve {id}",
    State.RESOLVED: "pawl incident postmortem {id} --owner PERSON, then pawl incident close {id}",
    State.POSTMORTEM: "pawl incident postmortem {id}, then --edit FILE, --ask-review, --publish",
    State.ACTIONS_OPEN: "pawl action list --incident {id}, then pawl incident close {id}",
}
"""What to do next in a state; nothing where it is over."""
_CLOCKS = tuple(each for each in Milestone if each is not Milestone.OFFERED)


def incident_told_text(incident: Incident, now: str) -> str:
    """Return where an incident stands in a few lines: what a command leaves behind."""
    lines = (*_head(incident), *_promise(incident, now), *_fixing(incident))
    return _joined((*lines, *next_line(incident)))


def declared_text(told: Declared, now: str) -> str:
    """Return what came of a declaration."""
    incident = told.incident
    lines = [] if told.new else ["It was declared before; this is the same one."]
    lines += _head(incident)
    lines += [line for each in told.doubts for line in wrapped(f"doubt: {_short(each)}", 2, 4)]
    lines += _paged(incident)
    lines += _promise(incident, now)
    if told.may_be_back:
        lines += wrapped(
            f"{told.may_be_back} was resolved lately and looks the same: if it is that one, "
            f"`pawl incident reopen {told.may_be_back}` and merge this into it.", 2, 4
        )  # fmt: skip
    return _joined((*lines, *next_line(incident)))


def incident_text(
    incident: Incident,
    timeline: Sequence[TimelineEntry],
    unmet: Iterable[str],
    actions: Iterable[Action],
    now: str,
) -> str:
    """Return all there is to know of an incident."""
    lines = list(_head(incident))
    for word, found in (("scope", incident.scope), ("components", ", ".join(incident.components))):
        if found:
            lines.append(f"  {word}: {_short(found)}")
    lines += _promise(incident, now)
    lines += _roles(incident, timeline)
    lines += _clocks(incident, now)
    lines += [
        f"  linked: {each.kind} {_short(each.id)}{' (suspected cause)' if each.suspected else ''}"
        for each in incident.links
    ]
    lines += _relations(incident)
    lines += [f"  action: {line}" for line in map(_action_line, actions)]
    standing = list(unmet)
    if standing and incident.state not in OVER:
        lines.append("before it can be closed:")
        lines += [line for each in standing for line in wrapped(_short(each), 2, 4)]
    lines += _happened(timeline, SHOWN)
    return _joined((*lines, *next_line(incident)))


def incidents_text(incidents: Sequence[Incident], now: str) -> str:
    """Return incidents as a table."""
    if not incidents:
        return 'No incidents.\nnext: pawl incident declare "what is wrong"\n'
    body = [
        (
            each.id,
            f"SEV{each.severity}",
            each.state.value,
            _since(each, now),
            printable(each.commander or ("nobody" if each.state in ONGOING else "-")),
            printable(each.title),
        )
        for each in incidents
    ]
    table = aligned(("incident", "sev", "state", "age", "commander", "title"), body, left=6)
    waiting = [each for each in incidents if each.state is State.DECLARED]
    ongoing = [each for each in incidents if each.state in ONGOING]
    lines = [f"{len(incidents)} shown, {len(ongoing)} going on, {len(waiting)} without a commander"]
    for each in sorted(waiting or ongoing, key=lambda one: (one.severity, one.promised_at))[:1]:
        lines += next_line(each)
    return table + _joined(lines)


def timeline_text(incident: Incident, timeline: Sequence[TimelineEntry]) -> str:
    """Return everything that happened, oldest first."""
    return _joined((*_head(incident), *_happened(timeline, len(timeline)), *next_line(incident)))


def incident_refusal_text(refusal: Refusal) -> str:
    """Return why nothing happened, every reason on a line, and what to do instead."""
    lines = [f"refused ({_short(refusal.code)})"]
    lines += [line for reason in refusal.reasons for line in wrapped(_short(reason), 2, 4)]
    if refusal.hint:
        lines += wrapped(f"→ {_short(refusal.hint)}", 2, 4)
    return _joined(lines)


def timers_text(
    findings: Sequence[TimerFinding], last_tick: str | None, next_due: str | None, *, alive: bool
) -> str:
    """Return what is wrong with timers, and whether anything carries them out."""
    lines = []
    for each in findings:
        fired = f", it was done {each.fired_at[:19]}Z" if each.fired_at else ""
        lines.append(
            f"{each.incident}: {each.deadline} {each.wrong}, due {each.due_at[:19]}Z{fired}"
        )
    wrong = f"Wrong timers: {len(findings)}."
    lines.append(wrong if findings else "Every timer did as it should.")
    lines.append(
        f"last look of the clock: {'never' if last_tick is None else f'{last_tick[:19]}Z'}"
    )
    if next_due:
        lines.append(f"next deadline: {next_due[:19]}Z")
    if not alive:
        lines.append("Nothing looks at the clock: nobody is paged.")
        lines.append("next: pawl up keeps looking; pawl incident tick looks once")
    return _joined(lines)


def next_line(incident: Incident) -> Iterator[str]:
    """Yield the one line that says what to do next; none where it is over."""
    after = _NEXT.get(incident.state)
    if incident.offered_to and incident.state in ONGOING:
        after = f"{_short(incident.offered_to)}: pawl incident accept {{id}}"
    if after:
        yield f"next: {after.format(id=incident.id)}"
    elif incident.merged_into:
        yield f"next: pawl incident show {incident.merged_into}"


def _head(incident: Incident) -> tuple[str, str]:
    what = f"SEV{incident.severity} {incident.domain} {incident.state}"
    return f"{incident.id} {what}", f"  {_short(incident.title)}"


def _promise(incident: Incident, now: str) -> Iterator[str]:
    """Yield who commands, or until when somebody was promised to."""
    if incident.state is State.DECLARED:
        if incident.breached_at is not None:
            yield f"  NOBODY COMMANDS; the promise was broken at {incident.breached_at[:19]}Z"
            return
        due = next((each.due_at for each in incident.paging.deadlines if each.breach), None)
        until = f"; promised by {due[11:19]}Z ({_away(due, now)})" if due else ""
        yield f"  nobody commands yet{until}"
    elif incident.commander:
        since = incident.commanders[-1].since
        yield f"  commander: {_short(incident.commander)} since {since[11:19]}Z"
        if incident.unproved:
            yield "  that name is not proved, so pages and the promise of a commander go on"
        if incident.next_update_at:
            due = incident.next_update_at
            yield f"  next update is due {due[11:16]}Z ({_away(due, now)})"


def _paged(incident: Incident) -> Iterator[str]:
    """Yield whom it pages when; a role that nobody holds is said so."""
    for each in incident.paging.deadlines:
        role = _short(each.role) or "a role that nobody names"
        who = _short(each.person) or f"NOBODY, because nobody holds {role},"
        if not each.breach:
            yield f"  pages {who} at {each.due_at[11:19]}Z"


def _fixing(incident: Incident) -> Iterator[str]:
    if incident.responders:
        yield f"  responders: {_short(', '.join(incident.responders))}"


def _roles(incident: Incident, timeline: Sequence[TimelineEntry]) -> Iterator[str]:
    yield from _fixing(incident)
    if incident.offered_to:
        yield f"  command is offered to {_short(incident.offered_to)}"
    people = {each.by: each.person for each in timeline if each.person}
    declared_by = people.get(incident.declared_by, incident.declared_by)
    yield f"  declared by {_short(declared_by) or 'somebody unnamed'}"


def _clocks(incident: Incident, now: str) -> Iterator[str]:
    yield "clocks:"
    for each in _CLOCKS:
        stamp = incident.milestones.get(each)
        if stamp is not None:
            late = seconds_between(stamp.at, stamp.recorded_at)
            later = f" (recorded {format_duration(late)} later)" if late >= 60 else ""
            yield f"  {each.value:<10} {stamp.at[:19]}Z{later}"
    begun = incident.claimed(Milestone.STARTED) or incident.claimed(Milestone.DECLARED)
    if begun and incident.state in (State.DECLARED, State.COMMANDED):
        yield f"  it has hurt for {format_duration(max(0.0, seconds_between(begun, now)))}"


def _relations(incident: Incident) -> Iterator[str]:
    if incident.merged_into:
        yield f"  it is the same as {incident.merged_into}"
    if incident.repeats:
        yield f"  repeats: {', '.join(incident.repeats)}"
    if incident.why:
        yield from wrapped(f"why: {_short(incident.why)}", 2, 4)


def _happened(timeline: Sequence[TimelineEntry], most: int) -> Iterator[str]:
    if timeline:
        yield "what happened:"
    if len(timeline) > most:
        yield f"  … {len(timeline) - most} earlier"
    for each in timeline[-most:] if most else ():
        yield from wrapped(
            f"{each.at[:19]}Z {_short(each.text)} — {_short(each.person or each.by) or '?'}", 2, 4
        )
        if each.said:
            yield from wrapped(cut(plain(each.said), 2_000), 6, 6)
        for doubt in each.doubts:
            yield from wrapped(f"doubt: {_short(doubt)}", 6, 8)


def _since(incident: Incident, now: str) -> str:
    begun = incident.recorded(Milestone.DECLARED) or incident.changed_at
    return format_duration(max(0.0, seconds_between(begun, incident.ended_at or now)))


def _away(due: str, now: str) -> str:
    seconds = seconds_between(now, due)
    if seconds < 0:
        return f"{format_duration(-seconds)} ago"
    return f"in {format_duration(seconds)}"


def _action_line(action: Action) -> str:
    done = "" if action.state in DONE else f", due {action.due_at[:10]}"
    return f"{action.id} {action.state} of {_short(action.owner)}{done}: {_short(action.title)}"


def _short(text: str) -> str:
    return cut(plain(text), LINE)


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
