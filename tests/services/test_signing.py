"""Signatures: only a trusted key over exactly this bundle vouches for it."""

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from tests.maturity.judged import record
from tests.maturity.test_bundle import SEALED
from tests.maturity.test_difference import inputs

from pawl.base.errors import BadFile
from pawl.base.finding import Outcome
from pawl.maturity.bundle import AssessmentBundle, bundle_bytes, bundle_of, read_bundle
from pawl.services.signing import (
    MAX_SIGNATURES,
    check_signatures,
    key_id,
    read_private_key,
    read_public_key,
    sign,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
TRUSTED = {"release": KEY.public_key()}


def bundle(outcome: Outcome = Outcome.PASS) -> AssessmentBundle:
    """Return an unsigned bundle."""
    return bundle_of(inputs(record(outcome=outcome), asked=SEALED))


def test_a_trusted_key_vouches_after_writing_and_reading() -> None:
    """Signed, written and read, the bundle names the key that signed it."""
    signed = sign(bundle(), KEY)
    read = read_bundle(bundle_bytes(signed), place="b")
    found = check_signatures(read, TRUSTED)
    assert (found.trusted, found.refused, found.vouched) == (("release",), (), True)


def test_signing_twice_changes_nothing() -> None:
    """The same key over the same bundle gives the same bytes."""
    once = sign(bundle(), KEY)
    assert sign(once, KEY) == once
    assert bundle_bytes(sign(bundle(), KEY)) == bundle_bytes(once)


def test_without_a_signature_nobody_vouches() -> None:
    """An unsigned bundle is not trusted, and nothing is said against it."""
    found = check_signatures(bundle(), TRUSTED)
    assert (found.vouched, found.refused) == (False, ())


def test_a_key_that_nobody_trusts_does_not_count() -> None:
    """A throw-away key vouches for nothing, beside a trusted one as well."""
    found = check_signatures(sign(sign(bundle(), OTHER), KEY), TRUSTED)
    assert found.trusted == ("release",)
    assert "not among the trusted" in found.refused[0]


def test_a_signature_moved_to_another_bundle_does_not_count() -> None:
    """What was signed was another assessment."""
    good, bad = sign(bundle(), KEY), bundle(Outcome.FAIL)
    moved = msgspec.structs.replace(bad, signatures=good.signatures)
    found = check_signatures(moved, TRUSTED)
    assert not found.vouched
    assert "another bundle" in found.refused[0]


@pytest.mark.parametrize("sig", ["", "AAAA", "@@@", "A" * 88])
def test_a_broken_signature_does_not_hold(sig: str) -> None:
    """Bytes that are no signature of the key named are refused by its name."""
    signed = sign(bundle(), KEY)
    (found,) = signed.signatures
    (signature,) = found.signatures
    forged = msgspec.structs.replace(
        found, signatures=(msgspec.structs.replace(signature, sig=sig),)
    )
    checked = check_signatures(msgspec.structs.replace(signed, signatures=(forged,)), TRUSTED)
    assert not checked.vouched
    assert "does not hold" in checked.refused[0]


def test_a_key_id_is_only_a_hint() -> None:
    """A signature of another key under a trusted key's id does not hold."""
    signed = sign(bundle(), OTHER)
    (found,) = signed.signatures
    (signature,) = found.signatures
    named = msgspec.structs.replace(signature, keyid=key_id(KEY.public_key()))
    forged = msgspec.structs.replace(found, signatures=(named,))
    assert not check_signatures(
        msgspec.structs.replace(signed, signatures=(forged,)), TRUSTED
    ).vouched


def test_a_flood_of_signatures_is_bounded() -> None:
    """Only so many are looked at, however many a file brings along."""
    signed = sign(bundle(), OTHER)
    flood = msgspec.structs.replace(signed, signatures=signed.signatures * 500)
    assert len(check_signatures(flood, TRUSTED).refused) == MAX_SIGNATURES


def test_keys_are_read_from_pem_and_others_are_refused() -> None:
    """An Ed25519 pair reads; a passphrase, another algorithm or rubbish is told, never shown."""
    private = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert key_id(read_private_key(private, place="k").public_key()) == key_id(KEY.public_key())
    assert key_id(read_public_key(public, place="k")) == key_id(KEY.public_key())
    elliptic = generate_private_key(SECP256R1())
    for bad in (
        b"rubbish",
        KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"word")),
        elliptic.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    ):
        with pytest.raises(BadFile) as raised:
            read_private_key(bad, place="k")
        assert "rubbish" not in str(raised.value)
    for bad in (
        b"rubbish",
        elliptic.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    ):
        with pytest.raises(BadFile):
            read_public_key(bad, place="k")
