"""Regular expressions over what an agent said, in time linear in the text.

A case file and an agent's output both come from outside, and with a backtracking engine the two
can keep a machine busy for hours. The engine here is the linear one that JSON Schema validation
brings along; it knows no lookaround and no back references, and refuses them.
`^` and `$` are the ends of the text, or with `(?m)` of a line; `\\d` and `\\w` are ASCII.
"""

from functools import lru_cache
from typing import Protocol

import msgspec

from pawl.base.errors import BadValue

MAX_PATTERN = 1000
"""Characters of a pattern."""
COMPILED_BYTES = 1 << 20
"""Bytes that a compiled pattern, and its cache while it runs, may take each."""
MAX_LEAVES = 1000
"""Texts inside one JSON value that are looked at."""


class BadPattern(BadValue):
    """A pattern is no regular expression, or one that needs backtracking."""

    code = "bad-pattern"


class Pattern(Protocol):
    """A compiled pattern: says whether it is found anywhere in a text."""

    def is_valid(self, instance: str) -> bool:
        """Say whether the pattern is found in a text."""
        ...


@lru_cache(maxsize=512)
def compiled(pattern: str) -> Pattern:
    """Return a pattern to search with; raises BadPattern."""
    # Imported here: it takes 50 ms, and many suites have no pattern.
    import jsonschema_rs

    if len(pattern) > MAX_PATTERN:
        raise BadPattern(f"The pattern is longer than {MAX_PATTERN:,} characters.")
    options = jsonschema_rs.RegexOptions(size_limit=COMPILED_BYTES, dfa_size_limit=COMPILED_BYTES)
    schema = {"type": "string", "pattern": pattern}
    try:
        return jsonschema_rs.Draft202012Validator(schema, pattern_options=options, offline=True)
    except ValueError as error:
        raise BadPattern(
            f"{pattern!r} is no pattern that can be searched for in linear time.",
            hint="Use no lookaround and no back references, and close every bracket.",
        ) from error


def found(pattern: str, text: str) -> bool:
    """Say whether a pattern is found in a text; raises BadPattern."""
    return compiled(pattern).is_valid(text.encode("utf-8", "replace").decode())


def found_in_json(pattern: str, text: str) -> bool:
    """Say whether a pattern is found in a JSON text, or in any text inside its value.

    Inside, quotation marks and newlines are themselves; in the text as a whole they are escaped.
    """
    if found(pattern, text):
        return True
    return any(found(pattern, each) for each in leaves(text))


def leaves(text: str) -> list[str]:
    """Return the texts inside a JSON value, the first thousand; none of what is no JSON."""
    try:
        pending = [msgspec.json.decode(text.encode("utf-8", "replace"))]
    except (msgspec.DecodeError, RecursionError):
        return []
    gathered: list[str] = []
    while pending and len(gathered) < MAX_LEAVES:
        value = pending.pop()
        if isinstance(value, str):
            gathered.append(value)
        elif isinstance(value, dict):
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
    return gathered


def trouble(pattern: str | None) -> str:
    """Return what is wrong with a pattern of a case, or nothing."""
    if pattern is None:
        return ""
    try:
        compiled(pattern)
    except BadPattern as error:
        return f"{error.message} {error.hint}"
    return ""
