"""A git repository as something to look at: the files of one commit, its history, its tags.

Nothing of the repository is executed, whatever its configuration says (see `git_reading`), and
nothing is written to it. What is assessed is a commit: a changed file in the working tree is
counted and not read.
"""

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import msgspec

from pawl.base.errors import BadValue, CannotTell
from pawl.base.times import parse_time
from pawl.maturity.facts.history import Commit, FileChange, History
from pawl.maturity.facts.tree import TreeFile
from pawl.world import git_history
from pawl.world.git import origin_of
from pawl.world.git_reading import GitReading, only_ids
from pawl.world.git_references import read_small
from pawl.world.object_reader import ObjectReader
from pawl.world.plain_folder import PlainFolder

MAX_ENTRIES = 2_000_000
"""Files of a tree; a larger one is refused."""
MAX_COMMITS = 20_000
"""Commits within a window, newest first; beyond, the window is as long as they reach."""
MAX_DETAILED = 1000
"""Newest commits of which the changed files are looked at: every one costs a comparison."""
MAX_LINED = 200
"""Newest commits of which the added lines are looked at."""
MAX_PATCH_BYTES = 64 * 1024 * 1024
MAX_TAGS = 2000

_DEFAULT_BRANCHES = (
    *("refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master"),
    *("refs/heads/main", "refs/heads/master"),
)
_KINDS = {b"100644": "file", b"100664": "file", b"100755": "executable", b"120000": "link"}
_DIFF = ("diff-tree", "--stdin", "-r", "-M", "-l200", "--no-ext-diff", "--no-textconv")


