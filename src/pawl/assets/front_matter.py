"""The front matter of a page: its values with their lines, and why it could not be read.

Products read it with parsers of differing strictness. Here it is read strictly first; what a
line-by-line reading still finds is kept apart, because some products recover that much.
"""

from typing import Any

import msgspec

from pawl.base.errors import BadFile
from pawl.base.patterns import regex
from pawl.parsing.lined_yaml import Lined, read_lined

MAX_FRONT = 64 * 1024
"""Characters of front matter that are read; the longest in use have some 4,000."""
_FIELD = regex(r"([A-Za-z][\w-]{0,40})[ \t]*:[ \t]*(.{0,2000})")


class Front(msgspec.Struct, frozen=True, kw_only=True):
    """What stands between the `---` lines at the top of a page.

    `state` is `absent`, `unterminated`, `broken` (no YAML), `not-a-map` or `read`. `values` are
    those of a strict reading, `recovered` those that a reading by lines finds in any state.
    `body_line` is the 1-based line after it.
    """

    state: str
    values: dict[str, Any] = {}
    recovered: dict[str, str] = {}
    problem: str = ""
    problem_line: int | None = None
    lines: dict[str, int] = {}
    lined: Lined | None = None
    body_line: int = 1

    def text(self, name: str) -> str:
        """Return a field as text, empty where it is none."""
        value = self.values.get(name)
        return value if isinstance(value, str) else ""

    def line(self, name: str) -> int:
        """Return the line of a field, or the first line."""
        return self.lines.get(name, 1)


def read_front(text: str, path: str) -> tuple[Front, str]:
    """Return the front matter of a page and the text after it."""
    lines = text.removeprefix("\ufeff").split("\n")
    if lines[0].rstrip() != "---":
        return Front(state="absent"), text
    end = next((at for at, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    inside = "\n".join(lines[1:end])
    if end is None or len(inside) > MAX_FRONT:
        why = (
            "no line `---` ends it" if end is None else f"it is longer than {MAX_FRONT} characters"
        )
        recovered = _by_lines(lines[1:200])
        return Front(state="unterminated", problem=why, recovered=recovered), text
    body = "\n".join(lines[end + 1 :])
    recovered, after = _by_lines(lines[1:end]), end + 2
    try:
        # An empty line stands for the first `---`, so that lines keep their numbers.
        read = read_lined(f"\n{inside}", place=path, unique=True)
    except BadFile as error:
        _, _, number = (error.place or "").rpartition(":")
        return (
            Front(
                state="broken",
                problem=error.message,
                problem_line=int(number) if number.isdigit() else None,
                recovered=recovered,
                body_line=after,
            ),
            body,
        )
    if not isinstance(read.value, dict):
        why = "it is empty" if read.value is None else "it is no map of names to values"
        return Front(state="not-a-map", problem=why, recovered=recovered, body_line=after), body
    return (
        Front(
            state="read",
            values=read.value,
            recovered=recovered,
            lines=_top_lines(read),
            lined=read,
            body_line=after,
        ),
        body,
    )


def _top_lines(read: Lined) -> dict[str, int]:
    return {str(path[0]): line for path, line in read.lines.items() if len(path) == 1}


def _by_lines(lines: list[str]) -> dict[str, str]:
    matches = (_FIELD.match(line) for line in lines)
    return {m[1]: m[2].strip().strip("\"'") for m in matches if m}
