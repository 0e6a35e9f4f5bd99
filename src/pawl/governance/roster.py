"""Who is who: people with all their identities, agents with the human behind them, and roles.

A file such as `.pawl/roster.yaml`:

    schema: pawl.roster/1
    people:
      - {id: ada, identities: ["github:583231", "git:ada@example.com", "ssh:SHA256:mVx..."]}
      - {id: coder, kind: agent, sponsor: ada, identities: ["git:coder@example.com"]}
    grants:
      - {person: ada, role: security-lead, starts: 2026-01-01, granted_by: grace}

An identity is `provider:id` with the provider's own immutable id. A `git:` identity is a name that
anybody can type: it tells who may have written something, and never who approved it. Times are
canonical, an end is the first instant that no longer counts.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Literal
from unicodedata import normalize

import msgspec

from pawl.base.canonical import canonical_words, sha256_hex
from pawl.base.errors import BadFile
from pawl.base.loading import load_yaml
from pawl.base.times import canonical_time

MAX_PEOPLE = 100_000
"""People, identities or grants of one roster."""
ANCIENT = "0001-01-01T00:00:00.000000Z"
"""The start of what has none."""


class Kind(StrEnum):
    """What acts. Only a human can answer for anything."""

    HUMAN = "human"
    AGENT = "agent"
    SERVICE = "service"


class Person(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody or something that acts, under one id of ours.

    `sponsor` is the human who answers for an agent. After `active_to` nothing they hold counts.
    """

    id: str
    kind: Kind = Kind.HUMAN
    identities: tuple[str, ...] = ()
    active_from: str = ANCIENT
    active_to: str | None = None
    sponsor: str = ""


class Grant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A role that a person holds in a scope (empty: everywhere) for a time, and who gave it."""

    person: str
    role: str
    scope: str = ""
    starts: str = ANCIENT
    ends: str | None = None
    granted_by: str = ""


class Roster(msgspec.Struct, frozen=True, kw_only=True, dict=True, forbid_unknown_fields=True):
    """Everybody, and which roles they hold."""

    schema: Literal["pawl.roster/1"] = "pawl.roster/1"
    people: tuple[Person, ...] = ()
    grants: tuple[Grant, ...] = ()

    @cached_property
    def digest(self) -> str:
        """The digest of what the roster says, whatever its spacing; worked out once."""
        return sha256_hex(canonical_words(msgspec.to_builtins(self)))


class Behind(msgspec.Struct, frozen=True, kw_only=True):
    """The people behind identities: themselves and, of agents and services, their sponsors.

    `unknown` are identities that nobody claims: any of them may be anybody's.
    """

    people: frozenset[str]
    unknown: tuple[str, ...]


def load_roster(text: str, *, place: str) -> Roster:
    """Return a roster from YAML; raises BadFile for one that does not say clearly who is who."""
    return check_roster(load_yaml(text, Roster, place=place), place=place)


def check_roster(roster: Roster, *, place: str) -> Roster:
    """Return the roster with canonical times and identities, or raise BadFile."""
    count = len(roster.grants) + sum(1 + len(each.identities) for each in roster.people)
    if count > MAX_PEOPLE:
        raise BadFile(f"holds more than {MAX_PEOPLE:,} people, identities and grants.", place=place)
    people = tuple(_person(each, place) for each in roster.people)
    _refuse_doubles(people, place)
    by_id = {each.id: each for each in people}
    for each in people:
        sponsor = by_id.get(each.sponsor)
        if each.kind is Kind.AGENT and not each.sponsor:
            raise BadFile(
                f"the agent {each.id!r} has no sponsor.",
                place=place,
                hint="Name the human who answers for it.",
            )
        if each.sponsor and (sponsor is None or sponsor.kind is not Kind.HUMAN):
            raise BadFile(
                f"the sponsor {each.sponsor!r} of {each.id!r} is no human of this roster.",
                place=place,
                hint="Name the human who answers for it, by their id.",
            )
    grants = tuple(_grant(each, by_id, place) for each in roster.grants)
    checked = msgspec.structs.replace(roster, people=people, grants=grants)
    try:
        _ = checked.digest
    except ValueError as error:
        raise BadFile(f"holds text that no reader agrees on: {error}.", place=place) from error
    return checked


def plain_identity(identity: str) -> str:
    """Return an identity as it is compared; git's and login names do not tell case apart."""
    provider, _, name = normalize("NFC", identity.strip()).partition(":")
    provider = provider.strip().casefold()
    name = name.strip()
    return f"{provider}:{name if provider in _EXACT else name.casefold()}"


def provider_of(identity: str) -> str:
    """Return who vouches for an identity: `github`, `ssh`, `session`, `git` ..."""
    return plain_identity(identity).partition(":")[0]


