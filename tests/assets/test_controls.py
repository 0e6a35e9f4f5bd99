"""The register of controls: what it refuses, and that no file can break the look at it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.assets.trees import assets

from pawl.assets.controls import REGISTER, Control, controls_of, stands
from pawl.base.errors import BadFile

HEAD = "schema: pawl.controls/1\ncontrols:\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("schema: pawl.controls/2\n", "pawl.controls/2"),
        (f"{HEAD}  - {{incident: I, kind: wish, text: x}}\n", "wish"),
        (f"{HEAD}  - {{incident: I, kind: at-most, text: a, value: 2}}\n", "needs a path"),
        (f"{HEAD}  - {{incident: I, kind: at-most, text: a, path: b}}\n", "needs a path"),
        (HEAD + "  - {incident: I, kind: deny, text: x}\n" * 2001, "more than 2000"),
    ],
)
def test_a_register_that_is_none_is_refused(text: str, why: str) -> None:
    """It says what is wrong, and where."""
    with pytest.raises(BadFile, match=why) as error:
        controls_of(assets({REGISTER: text}))
    assert error.value.place.startswith(REGISTER)


@given(
    st.sampled_from(["a.toml", "a.json", "a.yaml", "a.md"]),
    st.text(max_size=80),
    st.sampled_from(["deny", "hook", "case", "at-most", "at-least"]),
    st.text(max_size=20),
)
def test_any_file_can_be_looked_at(path: str, text: str, kind: str, name: str) -> None:
    """Whatever a file says, a control stands or there is a reason why not."""
    control = Control(incident="I", kind=kind, text=name, path=path, value=2)  # type: ignore[arg-type]
    told = stands(assets({path: text, ".claude/settings.json": text}), control)
    assert told is None or told


def test_a_number_is_held_from_both_sides() -> None:
    """Dollars read as text or number; what is no number any more does not hold."""
    most = Control(incident="I", kind="at-most", path="pawl.toml", text="limits.usd", value=2)
    least = Control(incident="I", kind="at-least", path="pawl.toml", text="limits.usd", value=2)
    for said, under, over in (("2", None, None), ('"$2.50"', "it is 2.5 now", None)):
        tree = assets({"pawl.toml": f"[limits]\nusd = {said}\n"})
        assert (stands(tree, most), stands(tree, least)) == (under, over)
    tree = assets({"pawl.toml": "[limits]\nusd = true\n"})
    assert stands(tree, most) == "the file sets no such number any more"
