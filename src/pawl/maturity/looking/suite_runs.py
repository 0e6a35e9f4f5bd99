"""Join recorded eval runs with the suites that stand in a tree.

A run counts for a suite when it names the suite, its file or one of its cases. A suite that
nobody ran proves nothing, and neither does a run of something that is not there.
"""

import msgspec

from pawl.maturity.extracts.agent_suite import AgentSuite
from pawl.maturity.facts import Facts
from pawl.maturity.facts.practice import GateDecision
from pawl.maturity.facts.tree import Tree
from pawl.maturity.looking.practised import told
from pawl.maturity.looking.recent import within
from pawl.maturity.probe import Answer

DECIDED = frozenset({"pass", "fail"})
"""Verdicts of runs and gates that came to a decision."""


class SuiteRuns(msgspec.Struct, frozen=True):
    """A suite, its path, and the ids of the runs that decided about it."""

    path: str
    suite: AgentSuite
    runs: tuple[GateDecision, ...]


def suites_of(tree: Tree) -> dict[str, AgentSuite]:
    """Return the suites of a tree by path, those that could not be read left out."""
    return {
        path: each for path, each in tree.read("agent-suite", AgentSuite) if each.problem is None
    }


def decided_runs(facts: Facts) -> tuple[GateDecision, ...] | Answer:
    """Return the eval runs of the window that came to a verdict, or why nobody can tell."""
    runs = told(facts, lambda practice: practice.eval_runs, "eval runs")
    if isinstance(runs, Answer):
        return runs
    return tuple(
        run for run in runs if run.verdict.lower() in DECIDED and within(run.at, facts.as_of)
    )


def joined(suites: dict[str, AgentSuite], runs: tuple[GateDecision, ...]) -> list[SuiteRuns]:
    """Return each suite with the runs that name it, in the order of paths."""
    found = []
    for path, suite in sorted(suites.items()):
        names = {path, suite.name, *suite.ids}
        mine = tuple(run for run in runs if not names.isdisjoint((run.subject, *run.considers)))
        found.append(SuiteRuns(path, suite, mine))
    return found
