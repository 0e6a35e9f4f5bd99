"""Surveys of a whole tree, made again only when something that they read has changed.

What a survey reads is noted while it looks: the names of all files, and the object ids of those
whose content it asked for. As long as these are the same, and the survey, its rules and the day
are, so is its answer. One small file a repository keeps it, under the digest of what it holds.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec

from pawl.assets.asset import MAX_ASSET_BYTES, Entry
from pawl.base import typed
from pawl.maturity.facts.tree import TreeFile
from pawl.maturity.survey import Survey
from pawl.services.kept_file import KeptFile, Storage, digest_of

Contents = Callable[[Sequence[TreeFile]], Iterator[tuple[TreeFile, bytes | None]]]
"""Yields files with their bytes, None for those that are not to be had."""
FORMAT = 1
MAX_BYTES = 64 * 1024 * 1024
MAX_AHEAD = 64 * 1024 * 1024
"""Bytes of files that are read together before a survey asks for them."""
MAX_LINKS = 10_000
MAX_TARGET = 4096


class _Entries(Mapping[str, Entry]):
    """The files of a tree as a survey sees them; each is made when it is asked for."""

    def __init__(
        self, files: Mapping[str, TreeFile], contents: Contents, *, tracked: bool | None
    ) -> None:
        self._files = files
        self._contents = contents
        self._tracked = tracked

    def __getitem__(self, path: str) -> Entry:
        file = self._files[path]
        target = self._targets.get(path, "") if file.kind == "link" else None
        return Entry(file.size, file.kind == "executable", target, self._tracked)

    @cached_property
    def _targets(self) -> dict[str, str]:
        """What links say, as they are written, read together; empty where that is not told."""
        links = [file for file in self._files.values() if file.kind == "link"]
        small = [file for file in links if file.size <= MAX_TARGET][:MAX_LINKS]
        told = self._contents(small) if small else ()
        return {
            file.path: content.decode("utf-8", "surrogateescape")
            for file, content in told
            if content is not None
        }

    def __contains__(self, path: object) -> bool:
        return path in self._files

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


class WholeTree:
    """All files of a source, read when they are asked for; `read` notes which were."""

    def __init__(self, files: Sequence[TreeFile], contents: Contents, *, in_git: bool) -> None:
        self._files = {file.path: file for file in files if file.kind != "submodule"}
        self._contents = contents
        self._ahead: dict[str, bytes | None] = {}
        self.entries: Mapping[str, Entry] = _Entries(
            self._files, contents, tracked=True if in_git else None
        )
        self.read: dict[str, str] = {}
        self.lost = False
        """Whether something that is there was not to be had."""

    def read_ahead(self, paths: Iterable[str]) -> None:
        """Read files together, which costs one process and not one each."""
        wanted, size = [], 0
        for path in paths:
            file = self._files[path]
            if file.size <= MAX_ASSET_BYTES and file.kind in ("file", "executable"):
                size += file.size
                wanted.append(file)
            if size > MAX_AHEAD:
                break
        for file, content in self._contents(wanted) if wanted else ():
            self._ahead[file.path] = content

    def text(self, path: str) -> str | None:
        """Return a file's text; None where there is none, or one that is too large or no text."""
        content = self.content(path, MAX_ASSET_BYTES)
        if content is None or b"\0" in content:
            return None
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError:
            return None

    def content(self, path: str, most: int) -> bytes | None:
        """Return a regular file's bytes; None where there is none, or one with more than `most`."""
        file = self._files.get(path)
        if file is None or file.kind not in ("file", "executable"):
            return None
        self.read[path] = file.blob
        if file.size > most:
            return None
        if path in self._ahead:
            content = self._ahead[path]
        else:
            content = next((found for _, found in self._contents([file])), None)
        self.lost = self.lost or content is None
        return None if content is None or len(content) > most else content


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """One survey's answer and what it rests on."""

    identity: str
    day: str
    tree: str
    names: bytes
    read: dict[str, str]
    answer: msgspec.Raw


class _File(msgspec.Struct, frozen=True, array_like=True):
    format: int
    surveys: dict[str, _Kept]


class KeptSurveys:
    """The surveys kept of one repository. `notes` says what went wrong with them."""

    def __init__(self, storage: Storage | None, place: str) -> None:
        self._kept = KeptFile(storage, place, "surveys", "What was surveyed", MAX_BYTES)
        self.notes = self._kept.notes
        self._before = self._load()
        self._now: dict[str, _Kept] = {}

    def made(
        self,
        surveys: Mapping[str, Survey],
        files: Sequence[TreeFile],
        contents: Contents,
        *,
        tree: str | None,
        day: str,
    ) -> dict[str, Any]:
        """Return what each survey comes to on a UTC day.

        A survey that raises is a defect of ours: it is told of in `notes` and left out.
        """
        found: dict[str, Any] = {}
        names: bytes | None = None
        blobs: dict[str, str] | None = None
        for name, survey in surveys.items():
            kept = self._before.get(name)
            if kept is not None and (kept.identity != survey.identity or kept.day != day):
                kept = None
            if kept is not None and (tree is None or kept.tree != tree):
                names = names or _names(files)
                blobs = {file.path: file.blob for file in files} if blobs is None else blobs
                same = kept.names == names and all(
                    blobs.get(path) == blob for path, blob in kept.read.items()
                )
                kept = kept if same else None
            if kept is not None:
                answer = self._decoded(kept, survey)
                if answer is not None:
                    found[name], self._now[name] = answer, kept
                    continue
            names = names or _names(files)
            whole = WholeTree(files, contents, in_git=tree is not None)
            try:
                whole.read_ahead(survey.first(whole.entries))
                answer = survey.look(whole, day)
            except Exception as error:
                told = f"The survey {name} failed: {type(error).__name__}: {error}"
                self.notes.append(told[:300])
                continue
            found[name] = answer
            if not whole.lost:  # What is not to be had today may be tomorrow.
                self._now[name] = _Kept(
                    survey.identity,
                    day,
                    tree or "",
                    names,
                    whole.read,
                    msgspec.Raw(msgspec.msgpack.encode(answer)),
                )
        return found

    def save(self) -> None:
        """Write everything down, if anything is new. A full disk costs time, not the answer."""
        if self._now != self._before:
            self._kept.save(_File(FORMAT, self._now))

    def _load(self) -> dict[str, _Kept]:
        file = self._kept.load(_File)
        return file.surveys if file is not None and file.format == FORMAT else {}

    def _decoded(self, kept: _Kept, survey: Survey) -> Any:
        try:
            return typed.unpack(kept.answer, type=survey.kind)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            self.notes.append("What was surveyed before is of another form and is made anew.")
            return None


def _names(files: Sequence[TreeFile]) -> bytes:
    """Return a digest of which files there are, of what kind, and where links lead."""
    told = "\0".join(
        [f"{file.path}\0{file.blob if file.kind == 'link' else file.kind}" for file in files]
    )
    return digest_of(told.encode("utf-8", "surrogatepass"))
