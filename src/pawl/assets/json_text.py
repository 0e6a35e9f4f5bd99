"""JSON and TOML of assets as plain values with the line of each."""

import json
from typing import Any

import msgspec

from pawl.base.errors import BadFile
from pawl.base.patterns import regex
from pawl.parsing.config_text import jsonc, toml
from pawl.parsing.lined_yaml import Lined, PathKey, read_lined

_HALVES = regex(r"(?i)\\u[d][89a-f][0-9a-f]{2}")
MAX_REPEATED = 20
"""Names of one file that are told of as standing there twice."""


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """One file of configuration.

    `value` is None where it does not parse; `problem` then says why, and `problem_line` where.
    """

    value: Any
    lined: Lined | None = None
    problem: str = ""
    problem_line: int | None = None

    def line(self, *path: str | int) -> int | None:
        """Return the line of a value, or of what is nearest around it; None where none is known."""
        return None if self.lined is None else self.lined.line(*path)

    def table(self, *path: str) -> dict[str, Any]:
        """Return the map below these names, empty where there is none."""
        value = self.value
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        return value if isinstance(value, dict) else {}


def read_json(text: str, path: str, *, comments: bool = False) -> Config:
    """Return a JSON file's values; with `comments` as the products read that allow them."""
    try:
        value = msgspec.json.decode(text.removeprefix("\ufeff"))
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
        loose = jsonc(text)
        if not comments or loose is None:
            return Config(value=None, problem=_why(str(error)), problem_line=_line_of(text, error))
        value = loose
    return Config(value=value, lined=_lined(text, path))


def read_toml(text: str, path: str) -> Config:
    """Return a TOML file's values; the line of a key is where it stands first."""
    value = toml(text)
    if value is None:
        return Config(value=None, problem="it is no TOML")
    lines: dict[PathKey, int] = {(): 1}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.strip()
        if bare.startswith("[") and bare.rstrip("]").strip("[ "):
            table = tuple(part.strip("\"' ") for part in bare.strip("[] ").split("."))
            lines.setdefault(table, number)
        elif "=" in bare and not bare.startswith("#"):
            name = bare.partition("=")[0].strip().strip("\"'")
            lines.setdefault((*table, *name.split(".")), number)
    return Config(value=value, lined=Lined(value, lines))


def repeated(text: str) -> tuple[str, ...]:
    """Return the names that stand more than once in one map of a JSON text: the last one counts."""
    found: dict[str, None] = {}

    def pairs(held: list[tuple[str, Any]]) -> None:
        seen: set[str] = set()
        for name, _ in held:
            if name in seen and len(found) < MAX_REPEATED:
                found[name] = None
            seen.add(name)

    try:
        json.loads(text.removeprefix("\ufeff"), object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        return ()
    return tuple(found)


def _lined(text: str, path: str) -> Lined | None:
    try:
        # JSON is YAML but for tabs, which stand for blanks here and in no value unescaped, and
        # for signs that are written as two halves, which YAML refuses.
        plain = text.removeprefix("\ufeff").replace("\t", " ")
        return read_lined(_HALVES.sub("?", plain) if "\\u" in plain else plain, place=path)
    except BadFile:
        return None


def _why(said: str) -> str:
    return f"it is no JSON ({said.partition('(')[0].strip()})"


def _line_of(text: str, error: Exception) -> int | None:
    _, _, at = str(error).rpartition("byte ")
    digits = at.rstrip(")")
    if not digits.isdigit():
        return None
    return text.encode(errors="replace")[: int(digits)].count(b"\n") + 1
