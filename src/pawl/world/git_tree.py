"""The files of one commit by path, with links followed as whoever opens them does.

Nothing is checked out or run (see `git_reading`). A path is told as text in such a way that two
paths are never one: bytes that are no UTF-8 are written with a control character before them,
which no path that can be shown has.

A file that a link leads to is there under both names. Beyond a file's bytes two things alter what
it does: whether it may be executed stands under `path//executable`, which no path of git's can be,
and the commit of a submodule under the folder's path with `/` at its end.
"""

import hashlib
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from pawl.base.errors import CannotTell
from pawl.maturity.facts.tree import TreeFile
from pawl.world.git_reading import GitReading
from pawl.world.object_reader import ObjectReader

MAX_ENTRIES = 2_000_000
"""Files of a tree; a larger one is refused."""
MAX_CONTENT = 4 * 1024 * 1024
"""Bytes of a file that are held; a larger one stands there by its digest."""
MAX_TARGET = 4_096
EXECUTABLE = "//executable"
_LARGE = b"\0pawl: larger than is held\0"
_HOPS = 40
"""Links that are followed for one path; Linux takes as many."""
_ODD = re.compile(r"\x01([0-9a-f]{2})")
_AT_ONCE = 128
"""Files read together: at most so many times `MAX_CONTENT` is held."""


class Entry(NamedTuple):
    """One entry of a tree: git's mode and object id."""

    mode: str
    blob: str

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link."""
        return self.mode == "120000"

    @property
    def is_submodule(self) -> bool:
        """Whether it is another repository's commit."""
        return self.mode == "160000"


