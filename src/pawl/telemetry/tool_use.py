"""How often the agents' tools are called, and how often that fails."""

import msgspec


class ToolUse(msgspec.Struct, frozen=True, kw_only=True):
    """One tool: its calls, the calls that failed, and those that were denied."""

    tool: str
    calls: int
    errors: int
    denied: int
