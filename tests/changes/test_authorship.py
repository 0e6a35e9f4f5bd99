"""Everybody whom the commits of a change name is one of its authors."""

import msgspec
import pytest

from pawl.changes.authorship import authors_of, says_assisted


class Commit(msgspec.Struct, frozen=True):
    """One commit as git tells it."""

    message: str = ""
    author: str = "Ada@Example.com"
    author_name: str = "Ada"
    committer: str = "ada@example.com"
    committer_name: str = "Ada"


ADA = "git:ada@example.com"


def test_author_and_committer_count_once_however_they_are_written() -> None:
    """An address does not tell upper and lower case apart."""
    assert authors_of((Commit(), Commit())) == (ADA,)
    assert authors_of((Commit(committer="bob@example.com"),)) == (ADA, "git:bob@example.com")


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("Co-authored-by: Eve <eve@example.com>", "git:eve@example.com"),
        ("co-AUTHORED-by:Eve <EVE@example.com>", "git:eve@example.com"),
        ("  Co-developed-by: Eve <eve@example.com>  ", "git:eve@example.com"),
        ("Co-authored-by: Eve", "git:eve"),
        ("Co-authored-by: Claude <noreply@anthropic.com>", "git:noreply@anthropic.com"),
        ("Assisted-by: Some Agent 4", "git:some agent 4"),
        ("🤖 Generated with [Claude Code](https://claude.com/claude-code)", "git:claude code"),
    ],
)
def test_whoever_a_message_names_is_an_author(line: str, author: str) -> None:
    """Wherever the line stands: a product may have put another one below it."""
    for message in (f"Subject\n\n{line}\n", f"Subject\n\n{line}\n\nReviewed: yes\nprose"):
        assert author in authors_of((Commit(message),))


def test_prose_about_authors_names_nobody() -> None:
    """A line is a trailer from its beginning, or it is prose."""
    message = "Say Co-authored-by: Eve <eve@example.com>\nReviewed-by: Grace <grace@example.com>"
    assert authors_of((Commit(message),)) == (ADA,)


def test_a_commit_without_any_name_has_an_unknown_author() -> None:
    """Nobody is not an author less."""
    assert authors_of((Commit(author="", author_name="", committer=" "),)) == (
        "git:ada",
        "git:nobody",
    )


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("Subject\n\nAssisted-by: Agent\n", True),
        ("Subject\n\nGenerated with Claude Code\n", True),
        ("Subject\n\nCo-authored-by: Eve <eve@example.com>\n", False),
        ("Mention how text is generated with care", False),
    ],
)
def test_messages_tell_of_agents(message: str, said: bool) -> None:
    """An agent is told of by the trailers for it, and by the line that products leave."""
    assert says_assisted((Commit(message),)) is said


def test_control_characters_do_not_hide_in_an_identity() -> None:
    """What is shown of an author is what is compared."""
    (found,) = authors_of((Commit(author="a\x1b[2Jb@c", committer="a\x1b[2Jb@c"),))
    assert found == "git:a [2jb@c"
