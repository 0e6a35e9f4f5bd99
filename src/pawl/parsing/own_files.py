"""Tell a repository's own configuration from what others wrote, tests read and examples show."""

from pawl.parsing.languages import is_fixture, is_foreign

_EXAMPLES = frozenset({"example", "examples", "sample", "samples", "demo", "demos"})
"""Folders of what a reader may try out; nobody runs it for users."""


def is_own(path: str, *, examples: bool = False) -> bool:
    """Say whether a file is this repository's own: not vendored, not read by tests.

    Examples are not, unless asked for.
    """
    if is_foreign(path) or is_fixture(path):
        return False
    return examples or _EXAMPLES.isdisjoint(path.lower().split("/")[:-1])
