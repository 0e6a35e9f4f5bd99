"""Changes and gates: every command, in one transaction with all that follows from it."""

from pawl.services.change_concerns import ChangeConcerns
from pawl.services.change_emergencies import ChangeEmergencies
from pawl.services.change_evidence import ChangeEvidence
from pawl.services.change_gates import ChangeGates
from pawl.services.change_reading import ChangeReading
from pawl.services.change_writing import ChangeWriting


class ChangeDesk(
    ChangeWriting,
    ChangeConcerns,
    ChangeGates,
    ChangeEvidence,
    ChangeEmergencies,
    ChangeReading,
):
    """Changes of one data folder. A `key` makes a command that is told twice happen once.

    Commands return the change as it is then, or a Refusal with every reason. They raise
    NoSuchChange for an id that is none, and CannotTell where policy, roster or facts cannot be
    read: that is neither a yes nor a no, and never holds up the way back.
    """

    def close(self) -> None:
        """Close the records."""
        self._records.dispose()