class GitRepository:
    """One commit of a repository. Close it after use.

    `at` is any way of git's to name a commit; None is the one checked out. `commit` is None in a
    repository without any. Raises BadValue for a revision that is none and CannotTell when the
    repository cannot be read.
    """

    def __init__(self, place: Path, at: str | None = None) -> None:
        top, git = _git_folders(place)
        self.place = str(place if top is None else top)
        self.name = Path(self.place).name.removesuffix(".git") or "repository"
        self._git = git
        self._top = top
        self._common = common_folder(git)
        self.origin = origin_of(self._common)
        self._reading = GitReading(git, self._common, self.place)
        try:
            self.commit, self.tree = self._resolve(at)
            self._status = self._start_status() if at is None else None
        except BaseException:
            self._reading.close()
            raise

    def __enter__(self) -> "GitRepository":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._reading.close()

    def files(self) -> tuple[TreeFile, ...]:
        """Return every entry of the commit's tree, sorted by path."""
        if self.tree is None:
            return ()
        process = self._reading.start("ls-tree", "-r", "-z", "-l", "--full-tree", self.tree)
        found: list[TreeFile] = []
        rest = b""
        for chunk in self._reading.chunks(process):
            *entries, rest = (rest + chunk).split(b"\0")
            found.extend(map(_entry, entries))
            if len(found) > MAX_ENTRIES:
                raise CannotTell(f"the tree has more than {MAX_ENTRIES:,} files.", place=self.place)
        return tuple(sorted(found, key=_path))

    def below(self, folder: str) -> tuple[TreeFile, ...]:
        """Return the entries below one folder of the commit's tree, sorted by path."""
        if self.tree is None:
            return ()
        told = self._reading.answer(
            "ls-tree", "-r", "-z", "-l", "--full-tree", self.tree, "--", folder
        )
        return tuple(sorted(map(_entry, (told or b"").split(b"\0")[:-1]), key=_path))

    def base(self) -> str | None:
        """Return the commit where this one left the default branch; itself when it is part of it.

        The default branch is what the remote says it is, else `main` or `master`. None: there is
        no such branch, or nothing in common with it.
        """
        if self.commit is None:
            return None
        for name in _DEFAULT_BRANCHES:
            found = self._reading.answer("rev-parse", "--verify", "-q", f"{name}^{{commit}}")
            if found:
                shared = self._reading.answer("merge-base", self.commit, found.decode().strip())
                return shared.decode().split("\n")[0] if shared else None
        return None

    def contents(self, files: Sequence[TreeFile]) -> Iterator[tuple[TreeFile, bytes | None]]:
        """Yield each file with its bytes, or None for an object that is not to be had."""
        with ObjectReader(self._reading) as objects:
            yield from objects.read(files)

    def history(
        self, since: str, known: Mapping[str, tuple[FileChange, ...]] | None = None
    ) -> History:
        """Return the commits since a canonical time, and the tags; raises CannotTell.

        `known` are the changed files of commits that were looked at before.
        """
        if self.commit is None:
            return History(commits=(), complete_since=since)
        oldest = int(parse_time(since).timestamp())
        printed = self._reading.answer(
            *("-c", f"mailmap.blob={self.commit}:.mailmap", "log", "-z", "--no-show-signature"),
            *(f"--max-count={MAX_COMMITS}", f"--since=@{oldest}", "--no-decorate", "--no-notes"),
            *(f"--format={git_history.LOG_FORMAT}", self.commit, "--"),
        )
        if printed is None:
            raise CannotTell(
                "git cannot read the history.",
                place=self.place,
                hint="See what `git fsck` says of it.",
            )
        found = git_history.commits(printed, self.commit)
        shallow = set(
            (read_small(self._common / "shallow") or b"").decode("ascii", "replace").split()
        )
        cut = [commit.committed_at for commit in found if commit.id in shallow]
        if len(found) == MAX_COMMITS:
            cut.append(found[-1].committed_at)
        detailed, files_since = self._with_files(found, known or {})
        return History(
            commits=tuple(detailed),
            complete_since=max([since, *cut]),
            files_since=files_since,
            shallow=any(commit.id in shallow for commit in found),
            tags=git_history.tags(
                self._reading.answer(
                    *("for-each-ref", f"--count={MAX_TAGS}", "--sort=-creatordate"),
                    *(f"--format={git_history.TAG_FORMAT}", "refs/tags"),
                )
                or b""
            ),
        )

    def uncommitted(self) -> int | None:
        """Return how many files that git follows differ from the commit; None: cannot tell."""
        if self._status is None:
            return None
        printed, status = self._reading.collect(self._status), self._status
        self._status = None
        if printed is None or status.returncode != 0:
            return None
        return sum(len(entry) > 3 for entry in printed.split(b"\0"))

    # -- within -----------------------------------------------------------------------------------

    def _resolve(self, at: str | None) -> tuple[str | None, str | None]:
        asked = "HEAD" if at is None else at
        if "\0" in asked:
            raise BadValue("a revision holds no null character.", place="--at")
        told = self._reading.answer(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{asked}^{{commit}}"
        )
        commit = (told or b"").decode("ascii", "replace").strip()
        if not commit:
            if at is not None:
                raise BadValue(
                    f"{at!r} names no commit of this repository.",
                    place="--at",
                    hint="Name a branch, a tag or a commit's id.",
                )
            if not self._reading.is_unborn:  # That is not the same as no commit.
                raise CannotTell(
                    "git cannot read the commit that is checked out.",
                    place=self.place,
                    hint="Fetch it, or update git; see what `git fsck` says of the repository.",
                )
            return None, None
        tree = self._reading.answer("rev-parse", "--verify", "--quiet", f"{commit}^{{tree}}")
        if not tree:
            raise CannotTell(
                "the commit's tree is not to be had.",
                place=self.place,
                hint="Fetch it; see what `git fsck` says of the repository.",
            )
        return commit, tree.decode("ascii").strip()

    def _start_status(self) -> "subprocess.Popen[bytes] | None":
        """Start counting early: it waits for the disk while the tree is read."""
        index = self._git / "index"
        if self._top is None or self.commit is None or not index.is_file():
            return None
        return self._reading.start(
            # Without submodules: git would run in them as their own configuration says.
            *("status", "--porcelain", "-z", "--no-renames", "--untracked-files=no"),
            "--ignore-submodules=all",
            GIT_WORK_TREE=str(self._top),
            GIT_INDEX_FILE=str(index),
        )

    def _with_files(
        self, found: list[Commit], known: Mapping[str, tuple[FileChange, ...]]
    ) -> tuple[list[Commit], str | None]:
        """Return commits with the files that the newest of them changed, and from when on."""
        plain = [commit for commit in found if len(commit.parents) == 1]
        newest = [commit.id for commit in plain[:MAX_DETAILED]]
        files = {commit: known[commit] for commit in newest if commit in known}
        lined = [
            commit
            for commit in newest[:MAX_LINED]
            if commit not in files or all(file.lines is None for file in files[commit])
        ]
        again = set(lined)
        fresh = [commit for commit in newest if commit not in files or commit in again]
        printed = self._reading.answer(*_DIFF, "--numstat", "-z", given=only_ids(fresh))
        if printed is None:  # An object is missing, as in a partial clone.
            return found, found[0].committed_at if found else None
        files |= git_history.numbers(printed)
        if lined:
            self._add_lines(files, lined)
        return [
            msgspec.structs.replace(commit, files=files.get(commit.id, ())) for commit in found
        ], plain[MAX_DETAILED - 1].committed_at if len(plain) > MAX_DETAILED else None

    def _add_lines(self, files: dict[str, tuple[FileChange, ...]], newest: list[str]) -> None:
        process = self._reading.start(*_DIFF, "-p", "-U0", stdin=True)
        assert process.stdin is not None
        assert process.stdout is not None
        with self._reading.limited(process):
            # At most 200 ids: they fit into the pipe at once.
            process.stdin.write(only_ids(newest))
            process.stdin.close()
            for commit, ranges in git_history.added_lines(_lines(process)):
                if commit in files:
                    files[commit] = git_history.with_lines(files[commit], ranges)
            process.kill()
            self._reading.finish(process)


