"""Run git over somebody else's repository without obeying it.

The repository's own folder is never git's: a configuration in it can name programs to run, for
showing a diff, talking to a remote, watching files. Git is given a folder of ours instead, with
our configuration, copies of the references, and the repository's objects to read. So no hook,
filter, pager, monitor, signature program or fetch of the repository's can be named at all, no
object is replaced by another, and it does not matter who owns the files.
"""

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pawl.base.errors import CannotTell, Unavailable
from pawl.world.git_references import copy_flat, is_id, named, read_small, references, safe_head

TIMEOUT_S = 120.0
"""Seconds that one git command may take; then it is ended and counts as not answering."""

_MAX_ANSWER = 256 * 1024 * 1024

# Files above this many bytes are "binary" to a diff, which then streams them past.
_CONFIG = """[core]
	repositoryformatversion = 1
	bare = true
	attributesFile = /dev/null
	excludesFile = /dev/null
	hooksPath = /dev/null
	fsmonitor = false
	commitGraph = false
	bigFileThreshold = 16m
	packedGitWindowSize = 4m
	packedGitLimit = 64m
[log]
	showRoot = false
[gc]
	auto = 0
[extensions]
"""


class GitReading:
    """A repository's objects and references, read through a git folder of ours.

    `git` is the repository's own folder, `common` the one that holds its objects: they differ
    for a linked working tree. Close it after use; the folder of ours goes with it. Raises
    CannotTell when the repository cannot be read and Unavailable without a git command.
    """

    def __init__(self, git: Path, common: Path, place: str) -> None:
        self.place = place
        self.is_unborn = False
        """Whether HEAD names a branch that has no commit yet."""
        self._program = _git_program()
        self._folder = Path(tempfile.mkdtemp(prefix="pawl-git-"))
        self._running: set[subprocess.Popen[bytes]] = set()
        self._objects = common / "objects"
        try:
            if not os.access(self._objects, os.R_OK | os.X_OK):
                raise CannotTell(
                    "the repository's objects cannot be read.",
                    place=str(self._objects),
                    hint="Run Pawl as somebody who may read them.",
                )
            self._make(git, common)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End what still runs and remove the folder of ours."""
        for process in list(self._running):
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream is not None:
                    _close(stream)
        self._running.clear()
        shutil.rmtree(self._folder, ignore_errors=True)

    def environment(self) -> dict[str, str]:
        """Return everything that git is told: nothing of the user's own surroundings."""
        return {
            "PATH": os.path.dirname(self._program),
            "HOME": str(self._folder),
            "LC_ALL": "C",
            "GIT_DIR": str(self._folder),
            "GIT_OBJECT_DIRECTORY": str(self._objects),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_SYSTEM": "/dev/null",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_PAGER": "cat",
            # One allocation above this ends git instead of the machine: an object may be a bomb.
            "GIT_ALLOC_LIMIT": "1g",
        }

    def start(
        self, *arguments: str, stdin: bool = False, **environment: str
    ) -> subprocess.Popen[bytes]:
        """Start a git command; what it says on its error stream is not kept."""
        try:
            process = subprocess.Popen(
                (self._program, "--no-pager", *arguments),
                stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=self._folder,
                env=self.environment() | environment,
                close_fds=True,
            )
        except OSError as error:
            raise Unavailable(
                f"git cannot be started: {error.strerror}.", place=self._program
            ) from error
        self._running.add(process)
        return process

    def finish(self, process: subprocess.Popen[bytes]) -> int:
        """Wait for a command that has nothing more to say, and return its exit status."""
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                _close(stream)
        status = process.wait()
        self._running.discard(process)
        return status

    def answer(self, *arguments: str, given: bytes | None = None) -> bytes | None:
        """Return what a git command prints, or None when it fails, hangs or prints too much."""
        process = self.start(*arguments, stdin=given is not None)
        return self.collect(process, given)

    def collect(self, process: subprocess.Popen[bytes], given: bytes | None = None) -> bytes | None:
        """Return what a started command prints, or None as `answer` does."""
        assert process.stdout is not None
        with self.limited(process):
            writer = threading.Thread(target=_feed, args=(process, given), daemon=True)
            if given is not None:
                writer.start()
            printed = process.stdout.read(_MAX_ANSWER + 1)
            if len(printed) > _MAX_ANSWER:
                process.kill()
            if given is not None:
                writer.join()
            status = self.finish(process)
        return printed if status == 0 and len(printed) <= _MAX_ANSWER else None

    def chunks(self, process: subprocess.Popen[bytes], *, size: int = 1 << 20) -> Iterator[bytes]:
        """Yield what a command prints as it comes; raises CannotTell when it fails or hangs."""
        assert process.stdout is not None
        with self.limited(process):
            while chunk := process.stdout.read(size):
                yield chunk
            if self.finish(process) != 0:
                raise CannotTell(
                    "git cannot read this repository to its end.",
                    place=self.place,
                    hint="See what `git fsck` says of it.",
                )

    @contextmanager
    def limited(self, process: subprocess.Popen[bytes]) -> Iterator[None]:
        """Kill a command that is not done within the time limit."""
        timer = threading.Timer(TIMEOUT_S, process.kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    # -- the folder of ours -----------------------------------------------------------------------

    def _make(self, git: Path, common: Path) -> None:
        ours = self._folder
        (ours / "refs").mkdir()
        head = (read_small(git / "HEAD") or b"").strip()
        shallow = read_small(common / "shallow")
        if shallow:
            (ours / "shallow").write_bytes(shallow)
        config = _CONFIG
        if head == b"ref: refs/heads/.invalid":
            config += "\trefstorage = reftable\n"
            copy_flat(common / "reftable", ours / "reftable")
            (ours / "refs" / "heads").write_bytes(b"this repository uses the reftable format\n")
        else:
            lines = references(common)
            self.is_unborn = head.startswith(b"ref:") and named(head) not in lines
            (ours / "packed-refs").write_bytes(
                b"".join(b"%s %s\n" % (lines[name], name) for name in sorted(lines))
            )
            if any(len(identity) == 64 and is_id(identity) for identity in (*lines.values(), head)):
                config += "\tobjectformat = sha256\n"
        (ours / "HEAD").write_bytes(safe_head(head) + b"\n")
        (ours / "config").write_text(config)


def _git_program() -> str:
    """Return the git command. A relative entry of PATH could be a folder that is assessed."""
    places = [place for place in os.get_exec_path() if os.path.isabs(place)]
    found = shutil.which("git", path=os.pathsep.join(places))
    if found is None:
        raise Unavailable("there is no git command.", place="PATH", hint="Install git.")
    return found


def _feed(process: subprocess.Popen[bytes], given: bytes) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(given)
        process.stdin.close()
    except OSError:
        pass  # It ended before it had read everything; its status says so.


def _close(stream: IO[bytes]) -> None:
    try:
        stream.close()
    except OSError:
        pass


def only_ids(texts: Sequence[str]) -> bytes:
    """Return object ids as lines for git to read; anything else is left out."""
    return b"".join(text.encode() + b"\n" for text in texts if is_id(text.encode()))
