"""Signed notes: the published example, what is refused, several in one file."""

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.errors import BadFile, BadValue
from pawl.governance.note import (
    TreeHead,
    VerifierKey,
    holding,
    notes_in,
    read_key,
    read_note,
    signed,
    tree_head,
)

PUBLISHED_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PUBLISHED_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6"
    "KE6RyyBwJnAM=\n"
)
SECRET = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = VerifierKey(name="example.org/ledger", public=SECRET.public_key().public_bytes_raw())
HEAD = TreeHead(origin="example.org/ledger", size=5, root=bytes(range(32)))


def holds(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def test_the_published_note_holds_under_its_published_key() -> None:
    """The example of the format's documentation, byte for byte."""
    key = read_key(PUBLISHED_KEY, place="key")
    note = read_note(PUBLISHED_NOTE, place="note")
    assert str(key) == PUBLISHED_KEY
    assert str(note) == PUBLISHED_NOTE
    assert holding(note, [key], holds) == ("PeterNeumann",)
    assert holding(note, [KEY], holds) == ()


def test_a_checkpoint_comes_back_as_it_went() -> None:
    """Name, size and root survive being written, signed and read."""
    note = read_note(str(signed(str(HEAD), KEY, SECRET.sign)), place="note")
    assert tree_head(note, place="note") == HEAD
    assert holding(note, [KEY], holds) == (KEY.name,)


@given(at=st.integers(0, 200), bit=st.integers(0, 7))
def test_no_byte_of_a_note_can_change(at: int, bit: int) -> None:
    """Whatever bit of a note is turned, it is refused, unsigned, or says the very same."""
    whole = bytearray(str(signed(str(HEAD), KEY, SECRET.sign)).encode())
    whole[at % len(whole)] ^= 1 << bit
    try:
        note = read_note(whole.decode(), place="note")
    except (BadFile, UnicodeDecodeError):
        return
    same = note.text == str(HEAD) and note.signatures[0].signature == SECRET.sign(
        note.text.encode()
    )
    assert same or holding(note, [KEY], holds) == ()


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "x\n\n", "a\n1\nAAAA\n", "a\n\n— b\n", "a\n\n— b AA==\n", "a\n\nb AAAAAAAAAA==\n",
        "a\n\n— b AAAAAAAAAA==", "a\n\n— b c AAAAAAAAAA==\n",
    ],
)  # fmt: skip
def test_what_is_no_note_is_refused(text: str) -> None:
    """Without signatures, or with lines that are none."""
    with pytest.raises(BadFile, match="a-place"):
        read_note(text, place="a-place")


@pytest.mark.parametrize(
    "text", ["a\n", "\n1\n", "a\n-1\n{root}\n", "a\n01\n{root}\n", "a\n¹\n{root}\n", "a\n1\nAAAA\n"]
)
def test_a_note_about_something_else_is_no_checkpoint(text: str) -> None:
    """Signed or not, it must name a ledger, a size and a root."""
    note = signed(text.replace("{root}", str(HEAD).split("\n")[2]), KEY, SECRET.sign)
    with pytest.raises(BadFile):
        tree_head(note, place="a-place")


@pytest.mark.parametrize("text", ["", "a", "a+b", "a+c74f20a3+AAAA", PUBLISHED_KEY[1:], "é à+0+0"])
def test_a_misspelt_key_is_refused(text: str) -> None:
    """A name that lost a letter no longer fits the four bytes that say which key it is."""
    with pytest.raises(BadValue):
        read_key(text, place="--pubkey")


def test_notes_of_one_file_are_told_apart() -> None:
    """One after the other, with or without an empty line between; a torn one comes out last."""
    note = str(signed(str(HEAD), KEY, SECRET.sign))
    other = str(signed(str(TreeHead(origin="b", size=9, root=bytes(32))), KEY, SECRET.sign))
    assert notes_in(note + other) == [note, other]
    assert notes_in(note + "\n" + other + "\n\n") == [note, other]
    assert notes_in(note + other[:30]) == [note, other[:30]]
    assert notes_in("") == []
