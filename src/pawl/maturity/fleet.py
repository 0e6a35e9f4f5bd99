"""Many repositories beside each other: a team stands where its weakest repository stands.

There is no mean and no total. A repository that could not be assessed makes the level of its team
unknown in every dimension, because what it would have shown is not known.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from pawl.maturity.verdict import Assessment, levels_of


class Member(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One repository of a fleet, as its file names it. `evidence` are paths of exports."""

    path: str
    team: str = ""
    evidence: tuple[str, ...] = ()


class FleetFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file that names a fleet's repositories; paths are relative to it."""

    schema: Literal["pawl.fleet/1"]
    organisation: str
    repositories: tuple[Member, ...]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One repository's levels by model and dimension; None where none is published.

    `problem` says why it could not be assessed.
    """

    path: str
    team: str
    subject: str | None
    levels: dict[str, dict[str, int] | None]
    problem: str = ""


class Lowest(msgspec.Struct, frozen=True, kw_only=True):
    """Where a group stands in one dimension, and which repositories hold it there.

    `level` is None when a repository's is not known; `members` are then those.
    """

    model: str
    dimension: str
    level: int | None
    members: tuple[str, ...]


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A team, or the whole organisation."""

    name: str
    repositories: int
    lowest: tuple[Lowest, ...]


class Fleet(msgspec.Struct, frozen=True, kw_only=True):
    """Every repository, every team, and the organisation."""

    schema: Literal["pawl.fleet-result/1"] = "pawl.fleet-result/1"
    as_of: str
    rows: tuple[Row, ...]
    teams: tuple[Group, ...]
    organisation: Group


def row_of(member: Member, assessment: Assessment) -> Row:
    """Return a repository's row from its assessment."""
    return Row(
        path=member.path,
        team=member.team,
        subject=assessment.subject,
        levels=levels_of(assessment),
    )


def fleet(
    organisation: str, rows: Sequence[Row], dimensions: Mapping[str, Sequence[str]], as_of: str
) -> Fleet:
    """Return the fleet; `dimensions` are each model's, in its order."""
    ordered = tuple(sorted(rows, key=lambda row: (row.team, row.path)))
    teams = sorted({row.team for row in ordered if row.team})
    return Fleet(
        as_of=as_of,
        rows=ordered,
        teams=tuple(
            _group(team, [row for row in ordered if row.team == team], dimensions) for team in teams
        ),
        organisation=_group(organisation, ordered, dimensions),
    )


def _group(name: str, rows: Sequence[Row], dimensions: Mapping[str, Sequence[str]]) -> Group:
    return Group(
        name=name,
        repositories=len(rows),
        lowest=tuple(
            _lowest(model, dimension, rows)
            for model, names in dimensions.items()
            for dimension in names
        ),
    )


def _lowest(model: str, dimension: str, rows: Sequence[Row]) -> Lowest:
    levels = {row.path: (row.levels.get(model) or {}).get(dimension) for row in rows}
    unknown = tuple(sorted(path for path, level in levels.items() if level is None))
    known = [level for level in levels.values() if level is not None]
    if unknown or not known:
        return Lowest(model=model, dimension=dimension, level=None, members=unknown)
    lowest = min(known)
    members = tuple(sorted(path for path, level in levels.items() if level == lowest))
    return Lowest(model=model, dimension=dimension, level=lowest, members=members)
