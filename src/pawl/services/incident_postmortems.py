"""Postmortems: drafted of the timeline, read by others, published with what they teach."""

from pawl.incidents.blameless import Blame
from pawl.incidents.postmortem import Content, Postmortem
from pawl.services.change_terms import By
from pawl.services.incident_ground import IncidentGround
from pawl.services.incident_terms import Written


class PostmortemKeeping(IncidentGround):
    """Write down what can be learned. Postmortems are named by their own id or their incident's."""

    def postmortem(self, incident: str) -> Postmortem | None:
        """Return the postmortem of an incident, None where nobody has begun one."""
        raise NotImplementedError

    def begin_postmortem(self, id: str, owner: str, by: By, *, key: str = "") -> Written:
        """Begin the postmortem of a resolved incident; begun already it is the one there is."""
        raise NotImplementedError

    def draft(self, id: str) -> Content:
        """Return what the timeline of an incident says already, for people to go on from."""
        raise NotImplementedError

    def revise(
        self, id: str, content: Content, by: By, owner: str = "", *, key: str = ""
    ) -> Written:
        """Write it anew, or give it to another owner."""
        raise NotImplementedError

    def ask_review(self, id: str, by: By, *, key: str = "") -> Written:
        """Let others read it."""
        raise NotImplementedError

    def send_back(self, id: str, reason: str, by: By, *, key: str = "") -> Written:
        """Say what it lacks."""
        raise NotImplementedError

    def publish(self, id: str, by: By, *, key: str = "") -> Written:
        """Make it final, and let its incident go on to the actions, in one transaction."""
        raise NotImplementedError

    def blame(self, id: str) -> tuple[Blame, ...]:
        """Return the sentences of a postmortem that put the failure on a person."""
        raise NotImplementedError

    def sign_no_change(self, id: str, reason: str, by: By, *, key: str = "") -> Written:
        """Sign why an incident changes nothing; not for whoever owns its postmortem."""
        raise NotImplementedError
