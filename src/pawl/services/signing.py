"""Sign an assessment's root with Ed25519, and check who signed one.

Ed25519 (RFC 8032) has one size of key and no choices to get wrong. A key id is the SHA-256 of the
public key, so it cannot name another key. Only keys that the caller trusts count; whatever else a
file brings along is told and ignored.
"""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from pawl.base.canonical import sha256_hex
from pawl.base.errors import BadFile
from pawl.maturity.bundle import AssessmentBundle, root_of
from pawl.maturity.envelope import (
    PAYLOAD_TYPE,
    Envelope,
    Signature,
    envelope,
    opened,
    payload_of,
    signed_bytes,
)

MAX_SIGNATURES = 32
"""Signatures of one bundle that are looked at."""


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """Who signed a bundle. `trusted` are names of trusted keys whose signature holds.

    `refused` says why another signature does not count. Without any trusted one nobody vouches.
    """

    trusted: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def vouched(self) -> bool:
        """Whether a trusted key signed exactly this bundle."""
        return bool(self.trusted)


def sign(bundle: AssessmentBundle, key: Ed25519PrivateKey) -> AssessmentBundle:
    """Return the bundle with one more signature; signing again with the same key changes nothing.

    Ed25519 is deterministic, so the same key and bundle give the same bytes.
    """
    root = root_of(bundle)
    payload = payload_of(root)
    made = envelope(
        root,
        (
            Signature(
                keyid=key_id(key.public_key()),
                sig=b64encode(key.sign(signed_bytes(PAYLOAD_TYPE, payload))).decode(),
            ),
        ),
    )
    if made in bundle.signatures:
        return bundle
    return msgspec.structs.replace(bundle, signatures=(*bundle.signatures, made))


def check_signatures(
    bundle: AssessmentBundle, trusted: Mapping[str, Ed25519PublicKey], *, place: str = "bundle"
) -> Signed:
    """Say which trusted keys, by name, signed exactly this bundle, and why others do not count."""
    wanted = root_of(bundle)
    by_id = {key_id(key): (name, key) for name, key in trusted.items()}
    good: list[str] = []
    refused: list[str] = []
    for found, signature in list(_each(bundle.signatures))[:MAX_SIGNATURES]:
        short = signature.keyid[:12]
        try:
            root, content = opened(found, place=place)
        except BadFile as error:
            refused.append(f"{short}: {error.message}")
            continue
        if root != wanted:
            refused.append(f"{short}: it signs another bundle")
        elif signature.keyid not in by_id:
            refused.append(f"{short}: the key is not among the trusted")
        else:
            name, key = by_id[signature.keyid]
            if _holds(key, signature, content):
                good.append(name)
            else:
                refused.append(f"{short}: the signature of {name} does not hold")
    return Signed(trusted=tuple(sorted(set(good))), refused=tuple(refused))


def key_id(key: Ed25519PublicKey) -> str:
    """Return the SHA-256 of a raw public key in hex."""
    return sha256_hex(key.public_bytes(Encoding.Raw, PublicFormat.Raw))


def read_private_key(pem: bytes, *, place: str) -> Ed25519PrivateKey:
    """Return an Ed25519 private key without passphrase; raises BadFile, never showing the key."""
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadFile(
            "no readable private key, or it needs a passphrase.", place=place, hint=_HINT
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadFile("it is no Ed25519 key.", place=place, hint=_HINT)
    return key


def read_public_key(pem: bytes, *, place: str) -> Ed25519PublicKey:
    """Return an Ed25519 public key; raises BadFile."""
    try:
        key = load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadFile("no readable public key.", place=place, hint=_HINT) from error
    if not isinstance(key, Ed25519PublicKey):
        raise BadFile("it is no Ed25519 key.", place=place, hint=_HINT)
    return key


_HINT = "Make one with: openssl genpkey -algorithm ed25519."


def _each(signatures: Iterable[Envelope]) -> Iterable[tuple[Envelope, Signature]]:
    for found in signatures:
        for signature in found.signatures:
            yield found, signature


def _holds(key: Ed25519PublicKey, signature: Signature, content: bytes) -> bool:
    try:
        key.verify(b64decode(signature.sig, validate=True), content)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
