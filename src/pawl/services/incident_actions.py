"""Actions: opened with an owner and a date, claimed done, and verified by somebody else."""

from pawl.incidents.action import Action, Proof, State, Work
from pawl.incidents.terms import Severity
from pawl.services.change_terms import By
from pawl.services.incident_ground import IncidentGround
from pawl.services.incident_terms import Acted


class ActionKeeping(IncidentGround):
    """Open actions and see them through."""

    def actions(
        self, *, incident: str = "", states: tuple[State, ...] = (), owner: str = ""
    ) -> tuple[Action, ...]:
        """Return actions, due first: of an incident, in some states, of an owner, or all."""
        raise NotImplementedError

    def action(self, id: str) -> Action:
        """Return an action; raises NoSuchIncident. An id may be shortened as far as is clear."""
        raise NotImplementedError

    def open_action(
        self, incident: str, title: str, owner: str, due_at: str, work: Work, component: str,
        by: By, *, blocker: bool = True, severity: Severity | None = None, key: str = "",
    ) -> Acted:  # fmt: skip
        """Open an action; of the same incident, kind and title there is one."""
        raise NotImplementedError

    def begin_action(self, id: str, by: By, *, key: str = "") -> Acted:
        """Work on it."""
        raise NotImplementedError

    def claim_action(self, id: str, by: By, note: str = "", *, key: str = "") -> Acted:
        """Say that it is done."""
        raise NotImplementedError

    def send_back_action(self, id: str, reason: str, by: By, *, key: str = "") -> Acted:
        """Say what is still to do."""
        raise NotImplementedError

    def verify_action(self, id: str, proof: Proof, by: By, *, key: str = "") -> Acted:
        """Say that it is done, having looked at evidence; not for its owner or who claimed it."""
        raise NotImplementedError

    def drop_action(self, id: str, reason: str, by: By, *, key: str = "") -> Acted:
        """Say that it will not be done, and why; only for who answers for it."""
        raise NotImplementedError

    def move_action(
        self, id: str, reason: str, by: By, owner: str = "", due_at: str = "", *, key: str = ""
    ) -> Acted:
        """Give it another owner or date, and say why; only for who answers for it."""
        raise NotImplementedError
