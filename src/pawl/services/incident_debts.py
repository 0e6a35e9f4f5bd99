"""Operational debt: causes that were seen again, and how they are paid off."""

from pawl.incidents.debt import OperationalDebt, State
from pawl.services.change_terms import By
from pawl.services.incident_ground import IncidentGround
from pawl.services.incident_terms import Owed


class DebtKeeping(IncidentGround):
    """Plan, prove and pay operational debts."""

    def debts(self, states: tuple[State, ...] = ()) -> tuple[OperationalDebt, ...]:
        """Return debts in some states or all, last seen first."""
        raise NotImplementedError

    def debt(self, id: str) -> OperationalDebt:
        """Return a debt; raises NoSuchIncident."""
        raise NotImplementedError

    def plan_debt(self, id: str, owner: str, plan: str, by: By, *, key: str = "") -> Owed:
        """Say who pays it off and how."""
        raise NotImplementedError

    def add_case(self, id: str, case: str, by: By, *, key: str = "") -> Owed:
        """Name the eval case that fails when it comes back."""
        raise NotImplementedError

    def pay_debt(self, id: str, by: By, *, key: str = "") -> Owed:
        """Call it paid, if it is."""
        raise NotImplementedError
