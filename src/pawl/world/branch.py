"""A branch as files that can be looked at, in its past as well, and put into one more commit.

Everything is done with a git folder of ours on the repository's objects (see `git_reading`): its
settings and hooks have no say, and nothing is checked out. Only the last step is the repository's
own, a branch moved from the commit that was looked at; or a push, where an address is given.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from pawl.base.errors import BadValue, CannotTell
from pawl.world.git import git_place
from pawl.world.git_reading import GitReading
from pawl.world.posting import named_secret
from pawl.world.repository import common_folder, git_folders

_BRANCH = re.compile(r"(?!.*(\.\.|//|@\{|\.lock$|\.$|/$))[A-Za-z0-9_][A-Za-z0-9._/+@-]{0,200}")
_REGULAR = (b"100644", b"100755")
_NOBODY = ("Pawl", "pawl@localhost")
_REMOTE = {
    "GIT_ALLOW_PROTOCOL": "https:ssh:file",
    "GIT_SSH_COMMAND": "ssh -o BatchMode=yes",
}
_ABSENT = b"0" * 40


class File(NamedTuple):
    """A file at some commit: its mode and id as git has them, and what is in it."""

    mode: bytes
    blob: bytes
    content: bytes


class Branch:
    """A branch of a repository on this machine, or with `push` of the one at that address.

    `push` may be `env:NAME`, for an address with a secret in it. Raises BadValue for a name that is
    no branch's.
    """

    def __init__(
        self,
        repository: Path,
        name: str,
        *,
        push: str | None = None,
        now: Callable[[], str],
        place: str = "",
    ) -> None:
        if not _BRANCH.fullmatch(name):
            raise BadValue(
                f"{name[:80]!r} is no branch.", place=place, hint="Write its short name."
            )
        if push is not None and push.startswith("env:"):
            push = named_secret(push.removeprefix("env:"), os.environ, place, "The address")
        if push is not None and push.startswith("-"):
            raise BadValue("push is no address of a repository.", place=place)
        self.name = name
        self._repository, self._push, self._now = repository, push, now

    @contextmanager
    def opened(self) -> "Iterator[At]":
        """Look at the branch as it is now; raises CannotTell and Unavailable."""
        found = git_folders(self._repository)
        if found is None:
            raise CannotTell("there is no git repository here.", place=str(self._repository))
        git = found[1]
        common = common_folder(git)
        reading = GitReading(git, common, str(self._repository))
        try:
            reference = f"refs/heads/{self.name}"
            if self._push is not None:
                self._fetch(reading, reference)
            at = reading.answer(
                *("rev-parse", "--verify", "-q", "--end-of-options", f"{reference}^{{commit}}")
            )
            if at is None:
                raise CannotTell(f"there is no branch {self.name}.", place=str(self._repository))
            yield At(self, reading, at.strip().decode(), common)
        finally:
            reading.close()

    def moved(self, at: "At", commit: str) -> None:
        """Move the branch from where it was looked at to a commit; raises CannotTell."""
        reference = f"refs/heads/{self.name}"
        if self._push is not None:
            done = at.answer(
                *("push", "--quiet", "--no-verify"),
                *(f"--force-with-lease={reference}:{at.commit_id}", "--end-of-options"),
                *(self._push, f"{commit}:{reference}"),
                **_REMOTE,
            )
        else:
            place = git_place(self._repository)
            if place is not None and place.branch == self.name:
                raise CannotTell(
                    f"{self.name} is checked out in {self._repository}; its files would then be"
                    " of another commit. Name a bare repository, or push to one."
                )
            # The one command that sees the repository's own settings; of its hooks none is left.
            done = at.answer(
                *("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"),
                *("update-ref", "-m", "pawl", reference, commit, at.commit_id),
                GIT_DIR=str(at.common),
            )
        if done is None:
            raise CannotTell(f"{self.name} could not be moved; somebody else may have moved it.")

    @property
    def now(self) -> str:
        """The time a commit is made at."""
        return self._now()

    def _fetch(self, reading: GitReading, reference: str) -> None:
        assert self._push is not None
        process = reading.start(
            *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"),
            *("--no-auto-maintenance", "--end-of-options", self._push, f"+{reference}:{reference}"),
            GIT_ALLOW_PROTOCOL=_REMOTE["GIT_ALLOW_PROTOCOL"],
            GIT_SSH_COMMAND=_REMOTE["GIT_SSH_COMMAND"],
        )
        if reading.collect(process) is None:
            raise CannotTell(f"the branch {self.name} cannot be fetched.")


class At:
    """A branch at one commit."""

    def __init__(self, branch: Branch, reading: GitReading, commit: str, common: Path) -> None:
        self.commit_id, self.common = commit, common
        self._branch, self._reading = branch, reading

    def files(self, paths: Iterable[str]) -> dict[str, File | None]:
        """Return files by path, None for one that is not there; raises CannotTell.

        What is at a path and is no regular file cannot be told of.
        """
        asked = sorted(set(paths))
        printed = self.answer(
            *("ls-tree", "-z", "--full-tree", self.commit_id, "--", *asked),
            GIT_LITERAL_PATHSPECS="1",
        )
        if printed is None:
            raise CannotTell("git cannot list the files of the change.")
        entries: dict[str, tuple[bytes, bytes]] = {}
        for line in printed.split(b"\0")[:-1]:
            told, _, path = line.partition(b"\t")
            mode, _, blob = told.split()
            if mode not in _REGULAR:
                raise CannotTell(f"{os.fsdecode(path)[:200]} is no regular file.")
            entries[os.fsdecode(path)] = (mode, blob)
        contents = self._contents([blob for _, blob in entries.values()])
        return {
            path: File(*entries[path], contents[entries[path][1]]) if path in entries else None
            for path in asked
        }

    def history(self, path: str, most: int) -> Iterator[File]:
        """Yield what a file was on the branch, newest first, each version once."""
        printed = self.answer(
            *("log", "--first-parent", "-m", "--raw", "-z", "--no-abbrev", "--no-renames"),
            *("--format=", f"--max-count={most}", self.commit_id, "--", path),
            GIT_LITERAL_PATHSPECS="1",
        )
        if printed is None:
            raise CannotTell("git cannot tell the history of a file.")
        known: set[bytes] = set()
        tokens = iter(printed.split(b"\0"))
        for token in tokens:
            header = token.strip(b"\n")
            if not header.startswith(b":"):
                continue
            next(tokens, None)  # The path, which is the one asked for.
            old_mode, new_mode, old, new, _ = header[1:].split(b" ", 4)
            for mode, blob in ((new_mode, new), (old_mode, old)):
                if mode in _REGULAR and blob not in known:
                    known.add(blob)
                    yield File(mode, blob, self._contents([blob])[blob])

    def commit(self, put: Mapping[str, File | None], message: str) -> str:
        """Move the branch to one more commit with these files, None for none; return its id.

        Raises CannotTell where the branch is no longer where it was looked at.
        """
        lines = b"".join(
            b"%s %s\t%s\0"
            % (
                b"0" if file is None else file.mode,
                _ABSENT if file is None else file.blob,
                os.fsencode(path),
            )
            for path, file in sorted(put.items())
        )
        self._sure("read-tree", self.commit_id)
        self._sure("update-index", "--add", "--replace", "-z", "--index-info", given=lines)
        tree = self._sure("write-tree")
        when = f"{self._branch.now[:19]}+00:00"
        process = self._reading.start(
            *("commit-tree", tree, "-p", self.commit_id, "-F", "-"),
            stdin=True,
            GIT_AUTHOR_NAME=_NOBODY[0],
            GIT_AUTHOR_EMAIL=_NOBODY[1],
            GIT_AUTHOR_DATE=when,
            GIT_COMMITTER_NAME=_NOBODY[0],
            GIT_COMMITTER_EMAIL=_NOBODY[1],
            GIT_COMMITTER_DATE=when,
        )
        made = self._reading.collect(process, message.encode())
        if made is None:
            raise CannotTell("git cannot make the commit; see that its objects can be written.")
        commit = made.strip().decode()
        self._branch.moved(self, commit)
        return commit

    def answer(self, *arguments: str, **environment: str) -> bytes | None:
        """Return what a git command prints, None where it fails."""
        return self._reading.collect(self._reading.start(*arguments, stdin=False, **environment))

    def _sure(self, *arguments: str, given: bytes | None = None) -> str:
        printed = self._reading.answer(*arguments, given=given)
        if printed is None:
            raise CannotTell(f"git {arguments[0]} failed; see that its objects can be written.")
        return printed.strip().decode()

    def _contents(self, blobs: list[bytes]) -> dict[bytes, bytes]:
        given = b"".join(blob + b"\n" for blob in blobs)
        printed = self._reading.answer("cat-file", "--batch", given=given) if blobs else b""
        if printed is None:
            raise CannotTell("git cannot read the files of the change.")
        found: dict[bytes, bytes] = {}
        rest = memoryview(printed)
        for blob in blobs:
            end = bytes(rest[:200]).find(b"\n")
            head = bytes(rest[:end]).split()
            if end < 0 or len(head) != 3 or head[1] != b"blob":
                raise CannotTell("an object of the repository is missing.")
            size = int(head[2])
            found[blob] = bytes(rest[end + 1 : end + 1 + size])
            rest = rest[end + 2 + size :]
        return found
