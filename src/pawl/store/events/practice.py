"""What the events tell of agents at work, as counts: within a window, of one project or of all."""

from typing import Any

import msgspec

from pawl.store.events.answers import Rows, moment, time_text
from pawl.store.events.queries import query

MAX_PROJECTS = 1000
"""Projects that are told apart, those with the most requests first."""


class WorkPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Whose work is asked for. With a `repo`, a project's name counts only where no repo is known.

    Both None: everybody's.
    """

    project: str | None = None
    repo: str | None = None


class AgentRow(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of one agent product."""

    agent: str
    sessions: int
    supervised: int
    days: int
    requests: int
    unpriced: int


class ToolRow(msgspec.Struct, frozen=True, kw_only=True):
    """Calls of one tool that were answered without an error, and that were refused."""

    tool: str | None
    answered: int
    denied: int


class Worked(msgspec.Struct, frozen=True, kw_only=True):
    """What the events tell. `first_at` is the first request ever told of, of that work.

    `days` are those on which any event arrived of it, as `YYYY-MM-DD`.
    """

    agents: tuple[AgentRow, ...]
    projects: dict[str, int]
    tools: tuple[ToolRow, ...]
    first_at: str | None
    days: tuple[str, ...] = ()


def ask_practice(rows: Rows, since: str, until: str, whose: WorkPlace) -> Worked:
    """Return the counts of `since <= time < until`, canonical times."""
    condition, owner = owned(whose)
    within = f"b.time >= $since AND b.time < $until AND {condition}"
    window = owner | {"since": moment(since), "until": moment(until)}

    def ask(name: str, where: str, parameters: dict[str, object]) -> list[tuple[Any, ...]]:
        return rows(query(name).replace("{where}", where), parameters)

    first = ask("practice_since", condition, owner)[0][0]
    return Worked(
        agents=tuple(
            AgentRow(
                agent=row[0],
                sessions=int(row[1]),
                supervised=int(row[2]),
                days=int(row[3]),
                requests=int(row[4]),
                unpriced=int(row[5]),
            )
            for row in ask("practice_agents", within, window)
        ),
        projects={
            row[0]: int(row[1])
            for row in ask("practice_projects", within, window | {"limit": MAX_PROJECTS})
        },
        tools=tuple(
            ToolRow(tool=row[0], answered=int(row[1]), denied=int(row[2]))
            for row in ask("practice_tools", within, window)
        ),
        first_at=None if first is None else time_text(first),
        days=ask_days(rows, since, until, whose),
    )


def ask_days(rows: Rows, since: str, until: str, whose: WorkPlace) -> tuple[str, ...]:
    """Return the UTC days of `since <= time < until` on which any event arrived, oldest first."""
    condition, owner = owned(whose)
    where = f"b.time >= $since AND b.time < $until AND {condition}"
    window = owner | {"since": moment(since), "until": moment(until)}
    found = rows(query("practice_days").replace("{where}", where), window)
    return tuple(time_text(row[0])[:10] for row in found)


def owned(whose: WorkPlace) -> tuple[str, dict[str, object]]:
    """Return the condition on rows `b` of whose work is asked for, and its parameters."""
    if whose.repo is not None:
        told: dict[str, object] = {"repo": whose.repo, "project": whose.project or ""}
        return "(b.repo = $repo OR (coalesce(b.repo, '') = '' AND b.project = $project))", told
    if whose.project is not None:
        return "b.project = $project", {"project": whose.project}
    return "TRUE", {}
