"""Who wrote a change, by what its commits say: everybody of them is an author.

Authors, committers, and whoever a message names as having written it too: people and agents. Each
is a `git:` identity, which tells who may have written something and never who approved it.
"""

from collections.abc import Iterable
from typing import Protocol

from pawl.base.patterns import regex
from pawl.governance.roster import plain_identity

MAX_NAME = 300
_TRAILER = regex(
    r"[ \t]*(co-authored-by|co-developed-by|assisted-by|generated-by|written-by)[ \t]*:[ \t]*(.*)"
)
"""Trailers that name an author: those of git, of the Linux kernel, and those for agents."""
_ADDRESS = regex(r"<([^<>]*)>")
_OF_AGENTS = frozenset({"assisted-by", "generated-by"})
_GENERATED = regex(r"(?:\W*)generated (?:with|by) \[?(claude code|codex|gemini|copilot|opencode)\b")
"""The line that products leave below a message (read 2026-11)."""


class Commit(Protocol):
    """One commit as git tells it."""

    @property
    def author(self) -> str:
        """The author's address."""

    @property
    def author_name(self) -> str:
        """The author's name."""

    @property
    def committer(self) -> str:
        """The committer's address."""

    @property
    def committer_name(self) -> str:
        """The committer's name."""

    @property
    def message(self) -> str:
        """The whole message."""


def authors_of(commits: Iterable[Commit]) -> tuple[str, ...]:
    """Return everybody who wrote any of the commits, each once, sorted."""
    found: set[str] = set()
    for commit in commits:
        found.add(_identity(commit.author, commit.author_name))
        found.add(_identity(commit.committer, commit.committer_name))
        found |= {_identity(*_named(who)) for _, who in _trailers(commit.message)}
        found |= {_identity("", product) for product in _products(commit.message)}
    return tuple(sorted(found))


def says_assisted(commits: Iterable[Commit]) -> bool:
    """Say whether a message tells that an agent wrote some of it."""
    return any(
        _products(commit.message) or _OF_AGENTS & {name for name, _ in _trailers(commit.message)}
        for commit in commits
    )


def _products(message: str) -> list[str]:
    lines = (line.strip().casefold() for line in message.splitlines())
    return [match[1] for line in lines if (match := _GENERATED.match(line))]


def _trailers(message: str) -> list[tuple[str, str]]:
    """Return the trailers that name authors, wherever in a message they stand.

    Some tools put a line below them, and then git takes them for prose.
    """
    lines = ((line, _TRAILER.fullmatch(line.casefold())) for line in message.splitlines())
    return [
        (match[1], line.partition(":")[2].strip()) for line, match in lines if match and match[2]
    ]


def _named(who: str) -> tuple[str, str]:
    match = _ADDRESS.search(who)
    return (match[1], who[: match.start()]) if match else ("", who)


def _identity(address: str, name: str) -> str:
    # Nobody is somebody as well: an author without a name is one that nobody knows.
    said = address.strip() or name.strip() or "nobody"
    plain = "".join(each if each.isprintable() else " " for each in said)
    return plain_identity(f"git:{plain[:MAX_NAME]}")
