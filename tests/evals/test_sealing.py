"""A stored record is what was sealed, or it is refused; secrets are gone, canaries are known."""

import base64

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evals.trials import Given, event, trial

from pawl.base.canonical import sha256_hex
from pawl.base.errors import BadValue
from pawl.evals.record import CommandExit, Judgement, KeptFile, Text
from pawl.evals.sealing import PARTS, TamperedRecord, open_record, seal
from pawl.telemetry.event import Kind

RECORD = trial(
    Given(
        final="tagged v1.4.2",
        calls=({"tool": "Bash", "args": {"command": "git tag v1.4.2"}},),
        commands=(CommandExit(command="make test", exit=0, output="ok"),),
    )
)
SEALED = seal(RECORD, {})


def test_what_was_sealed_opens() -> None:
    """A record reads back as it was, and its address is that of its content."""
    assert open_record(SEALED.data, SEALED.address) == RECORD
    assert seal(open_record(SEALED.data), {}) == SEALED


@pytest.mark.parametrize("part", PARTS)
def test_the_altered_part_is_named(part: str) -> None:
    """A record whose part was altered is refused with the part's name."""
    lines = SEALED.data.split(b"\n")
    at = 2 + PARTS.index(part)
    lines[at] = lines[at].replace(b"[", b"[ ", 1) if b"[" in lines[at] else b" " + lines[at]
    with pytest.raises(TamperedRecord, match=f"record's {part} is not what its digest says"):
        open_record(b"\n".join(lines))


@given(st.integers(0, len(SEALED.data) - 1), st.integers(1, 255))
def test_no_byte_can_be_altered(place: int, by: int) -> None:
    """Whatever byte of a stored record is changed, it is refused."""
    data = bytearray(SEALED.data)
    data[place] ^= by
    with pytest.raises(TamperedRecord):
        open_record(bytes(data))


@given(st.integers(0, len(SEALED.data) - 1))
def test_no_byte_can_be_lost_or_put_in(place: int) -> None:
    """A record that is one byte shorter or longer is refused."""
    for data in (
        SEALED.data[:place] + SEALED.data[place + 1 :],
        SEALED.data[:place] + b" " + SEALED.data[place:],
        SEALED.data[:place] + b"\n" + SEALED.data[place:],
    ):
        if data != SEALED.data:
            with pytest.raises(TamperedRecord):
                open_record(data)


@given(st.binary(max_size=200))
def test_opening_is_total(data: bytes) -> None:
    """Any bytes but a sealed record are refused as tampered with."""
    with pytest.raises(TamperedRecord):
        open_record(data)


def test_a_record_made_anew_has_another_address() -> None:
    """Somebody who alters a record and all its digests cannot keep its address."""
    forged = seal(msgspec.structs.replace(RECORD, commands=()), {})
    assert open_record(forged.data).commands == ()
    with pytest.raises(TamperedRecord, match="is another one"):
        open_record(forged.data, SEALED.address)


def test_a_part_that_does_not_read_is_named() -> None:
    """A record that is whole but of another shape is refused with the part's name."""
    lines = SEALED.data.split(b"\n")
    at = 2 + PARTS.index("manifest")
    old = sha256_hex(lines[at]).encode()
    lines[at] = b'{"hostile":1}'
    lines[1] = lines[1].replace(old, sha256_hex(lines[at]).encode())
    lines[0] = lines[0].replace(SEALED.address.encode(), sha256_hex(lines[1]).encode())
    with pytest.raises(TamperedRecord, match="record's manifest does not read"):
        open_record(b"\n".join(lines))


def test_secrets_are_gone_before_anything_is_stored() -> None:
    """No place of a record that holds free text keeps what looks like a secret."""
    key = "ghp_abcdefghijklmnopqrstuvwxyz0123"
    secret = f"token={key}"
    record = msgspec.structs.replace(
        trial(
            Given(
                final=secret,
                kept=(KeptFile(path="a", text=secret), KeptFile(path="b", text=None)),
                commands=(CommandExit(command=f"x --{secret}", exit=1, output=secret),),
                judgements=(Judgement(rubric="r", score=1.0, judge="m", reason=secret),),
            )
        ),
        events=(event(0, Kind.ERROR, attributes={"message": secret}),),
    )
    sealed = seal(record, {})
    assert key.encode() not in sealed.data
    opened = open_record(sealed.data)
    assert opened.texts[0].redacted
    assert opened.workspace.kept[0].redacted
    assert not opened.workspace.kept[1].redacted


TOKEN = "pawl-3f9c2ab17d"


@pytest.mark.parametrize(
    "text",
    [
        f"the note says {TOKEN}.",
        TOKEN.upper(),
        " ".join(TOKEN),
        TOKEN.encode().hex(),
        base64.b64encode(TOKEN.encode()).decode(),
        base64.b64encode(f"a{TOKEN} and more".encode()).decode(),
        base64.urlsafe_b64encode(f"ab{TOKEN}?".encode()).decode(),
        f"password={TOKEN}",
    ],
)
def test_a_canary_is_found_however_it_is_carried(text: str) -> None:
    """A token is found as it is, spaced out, in hex, in base64, and beside a secret."""
    record = trial(Given(texts=(Text(source="network", text=text),)))
    opened = open_record(seal(record, {"CANARY": TOKEN, "OTHER": "pawl-000000ffff"}).data)
    assert opened.texts[0].canaries == ("CANARY",)
    assert opened.manifest.canaries == ("CANARY", "OTHER")


def test_a_canary_is_not_found_where_it_is_not() -> None:
    """A text without the token names no canary."""
    record = trial(Given(final="pawl-3f9c2ab17e"))
    assert open_record(seal(record, {"CANARY": TOKEN, "EMPTY": ""}).data).texts[0].canaries == ()


def test_what_json_cannot_hold_is_refused() -> None:
    """A number too large for JSON is refused when the record is sealed, by name."""
    record = msgspec.structs.replace(RECORD, events=(event(0, Kind.REQUEST, output=2**60),))
    with pytest.raises(BadValue, match="cannot be stored"):
        seal(record, {})
