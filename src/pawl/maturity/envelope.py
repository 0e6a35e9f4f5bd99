"""What is signed about an assessment: a small statement of its root, in a DSSE envelope.

The signature binds a type and a payload through DSSE's pre-authentication encoding, so neither
can be read as something else. Keys and algorithms are the shell's business.

Standard: DSSE 1.0, https://github.com/secure-systems-lab/dsse (protocol and envelope).
"""

import binascii
from base64 import b64decode, b64encode
from typing import Literal

import msgspec

from pawl.base import typed
from pawl.base.canonical import canonical_json
from pawl.base.errors import BadFile

PAYLOAD_TYPE = "application/vnd.pawl.assessment-root+json"


class Root(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a signature vouches for: the digest of a bundle, and what it is about."""

    schema: Literal["pawl.assessment-root/1"] = "pawl.assessment-root/1"
    root: str
    subject: str
    as_of: str


class Signature(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One signature; `keyid` is a hint, never proof, and `sig` is base64."""

    keyid: str
    sig: str


class Envelope(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"
):
    """A DSSE envelope; `payload` is base64."""

    payload_type: str
    payload: str
    signatures: tuple[Signature, ...]


def payload_of(root: Root) -> bytes:
    """Return the canonical bytes of what is signed."""
    return canonical_json(msgspec.to_builtins(root))


def signed_bytes(payload_type: str, payload: bytes) -> bytes:
    """Return DSSE's pre-authentication encoding: the bytes that a signature is over."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def envelope(root: Root, signatures: tuple[Signature, ...]) -> Envelope:
    """Return an envelope around a root."""
    return Envelope(
        payload_type=PAYLOAD_TYPE,
        payload=b64encode(payload_of(root)).decode(),
        signatures=signatures,
    )


def opened(found: Envelope, *, place: str) -> tuple[Root, bytes]:
    """Return what an envelope says and the bytes that its signatures are over.

    Nothing is trusted yet. Raises BadFile for another type of payload or one that does not read.
    """
    if found.payload_type != PAYLOAD_TYPE:
        raise BadFile(f"it signs {found.payload_type!r}, not an assessment.", place=place)
    try:
        payload = b64decode(found.payload, validate=True)
        root = typed.decode(payload, type=Root)
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        raise BadFile(f"its payload does not read: {error}.", place=place) from error
    return root, signed_bytes(found.payload_type, payload)
