"""What can be done with an incident now, by whoever looks: asked of the rules, not guessed.

Who may is found out by asking the rules what would happen, without doing it. So a page never offers
what would be refused for who somebody is, and says why where it does not offer.
"""

from collections.abc import Callable, Mapping

import msgspec

from pawl.governance.roster import Kind, is_active
from pawl.incidents.commands import Accept, Command, Join, Leave, Offer, TakeOver
from pawl.incidents.event import Refusal
from pawl.incidents.incident import Incident
from pawl.incidents.people import People
from pawl.incidents.transitions import TABLE, decide

_ANY_REASON = "-"


class Permitted(msgspec.Struct, frozen=True, kw_only=True):
    """A command that this state has. `reasons` say why whoever looks may not give it."""

    command: str
    reasons: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether whoever looks may give it."""
        return not self.reasons


def offers(
    incident: Incident, identity: str, people: People | None, now: str
) -> dict[str, Permitted]:
    """Return what can be done now by the tag of its command; what would do nothing is left out.

    `identity` is of whoever looks. Without `people` nobody can be told to be anybody.
    """
    found = {}
    for state, command in TABLE:
        if state is not incident.state:
            continue
        tag = str(command.__struct_config__.tag)
        trial = _TRIALS.get(tag)
        if trial is None:
            found[tag] = Permitted(command=tag)
            continue
        if people is None:
            found[tag] = Permitted(command=tag, reasons=("Nobody can tell who is who now.",))
            continue
        answer = decide(incident, trial(incident, identity, people, now), now)
        if isinstance(answer, Refusal):
            found[tag] = Permitted(command=tag, reasons=answer.reasons)
        elif answer:
            found[tag] = Permitted(command=tag)
    return found


def humans(people: People | None, now: str) -> tuple[str, ...]:
    """Return everybody who could command: the humans who are here."""
    if people is None:
        return ()
    return tuple(
        sorted(
            each.id
            for each in people.roster.people
            if each.kind is Kind.HUMAN and is_active(each, now)
        )
    )


def names_of(people: People | None) -> dict[str, str]:
    """Return the people behind identities."""
    if people is None:
        return {}
    return {each: one.id for one in people.roster.people for each in one.identities}


def _offer(incident: Incident, identity: str, people: People, now: str) -> Command:
    others = (each for each in humans(people, now) if each != incident.commander)
    to = next((each for each in others if each != incident.offered_to), incident.commander)
    return Offer(by=identity, to=to, people=people)


Trial = Callable[[Incident, str, People, str], Command]
_TRIALS: Mapping[str, Trial] = {
    "accept": lambda incident, by, people, now: Accept(by=by, people=people, proved=True),
    "join": lambda incident, by, people, now: Join(by=by, people=people),
    "leave": lambda incident, by, people, now: Leave(by=by, people=people),
    "offer": _offer,
    "take-over": lambda incident, by, people, now: TakeOver(
        by=by, reason=_ANY_REASON, people=people
    ),
}
"""Commands that are about who somebody is, as they would be given."""
