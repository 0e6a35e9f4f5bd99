"""What gates ask of incidents: emergencies, and the actions and debts that were left behind.

Incidents are in the records and in no repository; who may break glass in one is in the repository.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from pawl.changes.facts import Debt, OpenAction
    from pawl.changes.policy_files import PolicyRead
    from pawl.governance.exceptions import Emergency
    from pawl.governance.roster import Roster


class Incidents(Protocol):
    """What gates ask of incidents, which are in the records and in no repository."""

    def emergencies(self, scope: str | None = None) -> tuple[Emergency, ...]:
        """Return the incidents that glass may be broken in, of a scope and those above."""

    def open_actions(self) -> tuple[OpenAction, ...]:
        """Return the actions that hold releases up."""

    def open_debts(self) -> tuple[Debt, ...]:
        """Return the debts that are not paid."""


class Trust(Protocol):
    """Who is who and who answers for what; each raises CannotTell and BadFile."""

    def policy(self, scope: str) -> PolicyRead:
        """Return the policy of a scope."""

    def roster(self) -> Roster:
        """Return who is who."""


def left_behind(incidents: Callable[[], Incidents] | None) -> dict[str, Any]:
    """Return open actions and debts as facts; unknown where nobody keeps incidents."""
    if incidents is None:
        return {}
    desk = incidents()
    return {"actions": desk.open_actions(), "debts": desk.open_debts()}


def trusted_emergencies(
    incidents: Callable[[], Incidents] | None, trust: Trust, scope: str
) -> tuple[Emergency, ...]:
    """Return the incidents of a scope with those commanders who were trusted with it beforehand."""
    found = () if incidents is None else incidents().emergencies(scope)
    if not found:
        return ()
    from pawl.incidents.emergency import trusted
    from pawl.incidents.people import People

    people = People(roster=trust.roster(), raci=trust.policy(scope).policy.raci)
    return tuple(trusted(each, people, scope) for each in found)
