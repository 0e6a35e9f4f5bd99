"""Lines of logs, out of files.

Reads: the globs of `logs` in `[investigation]`, the last changed files first, of each the end. A
line is a JSON object, or begins with a time. Lines without a level count as information.
"""

from pathlib import PurePath

from pawl.investigation.facts import Facts, Line
from pawl.investigation.log_lines import read_lines
from pawl.investigation.symptoms import epoch
from pawl.world.source import Asking, Source, files_of, lines_of, tail_of

MAX_LINES = 1_000_000


def _missing(asking: Asking) -> str:
    return "" if asking.settings.logs else "[investigation] names no logs."


def _look(asking: Asking) -> Facts:
    since, until = epoch(asking.window.since), epoch(asking.window.until)
    left_bytes, timeless = asking.most, 0
    lines: list[Line] = []
    left: list[str] = []
    for path in files_of(asking, asking.settings.logs):
        if left_bytes <= 0 or len(lines) >= MAX_LINES:
            left.append(f"{path.name} was not read: there is more than fits.")
            continue
        try:
            content, whole = tail_of(path, left_bytes)
        except OSError as error:
            left.append(f"{path.name} cannot be read: {error.strerror}.")
            continue
        left_bytes -= len(content)
        if not whole:
            left.append(f"of {path.name} only the end was read.")
        texts = lines_of(content)
        name = str(PurePath(path.name))
        for line in read_lines(texts, name, component=path.stem):
            if line is None:
                timeless += 1
            elif since <= line.at <= until:
                lines.append(line)
                if len(lines) >= MAX_LINES:
                    left.append(f"only {MAX_LINES:,} lines were read.")
                    break
    if timeless:
        left.append(f"{timeless:,} lines have no time.")
    return Facts(lines=tuple(lines), left=tuple(left))


SOURCE = Source(title="Log files", answers=("logs",), missing=_missing, look=_look)
