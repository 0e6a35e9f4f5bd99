"""Join recorded eval runs with the suites that stand in a tree.

A run counts for a suite when it names the suite, its file or one of its cases. A suite that
nobody ran proves nothing, and neither does a run of something that is not there.
"""

import msgspec

from pawl.maturity.extracts.agent_suite import AgentSuite
from pawl.maturity.facts import Facts
from pawl.maturity.facts.eval_cases import EvalCase, EvalCases
from pawl.maturity.facts.practice import GateDecision
from pawl.maturity.facts.tree import Tree
from pawl.maturity.looking.practised import told
from pawl.maturity.looking.recent import within
from pawl.maturity.probe import Answer

DECIDED = frozenset({"pass", "fail"})
"""Verdicts of runs and gates that came to a decision."""


class Suite(msgspec.Struct, frozen=True, kw_only=True):
    """One file of cases, of whatever format.

    `graded` counts the cases that can tell right from wrong, and `problem` says why one cannot.
    Of Pawl's own, `records` counts the trials that are stored, `stale` those of other assets or
    another task than today's. `digests` are of what its cases say, in the order of `ids`.
    """

    name: str
    levels: tuple[str, ...]
    cases: int
    graded: int
    citing: int
    repeats: int
    ids: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    problem: str = ""
    records: int = 0
    stale: int = 0

    @property
    def is_stale(self) -> bool:
        """Say whether records are kept and none of them is of today."""
        return bool(self.records) and self.stale == self.records


class SuiteRuns(msgspec.Struct, frozen=True):
    """A suite, its path, and the ids of the runs that decided about it."""

    path: str
    suite: Suite
    runs: tuple[GateDecision, ...]


def suites_of(tree: Tree) -> dict[str, Suite]:
    """Return the suites of a tree by path, those that could not be read left out."""
    found = {
        path: Suite(
            name=each.name,
            levels=(each.level,),
            cases=each.cases,
            graded=each.graded,
            citing=each.citing,
            repeats=each.repeats,
            ids=each.ids,
            problem="" if each.graded else "no check could tell right from wrong",
        )
        for path, each in tree.read("agent-suite", AgentSuite)
        if each.problem is None
    }
    evals = tree.surveyed("evals", EvalCases)
    if evals is not None:
        by_path: dict[str, list[EvalCase]] = {}
        for case in evals.cases:
            by_path.setdefault(case.path, []).append(case)
        stem = {path: path.rpartition("/")[2].rpartition(".")[0] for path in by_path}
        for path, cases in by_path.items():
            found[path] = _own(evals.suites.get(path) or stem[path], cases)
    return dict(sorted(found.items()))


def _own(name: str, cases: list[EvalCase]) -> Suite:
    """Return a suite of Pawl's own; only cases that their records prove tell right from wrong."""
    fit = [case for case in cases if not case.problems]
    unfit = next((case for case in cases if case.problems), None)
    return Suite(
        name=name,
        levels=tuple(sorted({case.level for case in fit or cases})),
        cases=len(cases),
        graded=len(fit),
        citing=sum(bool(case.incident) for case in cases),
        repeats=min(case.trials for case in cases),
        ids=tuple(case.id for case in cases),
        digests=tuple(case.digest for case in cases),
        problem="" if unfit is None else f"{unfit.id}: {unfit.problems[0].rstrip('.')}",
        records=sum(case.records for case in fit),
        stale=sum(case.stale for case in fit),
    )


def decided_runs(facts: Facts) -> tuple[GateDecision, ...] | Answer:
    """Return the eval runs of the window that came to a verdict, or why nobody can tell."""
    runs = told(facts, lambda practice: practice.eval_runs, "eval runs")
    if isinstance(runs, Answer):
        return runs
    return tuple(
        run for run in runs if run.verdict.lower() in DECIDED and within(run.at, facts.as_of)
    )


def joined(suites: dict[str, Suite], runs: tuple[GateDecision, ...]) -> list[SuiteRuns]:
    """Return each suite with the runs that name it, in the order of paths."""
    found = []
    for path, suite in sorted(suites.items()):
        names = {path, suite.name, *suite.ids}
        mine = tuple(run for run in runs if not names.isdisjoint((run.subject, *run.considers)))
        found.append(SuiteRuns(path, suite, mine))
    return found
