"""Signed notes and the checkpoints they carry, in the shape of C2SP's signed-note and
tlog-checkpoint: text, a blank line, and a line for each signature.

    example.org/ledger
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — example.org/ledger Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=

The first line names the ledger, the second is the number of entries, the third the Merkle root.
Pure: whether a signature holds is asked of a function that is handed in.
"""  # noqa: E501

import binascii
import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable

import msgspec

from pawl.base.errors import BadFile, BadValue

ED25519 = b"\x01"
"""The algorithm's number in keys of notes."""
MAX_BYTES = 64 * 1024
"""One note is not longer; ours have three lines."""
MAX_SIGNATURES = 16
SIGNED = "— "
"""How the line of a signature begins."""
_KEY_HINT = "It looks like NAME+0a1b2c3d+BASE64, as `pawl ledger key` prints it."

Holds = Callable[[bytes, bytes, bytes], bool]
"""Whether under a public key, a message has a signature."""


class VerifierKey(msgspec.Struct, frozen=True, kw_only=True):
    """A public key with the name it signs under."""

    name: str
    public: bytes

    @property
    def hint(self) -> bytes:
        """The four bytes by which a signature says which key it was made with."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.hint.hex()}+{b64encode(ED25519 + self.public).decode()}"


class NoteSignature(msgspec.Struct, frozen=True, kw_only=True):
    """One line below a note: whose, by which key, and the signature itself."""

    name: str
    hint: bytes
    signature: bytes


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """A text that ends with a line's end, and who signed it."""

    text: str
    signatures: tuple[NoteSignature, ...] = ()

    def __str__(self) -> str:
        lines = (
            f"{SIGNED}{each.name} {b64encode(each.hint + each.signature).decode()}\n"
            for each in self.signatures
        )
        return f"{self.text}\n{''.join(lines)}"


class TreeHead(msgspec.Struct, frozen=True, kw_only=True):
    """What a signed checkpoint says: the ledger's name, its entries, the root over them."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


def read_key(text: str, *, place: str) -> VerifierKey:
    """Return the verifier key that a text spells; raises BadValue."""
    name, _, rest = text.strip().partition("+")
    hint, _, data = rest.partition("+")
    raw = _unbased(data)
    if raw is None or len(raw) != 33 or raw[:1] != ED25519 or not is_name(name):
        raise BadValue("that is no Ed25519 verifier key.", place=place, hint=_KEY_HINT)
    key = VerifierKey(name=name, public=raw[1:])
    if key.hint.hex() != hint:
        raise BadValue(
            "the verifier key is misspelt: its parts do not belong together.",
            place=place,
            hint=_KEY_HINT,
        )
    return key


def is_name(name: str) -> bool:
    """Say whether a key or a ledger may be called that: no spaces, no plus, not empty."""
    return bool(name) and len(name) <= 200 and name.isprintable() and not set(name) & set(" +")


def signed(text: str, key: VerifierKey, sign: Callable[[bytes], bytes]) -> Note:
    """Return a text as a note with one signature."""
    made = NoteSignature(name=key.name, hint=key.hint, signature=sign(text.encode()))
    return Note(text=text, signatures=(made,))


def read_note(text: str, *, place: str) -> Note:
    """Return the note in a text; raises BadFile. Nothing is said about its signatures."""
    body, blank, below = text.rpartition("\n\n")
    *lines, rest = below.split("\n")
    if not blank or rest or not lines or len(text) > MAX_BYTES or len(lines) > MAX_SIGNATURES:
        raise _no_note("it has no signatures below a blank line", place)
    return Note(text=body + "\n", signatures=tuple(_signature(line, place=place) for line in lines))


def holding(note: Note, keys: Iterable[VerifierKey], holds: Holds) -> tuple[str, ...]:
    """Return the names of the keys that signed exactly this note.

    A signature by one of the keys that does not hold counts for nothing; nor does one by others.
    """
    found = []
    for key in keys:
        for each in note.signatures:
            if (each.name, each.hint) != (key.name, key.hint):
                continue
            if holds(key.public, note.text.encode(), each.signature):
                found.append(key.name)
                break
    return tuple(found)


def tree_head(note: Note, *, place: str) -> TreeHead:
    """Return the checkpoint that a note carries; raises BadFile for a note about anything else."""
    lines = note.text.split("\n")
    if len(lines) < 4 or not lines[0] or lines[-1]:
        raise _no_note("its text is no checkpoint", place)
    size, root = lines[1], _unbased(lines[2])
    if not (size.isascii() and size.isdigit() and len(size) <= 16) or str(int(size)) != size:
        raise _no_note("its second line is no number of entries", place)
    if root is None or len(root) != 32:
        raise _no_note("its third line is no Merkle root", place)
    return TreeHead(origin=lines[0], size=int(size), root=root)


def notes_in(text: str) -> list[str]:
    """Return the notes that a text holds one after the other, as an append-only file does.

    A note ends with its signatures; what follows them begins the next. What is cut off before its
    signatures comes out too, for whoever reads it to refuse.
    """
    found: list[str] = []
    lines: list[str] = []
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        ended = bool(lines) and lines[-1].startswith(SIGNED)
        if ended and not line.startswith(SIGNED):
            found.append("".join(lines))
            lines = []
        if lines or line.strip():
            lines.append(line)
    return [*found, "".join(lines)] if lines else found


def _signature(line: str, *, place: str) -> NoteSignature:
    name, _, data = line.removeprefix(SIGNED).partition(" ")
    raw = _unbased(data)
    if not line.startswith(SIGNED) or raw is None or len(raw) < 5 or not is_name(name):
        raise _no_note("a line below it is no signature", place)
    return NoteSignature(name=name, hint=raw[:4], signature=raw[4:])


def _unbased(text: str) -> bytes | None:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _no_note(why: str, place: str) -> BadFile:
    return BadFile(
        f"not a signed checkpoint: {why}.",
        place=place,
        hint="Write one with `pawl ledger checkpoint --signed`.",
    )
