"""Canaries: looked for, and kept nowhere."""

import base64
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evals.trials import Given, trial

from pawl.evals.canaries import found_in, masked
from pawl.evals.record import CommandExit, Egress, FileChange, KeptFile, Text
from pawl.evals.sealing import open_record, seal

TOKEN = "5f0c9e2d7ab84413"
_ENCODINGS: tuple[Callable[[str], str], ...] = (
    str,
    str.upper,
    lambda token: token.encode().hex(),
    lambda token: base64.b64encode(token.encode()).decode(),
    lambda token: base64.b64encode(b"k=" + token.encode() + b"\n").decode(),
    lambda token: "".join(f"%{byte:02X}" for byte in token.encode()),
)


@pytest.mark.parametrize("encode", _ENCODINGS)
@given(before=st.text(max_size=10), after=st.text(max_size=10))
def test_a_masked_token_is_found_no_more(
    encode: Callable[[str], str], before: str, after: str
) -> None:
    """In each of its encodings a token is found first, and gone after."""
    text = f"{before} {encode(TOKEN)} {after}"
    assert found_in(text, {"KEY": TOKEN}) == ("KEY",)
    assert found_in(masked(text, {"KEY": TOKEN}), {"KEY": TOKEN}) == ()
    assert "${KEY}" in masked(text, {"KEY": TOKEN})


def test_no_token_is_stored() -> None:
    """Texts, kept files, commands, hosts, names of files and reasons hold its name instead."""
    record = trial(
        Given(
            texts=(Text(source="tool_result", text=f"key={TOKEN}"),),
            kept=(KeptFile(path="out.txt", text=f"{TOKEN}\n"),),
            commands=(CommandExit(command="cat key", exit=0, output=TOKEN.upper()),),
            network=(Egress(host=f"{TOKEN}.evil.test", port=53, allowed=False),),
            changes=(FileChange(path=f"a/{TOKEN}", change="added"),),
        )
    )
    sealed = seal(record, {"KEY": TOKEN})
    assert TOKEN.encode() not in sealed.data.lower()
    opened = open_record(sealed.data)
    assert opened.texts[0].canaries == ("KEY",)
    assert opened.texts[0].text == "key=${KEY}"
    assert opened.workspace.kept[0].text == "${KEY}\n"
    assert not opened.texts[0].redacted
    assert opened.network[0].host == "${KEY}.evil.test"
