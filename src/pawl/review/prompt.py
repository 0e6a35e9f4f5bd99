"""The question an agent is asked about a part of a change; its text is `prompt.md`."""

from functools import cache
from importlib.resources import files


def prompt(diff: str, *, part: int, parts: int, nonce: str) -> str:
    """Return the question. `nonce` is chance that no author of a diff can know beforehand."""
    return _text().format(diff=diff, part=part, parts=parts, nonce=nonce)


@cache
def _text() -> str:
    return files("pawl.review").joinpath("prompt.md").read_text(encoding="utf-8")
