"""Ask a team's server about incidents: its refusals and its errors as the desk's own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from pawl.changes import change
from pawl.incidents.event import Refusal
from pawl.services.change_asking import TRIES, Asker, Server
from pawl.services.change_terms import NoSuchChange
from pawl.services.incident_terms import NoSuchIncident

Value = TypeVar("Value")


class IncidentAsker:
    """Asks one server. `new_key` makes a key that nobody used before."""

    def __init__(self, server: Server, new_key: Callable[[], str]) -> None:
        self._asker = Asker(server, new_key)

    def look(self, path: str, kind: type[Value], /, **parameters: str) -> Value:
        """Return what an address answers; raises as the desk itself would."""
        with _as_ours():
            return self._asker.look(path, kind, **parameters)

    def tell(
        self, path: str, kind: type[Value], body: Any = None, *, key: str = "", tries: int = TRIES
    ) -> Value | Refusal:
        """Give a command, and return what came of it; raises as the desk itself would."""
        with _as_ours():
            told = self._asker.tell(path, kind, body, key=key, tries=tries)
        if isinstance(told, change.Refusal):
            return Refusal(code=told.code, reasons=told.reasons, hint=told.hint)
        return told


@contextmanager
def _as_ours() -> Iterator[None]:
    try:
        yield
    except NoSuchChange as error:
        raise NoSuchIncident(error.message, place=error.place, hint=error.hint) from error
