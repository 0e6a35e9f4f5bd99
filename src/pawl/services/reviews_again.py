"""Reviews of a code host, read once more right before a change starts.

A review that was dismissed after it was recorded must not start anything. Where a host cannot be
read now, its yeses count for nothing: the start goes on only if others suffice without them.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec

from pawl.base.errors import CannotTell, PawlError
from pawl.changes.approval import Said
from pawl.changes.change import Change
from pawl.changes.condition import Snapshot
from pawl.changes.facts import Where
from pawl.changes.gate import evaluate
from pawl.changes.reviews import pull_of, pulls_of
from pawl.services.approvals import Brought
from pawl.services.change_terms import Checked

Bring = Callable[[str, str], Brought]
"""Reads a pull request's reviews for the change with an id, and records what they say now."""


class Looking(Protocol):
    """What evaluates the gates, and stores nothing."""

    def look(self, id: str, moment: Where) -> Checked:
        """Evaluate the gates now."""


def read_again(desk: Looking, change: Change, bring: Bring) -> None:
    """Read all reviews again that a change's answers came from.

    Raises CannotTell where one cannot be read and the gates would say no without it.
    """
    failed: dict[str, str] = {}
    for pull in pulls_of(change):
        try:
            brought = bring(pull, change.id)
        except PawlError as error:
            failed[pull] = str(error)
            continue
        kept = [told for source, told in brought.refused if pull_of(source) is None]
        if kept:
            failed[pull] = " ".join(kept[0].reasons)
    if not failed:
        return
    snapshot = desk.look(change.id, "start").snapshot
    if evaluate(snapshot).allowed and not evaluate(without(snapshot, failed)).allowed:
        pull, why = next(iter(failed.items()))
        raise CannotTell(
            f"whether its reviews still stand could not be read: {why}",
            place=pull,
            hint="Start it again once the host answers, or have it approved by a signature.",
        )


def without(snapshot: Snapshot, pulls: Iterable[str]) -> Snapshot:
    """Return a snapshot without the yeses of some pull requests; a no stays."""
    gone = frozenset(pulls)
    change = snapshot.change
    answers = tuple(
        each
        for each in change.answers
        if each.said is not Said.APPROVE or pull_of(each.source_ref) not in gone
    )
    return msgspec.structs.replace(
        snapshot, change=msgspec.structs.replace(change, answers=answers)
    )
