"""What stands in the way of closing an incident, all of it at once."""

from pawl.incidents.action import DONE, Action
from pawl.incidents.incident import Incident
from pawl.incidents.postmortem import Postmortem, State, required
from pawl.incidents.terms import Terms


def unmet(
    incident: Incident,
    postmortem: Postmortem | None,
    actions: tuple[Action, ...],
    terms: Terms,
    budget_used: float | None,
) -> tuple[str, ...]:
    """Return every reason why an incident cannot be closed; none for one that can.

    Actions of other incidents do not count here, whoever hands them over.
    """
    found = []
    published = (
        postmortem is not None
        and postmortem.incident == incident.id
        and postmortem.state is State.PUBLISHED
    )
    why = required(incident, terms, budget_used)
    if why and not published:
        found.append(f"Its postmortem is not published. {' '.join(why)}")
    for each in actions:
        if each.incident == incident.id and each.state not in DONE:
            found.append(f"The action {each.id} of {each.owner} is {each.state}.")
    return tuple(found)
