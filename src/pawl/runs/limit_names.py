"""What limits are called when people read of them."""

NAMES = {
    "usd": "dollars",
    "wall": "wall time",
    "idle": "idle time",
    "tool_calls": "tool calls",
    "subagents": "sub-agents",
    "output_bytes": "output",
}
"""Names of limits for people, where the id with blanks for underscores is not one."""

WHY = {
    "loop": "because it went in circles",
    "tool": "for a tool that it may not use",
    "spool": "because what it did could no longer be recorded",
}
"""Why a run was stopped where that is no number beyond a limit."""


def limit_name(limit: str) -> str:
    """Return the name of a limit for people."""
    return NAMES.get(limit, limit.replace("_", " ").replace("-", " "))


def stopped_why(limit: str) -> str:
    """Return why a run was stopped, as the end of a sentence: `by its limit on wall time`."""
    return WHY.get(limit, f"by its limit on {limit_name(limit)}")
