"""Write rotations and overrides into the text of a schedule and leave all else as it stands.

Comments, order and spacing are people's. Rows are put in where the list ends, in the form of one
line each; what comes out is read again, so a text that cannot be edited this way is refused.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from pawl.base.errors import BadFile
from pawl.base.times import parse_time
from pawl.base.yaml_text import compose_yaml
from pawl.incidents.oncall import Override, Rotation, load_schedule

_NEW = "schema: pawl.oncall/1\n"


def with_rows(
    text: str | None,
    rotations: Sequence[Rotation],
    overrides: Sequence[Override],
    *,
    place: str,
    time_zone: str = "",
) -> str:
    """Return a schedule's text with more rotations and overrides; None is a file not there yet.

    `time_zone` is written into a new file. Raises BadFile where the result would not be what was
    asked for.
    """
    new = text is None or not text.strip()
    if new:
        text = _NEW + (f"time_zone: {time_zone}\n" if time_zone else "")
    assert text is not None
    wanted = load_schedule(text, place=place)
    for key, rows in (
        ("rotations", [_rotation(each) for each in rotations]),
        ("overrides", [_override(each) for each in overrides]),
    ):
        if rows:
            text = _with(text, key, rows, place)
    made = load_schedule(text, place=place)
    expected = (
        (*wanted.rotations, *rotations),
        (*wanted.overrides, *overrides),
    )
    if (made.rotations, made.overrides) != expected:
        raise BadFile(
            "it is written in a way that cannot be added to.",
            place=place,
            hint="Write rotations and overrides as lists, one row a line.",
        )
    return text


def _with(text: str, key: str, rows: Sequence[str], place: str) -> str:
    node = compose_yaml(text, place=place)
    value = next((held for name, held in node.value if name.value == key), None)
    if value is None:
        joined = "".join(f"  - {row}\n" for row in rows)
        return f"{text}{'' if text.endswith(chr(10)) else chr(10)}{key}:\n{joined}"
    if value.flow_style and not value.value:
        start, end = value.start_mark.index, value.end_mark.index
        joined = "".join(f"\n  - {row}" for row in rows)
        return text[:start].rstrip(" ") + joined + text[end:]
    if value.flow_style:
        end = value.end_mark.index - 1
        kept = text[:end].rstrip()
        comma = "" if kept.endswith(",") else ","
        return f"{kept}{comma} {', '.join(rows)}{text[end:]}"
    return _after_block(text, value, rows)


def _after_block(text: str, value: Any, rows: Sequence[str]) -> str:
    """Put rows after the last one of a block list, which ends where its own text does."""
    # The end of a block is where the next thing begins; that of what is written in one line is its
    # own.
    node = value
    while not isinstance(node.value, str) and node.value and not node.flow_style:
        inner = node.value[-1]
        node = inner[1] if isinstance(inner, tuple) else inner
    end = text.find("\n", node.end_mark.index)
    end = len(text) if end < 0 else end
    indent = " " * value.start_mark.column
    joined = "".join(f"\n{indent}- {row}" for row in rows)
    return f"{text[:end]}{joined}{text[end:] or chr(10)}"


def _rotation(rotation: Rotation) -> str:
    members = ", ".join(_word(each) for each in rotation.members)
    zone = f", time_zone: {rotation.time_zone}" if rotation.time_zone else ""
    return (
        f"{{id: {_word(rotation.id)}, members: [{members}], starts: {rotation.starts}, "
        f'hand_over: "{rotation.hand_over}", days: {rotation.days}{zone}}}'
    )


def _override(override: Override) -> str:
    return (
        f"{{rotation: {_word(override.rotation)}, person: {_word(override.person)}, "
        f"starts: {_time(override.starts)}, ends: {_time(override.ends)}}}"
    )


def _time(at: str) -> str:
    moment = parse_time(at)
    return at if moment.microsecond else f"{at[:19]}Z"


def _word(text: str) -> str:
    """Return a name as YAML has it within braces; JSON's form where it is no plain word."""
    plain = text.replace("-", "").replace("_", "").replace(".", "")
    if plain.isascii() and plain.isalnum() and plain[0].isalpha() and text.lower() not in _WORDS:
        return text
    return msgspec.json.encode(text).decode()


_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