def by_identity(roster: Roster) -> dict[str, Person]:
    """Return every person by each identity, and by `person:` and their id."""
    found = {f"person:{each.id.casefold()}": each for each in roster.people}
    for each in roster.people:
        found |= {plain_identity(identity): each for identity in each.identities}
    return found


def behind(identities: Iterable[str], known: Mapping[str, Person]) -> Behind:
    """Return who stands behind identities; `known` is what `by_identity` returns."""
    people: set[str] = set()
    unknown: set[str] = set()
    for identity in identities:
        person = known.get(plain_identity(identity))
        if person is None:
            unknown.add(plain_identity(identity))
            continue
        people |= {person.id, person.sponsor} if person.sponsor else {person.id}
    return Behind(people=frozenset(people), unknown=tuple(sorted(unknown)))


def is_active(person: Person, now: str) -> bool:
    """Say whether a person has come and has not left."""
    return person.active_from <= now and (person.active_to is None or now < person.active_to)


def covers(outer: str, inner: str) -> bool:
    """Say whether a scope holds another: `shop` holds `shop/search`, the empty one everything."""
    return not outer or outer == inner or inner.startswith(f"{outer}/")


def holds(roster: Roster, person: str, role: str, scope: str, now: str) -> bool:
    """Say whether a person holds a role in a scope at a time. Nobody holds the empty role."""
    return bool(role) and any(
        each.person == person
        and each.role == role
        and covers(each.scope, scope)
        and _runs(each, now)
        for each in roster.grants
    )


def holders(roster: Roster, role: str, scope: str, now: str) -> tuple[str, ...]:
    """Return the ids of the active humans who hold a role in a scope at a time, sorted."""
    humans = {each.id for each in roster.people if each.kind is Kind.HUMAN and is_active(each, now)}
    return tuple(sorted(each for each in humans if holds(roster, each, role, scope, now)))


def newly_granted(before: Roster, after: Roster) -> tuple[Grant, ...]:
    """Return the grants of a roster that the one before did not have; also one that lasts longer.

    Only who gave it, told anew, makes no new grant.
    """
    had = {msgspec.structs.replace(each, granted_by="") for each in before.grants}
    return tuple(
        each for each in after.grants if msgspec.structs.replace(each, granted_by="") not in had
    )


_EXACT = frozenset({"ssh", "oidc", "token"})
"""Providers whose ids tell upper and lower case apart."""


def _runs(grant: Grant, now: str) -> bool:
    return grant.starts <= now and (grant.ends is None or now < grant.ends)


def _person(person: Person, place: str) -> Person:
    where = f"{place}: people.{person.id}"
    if not person.id.strip() or person.id != person.id.strip():
        raise BadFile("a person has no id, or one with spaces around it.", place=where)
    identities = tuple(plain_identity(each) for each in person.identities)
    for each in identities:
        provider, _, name = each.partition(":")
        if not provider or not name or provider == "person":
            raise BadFile(
                f"{each!r} is no identity.",
                place=where,
                hint="Write the provider and its id, such as github:583231.",
            )
    return msgspec.structs.replace(
        person,
        identities=identities,
        active_from=_instant(person.active_from, where),
        active_to=person.active_to and _instant(person.active_to, where),
    )


def _refuse_doubles(people: tuple[Person, ...], place: str) -> None:
    owners: dict[str, str] = {}
    ids: set[str] = set()
    for person in people:
        if person.id.casefold() in ids:
            raise BadFile(f"the id {person.id!r} stands twice.", place=place)
        ids.add(person.id.casefold())
        for identity in person.identities:
            other = owners.setdefault(identity, person.id)
            if other != person.id:
                raise BadFile(
                    f"{identity!r} stands for both {other!r} and {person.id!r}.",
                    place=place,
                    hint="Give each identity to one person.",
                )


def _grant(grant: Grant, by_id: Mapping[str, Person], place: str) -> Grant:
    where = f"{place}: grants.{grant.person}"
    if grant.person not in by_id:
        raise BadFile(
            f"a role is granted to {grant.person!r}, who is not in this roster.",
            place=where,
            hint="Add the person, or take the grant out.",
        )
    if not grant.role.strip():
        raise BadFile("a grant names no role.", place=where)
    starts = _instant(grant.starts, where)
    ends = grant.ends and _instant(grant.ends, where)
    if ends and ends <= starts:
        raise BadFile("a grant ends before it begins.", place=where)
    return msgspec.structs.replace(grant, starts=starts, ends=ends)


def _instant(text: str, place: str) -> str:
    try:
        return canonical_time(text)
    except ValueError as error:
        raise BadFile(
            f"{text!r} is not a time.", place=place, hint="Write one such as 2026-11-21."
        ) from error
