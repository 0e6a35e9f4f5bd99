"""What a server does with its changes by itself, and takes as a command from nobody."""

from pawl.base.errors import BadValue
from pawl.changes.change import Change
from pawl.changes.concern import Concern
from pawl.services.change_terms import By
from pawl.services.changes import ChangeDesk


class DoneByItself(ChangeDesk):
    """A desk of which time, and telling people, are the server's own; each raises BadValue."""

    def tick(self, by: By) -> tuple[Change, ...]:
        """Raise BadValue: a server lets time do what is due by itself."""
        raise _own("lets time do what is due")

    def tell_people(self, id: str, concern: Concern) -> bool:
        """Raise BadValue: a server tells people by itself."""
        raise _own("tells people what they have to see to")

    def tell_of_glass(self) -> None:
        """Raise BadValue: a server tells people by itself."""
        raise _own("tells people of broken glass")


def _own(what: str) -> BadValue:
    return BadValue(
        f"The server {what} by itself.",
        place="PAWL_SERVER",
        hint="Leave PAWL_SERVER unset to do it with the records of this machine.",
    )
