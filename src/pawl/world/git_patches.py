"""Commits with what they change, out of what git prints, which is only text here.

A hunk says how many lines it has, so that no line of content can pass for a header or a commit.
"""

import re
from collections.abc import Iterable

from pawl.investigation.facts import Change, ChangeKind
from pawl.world.git_history import path_text, time_of

LOG_FORMAT = "%H%x00%aN%x00%ct%x00%s%x00%b"
MAX_PATCH = 6_000
"""Characters of one commit's added and removed lines that are kept."""
MAX_BODY = 4_000
MAX_TITLE = 300
_FIELDS = 5
_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_ID = re.compile(rb"(?:[0-9a-f]{40}|[0-9a-f]{64})\n?")
_REVERTS = re.compile(r"\breverts commit ([0-9a-f]{7,64})")


def read_log(printed: bytes, place: str) -> list[Change]:
    """Return the commits of a log in `LOG_FORMAT` with `-z`, in its order, without patches."""
    parts = [part.decode("utf-8", "replace") for part in printed.split(b"\0")]
    found = []
    for start in range(0, len(parts) - _FIELDS + 1, _FIELDS):
        identity, author, committed, subject, body = parts[start : start + _FIELDS]
        reverts = _REVERTS.search(body)
        found.append(
            Change(
                kind=ChangeKind.COMMIT,
                id=identity.strip(),
                at=time_of(committed),
                title=subject[:MAX_TITLE],
                source="git",
                place=f"{place}@{identity.strip()[:12]}",
                who=author[:100],
                body=body.strip()[:MAX_BODY],
                undo=subject.startswith('Revert "') or reverts is not None,
                undoes=reverts[1] if reverts else "",
            )
        )
    return found


def read_patches(lines: Iterable[bytes]) -> dict[str, tuple[tuple[str, ...], str]]:
    """Return the paths and the changed lines of each commit of `diff-tree --stdin -p -U0`."""
    found: dict[str, tuple[tuple[str, ...], str]] = {}
    commit, paths, kept, size, left = "", list[str](), list[str](), 0, 0
    for line in lines:
        if left:
            if line[:1] in (b"+", b"-"):
                left -= 1
                if size < MAX_PATCH:
                    text = line.rstrip(b"\n")[: MAX_PATCH - size].decode("utf-8", "replace")
                    kept.append(text)
                    size += len(text)
        elif match := _HUNK.match(line):
            left = sum(1 if count is None else int(count) for count in match.groups())
        elif line.startswith((b"+++ b/", b"--- a/")):
            path = path_text(line[6:].rstrip(b"\n").rstrip(b"\t"))
            if path not in paths:
                paths.append(path)
        elif _ID.fullmatch(line):
            if commit:
                found[commit] = (tuple(paths), "\n".join(kept))
            commit, paths, kept, size = line.strip().decode(), [], [], 0
    if commit:
        found[commit] = (tuple(paths), "\n".join(kept))
    return found
