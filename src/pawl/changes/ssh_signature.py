"""What an SSH signature says of itself: which key made it, and what for.

The form is https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig. Nothing is
verified here: that is `ssh-keygen`'s. It is read so that the key is known by its fingerprint, and
so that a signature for another purpose is told apart before any program sees it.
"""

import binascii
import hashlib
from base64 import b64decode, b64encode

import msgspec

from pawl.base.errors import BadValue

MAX_BYTES = 16 * 1024
"""Of one signature as text. One by an RSA key of 16,384 bits takes 6 KiB."""
_HEAD, _TAIL = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_MAGIC = b"SSHSIG"
_KEYS = frozenset({
    "ssh-ed25519", "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
    "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa",
})  # fmt: skip
"""Kinds of plain keys. A certificate stands for whomever its authority says, and not for a key."""
_HASHES = frozenset({"sha256", "sha512"})


class SshSignature(msgspec.Struct, frozen=True, kw_only=True):
    """What a signature says of itself. `fingerprint` is such as `SHA256:mVx...`."""

    key_kind: str
    fingerprint: str
    namespace: str


def read_signature(text: str) -> SshSignature:
    """Return what a signature says of itself; raises BadValue for what is none."""
    blob = _Blob(_unarmoured(text))
    if blob.take(len(_MAGIC)) != _MAGIC or blob.number() != 1:
        raise _bad("is of another form")
    key, namespace = blob.text(), blob.text()
    blob.text()  # Reserved.
    hashed = blob.text()
    blob.text()  # The signature itself.
    if not blob.ended:
        raise _bad("goes on after its end")
    kind = _Blob(key).text()
    name = kind.decode("ascii", "replace")
    if name not in _KEYS:
        raise _bad(f"is by a key of the kind {name[:60]!r}, which is not taken")
    if hashed.decode("ascii", "replace") not in _HASHES:
        raise _bad("uses a hash that is not taken")
    digest = b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")
    return SshSignature(
        key_kind=name,
        fingerprint=f"SHA256:{digest}",
        namespace=namespace.decode("utf-8", "replace"),
    )


class _Blob:
    """Reads the strings and numbers of SSH's wire form (RFC 4251, section 5)."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def ended(self) -> bool:
        """Whether all of it was read."""
        return self._at == len(self._data)

    def take(self, count: int) -> bytes:
        """Return the next bytes; raises BadValue when there are fewer."""
        if count > len(self._data) - self._at:
            raise _bad("breaks off")
        self._at += count
        return self._data[self._at - count : self._at]

    def number(self) -> int:
        """Return the next number of 32 bits."""
        return int.from_bytes(self.take(4), "big")

    def text(self) -> bytes:
        """Return the next string."""
        return self.take(self.number())


def _unarmoured(text: str) -> bytes:
    if len(text) > MAX_BYTES:
        raise _bad(f"is larger than {MAX_BYTES:,} characters")
    lines = text.strip().replace("\r\n", "\n").split("\n")
    if len(lines) < 3 or lines[0] != _HEAD or lines[-1] != _TAIL:
        raise _bad("does not begin and end as one does")
    try:
        return b64decode("".join(lines[1:-1]), validate=True)
    except (binascii.Error, ValueError) as error:
        raise _bad("is not in base 64") from error


def _bad(why: str) -> BadValue:
    return BadValue(
        f"The SSH signature {why}.",
        place="signature",
        hint="Sign with `pawl change approve CHANGE --ssh-key FILE`.",
    )
