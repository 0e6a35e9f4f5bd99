"""Signed statements, with the real ssh-keygen."""

import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.world.made_keys import Key, made_key

from pawl.base.errors import BadFile, BadValue, CannotTell
from pawl.changes.approval import Approval, Said, Source
from pawl.changes.change import Refusal
from pawl.changes.reviews import Asked, Proposal
from pawl.changes.signed_statement import (
    NAMESPACE,
    SignedApproval,
    Statement,
    read_signed,
    read_statement,
    statement_bytes,
)
from pawl.changes.ssh_signature import read_signature
from pawl.services.signed_approvals import Signers, sign, verify_signed
from pawl.world.ssh_keygen import SshKeygen

WORDS = st.characters(codec="utf-8")
NOW = "2026-11-21T12:00:00.000000Z"
ASKED = Asked(
    change="chg_1",
    digest="d" * 64,
    base_digest="b" * 64,
    policy_digest="f" * 64,
    since="2026-11-21T09:00:00.000000Z",
)


def said(at: str = NOW, **other: Any) -> Statement:
    """Return a yes to what is asked."""
    bound: dict[str, Any] = {
        "change": ASKED.change,
        "digest": ASKED.digest,
        "base_digest": ASKED.base_digest,
        "policy_digest": ASKED.policy_digest,
    }
    return Statement(said=Said.APPROVE, at=at, **{**bound, **other})


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Key]:
    """Return keys by name, and their kind."""
    folder = tmp_path_factory.mktemp("keys")
    kinds = {"ada": "ed25519", "eve": "ed25519", "ecc": "ecdsa", "rsa": "rsa"}
    return {name: made_key(folder, name, kind) for name, kind in kinds.items()}


def listed(*keys: Key, options: str = f'namespaces="{NAMESPACE}"') -> Signers:
    """Return a list of signers with the same options for each."""
    lines = [f"{key.path.name}@example.org {options} {key.public}\n" for key in keys]
    return Signers(allowed="".join(lines).encode())


def verified(
    signed: SignedApproval,
    signers: Signers,
    *,
    answers: tuple[Approval, ...] = (),
    asked: Asked = ASKED,
    now: str = NOW,
) -> Proposal | Refusal:
    """Verify with the real program."""
    return verify_signed(signed, signers, asked, answers, SshKeygen(), now=now, skew_s=60)


@pytest.mark.parametrize("name", ["ada", "ecc", "rsa"])
def test_a_listed_key_vouches(keys: dict[str, Key], name: str) -> None:
    """A statement signed by a listed key is an answer by that key, to that content."""
    key = keys[name]
    signed = sign(said(note="Read it whole."), key.path, SshKeygen())
    found = verified(signed, listed(keys["eve"], key))
    assert isinstance(found, Proposal)
    assert found.identity == f"ssh:{key.fingerprint}"
    assert found.bound == (ASKED.digest, ASKED.base_digest, ASKED.policy_digest)
    assert (found.source, found.said, found.note) == (
        Source.SSH_SIGNATURE, Said.APPROVE, "Read it whole.",
    )  # fmt: skip
    assert read_signed(msgspec.json.encode(signed), place="x") == signed


def refused(found: Proposal | Refusal, code: str, *words: str) -> None:
    """Check that it was refused for a reason with some words."""
    assert isinstance(found, Refusal), found
    assert found.code == code
    text = " ".join(found.reasons)
    assert all(word in text for word in words), text


def test_a_key_that_is_not_listed_says_nothing(keys: dict[str, Key]) -> None:
    """A good signature by a key that the protected branch does not list is refused."""
    signed = sign(said(), keys["eve"].path, SshKeygen())
    refused(verified(signed, listed(keys["ada"])), "bad-signature", "not listed")
    refused(verified(signed, Signers(allowed=b"# nobody yet\n")), "bad-signature")
    refused(verified(signed, Signers(allowed=b" \n")), "bad-signature", "lists no signers")


def test_a_revoked_key_says_nothing(keys: dict[str, Key]) -> None:
    """A key in the list of revoked keys never counts, although it is listed."""
    key = keys["ada"]
    signed = sign(said(), key.path, SshKeygen())
    both = Signers(allowed=listed(key).allowed, revoked=f"{key.public}\n".encode())
    refused(verified(signed, both), "bad-signature")
    other = Signers(allowed=listed(key).allowed, revoked=f"{keys['eve'].public}\n".encode())
    assert isinstance(verified(signed, other), Proposal)


