"""Commits and tags out of what git prints, which is only text here.

A message can hold anything but a NUL, so NULs part the fields. The parts are read one after the
other and counted, so no path and no message can pass for something else.
"""

import re
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from pawl.base.times import time_from_ms
from pawl.maturity.facts.history import Commit, FileChange, Tag

Ranges = tuple[tuple[int, int], ...]

LOG_FORMAT = "%H%x00%P%x00%aE%x00%cE%x00%at%x00%ct%x00%s%x00%b"
"""Eight fields; `aE` and `cE` are addresses after the mailmap."""

TAG_FORMAT = (
    "%(refname:strip=2)%00%(objectname)%00%(*objectname)%00%(objecttype)%00%(*objecttype)%00"
    "%(creatordate:unix)%00%(if)%(contents:signature)%(then)signed%(end)"
)

MAX_SUBJECT = 300
MAX_TRAILERS = 50
_FIELDS = 8
_TRAILER = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,60}):\s+(\S.{0,300})")
_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_ID = re.compile(rb"(?:[0-9a-f]{40}|[0-9a-f]{64})\n?")
_FIRST_TIME, _LAST_TIME = 0, 253_402_300_799  # The years that a time can be written in.


def commits(printed: bytes, head: str) -> list[Commit]:
    """Return the commits of a log in `LOG_FORMAT` with `-z`, in its order, without files."""
    parts = printed.split(b"\0")
    found = []
    for start in range(0, len(parts) - _FIELDS + 1, _FIELDS):
        fields = [part.decode("utf-8", "replace") for part in parts[start : start + _FIELDS]]
        identity, parents, author, committer, authored, committed, subject, body = fields
        found.append(
            Commit(
                id=identity.strip(),
                parents=tuple(parents.split()),
                author=author.strip().lower()[:MAX_SUBJECT],
                committer=committer.strip().lower()[:MAX_SUBJECT],
                authored_at=time_of(authored),
                committed_at=time_of(committed),
                subject=subject[:MAX_SUBJECT],
                trailers=trailers(body),
            )
        )
    return _with_first_parents(found, head)


def trailers(body: str) -> tuple[tuple[str, str], ...]:
    """Return the `Name: value` lines of a message's last paragraph.

    There are none unless at least three quarters of its lines are such lines; prose with a colon
    in it is no trailer.
    """
    paragraph = body.strip().rpartition("\n\n")[2].splitlines()
    matches = [_TRAILER.fullmatch(line.strip()) for line in paragraph if not line.startswith(" ")]
    found = [(match[1], match[2].strip()) for match in matches if match]
    if not found or len(found) * 4 < len(matches) * 3:
        return ()
    return tuple(found[:MAX_TRAILERS])


def _with_first_parents(found: list[Commit], head: str) -> list[Commit]:
    by_id = {commit.id: commit for commit in found}
    main: set[str] = set()
    step: str | None = head
    while step is not None and step in by_id and step not in main:
        main.add(step)
        parents = by_id[step].parents
        step = parents[0] if parents else None
    return [replace(commit, first_parent=commit.id in main) for commit in found]


def time_of(seconds: str) -> str:
    """Return a canonical time; a date that nobody could have meant becomes the nearest one."""
    try:
        number = int(seconds)
    except ValueError:
        number = 0
    return time_from_ms(min(max(number, _FIRST_TIME), _LAST_TIME) * 1000)


def path_text(raw: bytes) -> str:
    """Return a path as text that every output can write: bytes that are no UTF-8 as `\\xff`."""
    return raw.decode("utf-8", "backslashreplace")


def numbers(printed: bytes) -> dict[str, tuple[FileChange, ...]]:
    """Return the files of each commit out of `diff-tree --stdin -z --numstat`."""
    found: dict[str, list[FileChange]] = {}
    current: list[FileChange] = []
    parts = iter(printed.split(b"\0"))
    for part in parts:
        added, tab, rest = part.partition(b"\t")
        if not tab:
            if part:
                current = found.setdefault(part.decode("ascii", "replace"), [])
            continue
        removed, _, path = rest.partition(b"\t")
        if not path:  # A rename: the old and the new path follow.
            next(parts, None)
            path = next(parts, b"")
        current.append(FileChange(path_text(path), _number(added), _number(removed)))
    return {commit: tuple(files) for commit, files in found.items()}


def _number(text: bytes) -> int | None:
    return int(text) if text.isdigit() else None


def added_lines(lines: Iterable[bytes]) -> Iterator[tuple[str, list[Ranges]]]:
    """Yield each commit of `diff-tree --stdin -p -U0` with the ranges added to each file.

    Files come in the order of `--numstat`. A line of content cannot pass for a header: a hunk
    says how many lines it has.
    """
    commit, files, left = "", list[Ranges](), 0
    for line in lines:
        if left:
            left -= line[:1] in (b"+", b"-")
        elif match := _HUNK.match(line):
            removed, added = (1 if count is None else int(count) for count in match.group(1, 3))
            left, first = removed + added, int(match[2])
            if added and files:
                files[-1] = (*files[-1], (first, first + added - 1))
        elif line.startswith(b"diff --git "):
            files.append(())
        elif _ID.fullmatch(line):
            if commit:
                yield commit, files
            commit, files = line.strip().decode(), []
    if commit:
        yield commit, files


def tags(printed: bytes) -> tuple[Tag, ...]:
    """Return the tags that name commits, out of `for-each-ref` in `TAG_FORMAT`."""
    found = []
    for line in printed.split(b"\n"):
        fields = line.decode("utf-8", "replace").split("\0")
        if len(fields) != 7:
            continue
        name, direct, peeled, kind, peeled_kind, made, signed = fields
        if "commit" in (kind, peeled_kind):
            found.append(
                Tag(name=name, commit=peeled or direct, at=time_of(made), signed=bool(signed))
            )
    return tuple(found)


def with_lines(files: tuple[FileChange, ...], ranges: list[Ranges]) -> tuple[FileChange, ...]:
    """Return files with the ranges added to them; as they are when the two do not match."""
    if len(files) != len(ranges):
        return files
    return tuple(replace(file, lines=added) for file, added in zip(files, ranges, strict=True))
