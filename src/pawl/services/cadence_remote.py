"""The cadence as a team's server has it: the same questions and commands, over HTTP.

The server judges, and knows by the token who asks; what is said here of `by` does not reach it.
"""

from collections.abc import Callable, Mapping

from pawl.governance.cadence_keeping import Record
from pawl.services.cadence_terms import Due, Kept, Shown, Told
from pawl.services.change_asking import Asker, Server, named
from pawl.services.change_terms import By


class RemoteCadence:
    """The cadence of a server, under the names of the desk."""

    def __init__(self, server: Server, new_key: Callable[[], str]) -> None:
        """`new_key` makes a key that nobody used before; each command is sent with one."""
        self._asker = Asker(server, new_key)

    def close(self) -> None:
        """Nothing is held open."""

    def due(self, *, days: float = 7.0) -> Due:
        """Return what is due or overdue, and what comes due within some days."""
        return self._asker.look(named("cadence"), Due, days=str(int(days)))

    def calendar(self, since: str, until: str) -> Due:
        """Return every occurrence due in a window."""
        return self._asker.look(named("cadence", "calendar"), Due, since=since, until=until)

    def show(self, routine: str, period: str = "") -> Shown:
        """Return one occurrence with its numbers."""
        return self._asker.look(named("cadence", "routines", routine), Shown, period=period)

    def adherence(self, since: str, until: str) -> Kept:
        """Return how much of what came due in a window was done."""
        return self._asker.look(named("cadence", "adherence"), Kept, since=since, until=until)

    def done(
        self,
        routine: str,
        outputs: Mapping[str, str],
        by: By,
        *,
        period: str = "",
        note: str = "",
        key: str = "",
    ) -> Told:
        """Call a routine done."""
        body = {"outputs": dict(outputs), "period": period, "note": note}
        return self._asker.tell(
            named("cadence", "routines", routine, "done"), Record, body, key=key
        )

    def excuse(self, routine: str, reason: str, by: By, *, period: str = "", key: str = "") -> Told:
        """Excuse an occurrence."""
        body = {"reason": reason, "period": period}
        return self._asker.tell(
            named("cadence", "routines", routine, "excuse"), Record, body, key=key
        )
