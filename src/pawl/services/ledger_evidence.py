"""Read checkpoints that were kept elsewhere, and say what they claim and who signed them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from pawl.base.errors import BadFile
from pawl.governance.ledger import Claim, Difference, read_checkpoint
from pawl.governance.note import TreeHead, VerifierKey, holding, notes_in, read_note, tree_head
from pawl.governance.verifying import claim_of


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One checkpoint that was compared with. `signature` is `holds`, `not checked` or `none`."""

    place: str
    size: int
    signature: str


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What checkpoints claim. `difference` is a signature that was demanded and is not there.

    `skipped` are texts beside them that are no checkpoints, such as one that a crash tore.
    """

    claims: tuple[Claim, ...] = ()
    seen: tuple[Seen, ...] = ()
    skipped: tuple[str, ...] = ()
    difference: Difference | None = None


def evidence(texts: Iterable[tuple[str, str]], keys: Sequence[VerifierKey] = ()) -> Evidence:
    """Return what the texts of some places claim; with `keys`, one of them must have signed each.

    A text is one plain checkpoint, or signed notes one after the other. Raises BadFile for one
    that holds no checkpoint at all.
    """
    claims: list[Claim] = []
    seen: list[Seen] = []
    skipped: list[str] = []
    difference = None
    for place, text in texts:
        if text.lstrip().startswith("{"):
            claim = claim_of(read_checkpoint(text.encode(), place=place), place)
            claims.append(claim)
            seen.append(Seen(place=place, size=claim.size, signature="none"))
            if keys and difference is None:
                difference = _unsigned(place, keys, "no signature")
            continue
        for name, head, held in _notes(text, place, keys, skipped):
            claims.append(Claim(size=head.size, root=head.root.hex(), place=name))
            said = "holds" if held else "not checked"
            seen.append(Seen(place=name, size=head.size, signature=said))
            if keys and not held and difference is None:
                difference = _unsigned(name, keys, "none of these that holds")
    return Evidence(
        claims=tuple(claims), seen=tuple(seen), skipped=tuple(skipped), difference=difference
    )


def head_in(note: str, keys: Sequence[VerifierKey], *, place: str) -> tuple[TreeHead, bool]:
    """Return what a note says and whether one of the keys signed it for its own ledger.

    Raises BadFile for a text that is no checkpoint.
    """
    from pawl.services.ledger_keys import holds

    read = read_note(note, place=place)
    head = tree_head(read, place=place)
    # A key signs for the ledger of its own name: the checkpoint of another one proves nothing here.
    mine = [key for key in keys if key.name == head.origin]
    return head, bool(holding(read, mine, holds))


def _notes(
    text: str, place: str, keys: Sequence[VerifierKey], skipped: list[str]
) -> list[tuple[str, TreeHead, bool]]:
    found: list[tuple[str, TreeHead, bool]] = []
    problem: BadFile | None = None
    every = notes_in(text)
    for number, note in enumerate(every, 1):
        name = place if len(every) == 1 else f"{place} no. {number}"
        try:
            head, held = head_in(note, keys, place=name)
        except BadFile as error:
            problem = problem or error
            skipped.append(str(error))
            continue
        found.append((name, head, held))
    if not found:
        raise problem or BadFile(
            "it holds no checkpoint.", place=place, hint="Write one with `pawl ledger checkpoint`."
        )
    return found


def _unsigned(place: str, keys: Sequence[VerifierKey], found: str) -> Difference:
    names = ", ".join(f"{key.name}+{key.hint.hex()}" for key in keys)
    return Difference(
        kind="signature", place=place, expected=f"a signature by {names}", found=found
    )