@pytest.mark.parametrize(
    ("options", "holds"),
    [
        ('valid-before="20261121115959Z"', False),
        ('valid-before="20261121120000Z"', True),
        ('valid-after="20261121120001Z"', False),
        ('valid-after="20261121120000Z"', True),
        ('valid-before="20261121115959"', False),
        ('valid-before="20261121120000"', True),
        (f'valid-before="20261121130000Z",namespaces="git,{NAMESPACE}"', True),
        ('namespaces="git"', False),
        ("cert-authority", False),
    ],
)
def test_a_key_has_its_time_and_purpose(keys: dict[str, Key], options: str, holds: bool) -> None:
    """A key counts within its dates, read as UTC, for the purposes it is listed for, as itself."""
    signed = sign(said(), keys["ada"].path, SshKeygen())
    found = verified(signed, listed(keys["ada"], options=options))
    assert isinstance(found, Proposal) is holds, found


def test_a_signature_for_another_purpose_is_no_approval(keys: dict[str, Key]) -> None:
    """What somebody signed for git, or as a file, is refused before any program sees it."""
    content = statement_bytes(said())
    for namespace in ("git", "file", "pawl-approval@v2"):
        signature = SshKeygen().sign(content, keys["ada"].path, namespace=namespace)
        signed = SignedApproval(statement=content.decode(), signature=signature)
        refused(verified(signed, listed(keys["ada"])), "bad-signature", namespace)


def test_other_words_under_a_signature_are_refused(keys: dict[str, Key]) -> None:
    """A signature holds for exactly the bytes that were signed."""
    signed = sign(said(), keys["ada"].path, SshKeygen())
    text = statement_bytes(said(digest="e" * 64)).decode()
    forged = msgspec.structs.replace(signed, statement=text)
    refused(verified(forged, listed(keys["ada"])), "bad-signature")


@pytest.mark.parametrize("what", ["change", "digest", "base_digest", "policy_digest"])
def test_a_statement_about_something_else_is_stale(keys: dict[str, Key], what: str) -> None:
    """A statement about another change, content, base or policy is shown with what differs."""
    signed = sign(said(**{what: "0" * 64}), keys["ada"].path, SshKeygen())
    refused(verified(signed, listed(keys["ada"])), "stale", "0" * 12)


def test_a_statement_has_its_time(keys: dict[str, Key]) -> None:
    """One of the future, or of before the review, is refused; a minute is forgiven."""
    for at, holds in (
        ("2026-11-21T12:01:00.000000Z", True),
        ("2026-11-21T12:01:00.000001Z", False),
        ("2026-11-21T08:59:00.000000Z", True),
        ("2026-11-21T08:58:59.999999Z", False),
    ):
        found = verified(sign(said(at), keys["ada"].path, SshKeygen()), listed(keys["ada"]))
        assert isinstance(found, Proposal) is holds, (at, found)


def test_what_was_taken_back_is_not_played_again(keys: dict[str, Key]) -> None:
    """A statement that was recorded and taken back is refused; one that stands is the same one."""
    signed = sign(said(), keys["ada"].path, SshKeygen())
    found = verified(signed, listed(keys["ada"]))
    assert isinstance(found, Proposal)
    answer = Approval(
        id="ans_1",
        change=found.change,
        digest=found.digest,
        base_digest=found.base_digest,
        policy_digest=found.policy_digest,
        identity=found.identity,
        said=found.said,
        source=found.source,
        source_ref=found.source_ref,
        claimed_at=found.claimed_at,
        recorded_at=NOW,
        seq=1,
    )
    assert verified(signed, listed(keys["ada"]), answers=(answer,)) == found
    gone = msgspec.structs.replace(answer, revoked_at=NOW)
    refused(verified(signed, listed(keys["ada"]), answers=(gone,)), "taken-back")
    again = sign(said("2026-11-21T12:00:01.000000Z"), keys["ada"].path, SshKeygen())
    assert isinstance(verified(again, listed(keys["ada"]), answers=(gone,)), Proposal)


def test_a_certificate_is_not_taken(keys: dict[str, Key], tmp_path: Path) -> None:
    """A certificate stands for whomever its authority says, and is refused as no plain key."""
    user = made_key(tmp_path, "user")
    made = ["ssh-keygen", "-q", "-s", str(keys["eve"].path), "-I", "x", "-n", "ada@example.org"]
    subprocess.run([*made, f"{user.path}.pub"], check=True, capture_output=True)
    content = statement_bytes(said())
    signature = SshKeygen().sign(content, user.path, namespace=NAMESPACE)
    certificate = Path(f"{user.path}-cert.pub")
    assert certificate.exists()
    blob = certificate.read_text().split()[1]
    assert "cert" in certificate.read_text().split()[0]
    signed = SignedApproval(statement=content.decode(), signature=signature)
    authority = Signers(allowed=f"ada@example.org cert-authority {keys['eve'].public}\n".encode())
    assert blob
    refused(verified(signed, authority), "bad-signature")


