"""The files that declare budgets, read into what the records are told.

Two kinds: `budgets.toml` with `people.yaml` in the data folder, which are the team's, and
`[[budgets]]` in a repository's `pawl.toml` with `.pawl/people.yaml` beside it. A fork's own files
can only tighten, and its file of people is not believed at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from pawl.alerts.budget import TEAM_SOURCE, Budget, Scope, budgets_of
from pawl.alerts.budget_people import People, check_people, merged
from pawl.base.loading import load_toml
from pawl.telemetry.event import Attribution

if TYPE_CHECKING:
    from pawl.store.records.budgets import Files

TEAM_BUDGETS = "budgets.toml"
TEAM_PEOPLE = "people.yaml"
REPOSITORY_PEOPLE = ".pawl/people.yaml"
_PEOPLE_SCOPES = (Scope.TEAM.value, Scope.DEVELOPER.value)


class TeamFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`budgets.toml`: nothing but budgets."""

    budgets: tuple[dict[str, Any], ...] = ()


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """All budgets that files declare here.

    `repository` is the source of the repository's own, None where nothing is declared in it and
    no fork is at work.
    """

    budgets: tuple[Budget, ...] = ()
    sources: tuple[str, ...] = ()
    tighten_only: tuple[str, ...] = ()

    def files(self) -> Files:
        """Return the same as the records take it."""
        from pawl.store.records.budgets import Files

        return Files(declared=self.budgets, sources=self.sources, tighten_only=self.tighten_only)


Text = Callable[[str], tuple[str, str] | None]
"""A file's name → its place, for messages, and its text; None where there is none."""


def read_files(
    team: Text,
    repository: Text,
    sections: Sequence[Mapping[str, Any]],
    *,
    place: str,
    source: str,
    trusted: bool,
    declares: bool,
) -> Read:
    """Return the budgets of the team's file and of the repository's `sections`.

    `declares` says that there is a `pawl.toml` at all: without one the repository's budgets are
    left as they are recorded. Raises BadFile and BadValue naming the file.
    """
    own = team(TEAM_BUDGETS)
    mine: tuple[dict[str, Any], ...] = ()
    own_place = TEAM_BUDGETS
    sources = []
    if own is not None:
        own_place, text = own
        mine = load_toml(text, TeamFile, place=own_place).budgets
        sources.append(TEAM_SOURCE)
    if declares and (sections or trusted):
        sources.append(source)
    people = _people(team, repository, (*mine, *sections), trusted=trusted)
    found = (
        *budgets_of(mine, source=TEAM_SOURCE, people=people, place=own_place),
        *budgets_of(sections, source=source, people=people, place=place),
    )
    return Read(
        budgets=found,
        sources=tuple(sources),
        tighten_only=() if trusted else (source,),
    )


def repository_source(owner: Attribution) -> str:
    """Return the source of a repository's budgets: its shared name, else its project's."""
    return f"repo:{owner.repo or owner.project or 'unknown'}"


def _people(
    team: Text, repository: Text, sections: Sequence[Mapping[str, Any]], *, trusted: bool
) -> People:
    # Reading YAML takes longer than all else here, and most budgets are about no people.
    if not any(section.get("scope") in _PEOPLE_SCOPES for section in sections):
        return People()
    own = _load(team(TEAM_PEOPLE))
    theirs = _load(repository(REPOSITORY_PEOPLE)) if trusted else People()
    return merged(own, theirs)


def _load(found: tuple[str, str] | None) -> People:
    if found is None:
        return People()
    from pawl.base.loading import load_yaml

    place, text = found
    return check_people(load_yaml(text, People, place=place), place=place)
