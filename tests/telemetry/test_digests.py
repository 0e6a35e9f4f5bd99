"""The same call has the same digest, however a product writes it."""

from hypothesis import given
from hypothesis import strategies as st

from pawl.telemetry.digests import DIGITS, arguments_digest, result_digest

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def test_spelling_of_a_command_does_not_matter() -> None:
    """Key order, JSON text, spaces in a command and its description are not the call."""
    plain = arguments_digest("Bash", {"command": "ls -l", "cwd": "/w"})
    assert plain == arguments_digest("Bash", {"cwd": "/w", "command": " ls   -l\n"})
    assert plain == arguments_digest("Bash", '{"cwd":"/w","command":"ls -l"}')
    assert plain == arguments_digest(
        "Bash", {"command": "ls -l", "cwd": "/w", "description": "List", "timeout": 5}
    )


def test_what_matters_stays_apart() -> None:
    """Another tool, another command, other inner spaces of a file, a lone description."""
    digests = {
        arguments_digest("Bash", {"command": "ls"}),
        arguments_digest("Shell", {"command": "ls"}),
        arguments_digest("Bash", {"command": "ls -a"}),
        arguments_digest("Write", {"content": "a  b"}),
        arguments_digest("Write", {"content": "a b"}),
        arguments_digest("Ticket", {"title": "t", "description": "one"}),
        arguments_digest("Ticket", {"title": "t", "description": "two"}),
    }
    assert len(digests) == 7


def test_one_text_block_is_its_text() -> None:
    """Products write a result as text or as a list of one text block."""
    assert result_digest([{"type": "text", "text": "5\n"}]) == result_digest("5")
    assert result_digest(b"5") == result_digest("5")
    assert result_digest([{"type": "text", "text": "5"}] * 2) != result_digest("5")


@given(JSON | st.binary() | st.text(st.characters(codec=None)))
def test_digest_of_anything(value: object) -> None:
    """No value is too odd to have a digest, and it is the same each time."""
    assert len(arguments_digest("t", value)) == DIGITS
    assert result_digest(value) == result_digest(value)
