"""One file a question, with named parameters, in a subset that both engines' dialects share.

`{keys}`, `{where}` and `{order}` are filled from fixed lists of ours, never from what a user
typed; everything else is a parameter.
"""

from functools import cache
from importlib.resources import files


@cache
def query(name: str) -> str:
    """Return the text of one question."""
    return (files(__name__) / f"{name}.sql").read_text()
