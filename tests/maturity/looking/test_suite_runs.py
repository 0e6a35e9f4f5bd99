"""Which eval runs are of which suite."""

from tests.maturity.told import facts

from pawl.maturity.facts import Absent
from pawl.maturity.facts.practice import GateDecision
from pawl.maturity.looking.suite_runs import decided_runs, joined, suites_of
from pawl.maturity.probe import Answer

FILES = {
    "evals/a/promptfooconfig.yaml": (
        "suite: review\ncases: [{id: a1, prompt: Go, expect: it says why}]\n"
    ),
    "evals/broken/promptfooconfig.yaml": "cases: [\n",
}


def _run(name: str, subject: str, *considers: str) -> GateDecision:
    at = "2026-11-01T00:00:00.000000Z"
    return GateDecision(id=name, at=at, subject=subject, verdict="pass", considers=considers)


def test_a_run_names_a_suite_its_file_or_a_case() -> None:
    """Each of the three is enough; anything else is a run of something else."""
    tree = facts(FILES).tree
    assert not isinstance(tree, Absent)
    suites = suites_of(tree)
    assert list(suites) == ["evals/a/promptfooconfig.yaml"], "a suite that does not parse is none"
    runs = (
        _run("r1", "review"),
        _run("r2", "evals/a/promptfooconfig.yaml"),
        _run("r3", "change-1", "a1"),
        _run("r4", "other", "quality"),
    )
    (found,) = joined(suites, runs)
    assert [run.id for run in found.runs] == ["r1", "r2", "r3"]


def test_only_runs_of_the_window_with_a_verdict_count() -> None:
    """A run that ended in an error, or a year ago, decided nothing."""
    rows = [
        ("r1", "2026-11-01T00:00:00.000000Z", "FAIL"),
        ("r2", "2026-11-01T00:00:00.000000Z", "ERROR"),
        ("r3", "2025-11-01T00:00:00.000000Z", "PASS"),
    ]
    told = facts(
        practice={
            "complete_since": "2026-06-01T00:00:00.000000Z",
            "eval_runs": [
                {"id": name, "at": at, "subject": "x", "verdict": verdict}
                for name, at, verdict in rows
            ],
        }
    )
    runs = decided_runs(told)
    assert not isinstance(runs, Answer)
    assert [run.id for run in runs] == ["r1"]
