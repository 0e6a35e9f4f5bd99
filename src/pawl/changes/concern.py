"""What about a change people must be told, each once, because it does not mend itself."""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from pawl.changes.change import Change, State
from pawl.changes.executing import ENDED, Intent


class ConcernKind(StrEnum):
    """What somebody has to see to."""

    ASKS = "asks"
    """A stage failed, and the plan leaves it to a person whether it goes back."""
    UNREACHABLE = "unreachable"
    """An executor was called several times in vain; it is called on."""
    ROLLBACK_FAILED = "rollback-failed"
    UNMANAGED = "unmanaged"
    GLASS = "glass"
    """Glass was broken, and nobody who may has ratified it."""


class Concern(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that somebody has to see to, since a time; `until` is when it will block.

    `key` tells one from the next of its kind: the same one is told once.
    """

    kind: ConcernKind
    key: str
    why: str
    since: str
    until: str = ""


def asks(change: Change, why: str, now: str) -> Concern:
    """Return that somebody has to decide about the stage that a change is at."""
    return Concern(kind=ConcernKind.ASKS, key=stage_key(change), why=why, since=now)


def stage_key(change: Change) -> str:
    """Return what tells one stage of one rollout from all others of the same change."""
    return f"{change.stage}|{change.stage_at or change.started_at or ''}"


def of_change(change: Change) -> tuple[Concern, ...]:
    """Return what the state of a change itself says, which was told as it came about."""
    kinds = {
        State.ROLLBACK_FAILED: ConcernKind.ROLLBACK_FAILED,
        State.UNMANAGED: ConcernKind.UNMANAGED,
    }
    kind = kinds.get(change.state)
    if kind is None:
        return ()
    key = str(change.version)
    return (Concern(kind=kind, key=key, why=change.why, since=change.changed_at),)


def of_intent(change: Change, intent: Intent | None, tell_after: int) -> tuple[Concern, ...]:
    """Return that an executor cannot be reached, after so many calls in vain."""
    moves = change.state in (State.ROLLING_OUT, State.ROLLING_BACK)
    if intent is None or not moves or intent.state in ENDED:
        return ()
    if not intent.failure or intent.attempts < tell_after:
        return ()
    why = f"{intent.executor} did not do the {intent.kind.value}: {intent.failure}"
    return (Concern(kind=ConcernKind.UNREACHABLE, key=intent.id, why=why, since=intent.created_at),)


def still_asked(change: Change, told: Iterable[Concern]) -> tuple[Concern, ...]:
    """Return the questions about a change that nothing has answered since they were asked."""
    if change.state is not State.ROLLING_OUT:
        return ()
    key = stage_key(change)
    return tuple(each for each in told if each.kind is ConcernKind.ASKS and each.key == key)
