"""The key that signs a ledger's checkpoints: made once, kept in the data folder, shown to nobody.

Ed25519 (RFC 8032), in the one-line form that signed notes have for keys:
`PRIVATE+KEY+NAME+HINT+BASE64`. Verifying needs only the other line, the verifier key.
"""

from base64 import b64decode, b64encode
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pawl.base.errors import BadFile, BadValue, CannotTell
from pawl.governance.note import ED25519, Note, VerifierKey, is_name, signed

SIGNING_KEY = "signing-key"
"""The key's file in the ledger's folder."""
_MARK = "PRIVATE+KEY+"


class Files(Protocol):
    """The small files in the ledger's folder of a data folder, for this user only."""

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, None where there is none."""

    def replace(self, name: str, content: bytes) -> None:
        """Put a file in another's place."""

    def create(self, name: str, content: bytes) -> bool:
        """Write a file where there is none; False where there is one."""


class SigningKey:
    """A private key with the name of the ledger whose checkpoints it signs."""

    def __init__(self, name: str, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = VerifierKey(name=name, public=self._private.public_key().public_bytes_raw())

    def sign(self, text: str) -> Note:
        """Return a text as a note that this key signed; the same text gives the same note."""
        return signed(text, self.verifier, self._private.sign)

    def line(self) -> str:
        """Return the key as it is kept. It is a secret."""
        data = b64encode(ED25519 + self._private.private_bytes_raw()).decode()
        return f"{_MARK}{self.verifier.name}+{self.verifier.hint.hex()}+{data}\n"


def holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether a signature holds; False for whatever is no key or no signature."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def kept_key(files: Files) -> SigningKey | None:
    """Return the key of this data folder, None where none was made; raises BadFile."""
    text = files.read(SIGNING_KEY)
    return None if text is None else _read(text)


def needed_key(files: Files) -> SigningKey:
    """Return the key of this data folder; raises CannotTell where none was made."""
    key = kept_key(files)
    if key is None:
        raise CannotTell(
            "there is no key to sign checkpoints with.",
            place=SIGNING_KEY,
            hint="Make one with `pawl ledger key --name NAME`, and keep what it prints elsewhere.",
        )
    return key


def make_key(files: Files, name: str, seed: bytes) -> SigningKey:
    """Make and keep the key of this data folder; raises BadValue where there is one already."""
    if not is_name(name):
        raise BadValue(
            f"{name[:60]!r} cannot name a ledger.",
            place="--name",
            hint="Write something like example.org/ledger, without spaces and plus signs.",
        )
    key = SigningKey(name, seed)
    if not files.create(SIGNING_KEY, key.line().encode()):
        raise BadValue(
            "there is a key already, and who trusts it would not trust another.",
            place=SIGNING_KEY,
            hint="See it with `pawl ledger key`; to change it, move the file away first.",
        )
    return key


def _read(text: bytes) -> SigningKey:
    try:
        line = text.decode().strip()
        name = line.removeprefix(_MARK).partition("+")[0]
        key = SigningKey(name, _seed(line))
        if not line.startswith(_MARK) or key.line().strip() != line:
            raise ValueError("misspelt")
    except ValueError as error:
        raise BadFile(
            "not a signing key for checkpoints.",
            place=SIGNING_KEY,
            hint="Restore it, or move it away and make another with `pawl ledger key --name NAME`.",
        ) from error
    return key


def _seed(line: str) -> bytes:
    raw = b64decode(line.split("+", 4)[-1], validate=True)
    if len(raw) != 33 or raw[:1] != ED25519:
        raise ValueError("no Ed25519 seed")
    return raw[1:]
