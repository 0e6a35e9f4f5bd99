"""Read the YAML of a repository: several documents a file, odd shapes, one broken among good ones.

What comes out are plain values of bounded size; looking up in them never raises.
"""

import re
from typing import Any

from pawl.base.errors import BadFile
from pawl.base.patterns import regex
from pawl.parsing.lined_yaml import read_lined

MAX_DOCUMENTS = 100
MAX_CHARACTERS = 512 * 1024
"""Characters of one file; people write rules and services by hand in far fewer."""

_SEPARATOR = regex(r"(?m)^---(?:[ \t].*)?$")


def documents(text: str, *, place: str) -> tuple[list[Any], str]:
    """Return the documents of a YAML text that can be read, and why one of them cannot.

    JSON is YAML and is read too.
    """
    if len(text) > MAX_CHARACTERS:
        return [], f"larger than {MAX_CHARACTERS:,} characters."
    found, problem = [], ""
    for part in _SEPARATOR.split(text)[:MAX_DOCUMENTS]:
        if not part.strip():
            continue
        try:
            found.append(read_lined(part, place=place).value)
        except BadFile as error:
            problem = problem or error.message
    return found, problem


def get(value: Any, *names: str) -> Any:
    """Return what stands below these keys, or None."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def text_of(value: Any) -> str:
    """Return a scalar as text, and nothing for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip() if isinstance(value, str | int | float) else ""


def items(value: Any, limit: int) -> list[Any]:
    """Return the first entries of a list, and none of anything else."""
    return value[:limit] if isinstance(value, list) else []


def entries(value: Any, limit: int) -> list[tuple[str, Any]]:
    """Return the first entries of a mapping by name, and none of anything else."""
    return list(value.items())[:limit] if isinstance(value, dict) else []


def lines_by_name(text: str, pattern: re.Pattern[str]) -> dict[str, int]:
    """Return the 1-based line on which each name stands first, as a pattern's group finds them."""
    found: dict[str, int] = {}
    line, position = 1, 0
    for match in pattern.finditer(text):
        line += text.count("\n", position, match.start(1))
        position = match.start(1)
        found.setdefault(match[1].strip(), line)
    return found
