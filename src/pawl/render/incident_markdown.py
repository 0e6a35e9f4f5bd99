"""Status updates, timelines and incidents as Markdown for a channel, a page or a ticket.

What people and machines wrote is shown as it is: no markup of theirs, no mentions, no links.
"""

from collections.abc import Iterable, Iterator, Sequence

from pawl.incidents.action import Action
from pawl.incidents.incident import Incident, Milestone
from pawl.render.escaping import cut, markdown_code, markdown_text
from pawl.services.incident_terms import TimelineEntry

LONGEST = 20_000
"""Characters of one text that are shown, as many as one may have."""


def status_update_markdown(incident: Incident, facts: str, impact: str, status: str) -> str:
    """Return a status update: what is known, whom it hurts, what is done, when the next one is."""
    following = incident.next_update_at
    lines = [
        f"### SEV{incident.severity}: {_text(incident.title)}",
        "",
        f"**Facts.** {_paragraphs(facts)}",
        "",
        f"**Impact.** {_paragraphs(impact)}",
        "",
        f"**Status.** {_paragraphs(status)}",
        "",
        f"**Next update.** {f'{following[:16]}Z' if following else 'None is due.'}",
        "",
        f"{markdown_code(incident.id)} is {incident.state}; commander: "
        f"{_text(incident.commander) or 'nobody'}.",
    ]
    return _joined(lines)


def timeline_markdown(incident: Incident, timeline: Sequence[TimelineEntry]) -> str:
    """Return everything that happened, oldest first, as a list."""
    lines = [f"### Timeline of {markdown_code(incident.id)}: {_text(incident.title)}", ""]
    return _joined((*lines, *(_entries(timeline) or ("Nothing was recorded.",))))


def incident_markdown(
    incident: Incident,
    timeline: Sequence[TimelineEntry],
    unmet: Iterable[str],
    actions: Iterable[Action],
) -> str:
    """Return all there is to know of an incident."""
    lines = [
        f"## SEV{incident.severity}: {_text(incident.title)}",
        "",
        "| | |",
        "|---|---|",
        *(f"| {name} | {value} |" for name, value in _facts(incident)),
        "",
    ]
    standing = [f"- {_text(each)}" for each in unmet]
    if standing:
        lines += ["### Before it can be closed", "", *standing, ""]
    work = [
        f"- {markdown_code(each.id)} {each.state}, {_text(each.owner)}, due {each.due_at[:10]}: "
        f"{_text(each.title)}"
        for each in actions
    ]
    if work:
        lines += ["### Actions", "", *work, ""]
    return _joined((*lines, "### Timeline", "", *_entries(timeline)))


def _facts(incident: Incident) -> Iterator[tuple[str, str]]:
    yield "Incident", markdown_code(incident.id)
    yield "State", str(incident.state)
    yield "Domain", str(incident.domain)
    yield "Commander", _text(incident.commander) or "nobody"
    if incident.responders:
        yield "Responders", _text(", ".join(incident.responders))
    if incident.scope:
        yield "Scope", _text(incident.scope)
    if incident.components:
        yield "Components", _text(", ".join(incident.components))
    for each in Milestone:
        at = incident.claimed(each)
        if at and each is not Milestone.OFFERED:
            yield each.value.capitalize(), f"{at[:19]}Z"
    for link in incident.links:
        suspected = ", suspected cause" if link.suspected else ""
        yield f"Linked {link.kind}", f"{markdown_code(link.id)}{suspected}"
    if incident.merged_into:
        yield "Merged into", markdown_code(incident.merged_into)
    if incident.repeats:
        yield "Repeats", ", ".join(map(markdown_code, incident.repeats))


def _entries(timeline: Iterable[TimelineEntry]) -> tuple[str, ...]:
    lines = []
    for each in timeline:
        by = _text(each.person or each.by) or "somebody unnamed"
        lines.append(f"- {each.at[:19]}Z {_text(each.text)} ({by})")
        if each.said.strip():
            lines += [f"  > {_text(line)}" for line in _lines(each.said)]
        lines += [f"  - doubt: {_text(doubt)}" for doubt in each.doubts]
    return tuple(lines)


def _paragraphs(text: str) -> str:
    """Return a text with its own line breaks, and nothing else of its own."""
    return "  \n".join(_text(line) for line in _lines(text)) or "Nothing was said."


def _lines(text: str) -> Iterator[str]:
    return (line for line in cut(text, LONGEST).splitlines() if line.strip())


def _text(text: str) -> str:
    return markdown_text(cut(text, LONGEST))


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
