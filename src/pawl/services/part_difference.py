"""What one part of a change was and is to be, in the words of its kind, for people to read."""

from collections.abc import Iterator

import msgspec

from pawl.base.money import format_usd
from pawl.changes.manifest import Manifest, changed
from pawl.changes.parts import (
    Budget,
    Code,
    Data,
    EvalSet,
    Model,
    Part,
    PolicyFile,
    Prompt,
    Routing,
    Tool,
    widened,
)
from pawl.services.word_difference import Piece, word_difference


class FieldDifference(msgspec.Struct, frozen=True, kw_only=True):
    """One value of a part before and after; None is absence."""

    name: str
    before: str | None
    after: str | None


class PartDifference(msgspec.Struct, frozen=True, kw_only=True):
    """How one component changes. Prompts have `words`, all others `fields`.

    `notes` say in a sentence what is easily overlooked: a tool that may do more than before.
    """

    component: str
    kind: str
    how: str
    words: tuple[Piece, ...] = ()
    fields: tuple[FieldDifference, ...] = ()
    notes: tuple[str, ...] = ()


def part_differences(manifest: Manifest) -> tuple[PartDifference, ...]:
    """Return how each component changes that does, by name."""
    return tuple(
        part_difference(name, manifest.base.get(name), manifest.parts[name])
        for name in changed(manifest)
    )


def part_difference(component: str, before: Part | None, after: Part | None) -> PartDifference:
    """Return how one component changes; None is a part that is not there."""
    how = "new" if before is None else "gone" if after is None else "changed"
    kind = component.partition("/")[0]
    words: tuple[Piece, ...] = ()
    if isinstance(before, Prompt | None) and isinstance(after, Prompt | None):
        words = word_difference(before.text if before else "", after.text if after else "")
        return PartDifference(component=component, kind=kind, how=how, words=words)
    old, new = dict(_fields(before)), dict(_fields(after))
    return PartDifference(
        component=component,
        kind=kind,
        how=how,
        fields=tuple(
            FieldDifference(name=name, before=old.get(name), after=new.get(name))
            for name in dict.fromkeys((*old, *new))
            if old.get(name) != new.get(name)
        ),
        notes=tuple(_notes(before, after)),
    )


def _fields(part: Part | None) -> Iterator[tuple[str, str]]:
    """Yield what a part says, each value under a name of its own."""
    match part:
        case Prompt(text=text):
            yield "text", text
        case Model():
            yield from _model(part)
        case Tool():
            yield from _tool(part)
        case Routing(permille=permille):
            yield from ((name, f"{share / 10:g} %") for name, share in sorted(permille.items()))
        case Budget(micros=micros, period=period):
            yield "limit", f"{format_usd(micros)} per {period}"
        case Data(classes=classes):
            yield from ((f"class {name}", "yes") for name in classes)
        case EvalSet(digest=digest, cases=cases):
            yield "digest", digest
            yield "cases", "unknown" if cases is None else f"{cases:,}"
        case PolicyFile(digest=digest) | Code(digest=digest):
            yield "digest", digest


def _model(part: Model) -> Iterator[tuple[str, str]]:
    yield "family", part.family
    yield "model", part.model
    for name, value in sorted(part.parameters.items()):
        yield f"parameter {name}", _plain(value)


def _tool(part: Tool) -> Iterator[tuple[str, str]]:
    yield "permission", part.permission
    if not part.powers and part.permission != "deny":
        yield "powers", "all"
    yield from ((f"power {power}", "yes") for power in part.powers)


def _notes(before: Part | None, after: Part | None) -> Iterator[str]:
    if widened(before, after):
        yield "This tool may do more than before."
    if isinstance(after, Tool) and not after.powers and after.permission != "deny":
        yield "No powers are named, which is all of them."
    if isinstance(before, Model) and isinstance(after, Model) and before.family != after.family:
        yield "This is another family of models."
    if isinstance(after, Data):
        known = set(before.classes) if isinstance(before, Data) else set()
        more = sorted(set(after.classes) - known)
        if more:
            yield f"More data reaches the agent: {', '.join(more)}."
    if isinstance(after, PolicyFile | Code | EvalSet) or isinstance(
        before, PolicyFile | Code | EvalSet
    ):
        yield "Only its digest is recorded here; read the file itself where it is kept."


def _plain(value: object) -> str:
    return msgspec.json.encode(value).decode()
