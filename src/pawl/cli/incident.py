"""`pawl incident`: something is wrong; who leads, what is known, and when it is over."""

from __future__ import annotations

import click

from pawl.cli.incident_verbs import LEARNING
from pawl.cli.lazy_verbs import LazyVerbs

_VERBS = {
    "declare": (
        "incident_declare",
        "declare",
        "Say that something is wrong; a title is enough, and it always works.",
    ),
    "send": ("incident_declare", "send", "Send declarations that were kept, where any wait."),
    "list": ("incident_show", "list_", "List incidents, last declared first."),
    "show": ("incident_show", "show", "Show an incident: who leads, clocks, links, what is left."),
    "timeline": ("incident_show", "timeline", "Show everything that was recorded of an incident."),
    "figures": ("incident_show", "figures", "Figures of the incidents and actions of a window."),
    "accept": ("incident_command", "accept", "Take command."),
    "offer": ("incident_command", "offer", "Offer command to somebody."),
    "take-over": ("incident_command", "take_over", "Relieve a commander who cannot go on."),
    "join": ("incident_command", "join", "Be one of those who fix it."),
    "leave": ("incident_command", "leave", "Be no longer one of those who fix it."),
    "note": ("incident_record", "note", "Put something on the timeline."),
    "update": ("incident_record", "update", "Tell everybody how it stands."),
    "attach": ("incident_record", "attach", "Link an alert, a change, a run or evidence."),
    "reclassify": ("incident_record", "reclassify", "Say how bad it is, or of which domain."),
    "claim": ("incident_record", "claim", "Say when it started or was detected."),
    "mitigate": ("incident_steps", "mitigate", "Say that it no longer hurts."),
    "resolve": ("incident_steps", "resolve", "Say that it is mended."),
    "close": ("incident_steps", "close", "End it, if nothing is left to do."),
    "reopen": ("incident_steps", "reopen", "Say that it is back."),
    "decline": ("incident_steps", "decline", "Say that it is no incident."),
    "merge": ("incident_steps", "merge", "Say that it is the same event as another one."),
    "timers": ("incident_timers", "timers", "Whether every timer did as it should."),
    "tick": ("incident_timers", "tick", "Let time do what is due, once."),
    "investigate": (
        "incident_investigate",
        "investigate",
        "Find what probably caused it, from evidence.",
    ),
    "investigations": (
        "incident_investigate",
        "investigations",
        "Show what investigations of an incident found.",
    ),
    "quirk": ("incident_quirk", "quirk", "Known quirks: record one, see them, retire one."),
    **LEARNING,
}
"""Verb → (module in pawl.cli, its click command, summary)."""


@click.command(cls=LazyVerbs, verbs=_VERBS)
def command() -> None:
    """Incidents: declare, command, mend, and learn of them.

    declare, accept, update, mitigate, resolve, close: in this order. A command without an INCIDENT
    is about the only one that goes on. Exit status: 0 done, 1 refused with every reason, 2 asked
    wrongly, 3 it cannot be told, or is kept and not yet sent.
    """
