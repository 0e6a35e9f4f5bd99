"""What one look at everything that moves did, what it could not do, and who has to decide."""

from collections.abc import Callable

import msgspec

from pawl.base.errors import PawlError
from pawl.changes.change import Change, Refusal
from pawl.changes.rollout import Step
from pawl.services.change_terms import Told


class Did(msgspec.Struct, frozen=True, kw_only=True):
    """What a tick did about one change, or why nothing: `moved` says which."""

    change: str
    what: str
    why: str
    moved: bool


class Ticked(msgspec.Struct, frozen=True, kw_only=True):
    """What one tick did. `asks` are changes about which a person has to decide."""

    at: str
    did: tuple[Did, ...] = ()
    asks: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()


class Turn:
    """What has been done so far."""

    def __init__(self) -> None:
        self.did: list[Did] = []
        self.asks: list[str] = []
        self.troubles: list[str] = []

    def ticked(self, at: str) -> Ticked:
        """Return it as a value."""
        asks = tuple(dict.fromkeys(self.asks))
        return Ticked(at=at, did=tuple(self.did), asks=asks, troubles=tuple(self.troubles))

    def each(self, what: str, act: "Job") -> None:
        """Do one thing; what goes wrong with it is noted and holds up no other."""
        try:
            act(self)
        except (PawlError, OSError) as error:
            self.troubles.append(f"{what}: {error}")

    def note(self, change: Change, what: str, why: str, *, moved: bool = False) -> None:
        """Note what was done, or why nothing."""
        self.did.append(Did(change=change.id, what=what, why=why, moved=moved))

    def told(self, change: Change, step: Step, done: Told) -> None:
        """Note how a move ended."""
        self.said(change, step.move.value, step.why, done)

    def said(self, change: Change, what: str, why: str, done: Told) -> None:
        """Note how a command ended."""
        if isinstance(done, Refusal):
            self.troubles.append(f"{change.id}: {what} was refused. {' '.join(done.reasons)}")
        else:
            self.note(change, what, why, moved=True)


Job = Callable[[Turn], None]
"""One thing to be done; it tells the turn what it did."""
