"""Fill a template of YAML so strictly that no value can change its shape.

A template has three kinds of places. `@{name}` is a whole value at the end of a line and becomes a
quoted scalar, a number or a list of quoted scalars. `@[name]` stands within text, a script too,
and takes only characters that mean nothing to YAML, to a shell or to an expression of a code host.
`@<name>` is a line of its own and becomes lines of ours, indented like it. What is filled in is
never looked at again.
"""

import re
from collections.abc import Mapping, Sequence

import msgspec

from pawl.base.errors import BadValue

Value = str | int | tuple[str, ...]
_PLACE = re.compile(r"@\{(\w+)\}|@\[(\w+)\]|@<(\w+)>")
_WHOLE = re.compile(r"(?:[^#]*: |\s*- )$")
_WORD = re.compile(r"[A-Za-z0-9@][A-Za-z0-9@._/:=+-]{0,299}")
_QUOTABLE = re.compile(r"[ -#%-~]{0,300}")
"""Printable ASCII but for the dollar sign, which opens expressions and variables at both hosts."""


def fill(
    template: str, values: Mapping[str, Value], blocks: Mapping[str, Sequence[str]] | None = None
) -> str:
    """Return a template with every place filled.

    Raises BadValue for a value that does not fit its place, KeyError for a place without a value
    and ValueError for a template that has a place where none can be.
    """
    lines: list[str] = []
    for line in template.splitlines():
        bare = line.strip()
        if bare.startswith("@<"):
            match = _PLACE.fullmatch(bare)
            if match is None or match[3] is None:
                raise ValueError(f"a block stands alone on its line: {bare!r}")
            inner = "\n".join((blocks or {})[match[3]])
            indent = line[: len(line) - len(bare)]
            lines.extend(f"{indent}{each}" for each in fill(inner, values, blocks).splitlines())
        else:
            lines.append(_filled(line, values))
    return "".join(f"{line}\n" for line in lines)


def _filled(line: str, values: Mapping[str, Value]) -> str:
    done: list[str] = []
    at = 0
    for match in _PLACE.finditer(line):
        before = line[at : match.start()]
        whole, word = match[1], match[2]
        if whole is not None:
            if match.end() != len(line) or not _WHOLE.match("".join((*done, before))):
                raise ValueError(f"a whole value ends its line: {line!r}")
            done += [before, quoted(values[whole], whole)]
        elif word is not None:
            done += [before, _word(values[word], word)]
        else:
            raise ValueError(f"a block stands alone on its line: {line!r}")
        at = match.end()
    return "".join((*done, line[at:]))


def quoted(value: Value, name: str) -> str:
    """Return a value as YAML that can be nothing else; raises BadValue where there is none."""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return f"[{', '.join(quoted(each, name) for each in value)}]"
    if _QUOTABLE.fullmatch(value) is None:
        raise BadValue(
            f"{value[:80]!r} cannot stand in a pipeline.",
            place=place_of(name),
            hint="Use letters, digits and punctuation of ASCII, without $ and line breaks.",
        )
    # A JSON string of printable ASCII is the same string in YAML.
    return msgspec.json.encode(value).decode()


def _word(value: Value, name: str) -> str:
    text = str(value)
    if isinstance(value, tuple) or _WORD.fullmatch(text) is None:
        raise BadValue(
            f"{text[:80]!r} cannot stand within a script.",
            place=place_of(name),
            hint="Use letters, digits and . _ / : = + - @ only.",
        )
    return text


def place_of(name: str) -> str:
    """Return the option that a value is given by, for a message."""
    return f"--{name.replace('_', '-')}"
