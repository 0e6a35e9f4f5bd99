"""What is done about a decision to roll out or back: intent, call, read back, confirm.

A transition that moves something writes an *intent* in its own transaction. Whoever claims it
calls the executor, reads back what is there, and confirms only what is exactly what was wanted.
Calls carry the intent's id, so that a call which is made again does nothing a second time, and a
sequence that only grows, so that a late one can be told from a newer one. What fails is tried again
with growing waits up to a cap; then the intent has failed, and a rollback with it.

Pure: no clock, no dice, no outside. The numbers stand in `executing.yaml`.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import msgspec

from pawl.alerts.instants import instant, seconds
from pawl.base import typed
from pawl.base.canonical import digest
from pawl.base.errors import BadValue, Unavailable
from pawl.base.loading import load_yaml
from pawl.changes.change import Change, Happened, Happening
from pawl.changes.manifest import Manifest, part_digest, parts_digest
from pawl.changes.parts import Part

MAX_FAILURE = 500
"""Characters of a failure that are kept."""


class Errand(StrEnum):
    """What an intent is for."""

    START = "start"
    ADVANCE = "advance"
    ROLLBACK = "rollback"
    LOOK = "look"
    """Nothing is to be done, only told what there is; no intent is of this kind."""


class Progress(StrEnum):
    """How far an intent has come."""

    INTENDED = "intended"
    """Nothing is known to have been called."""
    CALLED = "called"
    """The executor says that it did it; nothing was read back yet."""
    CONFIRMED = "confirmed"
    FAILED = "failed"


ENDED = frozenset({Progress.CONFIRMED, Progress.FAILED})
_ERRANDS = {
    Happening.STARTED: Errand.START,
    Happening.ADVANCED: Errand.ADVANCE,
    Happening.ROLLBACK_STARTED: Errand.ROLLBACK,
}
SUPERSEDED = "A newer decision took its place."


class Numbers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The numbers of trying again and of looking, each with its source; names end in units."""

    schema: Literal["pawl.executing/1"]
    version: str
    as_of: str
    attempts_max: int
    backoff_first_s: float
    backoff_factor: float
    backoff_max_s: float
    jitter: float
    lease_margin_s: float
    look_every_s: float
    stale_s: float
    silent_s: float
    drift_every_s: float
    tell_after_attempts: int
    ratify_soon_h: float
    sources: dict[str, str]