def test_a_machine_without_the_program_cannot_tell(keys: dict[str, Key], tmp_path: Path) -> None:
    """Without ssh-keygen, or with one that is killed, nothing is approved and nothing denied."""
    signed = sign(said(), keys["ada"].path, SshKeygen())
    with pytest.raises(CannotTell):
        verify_signed(
            signed, listed(keys["ada"]), ASKED, (), SshKeygen({"PATH": str(tmp_path)}),
            now=NOW, skew_s=60,
        )  # fmt: skip
    killed = tmp_path / "ssh-keygen"
    killed.write_text("#!/bin/sh\nkill -9 $$\n")
    killed.chmod(0o755)
    with pytest.raises(CannotTell):
        verify_signed(
            signed, listed(keys["ada"]), ASKED, (), SshKeygen({"PATH": f"{tmp_path}:/bin"}),
            now=NOW, skew_s=60,
        )  # fmt: skip


def test_a_program_that_always_says_good_is_not_enough(
    keys: dict[str, Key], tmp_path: Path
) -> None:
    """An answer that names another key than the signature does is refused."""
    fake = tmp_path / "ssh-keygen"
    line = f'Good "{NAMESPACE}" signature for x with ED25519 key SHA256:{"A" * 43}'
    fake.write_text(f"#!/bin/sh\necho '{line}'\n")
    fake.chmod(0o755)
    signed = sign(said(), keys["ada"].path, SshKeygen())
    found = verify_signed(
        signed, listed(keys["ada"]), ASKED, (), SshKeygen({"PATH": f"{tmp_path}:/bin"}),
        now=NOW, skew_s=60,
    )  # fmt: skip
    refused(found, "bad-signature", "another key")


def test_a_key_that_does_not_sign_is_told(keys: dict[str, Key], tmp_path: Path) -> None:
    """A key that is not there, is locked, or is no key, is told with its place."""
    locked = made_key(tmp_path, "locked", passphrase="secret words")
    (tmp_path / "none").write_text("no key")
    environment = {
        "PATH": "/usr/bin:/bin",
        "SSH_ASKPASS_REQUIRE": "force",
        "SSH_ASKPASS": "/bin/false",
    }
    for path in (tmp_path / "missing", tmp_path / "none", locked.path):
        with pytest.raises(BadValue):
            sign(said(), path, SshKeygen(environment))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_byte_of_a_signature_matters(data: st.DataObject) -> None:
    """A signature cut short or with any character changed names no key, or another signature."""
    at = data.draw(st.integers(0, len(ARMOURED) - 1))
    letter = data.draw(st.sampled_from("A0+/=\n \x00é-"))
    for text in (ARMOURED[:at], ARMOURED[:at] + letter + ARMOURED[at + 1 :]):
        try:
            found = read_signature(text)
        except BadValue:
            continue
        assert found.fingerprint.startswith("SHA256:")
        assert len(found.fingerprint) == 50


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda each: each.decode("latin-1")))
def test_no_text_breaks_the_readers(text: str) -> None:
    """Whatever is handed in as a statement or a signature is read or refused with a reason."""
    with pytest.raises(BadFile):
        read_statement(text)
    with pytest.raises(BadValue):
        read_signature(text)
    with pytest.raises(BadFile):
        read_signed(text.encode("utf-8", "replace"), place="x")


@settings(max_examples=60, deadline=None)
@given(
    note=st.text(WORDS, max_size=80),
    answer=st.sampled_from(Said),
    change=st.text(WORDS, max_size=20),
)
def test_one_statement_has_one_text(note: str, answer: Said, change: str) -> None:
    """What is written reads as itself, and with any space or field more it is no statement."""
    statement = said(note=note, change=change)
    statement = msgspec.structs.replace(statement, said=answer)
    text = statement_bytes(statement).decode()
    assert read_statement(text) == statement
    for other in (f" {text}", f"{text}\n", text.replace("{", '{"more":1,', 1)):
        with pytest.raises(BadFile):
            read_statement(other)


ARMOURED = """-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgAAAAAAAAAAAAAAAAAAAAAAAAAA
AAAAAAAAAAAAAAAAAAAAAQcGF3bC1hcHByb3ZhbEB2MQAAAAAAAAAGc2hhNTEyAAAABHNp
Z24=
-----END SSH SIGNATURE-----
"""
"""One by a key of zeros; nobody can have made it."""


def test_the_signature_of_these_tests_reads() -> None:
    """The changed signatures above differ from one that is read."""
    assert read_signature(ARMOURED).namespace == NAMESPACE
