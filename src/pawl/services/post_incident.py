"""The assessment that a grave incident opens when it is closed.

It is opened for every subject that was ever assessed and that the incident counts for. Closing an
incident never waits for this: what could not be opened then is opened with the next one, as long
as the rule looks back.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Protocol

import msgspec

from pawl.base.times import format_time, parse_time
from pawl.governance.ledger import Actor
from pawl.incidents.incident import Incident, Milestone, State
from pawl.maturity.after_incident import AfterIncident
from pawl.maturity.ceremony_terms import Ceremony, Refusal
from pawl.maturity.confirm import Trigger
from pawl.services.practice_incidents import is_of
from pawl.telemetry.attribution import project_of


class Opening(Protocol):
    """Opens assessments."""

    def open(
        self, subject: str, model: str, trigger: Trigger, actor: Actor, now: str
    ) -> str | Refusal:
        """Open one by its trigger, and return its id or why not."""


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """An assessment that was opened for an incident, or why it was not."""

    incident: str
    subject: str
    ceremony: str = ""
    why_not: str = ""


def open_after(
    incidents: Iterable[Incident],
    held: Iterable[Ceremony],
    subjects: Iterable[str],
    desk: Opening,
    rule: AfterIncident,
    actor: Actor,
    now: str,
) -> tuple[Opened, ...]:
    """Open what closed incidents ask for and what is not there yet; doing it again changes nothing.

    `held` are all assessments that people hold or held.
    """
    since = format_time(parse_time(now) - timedelta(days=rule.catch_up_days))
    known = {(each.subject, each.trigger.ref) for each in held if each.trigger.cause == "incident"}
    subjects = tuple(subjects)
    found = []
    for incident in incidents:
        if not _asks(incident, rule, since):
            continue
        for subject in subjects:
            if (subject, incident.id) in known or not is_of(incident.scope, _project(subject)):
                continue
            trigger = Trigger(
                cause="incident",
                ref=incident.id,
                at=incident.recorded(Milestone.CLOSED) or now,
                dimensions=rule.dimensions[incident.domain],
            )
            answer = desk.open(subject, rule.model, trigger, actor, now)
            refused = isinstance(answer, Refusal)
            found.append(
                Opened(
                    incident=incident.id,
                    subject=subject,
                    ceremony="" if isinstance(answer, Refusal) else answer,
                    why_not=answer.message if isinstance(answer, Refusal) else "",
                )
            )
            if not refused:
                known.add((subject, incident.id))
    return tuple(found)


def _asks(incident: Incident, rule: AfterIncident, since: str) -> bool:
    closed = incident.recorded(Milestone.CLOSED)
    return (
        incident.state is State.CLOSED
        and incident.severity <= rule.severity_max
        and closed is not None
        and closed >= since
    )


def _project(subject: str) -> str | None:
    """Return the project that a subject is: `repo:` and a remote, or a folder's name."""
    return project_of(subject.removeprefix("repo:").removesuffix(".git"))
