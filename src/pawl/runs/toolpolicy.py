"""Whether the agent may call a tool: deny beats allow, and nothing named means everything."""

from fnmatch import fnmatchcase

import msgspec

from pawl.runs.spec import ToolPolicy


class Decision(msgspec.Struct, frozen=True):
    """Allowed or not; `reason` is a sentence that the model and the record both read."""

    allowed: bool
    reason: str = ""


_ALLOWED = Decision(True)


def decide(policy: ToolPolicy, tool: str, free: tuple[str, ...] = ()) -> Decision:
    """Return the decision on one call.

    `free` are tools a product needs to answer at all; an allow-list need not name them, and a
    deny pattern still forbids them.
    """
    for pattern in policy.deny:
        if fnmatchcase(tool, pattern):
            return Decision(False, f"The tool {tool} is denied for this run (deny: {pattern}).")
    if not policy.allow or tool in free:
        return _ALLOWED
    if any(fnmatchcase(tool, pattern) for pattern in policy.allow):
        return _ALLOWED
    allowed = ", ".join(policy.allow)
    return Decision(False, f"The tool {tool} is not allowed for this run (allowed: {allowed}).")


def restricts(policy: ToolPolicy) -> bool:
    """Whether the policy says anything at all."""
    return bool(policy.allow or policy.deny)
