"""Small changes and findings for tests."""

from typing import Any

from pawl.base.finding import Severity
from pawl.review.diff import Change, ChangedFile, Hunk, Line
from pawl.review.finding import Category, Finding, Said, fingerprint

BASE, HEAD = "a" * 40, "b" * 40


def hunk(text: str, old: int = 1, new: int = 1) -> Hunk:
    """Return a hunk from lines that begin with their mark."""
    lines = []
    for each in text.splitlines():
        mark: Any = each[:1]
        lines.append(
            Line(mark, each[1:], old if mark != "+" else None, new if mark != "-" else None)
        )
        old += mark != "+"
        new += mark != "-"
    return Hunk(tuple(lines))


def changed(path: str, *hunks: Hunk, **fields: Any) -> ChangedFile:
    """Return a modified text file."""
    counts = {
        mark: sum(line.mark == mark for each in hunks for line in each.lines) for mark in "+-"
    }
    return ChangedFile(
        **{
            "path": path,
            "old_path": path,
            "status": "modified",
            "kind": "text",
            "old_mode": "100644",
            "new_mode": "100644",
            "added": counts["+"],
            "removed": counts["-"],
            "hunks": hunks,
            **fields,
        }
    )


def change(*files: ChangedFile, cut: bool = False) -> Change:
    """Return a change of these files."""
    return Change(base=BASE, head=HEAD, files=files, cut=cut)


def said(**fields: Any) -> Said:
    """Return what an agent says of `app.py`, line 2."""
    return Said(
        **{
            "category": Category.CORRECTNESS,
            "severity": Severity.HIGH,
            "confidence": 0.9,
            "title": "It subtracts",
            "file": "app.py",
            "line": 2,
            "last_line": 2,
            "evidence": "return a - b",
            "suggestion": "Write `return a + b`.",
            **fields,
        }
    )


def finding(**fields: Any) -> Finding:
    """Return a finding as it is kept."""
    state = fields.pop("state", "shown")
    one = said(**fields)
    named = {name: getattr(one, name) for name in Said.__struct_fields__}
    return Finding(**named, fingerprint=fingerprint(one), state=state, threshold=0.7)
