"""The one comment of a review: how it is known again, and what is to be done with what is there.

Ours is a comment whose first line is our marker, by the account that the token belongs to. A
comment of anybody else that holds the marker is left alone. The oldest of ours stays, the others
go: two jobs that post at one time end with one comment, whoever was first.
"""

from collections.abc import Iterable

import msgspec

from pawl.base.patterns import regex

MARKER = "<!-- pawl-review -->"
_AT = regex(r"<!-- pawl-review-at: (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) -->")


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """A comment as the host tells it."""

    id: int
    body: str
    author: str


class Plan(msgspec.Struct, frozen=True):
    """What is to be done: write to `update`, or make a comment where there is none; and remove.

    `newer` is the time of a later review that the comment shows already; then nothing is written.
    """

    update: Comment | None
    remove: tuple[Comment, ...] = ()
    newer: str = ""


def marked(text: str, at: str) -> str:
    """Return a comment's text that is known again; `at` is when its review began."""
    return f"{MARKER}\n<!-- pawl-review-at: {at} -->\n{text}"


def ours(comments: Iterable[Comment], own: str) -> tuple[Comment, ...]:
    """Return our comments, the oldest first; none where nobody says who we are."""
    if not own:
        return ()
    found = {
        each.id: each
        for each in comments
        if each.author.casefold() == own.casefold() and _first_line(each.body) == MARKER
    }
    return tuple(found[number] for number in sorted(found))


def plan(comments: Iterable[Comment], own: str, at: str) -> Plan:
    """Return what is to be done so that one comment of ours stays, of the newest review."""
    mine = ours(comments, own)
    if not mine:
        return Plan(None)
    first, rest = mine[0], mine[1:]
    newest = max((_at(each.body) for each in mine), default="")
    if newest > at:
        # The oldest stays in any case, or two jobs could each remove what the other keeps. The job
        # of the newest review moves its text there.
        return Plan(None, tuple(each for each in rest if _at(each.body) < newest), newest)
    return Plan(first, rest)


def _first_line(body: str) -> str:
    return body.partition("\n")[0].strip()


def _at(body: str) -> str:
    second = body.partition("\n")[2].partition("\n")[0].strip()
    found = _AT.fullmatch(second)
    return found[1] if found else ""
