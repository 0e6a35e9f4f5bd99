"""Put files of the working tree into one commit on a branch of their own, as the user's own git.

Unlike what only reads a repository, this is the command the user could have typed: it is their
name, their hooks and their signature. It never commits to a branch that it did not make, and takes
only the files that are named, whatever else is changed or staged.
"""

import os
import subprocess
from pathlib import Path

from pawl.base.errors import BadValue, CannotTell

GIT_TIMEOUT_S = 120.0
_PREFIX = "GIT_"
_KEPT = frozenset({"GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_AUTHOR_DATE", "GIT_COMMITTER_NAME",
                   "GIT_COMMITTER_EMAIL", "GIT_COMMITTER_DATE", "GIT_CONFIG_GLOBAL",
                   "GIT_CONFIG_NOSYSTEM", "GIT_SSH_COMMAND"})  # fmt: skip


def stand_on(top: Path, branch: str, protected: str) -> None:
    """Make a branch of what is checked out and stand on it; on it already, nothing is done.

    Raises BadValue for a name that is none, is protected or is taken by another branch.
    """
    if _said(top, "check-ref-format", "--branch", branch) is None or branch.startswith("-"):
        raise BadValue(f"{branch[:80]!r} is no name of a branch.", place="--branch")
    if branch == protected:
        raise BadValue(
            f"{branch} is protected; nothing is committed to it here.",
            place="--branch",
            hint="Name a new branch.",
        )
    if _said(top, "symbolic-ref", "--quiet", "--short", "HEAD") == branch:
        return
    if _said(top, "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}") is not None:
        raise BadValue(
            f"there is a branch {branch} already.",
            place="--branch",
            hint="Check it out to go on there, or name a new one.",
        )
    if _said(top, "switch", "--quiet", "--create", branch) is None:
        raise CannotTell(f"git could not make the branch {branch}.", place=str(top))


def commit_files(top: Path, paths: tuple[str, ...], message: str, branch: str) -> str:
    """Commit files to the branch that is checked out and return the commit.

    Nothing is committed where they are in the last one already. Raises CannotTell where git does
    not, or another branch is checked out by now.
    """
    if _said(top, "symbolic-ref", "--quiet", "--short", "HEAD") != branch:
        raise CannotTell(f"{branch} is no longer checked out; nothing was committed.")
    literal = ("--literal-pathspecs",)
    changed = _said(top, *literal, "status", "--porcelain", "-uall", "--", *paths)
    if changed is None:
        raise CannotTell("git cannot tell what has changed.", place=str(top))
    if changed:
        if _said(top, *literal, "add", "--", *paths) is None:
            raise CannotTell("git could not add the files.", hint="See whether it ignores them.")
        done = _said(top, *literal, "commit", "--quiet", "-m", message, "--only", "--", *paths)
        if done is None:
            raise CannotTell(
                "git made no commit of the files; they are in the working tree.",
                hint=f"Commit them to {branch} by hand.",
            )
    return _said(top, "rev-parse", "HEAD") or ""


def _said(top: Path, *arguments: str) -> str | None:
    """Return what git prints, without its last line end; None where it fails."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_PREFIX) or name in _KEPT
    }
    try:
        done = subprocess.run(
            ["git", "-C", str(top), *arguments],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            env=environment,
            timeout=GIT_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotTell(f"git does not answer: {error}.", place=str(top)) from error
    return done.stdout.decode("utf-8", "replace").strip("\n") if done.returncode == 0 else None
