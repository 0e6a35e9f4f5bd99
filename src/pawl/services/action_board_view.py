"""The actions that incidents left behind, on a board by state, what is overdue first."""

from collections.abc import Iterable, Mapping

import msgspec

from pawl.base.times import seconds_between
from pawl.incidents.acting import TABLE, open_actions
from pawl.incidents.action import DONE, Action, State, Work, is_overdue

LANES: tuple[tuple[str, str, tuple[State, ...]], ...] = (
    ("open", "Open", (State.OPEN,)),
    ("in-progress", "In progress", (State.IN_PROGRESS,)),
    ("claimed", "Claimed done, to be verified", (State.CLAIMED,)),
)
"""Columns of what is to do: id, title, states."""
DONE_MOST = 50
"""Actions that are done which one page shows."""


class ActionCard(msgspec.Struct, frozen=True, kw_only=True):
    """One action. `left_s` is negative once it is overdue; `blocks` is what waits for it.

    `commands` are the tags of what the table allows now.
    """

    action: Action
    overdue: bool
    left_s: float
    blocks: str
    commands: tuple[str, ...]
    claimed_by: str = ""
    incident_title: str = ""

    @property
    def tries_case(self) -> bool:
        """Whether its proof says how an eval case went."""
        return self.action.work is Work.EVAL_CASE


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """One column of the board."""

    id: str
    title: str
    cards: tuple[ActionCard, ...]


class ActionsView(msgspec.Struct, frozen=True, kw_only=True):
    """The whole board; `done` are the newest of `done_count`."""

    lanes: tuple[Lane, ...]
    done: tuple[ActionCard, ...]
    done_count: int
    overdue: tuple[ActionCard, ...]
    owners: tuple[str, ...]

    @property
    def total(self) -> int:
        """How many actions match."""
        return sum(len(each.cards) for each in self.lanes) + self.done_count


def actions_view(
    actions: Iterable[Action],
    titles: Mapping[str, str],
    now: str,
    names: Mapping[str, str],
    *,
    owner: str = "",
    incident: str = "",
) -> ActionsView:
    """Return the board of actions; `titles` are of incidents, `names` of identities."""
    given = sorted(actions, key=lambda each: (each.due_at, each.id))
    blocking = {each.id for each in open_actions(given)}
    own = [
        each
        for each in given
        if (not owner or each.owner == owner) and (not incident or each.incident == incident)
    ]
    cards = tuple(action_card(each, titles, blocking, now, names) for each in own)
    done = sorted(
        (each for each in cards if each.action.state in DONE),
        key=lambda card: card.action.done_at or card.action.changed_at,
        reverse=True,
    )
    return ActionsView(
        lanes=tuple(
            Lane(
                id=identity,
                title=title,
                cards=tuple(each for each in cards if each.action.state in states),
            )
            for identity, title, states in LANES
        ),
        done=tuple(done[:DONE_MOST]),
        done_count=len(done),
        overdue=tuple(each for each in cards if each.overdue),
        owners=tuple(sorted({each.owner for each in given})),
    )


def action_card(
    action: Action,
    titles: Mapping[str, str],
    blocking: Iterable[str],
    now: str,
    names: Mapping[str, str],
) -> ActionCard:
    """Return one action as the board shows it; `blocking` are the ids of those that hold up."""
    return ActionCard(
        action=action,
        overdue=is_overdue(action, now),
        left_s=seconds_between(now, action.due_at),
        blocks=(action.component or "everything") if action.id in set(blocking) else "",
        commands=tuple(
            str(command.__struct_config__.tag) for state, command in TABLE if state is action.state
        ),
        claimed_by=names.get(action.claimed_by, action.claimed_by),
        incident_title=titles.get(action.incident, ""),
    )
