"""Put edits into texts, from the last line to the first, so that earlier ones keep their lines."""

from collections.abc import Iterable, Mapping

from pawl.assets.rule import Edit


def apply(files: Mapping[str, str], edits: Iterable[Edit]) -> dict[str, str]:
    """Return the files with the edits made; of two edits of one line the first one counts."""
    changed = dict(files)
    by_path: dict[str, list[Edit]] = {}
    for edit in edits:
        by_path.setdefault(edit.path, []).append(edit)
    for path, asked in by_path.items():
        if path in changed:
            changed[path] = _edited(changed[path], asked)
    return changed


def _edited(text: str, edits: list[Edit]) -> str:
    lines = text.split("\n")
    free = len(lines) + 1
    for edit in sorted(dict.fromkeys(edits), key=lambda e: (e.first, e.last), reverse=True):
        end = max(edit.last, edit.first - 1)
        if end >= free or not 1 <= edit.first <= len(lines) + 1:
            continue
        lines[edit.first - 1 : end] = edit.text.split("\n") if edit.text else []
        free = edit.first
    return "\n".join(lines)
