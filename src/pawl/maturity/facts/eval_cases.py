"""Eval cases of a tree with what their stored records prove about them."""

import msgspec


class EvalCase(msgspec.Struct, frozen=True, kw_only=True):
    """One case. `problems` say why it cannot tell good from nothing; empty: its records show it.

    `level` is what it exercises: one run, or a whole workflow. `records` are its trials, `stale`
    those of other assets or another task than today's, `failing` those that are graded fail.
    `trials` is how often it is run at first, `digest` that of what it says.
    """

    id: str
    path: str
    kind: str
    level: str
    incident: str = ""
    covers: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    records: int = 0
    stale: int = 0
    failing: int = 0
    trials: int = 1
    digest: str = ""

    @property
    def fresh(self) -> int:
        """Records that are of today's assets and task."""
        return self.records - self.stale


class EvalCases(msgspec.Struct, frozen=True, kw_only=True):
    """The cases below `.pawl/evals`. `broken` are files that do not read, with the reason."""

    cases: tuple[EvalCase, ...] = ()
    suites: dict[str, str] = {}
    """Names of suites, by path."""
    broken: dict[str, str] = {}
