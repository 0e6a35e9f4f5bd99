"""Who is who: one person's names in git, in telemetry and at the login, and who is in which team.

A file such as `people.yaml`:

    schema: pawl.people/1
    people:
      ada: [ada@example.com, ada-l]
    teams:
      platform: [ada, grace]
    shown: [platform]

`shown` names the teams that agreed to be shown as a whole on the pages. Names are compared without
regard to case, since git addresses and logins are. A team's member that has no entry of their own
is known by that name alone.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

from pawl.base.errors import BadFile

MAX_NAMES = 100_000
"""Names in one file, aliases and members together."""


class People(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """People with their other names, and teams with their members."""

    schema: Literal["pawl.people/1"] = "pawl.people/1"
    people: dict[str, tuple[str, ...]] = {}
    teams: dict[str, tuple[str, ...]] = {}
    shown: tuple[str, ...] = ()


def check_people(people: People, *, place: str) -> People:
    """Return the people; raises BadFile when a name stands for two of them, or for too many."""
    count = sum(1 + len(names) for names in (*people.people.values(), *people.teams.values()))
    if count > MAX_NAMES:
        raise BadFile(f"more than {MAX_NAMES:,} names.", place=place)
    owners: dict[str, str] = {}
    for person, aliases in people.people.items():
        for name in (person, *aliases):
            other = owners.setdefault(_plain(name), person)
            if other != person:
                raise BadFile(
                    f"{name!r} stands for both {other!r} and {person!r}.",
                    place=place,
                    hint="Give each name to one person.",
                )
    return people


def merged(own: People, theirs: People) -> People:
    """Return both; where they disagree on a person, a name or a team, `own` holds."""
    taken = {_plain(name) for person in own.people for name in (person, *own.people[person])}
    people = dict(own.people)
    for person, aliases in theirs.people.items():
        if _plain(person) not in taken:
            people[person] = tuple(name for name in aliases if _plain(name) not in taken)
    # Who may be shown is the team's own file's word, never a repository's.
    return People(people=people, teams={**theirs.teams, **own.teams}, shown=own.shown)


def persons_by_name(people: People) -> dict[str, str]:
    """Return each name, in lower case, with the person it stands for."""
    return {
        _plain(name): person
        for person, aliases in people.people.items()
        for name in (person, *aliases)
    }


def teams_by_name(people: People, only: str | None = None) -> dict[str, tuple[str, ...]]:
    """Return each member's names, in lower case, with the teams they are in (or `only` one)."""
    persons = persons_by_name(people)
    names: dict[str, list[str]] = {}
    for name, person in persons.items():
        names.setdefault(_plain(person), []).append(name)
    found: dict[str, list[str]] = {}
    for team, members in sorted(people.teams.items()):
        if only is not None and _plain(team) != _plain(only):
            continue
        for member in members:
            known = _plain(persons.get(_plain(member), member))
            for name in {*names.get(known, ()), _plain(member)}:
                teams = found.setdefault(name, [])
                if team not in teams:
                    teams.append(team)
    return {name: tuple(teams) for name, teams in sorted(found.items())}


def named(names: Mapping[str, str], identity: str) -> str:
    """Return the person whom a name of any kind stands for; itself when nobody claims it."""
    return names.get(_plain(identity), identity)


def _plain(name: str) -> str:
    return name.strip().casefold()
