"""Calls by which Pawl itself runs agents: a review of a change, a batch of items."""

import msgspec

from pawl.assets.ci_knowledge import programs_by_name
from pawl.base.patterns import regex
from pawl.parsing.ci.commands import WRAPPERS, program

SPEAKS = r"pawl['\"]?\s{1,8}(?:review|batch)(?![\w-])"
"""How a text says that it may hold such a call."""
_SPEAKS = regex(SPEAKS)
_RUNNERS = frozenset(WRAPPERS) | {"uv", "pipx", "poetry"}
_OTHER_REVIEWS = frozenset({"post", "feedback", "queue", "thresholds"})
"""What `pawl review` does beside reviewing; none of it runs an agent."""
_READING = ("Read", "Grep", "Glob")
MAX_BEFORE = 12
"""Words before Pawl's name that are looked through: wrappers and their options."""


class PawlCall(msgspec.Struct, frozen=True):
    """One call: the agent's program, its own words, those of Pawl, and the tools it has at all."""

    program: str
    words: tuple[str, ...]
    limits: tuple[str, ...]
    only: tuple[str, ...] | None


def may_call(text: str) -> bool:
    """Say whether a text may hold such a call."""
    return "pawl" in text and _SPEAKS.search(text) is not None


def pawl_call(words: tuple[str, ...]) -> PawlCall | None:
    """Return what a command makes Pawl run, or None where it runs no agent."""
    at = next((i for i, word in enumerate(words[:MAX_BEFORE]) if program(word) == "pawl"), None)
    if at is None or (at > 0 and program(words[0]) not in _RUNNERS):
        return None
    said = words[at + 1 :]
    command: tuple[str, ...] = ()
    if "--" in said:
        said, command = said[: said.index("--")], said[said.index("--") + 1 :]
    verb = said[0] if said else ""
    if verb not in ("review", "batch") or "--help" in said or "-h" in said:
        return None
    if verb == "review" and len(said) > 1 and said[1] in _OTHER_REVIEWS:
        return None
    if verb == "batch" and not command:
        return None
    name = programs_by_name().get(program(command[0]) if command else "claude")
    if name is None:
        return None
    return PawlCall(name, command[1:], said, _READING if verb == "review" else None)
