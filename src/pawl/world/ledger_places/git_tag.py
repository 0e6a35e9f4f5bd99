"""An annotated tag in a git repository, whose message is the checkpoint; never moved, once made.

`repository` is its folder; the tag is of the commit that is checked out there, named `prefix` (by
default `pawl-ledger`), a dash and the number of entries. `push` is the name of a remote.

Worth most in a repository whose host lets nobody change tags, with `push` to get it there. Git is
asked without hooks, and for everything but the pushing without the user's configuration too.
"""

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from pawl.base.errors import BadValue, CannotTell, Unavailable
from pawl.base.times import parse_time
from pawl.governance.note import TreeHead
from pawl.world.ledger_place import Kept, Opening, Place, outside

_TIMEOUT_S = 20.0
_PUSH_TIMEOUT_S = 120.0
_MOST_BYTES = 64 * 1024 * 1024
_PREFIX = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_REMOTE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SILENT = (
    *("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "gc.auto=0"),
    *("-c", "maintenance.auto=false", "-c", "core.pager=cat"),
)
_READING = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}


class GitTags:
    """The tags of a repository whose names begin with `prefix` and a number of entries."""

    def __init__(
        self,
        repository: Path,
        prefix: str,
        push: str | None = None,
        now: Callable[[], str] = lambda: "1970-01-01T00:00:00.000000Z",
    ) -> None:
        self._repository, self._prefix, self._push = repository, prefix, push
        self._now = now

    def keep(self, note: str, head: TreeHead) -> str:
        """Tag the commit that is checked out with the note, and push the tag where asked."""
        name = f"{self._prefix}-{head.size:012d}"
        reference = f"refs/tags/{name}"
        known = self._message(reference)
        if known is None:
            self._make(name, note)
        elif known != note:
            raise Unavailable(
                f"the tag {name} is there and says something else.",
                place=str(self._repository),
                hint="Compare it: `pawl ledger verify --against tag:NAME@REPOSITORY`.",
            )
        if self._push is not None:
            self._git(
                *("push", "--no-verify", "--quiet", self._push, f"{reference}:{reference}"),
                within=_PUSH_TIMEOUT_S,
                own=True,
            )
        return f"tag {name} in {self._repository}" + (
            f", pushed to {self._push}" * bool(self._push)
        )

    def kept(self) -> tuple[tuple[str, str], ...]:
        """Return the messages of all tags of the prefix."""
        return self.named(f"{self._prefix}-*")

    def named(self, pattern: str) -> tuple[tuple[str, str], ...]:
        """Return the messages of the tags of a name, which may hold `*`; raises CannotTell."""
        if not pattern or pattern.startswith("-") or not pattern.isprintable():
            raise CannotTell("that names no tag.", place=pattern[:80])
        found = []
        try:
            listed = self._git("for-each-ref", "--format=%(refname)", f"refs/tags/{pattern}")
            for reference in listed.decode("utf-8", "replace").split():
                message = self._message(reference)
                if message is not None:
                    found.append((reference.removeprefix("refs/tags/"), message))
        except Unavailable as error:
            raise CannotTell(
                f"the tags cannot be read: {error.message}", place=str(self._repository)
            ) from error
        if not found:
            raise CannotTell(f"there is no annotated tag {pattern!r}.", place=str(self._repository))
        return tuple(found)

    def _make(self, name: str, note: str) -> None:
        commit = self._git("rev-parse", "--verify", "-q", "HEAD^{commit}").decode().strip()
        at = int(parse_time(self._now()).timestamp())
        tag = (
            f"object {commit}\ntype commit\ntag {name}\ntagger Pawl <pawl@localhost> {at} +0000\n\n"
        )
        made = self._git("mktag", stdin=(tag + note).encode()).decode().strip()
        # All zeroes: only where there is none, so a tag of that name is never moved.
        self._git("update-ref", f"refs/tags/{name}", made, "0" * len(made))

    def _message(self, reference: str) -> str | None:
        try:
            text = self._git("cat-file", "tag", reference).decode("utf-8", "replace")
        except Unavailable:
            return None
        return text.partition("\n\n")[2]

    def _git(
        self,
        *arguments: str,
        stdin: bytes | None = None,
        within: float = _TIMEOUT_S,
        own: bool = False,
    ) -> bytes:
        """Return what git says. `own` lets it see this user's configuration, for a remote."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        environment = kept | {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
        if not own:
            environment |= _READING
        try:
            done = subprocess.run(
                ("git", *_SILENT, "-C", str(self._repository), *arguments),
                input=stdin,
                stdin=subprocess.DEVNULL if stdin is None else None,
                capture_output=True,
                timeout=within,
                env=environment,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise self._failed(arguments[0], type(error).__name__) from error
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise self._failed(arguments[0], said[-1][:300] if said else f"{done.returncode}")
        return done.stdout[:_MOST_BYTES]

    def _failed(self, what: str, why: str) -> Unavailable:
        return Unavailable(
            f"git {what} failed: {why}.",
            place=str(self._repository),
            hint="See that it is a repository with a commit, and can be written and pushed to.",
        )


def _open(opening: Opening) -> Kept:
    settings = opening.settings
    if not _PREFIX.fullmatch(settings.prefix):
        raise BadValue(
            "The prefix cannot begin a tag's name.",
            place=opening.named,
            hint='Write letters, digits, dots and dashes, such as prefix = "pawl-ledger".',
        )
    if settings.push is not None and not _REMOTE.fullmatch(settings.push):
        raise BadValue(
            "The remote to push to is no name.",
            place=opening.named,
            hint='Write push = "origin", or leave it out to push yourself.',
        )
    repository = outside(opening, settings.repository, "repository")
    return GitTags(repository, settings.prefix, settings.push, opening.now)


PLACE = Place(title="Annotated tag in git", open=_open)