def open_tree(place: Path, at: str | None = None) -> GitRepository | PlainFolder:
    """Return what there is to look at in a folder: the repository that holds it, or itself."""
    if not place.is_dir():
        raise BadValue(
            "there is no such folder.", place=str(place), hint="Name a folder or a repository."
        )
    if git_folders(place.absolute()) is not None:
        return GitRepository(place.absolute(), at)
    if at is not None:
        raise BadValue("the folder is in no git repository.", place=str(place), hint="Omit --at.")
    return PlainFolder(place.absolute())


def _git_folders(place: Path) -> tuple[Path | None, Path]:
    found = git_folders(place)
    if found is None:
        raise CannotTell("there is no git repository here.", place=str(place))
    return found


def git_folders(place: Path) -> tuple[Path | None, Path] | None:
    """Return the working tree's top (None: bare) and git's folder, for a folder in either."""
    for folder in (place, *place.parents):
        marker = folder / ".git"
        if marker.is_dir() and (marker / "HEAD").exists():
            return folder, marker
        pointer = read_small(marker, 4096) or b""
        if pointer.startswith(b"gitdir:"):
            target = os.fsdecode(pointer.removeprefix(b"gitdir:").strip())
            return folder, Path(os.path.normpath(folder / target))
        if (
            (folder / "HEAD").is_file()
            and (folder / "objects").is_dir()
            and (folder / "refs").is_dir()
        ):
            # The folder of a working tree, or a bare repository.
            return None, folder
    return None


def common_folder(git: Path) -> Path:
    shared = read_small(git / "commondir", 4096)
    if not shared:
        return git
    return Path(os.path.normpath(git / os.fsdecode(shared.strip())))


def _entry(line: bytes) -> TreeFile:
    """Return one entry of `ls-tree -l`: `mode type id size<TAB>path`."""
    told, _, path = line.partition(b"\t")
    mode, kind, identity, size = told.split()
    if kind == b"commit":
        return TreeFile(git_history.path_text(path), 0, identity.decode(), "submodule")
    # An object that is not here has no size; 1 keeps it wanted, so that it is told of as missing.
    number = int(size) if size.isdigit() else 1
    name = _KINDS.get(mode, "file")
    return TreeFile(git_history.path_text(path), number, identity.decode(), name)  # type: ignore[arg-type]


def _path(file: TreeFile) -> str:
    return file.path


def _lines(process: "subprocess.Popen[bytes]") -> Iterator[bytes]:
    """Yield lines, of long ones the beginning, until there were too many bytes."""
    assert process.stdout is not None
    total, whole = 0, True
    while total < MAX_PATCH_BYTES and (line := process.stdout.readline(1 << 16)):
        total += len(line)
        if whole:
            yield line
        whole = line.endswith(b"\n")
