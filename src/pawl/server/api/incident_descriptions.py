"""The addresses of incidents and actions, described for the OpenAPI document."""

from pawl.server.api import incident_learning as learning
from pawl.server.api import investigations
from pawl.server.api.change_descriptions import choice, command, look, time, whole, words
from pawl.server.api.described import Asks
from pawl.server.api.incident_routes import COMMANDS, LOOKS, SENT
from pawl.server.api.incidents import ACTION_STATES, STATES


def states(among: tuple[str, ...]) -> Asks:
    """Return a parameter that is some of a few states."""
    one = "|".join(among)
    return Asks(
        name="state",
        text="Only these, with commas between them.",
        schema={"type": "string", "pattern": f"^(?:(?:{one})(?:,(?:{one}))*)?$"},
    )


_WINDOW = (
    time("since", "A UTC day or an instant; 90 days ago when absent."),
    time("until", "A day, which counts whole, or the first instant that does not count."),
)
ASKED: dict[str, tuple[Asks, ...]] = {
    "/api/incidents": (
        states(STATES),
        words("scope", "The scope that an incident was declared of."),
        whole("limit", 1_000),
        words("before", "Only what was declared before that incident."),
    ),
    "/api/incident-holds": (words("scope", "Only emergencies of that scope and those above."),),
    "/api/incident-figures": _WINDOW,
    "/api/incident-timers": (
        time("since", "Only of what was declared or opened again from that instant on."),
    ),
    "/api/incidents/{id}/similar": (whole("most", 200),),
    "/api/debts": (states(learning.STATES),),
    "/api/structural-report": _WINDOW,
    "/api/weekly-review": (time("now", "A UTC day or an instant; now when absent."),),
    "/api/investigation-evidence": _WINDOW,
    "/api/investigation-events": _WINDOW,
    "/api/quirks": (choice("retired", ("true",), "Retired ones as well."),),
    "/api/actions": (words("incident"), states(ACTION_STATES), words("owner")),
}
"""What addresses take besides the parts of their path."""

INCIDENTS = (
    *(
        look(each, ASKED.get(each.path, ()))
        for each in (*LOOKS, *learning.LOOKS, *investigations.LOOKS)
    ),
    *map(command, (*SENT, *investigations.SENT)),
    *map(command, COMMANDS),
    *map(command, learning.COMMANDS),
)
