"""Who stands behind an identity, and what they answer for in an incident."""

import msgspec

from pawl.governance.priority import Domain
from pawl.governance.raci import Raci, Work, accountable
from pawl.governance.roster import (
    Kind,
    Person,
    Roster,
    behind,
    by_identity,
    holds,
    is_active,
    plain_identity,
)
from pawl.incidents.event import Refusal, refused


class People(msgspec.Struct, frozen=True, kw_only=True):
    """Who is who, and who answers for what, at the time of a command."""

    roster: Roster
    raci: Raci


def human(people: People, identity: str, now: str) -> Person | Refusal:
    """Return the active human with an identity, or why there is none."""
    found = by_identity(people.roster).get(_key(identity))
    if found is None:
        return refused(
            "unknown-person",
            f"Nobody in the roster is {identity}.",
            hint="Add the identity to .pawl/roster.yaml and commit that on the protected branch.",
        )
    if found.kind is not Kind.HUMAN:
        return refused("no-human", f"{found.id} is no human.", hint="A person must do this.")
    if not is_active(found, now):
        return refused("not-active", f"{found.id} has left, or has not come yet.")
    return found


def answers_for(people: People, person: str, domain: Domain, scope: str, now: str) -> bool:
    """Say whether a person is accountable for incidents of a scope, or owns the domain there."""
    roles = (accountable(people.raci, Work.INCIDENT, scope), people.raci.owners.get(domain, ""))
    return any(holds(people.roster, person, role, scope, now) for role in roles)


def persons_behind(people: People, identities: tuple[str, ...]) -> frozenset[str]:
    """Return who stands behind identities, with the sponsors of agents."""
    known = by_identity(people.roster)
    return behind(tuple(_key(each) for each in identities), known).people


def _key(identity: str) -> str:
    """Return an identity; a bare word is a person's own id."""
    return plain_identity(identity if ":" in identity else f"person:{identity.casefold()}")
