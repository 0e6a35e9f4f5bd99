"""Which skills and agents the eval cases of a repository speak of."""

import re

from pawl.assets.assets import Assets

MAX_CASES = 500
"""Files of cases that are read."""


def texts_of_cases(assets: Assets) -> tuple[tuple[str, str], ...]:
    """Return the files of eval cases with their texts: Pawl's own, and `evals/evals.json`."""
    found: list[tuple[str, str]] = []
    for path in sorted(assets.entries):
        if not is_case(path):
            continue
        text = assets.text(path)
        if text is not None and text.strip():
            found.append((path, text))
        if len(found) >= MAX_CASES:
            break
    return tuple(found)


def is_case(path: str) -> bool:
    """Say whether a file holds eval cases, by its path."""
    if f"/{path}".rpartition("/.pawl/evals/")[1] and path.endswith((".yaml", ".yml")):
        return True
    return f"/{path}".endswith("/evals/evals.json")


def covers(cases: tuple[tuple[str, str], ...], folder: str, names: frozenset[str]) -> bool:
    """Say whether a case stands in the folder of a skill, or names it as a word."""
    known = [re.escape(name) for name in names if name]
    pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(known)})(?![\w-])") if known else None
    for path, text in cases:
        if folder and path == f"{folder}/evals/evals.json":
            return True
        if pattern is not None and pattern.search(text):
            return True
    return False
