"""The manifest of a change: all that alters behaviour, before and after, and how it rolls out.

Approvals and verdicts bind to its digest: SHA-256 over RFC 8785 JSON, so spacing and the order of
keys change nothing, and any other byte does. Title, declared risk and what the change closes stand
in it as well, because whoever approves reads them.

`base` is what the same components are before the change. Its own digest is compared with what they
are *now*: a verdict on a base that has moved is stale. It is also what a rollback goes back to.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Literal

import msgspec

from pawl.base import typed
from pawl.base.canonical import digest
from pawl.base.errors import BadFile, BadValue
from pawl.changes.parts import COMPONENT, WORK_OF, Model, Part, kind_of
from pawl.changes.plan import Experiment, Rollback, Rollout, plan_problems
from pawl.governance.raci import Work

MAX_BYTES = 16 * 1024 * 1024
"""Of one manifest as text."""
MAX_PARTS = 10_000
MAX_TITLE = 300


class Risk(StrEnum):
    """How much harm a change can do."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One change, whole. None as a part is absence; `parts` and `base` hold the same components.

    `eval_sets` are the sets that judge it, by digest. `closes` are actions that it finishes.
    `assisted` says that an agent wrote some of it.
    """

    schema: Literal["pawl.manifest/1"] = "pawl.manifest/1"
    title: str
    scope: str = ""
    why: str = ""
    declared_risk: Risk = Risk.LOW
    parts: dict[str, Part | None]
    base: dict[str, Part | None]
    eval_sets: dict[str, str] = {}
    rollout: Rollout
    rollback: Rollback | None = None
    experiment: Experiment | None = None
    closes: tuple[str, ...] = ()
    assisted: bool = False


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """What one component was and is to be, as plain values; None is absence."""

    component: str
    before: object
    after: object


def read_manifest(text: bytes, *, place: str) -> Manifest:
    """Return a manifest from JSON; raises BadFile for one that does not read."""
    if len(text) > MAX_BYTES:
        raise BadFile(f"larger than {MAX_BYTES:,} bytes.", place=place)
    try:
        manifest = typed.decode(text, type=Manifest)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise BadFile(
            f"not a manifest: {error}.",
            place=place,
            hint="Write it with `pawl change new --from-diff BASE..HEAD`.",
        ) from error
    try:
        manifest_digest(manifest)
    except BadValue as error:
        raise BadFile(error.message, place=place, hint=error.hint) from error
    return manifest


def manifest_digest(manifest: Manifest) -> str:
    """Return the digest that approvals bind to; raises BadValue for what has no canonical form."""
    return _digest(manifest)


def parts_digest(parts: Mapping[str, Part | None]) -> str:
    """Return the digest of components in a state: what a read-back is compared with."""
    return _digest(dict(parts))


def part_digest(part: Part | None) -> str:
    """Return the digest of one part, or of its absence."""
    return _digest(part)


def changed(manifest: Manifest) -> tuple[str, ...]:
    """Return the components that are not what they were, sorted."""
    return tuple(
        sorted(
            name
            for name, part in manifest.parts.items()
            if not _same(part, manifest.base.get(name))
        )
    )


def works_of(manifest: Manifest) -> frozenset[Work]:
    """Return the kinds of work a change touches, by what it changes and not by what it says."""
    return frozenset(
        WORK_OF[type(part)]
        for name in changed(manifest)
        for part in (manifest.parts[name], manifest.base.get(name))
        if part is not None
    )


def difference(manifest: Manifest) -> tuple[Changed, ...]:
    """Return what changes, for people to read before they approve."""
    return tuple(
        Changed(
            component=name,
            before=msgspec.to_builtins(manifest.base.get(name)),
            after=msgspec.to_builtins(manifest.parts[name]),
        )
        for name in changed(manifest)
    )


def problems(manifest: Manifest) -> tuple[str, ...]:
    """Return all that is wrong with a manifest, each as a sentence; none for a sound one."""
    return tuple(_problems(manifest))


def _problems(manifest: Manifest) -> Iterator[str]:
    if not manifest.title.strip() or len(manifest.title) > MAX_TITLE:
        yield f"Its title has 1 to {MAX_TITLE} characters."
    if not 1 <= len(manifest.parts) <= MAX_PARTS:
        yield f"It has {len(manifest.parts)} parts; 1 to {MAX_PARTS:,} may be."
    if manifest.parts.keys() != manifest.base.keys():
        odd = ", ".join(sorted(manifest.parts.keys() ^ manifest.base.keys())[:5])
        yield f"It does not say both before and after of {odd}."
    elif not changed(manifest):
        yield "It changes nothing."
    for state in (manifest.parts, manifest.base):
        for name, part in state.items():
            known = COMPONENT.fullmatch(name)
            if known is None:
                yield f"{name[:80]!r} is no component; write one such as prompt/support."
            elif part is not None and known[1] != kind_of(part):
                yield f"{name} holds a {kind_of(part)}."
    yield from plan_problems(manifest.rollout, manifest.rollback)


def _same(one: Part | None, other: Part | None) -> bool:
    # Equal values are not enough: to Python 1 is true. Equal bytes are, and are quickly had.
    if msgspec.json.encode(one, order="sorted") == msgspec.json.encode(other, order="sorted"):
        return True
    if not (isinstance(one, Model) and isinstance(other, Model)):
        return False
    # Only a model's parameters can be written in two ways, 1 and 1.0, that are one number.
    return part_digest(one) == part_digest(other)


def _digest(value: object) -> str:
    try:
        return digest(msgspec.to_builtins(value))
    except ValueError as error:
        raise BadValue(
            f"a value has no canonical form: {error}.",
            hint="Write numbers that every reader of JSON agrees on.",
        ) from error