class GitTree:
    """The tree of one commit, or what is `below` a folder of it. `reading` stays whoever's it is.

    Raises CannotTell for a tree that git cannot list.
    """

    def __init__(self, reading: GitReading, commit: str, *, below: str = "") -> None:
        self.commit = commit
        self._reading = reading
        only = ("--", below) if below else ()
        printed = reading.answer("ls-tree", "-r", "-z", "--full-tree", commit, *only)
        if printed is None:
            raise CannotTell(
                "git cannot list the files of a commit.",
                place=f"{reading.place}: {commit[:100]}",
                hint="Fetch it whole; see what `git fsck` says of the repository.",
            )
        lines = printed.split(b"\0")[:-1]
        if len(lines) > MAX_ENTRIES:
            raise CannotTell(f"the tree has more than {MAX_ENTRIES:,} files.", place=reading.place)
        self.entries: dict[bytes, Entry] = {}
        for line in lines:
            told, _, path = line.partition(b"\t")
            mode, _, blob = told.split(b" ")
            self.entries[path] = Entry(mode.decode("ascii"), blob.decode("ascii"))
        self.targets = self._read_targets()

    def blobs_below(self, folder: str) -> dict[str, str]:
        """Return the object ids of the files below a folder such as `.pawl/evals/`, by path."""
        start = folder.encode()
        return {path_text(path): self.entries[path].blob for path in _below(self.paths, start)}

    def resolved(self, path: bytes) -> bytes | None:
        """Return the path of what a path leads to in this tree, links followed.

        A folder's path where it leads to one, None where it leads out of the tree, or nowhere.
        """
        left = path.split(b"/")
        at: list[bytes] = []
        hops = 0
        while left:
            step = left.pop(0)
            if step in (b"", b"."):
                continue
            if step == b"..":
                if not at:
                    return None
                at.pop()
                continue
            at.append(step)
            target = self.targets.get(b"/".join(at))
            if target is not None:
                hops += 1
                if hops > _HOPS or target.startswith(b"/"):
                    return None
                at.pop()
                left = target.split(b"/") + left
        return b"/".join(at)

    @cached_property
    def paths(self) -> list[bytes]:
        """Every path, sorted."""
        return sorted(self.entries)

    def contents(self, names: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
        """Yield each path with what is there: None where nothing is. Raises CannotTell.

        A link that leads to no file is what it says.
        """
        for group in _groups(names, _AT_ONCE):
            found = {name: self._entry(name) for name in group}
            held = self._read({e.blob for e in found.values() if e and not e.is_submodule})
            for name, entry in found.items():
                yield name, self._content(name, entry, held)

    # -- within -----------------------------------------------------------------------------------

    def _entry(self, name: str) -> Entry | None:
        raw = path_bytes(name.removesuffix(EXECUTABLE).removesuffix("/"))
        own = self.entries.get(raw)
        if name.endswith("/"):
            return own if own and own.is_submodule else None
        if name.endswith(EXECUTABLE):
            return own if own and own.mode == "100755" else None
        if own is not None and own.is_submodule:
            return None
        target = self.resolved(raw)
        led = None if target is None else self.entries.get(target)
        if led is not None and not led.is_link and not led.is_submodule:
            return led
        return own

    def _content(self, name: str, entry: Entry | None, held: Mapping[str, bytes]) -> bytes | None:
        if entry is None:
            return None
        if name.endswith(EXECUTABLE):
            return b"executable\n"
        if entry.is_submodule:
            return f"commit {entry.blob}\n".encode()
        return b"link to " + held[entry.blob] if entry.is_link else held[entry.blob]

    def _read_targets(self) -> dict[bytes, bytes]:
        links = {path: entry.blob for path, entry in self.entries.items() if entry.is_link}
        held = self._read(set(links.values()))
        return {path: held[blob][:MAX_TARGET] for path, blob in links.items()}

    def _read(self, blobs: set[str]) -> dict[str, bytes]:
        """Return objects by id; of a large one its digest, marked as no file's content is."""
        if not blobs:
            return {}
        asked = sorted(blobs)
        told = self._reading.answer(
            "cat-file", "--batch-check", given="".join(f"{each}\n" for each in asked).encode()
        )
        sizes = [line.split() for line in (told or b"").splitlines()]
        if len(sizes) != len(asked):
            raise self._unread(asked[0])
        found: dict[str, bytes] = {}
        small: list[TreeFile] = []
        for blob, words in zip(asked, sizes, strict=True):
            if len(words) != 3 or not words[2].isdigit():
                raise self._unread(blob)
            if int(words[2]) > MAX_CONTENT:
                found[blob] = self._large(blob)
            else:
                small.append(TreeFile(path="", size=int(words[2]), blob=blob))
        with ObjectReader(self._reading) as objects:
            for file, content in objects.read(small):
                if content is None:
                    raise self._unread(file.blob)
                # What begins like our mark must not pass for a large file.
                found[file.blob] = _mark(content) if content.startswith(_LARGE) else content
        return found

    def _large(self, blob: str) -> bytes:
        digest = hashlib.sha256()
        for chunk in self._reading.chunks(self._reading.start("cat-file", "blob", blob)):
            digest.update(chunk)
        return _LARGE + digest.hexdigest().encode()

    def _unread(self, blob: str) -> CannotTell:
        return CannotTell(
            f"git cannot read the object {blob[:12]}.",
            place=self._reading.place,
            hint="A partial clone may lack it: fetch it; see what `git fsck` says.",
        )


def changed_paths(
    before: GitTree,
    after: GitTree,
    most: int,
    *,
    matters: Callable[[str], bool] = lambda name: True,
) -> tuple[str, ...]:
    """Return the paths whose content, target or mode differs between two trees, as text, sorted.

    With each also the names that links give it, where such a name `matters`: most only repeat the
    file. There are at most `most` and one more.
    """
    raw = {
        path
        for path in before.entries.keys() | after.entries.keys()
        if before.entries.get(path) != after.entries.get(path)
    }
    found: dict[str, None] = {}
    for path in sorted(raw):
        for name in _names(path, before.entries.get(path), after.entries.get(path)):
            found[name] = None
        if len(found) > most:
            return tuple(found)[: most + 1]
    ordered = sorted(raw)
    for tree in (before, after):
        for link in sorted(tree.targets):
            for path in _led_to(tree, link, raw, ordered):
                name = path_text(path)
                if path in raw or matters(name):
                    found[name] = None
                if len(found) > most:
                    return tuple(found)[: most + 1]
    return tuple(sorted(found))


def _names(path: bytes, before: Entry | None, after: Entry | None) -> Iterator[str]:
    text = path_text(path)
    there = [each for each in (before, after) if each is not None]
    if any(each.is_submodule for each in there):
        yield f"{text}/"
    if any(not each.is_submodule for each in there):
        yield text
    modes = {each.mode == "100755" for each in there if each.mode.startswith("100")}
    if len(modes) == 2:
        yield f"{text}{EXECUTABLE}"


def _led_to(
    tree: GitTree, link: bytes, changed: set[bytes], ordered: list[bytes]
) -> Iterator[bytes]:
    """Yield the names that a link gives to files that changed, or that it now leads to."""
    target = tree.resolved(link)
    if target is None:
        return
    if target in tree.entries:
        if target in changed or link in changed:
            yield link
        return
    start = target + b"/" if target else b""
    for path in _below(tree.paths if link in changed else ordered, start):
        if path != link:
            yield link + b"/" + path[len(start) :]


def _below(paths: list[bytes], start: bytes) -> Iterator[bytes]:
    """Yield the sorted paths that begin with a text, without looking at all of them."""
    for path in islice(paths, bisect_left(paths, start), None):
        if not path.startswith(start):
            return
        yield path


def path_text(raw: bytes) -> str:
    """Return a path as text, of which `path_bytes` gives the very same bytes again."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("utf-8", "surrogateescape")
        return "".join(
            f"\x01{ord(each) - 0xDC00:02x}" if 0xDC80 <= ord(each) <= 0xDCFF else _plain(each)
            for each in text
        )
    return "".join(map(_plain, text)) if "\x01" in text else text


def path_bytes(text: str) -> bytes:
    """Return the bytes that a path's text stands for."""
    if "\x01" not in text:
        return text.encode("utf-8", "surrogatepass")
    found = b""
    end = 0
    for match in _ODD.finditer(text):
        found += text[end : match.start()].encode("utf-8", "surrogatepass")
        found += bytes.fromhex(match[1])
        end = match.end()
    return found + text[end:].encode("utf-8", "surrogatepass")


def _plain(character: str) -> str:
    return "\x0101" if character == "\x01" else character


def _mark(content: bytes) -> bytes:
    return _LARGE + hashlib.sha256(content).hexdigest().encode()


def _groups(names: Iterable[str], size: int) -> Iterator[list[str]]:
    group: list[str] = []
    for name in names:
        group.append(name)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group
