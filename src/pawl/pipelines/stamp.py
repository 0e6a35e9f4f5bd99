"""Tell what Pawl wrote from what somebody changed since, by a first comment.

The comment names the command that made the file, the digest of the template and pins it was made
from, and the digest of everything else in the file.
"""

import hashlib
import re
import shlex
from enum import StrEnum

import msgspec

from pawl.pipelines.options import Options
from pawl.pipelines.pattern import Host

_MARK = re.compile(
    r"# pawl\.pipeline/1 pattern=([a-z][a-z0-9-]{0,60}) host=(github|gitlab)"
    r" template=([0-9a-f]{64}) content=([0-9a-f]{64})"
)
_WITHIN = 5
"""Lines at the top among which the mark is looked for."""


class State(StrEnum):
    """What became of a file since it was written."""

    CURRENT = "current"
    EDITED = "edited"
    OUTDATED = "outdated"
    EDITED_AND_OUTDATED = "edited-and-outdated"
    UNKNOWN = "unknown"
    """Of a pattern that this Pawl does not have."""
    FOREIGN = "foreign"
    """Not written by Pawl, or its mark is gone."""


class Mark(msgspec.Struct, frozen=True):
    """What a file says of how it was made."""

    pattern: str
    host: Host
    template: str
    content: str


def command_of(pattern: str, host: Host, said: Options) -> str:
    """Return the command that makes a file, with what was said and no more."""
    words = ["pawl", "ci", "generate", pattern, "--host", host.value]
    for name, value in said.given.items():
        words += [f"--{name.replace('_', '-')}", value]
    return shlex.join(words)


def stamped(body: str, *, command: str, pattern: str, host: Host, template: str) -> str:
    """Return a pipeline with its comment; `template` is the digest of what it was made from."""
    told = (
        f"# Written by: {command}\n"
        "# Generate it anew rather than edit it; `pawl ci check` tells whether somebody did.\n"
    )
    mark = f"# pawl.pipeline/1 pattern={pattern} host={host} template={template}"
    content = digest(f"{told}{mark}\n{body}")
    return f"{told}{mark} content={content}\n{body}"


def mark_of(text: str) -> Mark | None:
    """Return what a file says of how it was made; None for a file that is not Pawl's."""
    for line in text.split("\n", _WITHIN)[:_WITHIN]:
        match = _MARK.fullmatch(line.rstrip("\r"))
        if match is not None:
            return Mark(match[1], Host(match[2]), match[3], match[4])
    return None


def state_of(text: str, template: str | None) -> State:
    """Return what became of a file; `template` is today's digest of its pattern, None without."""
    mark = mark_of(text)
    if mark is None:
        return State.FOREIGN
    lines = text.splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if _MARK.fullmatch(line.rstrip("\r\n")))
    # A checkout may change how lines end; that is no edit.
    ended = [line.rstrip("\r\n") + "\n" for line in lines]
    ended[at] = ended[at].partition(" content=")[0] + "\n"
    edited = digest("".join(ended)) != mark.content
    if template is None:
        return State.EDITED if edited else State.UNKNOWN
    outdated = template != mark.template
    if edited:
        return State.EDITED_AND_OUTDATED if outdated else State.EDITED
    return State.OUTDATED if outdated else State.CURRENT


def digest(text: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