class Intent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing to be carried out, as a row has it.

    `sequence` is the change's version after the decision. `wanted` is the digest that is to be read
    back. `failure` is why the last attempt was in vain, `read_back` what was read last.
    """

    id: str
    change_id: str
    kind: Errand
    stage: int
    executor: str
    sequence: int
    wanted: str
    state: Progress = Progress.INTENDED
    attempts: int = 0
    created_at: str
    due_at: str
    claimed_by: str | None = None
    claimed_until: str | None = None
    read_back: str = ""
    failure: str = ""
    ended_at: str | None = None


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What an executor is handed: who asks, for what, and the state that is to be brought about.

    `parts` are the components as they are to be: those of the change, or on a rollback what stood
    before. None is absence. `id` is the same however often it is called; of two orders about one
    change the one with the higher `sequence` is the newer.
    """

    id: str
    change: str
    digest: str
    kind: Errand
    sequence: int
    stage: str
    exposure: float
    components: tuple[str, ...]
    parts: dict[str, Part | None]
    wanted: str


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What was read back: the digest of all of it, and each component's own.

    `parts` holds the components where they were told whole.
    """

    digest: str
    components: dict[str, str]
    parts: dict[str, Part | None] | None = None


class NotExecuted(Unavailable):
    """An executor did not do what it was told, or does not say what there is.

    `final` says that trying again is of no use. The message names no secret.
    """

    code = "not-executed"

    def __init__(self, message: str, *, final: bool = False) -> None:
        super().__init__(message)
        self.final = final


class Unreadable(ValueError):
    """What an executor printed as read back is none of the two forms."""


@cache
def numbers() -> Numbers:
    """Return the numbers that executing goes by."""
    name = "executing.yaml"
    text = files("pawl.changes").joinpath(name).read_text(encoding="utf-8")
    return load_yaml(text, Numbers, place=name)


def intent_of(change: Change, happened: Happened) -> Intent | None:
    """Return what is to be carried out after an event; `change` is the change as it is after it.

    None for an event that moves nothing. The id is of the change and its version, so that the same
    event gives the same intent whenever it is seen.
    """
    kind = _ERRANDS.get(happened.type)
    if kind is None:
        return None
    plan = change.manifest
    if kind is not Errand.ROLLBACK:
        executor, wanted = plan.rollout.executor, plan.parts
    else:
        executor = plan.rollback.executor if plan.rollback else plan.rollout.executor
        wanted = plan.base
    return Intent(
        id=f"{change.id}.{change.version}",
        change_id=change.id,
        kind=kind,
        stage=change.stage,
        executor=executor,
        sequence=change.version,
        wanted=parts_digest(wanted),
        created_at=happened.at,
        due_at=happened.at,
    )


def order_of(intent: Intent, change: Change) -> Order:
    """Return what the executor is handed for an intent."""
    plan = change.manifest
    back = intent.kind is Errand.ROLLBACK
    # What was found has a plan that nobody reviewed, perhaps without stages; it can only go back.
    stage = None if back else plan.rollout.stages[max(intent.stage, 0)]
    return Order(
        id=intent.id,
        change=change.id,
        digest=change.digest,
        kind=intent.kind,
        sequence=intent.sequence,
        stage=stage.name if stage else "",
        exposure=stage.exposure if stage else 0.0,
        components=tuple(sorted(plan.parts)),
        parts=plan.base if back else plan.parts,
        wanted=intent.wanted,
    )


def looking(components: Mapping[str, Part | None], id: str) -> Order:
    """Return the order that asks what there is of components, and moves none."""
    return Order(
        id=id,
        change="",
        digest="",
        kind=Errand.LOOK,
        sequence=0,
        stage="",
        exposure=1.0,
        components=tuple(sorted(components)),
        parts=dict(components),
        wanted=parts_digest(components),
    )


def unlike(seen: Seen, parts: Mapping[str, Part | None]) -> tuple[str, ...]:
    """Return the components that were read back as something else, sorted."""
    return tuple(
        sorted(name for name, part in parts.items() if seen.components[name] != part_digest(part))
    )


def told(order: Order) -> bytes:
    """Return an order as the JSON that executors are given."""
    return msgspec.json.encode({"schema": "pawl.order/1", **msgspec.to_builtins(order)})


def called(intent: Intent, now: str) -> Intent:
    """Return an intent whose executor says that it was done: to be read back at once."""
    return msgspec.structs.replace(intent, state=Progress.CALLED, due_at=now, failure="")


def confirmed(intent: Intent, now: str) -> Intent:
    """Return an intent of which every component was read back as wanted."""
    return msgspec.structs.replace(
        _released(intent),
        state=Progress.CONFIRMED,
        read_back=intent.wanted,
        failure="",
        ended_at=now,
    )


def in_vain(
    intent: Intent, why: str, now: str, chance: float, found: Numbers, *, final: bool = False
) -> Intent:
    """Return an intent after an attempt that failed: to be called again later, or failed.

    `chance` is a number in [0, 1). A `final` failure is not tried again.
    """
    failure = why[:MAX_FAILURE]
    wait = None if final else wait_s(intent.attempts, chance, found)
    if wait is None:
        return msgspec.structs.replace(
            _released(intent), state=Progress.FAILED, failure=failure, ended_at=now
        )
    return msgspec.structs.replace(
        _released(intent),
        state=Progress.INTENDED,
        failure=failure,
        due_at=instant(seconds(now) + wait),
    )


def superseded(intent: Intent, now: str) -> Intent:
    """Return an intent in whose place a newer decision about the same change stands."""
    if intent.state in ENDED:
        return intent
    # A claim stays: whoever holds it may be calling just now, and the newer one waits for that.
    return msgspec.structs.replace(intent, state=Progress.FAILED, failure=SUPERSEDED, ended_at=now)


def wait_s(attempts: int, chance: float, found: Numbers) -> float | None:
    """Return the seconds to wait after `attempts` in vain; None when there is no further one."""
    if attempts >= found.attempts_max:
        return None
    grown = found.backoff_first_s * found.backoff_factor ** min(max(attempts - 1, 0), 60)
    longest = min(found.backoff_max_s, grown)
    return longest * (1 - found.jitter) + longest * found.jitter * chance


def seen_of(printed: bytes, components: tuple[str, ...]) -> Seen:
    """Return what an executor read back, of the components asked for; raises Unreadable.

    Either `{"parts": {component: part or null}}`, the parts as a manifest has them, or
    `{"digests": {component: digest}}`, of each part's own canonical JSON. A component that is not
    mentioned is unreadable, not absent: who forgets one must not confirm it.
    """
    try:
        said = typed.decode(printed, type=_Printed)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Unreadable(f"what was read back is not of the form asked for: {error}") from error
    if (said.parts is None) == (said.digests is None):
        raise Unreadable("what was read back has to be either `parts` or `digests`")
    known: Mapping[str, Any] = said.parts if said.parts is not None else said.digests or {}
    missing = [name for name in components if name not in known]
    if missing:
        raise Unreadable(f"what was read back does not speak of {', '.join(missing[:5])[:300]}")
    if said.parts is None:
        digests = {name: str(known[name]) for name in components}
        return Seen(digest=digest(digests), components=digests)
    return seen_parts({name: said.parts[name] for name in components})


def seen_parts(parts: Mapping[str, Part | None]) -> Seen:
    """Return what was read back where the parts themselves are known; raises Unreadable."""
    try:
        return Seen(
            digest=parts_digest(parts),
            components={name: part_digest(part) for name, part in parts.items()},
            parts=dict(parts),
        )
    except BadValue as error:
        raise Unreadable(error.message) from error


def is_as_wanted(seen: Seen, parts: Mapping[str, Part | None]) -> bool:
    """Say whether what was read back is exactly a set of parts: each component, and no other."""
    return seen.components == {name: part_digest(part) for name, part in parts.items()}


def as_digest(seen: Seen, manifest: Manifest) -> str:
    """Return what was read back as the one digest that a change is finished or confirmed with.

    Who tells digests of parts tells of the parts: if each is that of the change's content, or of
    what stood before, the digest is the one of that whole.
    """
    for parts in (manifest.parts, manifest.base):
        if is_as_wanted(seen, parts):
            return parts_digest(parts)
    return seen.digest


class _Printed(msgspec.Struct, frozen=True, kw_only=True):
    parts: dict[str, Part | None] | None = None
    digests: dict[str, str] | None = None


def _released(intent: Intent) -> Intent:
    return msgspec.structs.replace(intent, claimed_by=None, claimed_until=None)
