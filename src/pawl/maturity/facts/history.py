"""Commits of the default branch, newest first, within a window."""

import msgspec


class FileChange(msgspec.Struct, frozen=True):
    """Lines that a commit added to and removed from one file; None for a binary file.

    `lines` are the `(first, last)` ranges that the commit added, as numbered in the file as it
    left it; None where they were not looked at.
    """

    path: str
    added: int | None
    removed: int | None
    lines: tuple[tuple[int, int], ...] | None = None


class Commit(msgspec.Struct, frozen=True, kw_only=True):
    """One commit. Names and dates are its author's claim: anybody can set them.

    `author` and `committer` are lower-cased addresses after the mailmap, `co_authors` those of
    its trailers. They are used to count people and never leave a probe. Times are canonical.
    """

    id: str
    parents: tuple[str, ...]
    author: str
    committer: str
    authored_at: str
    committed_at: str
    subject: str
    trailers: tuple[tuple[str, str], ...] = ()
    files: tuple[FileChange, ...] = ()
    first_parent: bool = True


class Tag(msgspec.Struct, frozen=True, kw_only=True):
    """A tag, the commit it names and whether it carries a signature."""

    name: str
    commit: str
    at: str
    signed: bool = False


class History(msgspec.Struct, frozen=True, kw_only=True):
    """Commits reached from the assessed one, newest first.

    `complete_since` is the canonical time from which on all are here; a shallow clone reaches
    less far than the window asked for and says so in `shallow`. Only the newest commits carry
    their files; `files_since` is the time from which on all do that are no merge and no root,
    None when that is the whole of it.
    """

    commits: tuple[Commit, ...]
    complete_since: str
    files_since: str | None = None
    shallow: bool = False
    tags: tuple[Tag, ...] = ()
