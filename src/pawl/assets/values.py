"""Plain values of a document as text, whatever types it holds."""

from typing import Any

from pawl.parsing.ci.github import table


def plain(value: Any) -> str:
    """Return a scalar as text; anything else as nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else ""


def texts(value: Any) -> dict[str, str]:
    """Return a map of scalars as texts."""
    return {str(name): plain(each) for name, each in table(value).items()}
