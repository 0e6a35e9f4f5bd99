"""SQL that keeps the derived tables up, one script a step, in the embedded engine's dialect."""

from functools import cache
from importlib.resources import files


@cache
def script(name: str) -> str:
    """Return the text of one step."""
    return (files(__name__) / f"{name}.sql").read_text()
