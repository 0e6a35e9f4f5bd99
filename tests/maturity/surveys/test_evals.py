"""Eval cases are judged by their stored records: is each fit, and is it fresh."""

import gzip
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from tests.evals.trials import Given
from tests.maturity.surveys.repository import CASE, PATH, RECORDS, SKILL, TAG, files, record
from tests.maturity.told import facts, tree

from pawl.base.finding import Outcome
from pawl.evals.case_reading import read_suite
from pawl.maturity.evidence import Assurance, Depth, Record
from pawl.maturity.facts.eval_cases import EvalCase, EvalCases
from pawl.maturity.probe import ask
from pawl.maturity.probes.workflows_are_tested import PROBE

GATE = """\
on: pull_request
jobs:
  evals:
    runs-on: ubuntu-latest
    steps:
      - run: pawl lint
      - run: pawl eval grade
"""


def surveyed(of: dict[str, str | bytes]) -> EvalCases:
    """Return the survey of a repository's cases."""
    found = tree(of).surveyed("evals", EvalCases)
    assert found is not None
    return found


def only(of: dict[str, str | bytes]) -> EvalCase:
    """Return the one case of a repository."""
    (found,) = surveyed(of).cases
    return found


def answer(of: dict[str, str | bytes], **sections: Any) -> Record:
    """Return what the probe says of a repository."""
    return ask("workflows-are-tested", PROBE, facts(of, **sections))


def host(path: str = ".github/workflows/evals.yml", conclusion: str = "success") -> dict[str, Any]:
    """Return the code host's word that a workflow ran."""
    return {
        "product": "github",
        "repository": "team/pay",
        "exported_at": "2026-11-20T00:00:00.000000Z",
        "complete_since": "2026-06-01T00:00:00.000000Z",
        "default_branch": "main",
        "runs": [
            {
                "id": "1",
                "workflow": "evals",
                "path": path,
                "conclusion": conclusion,
                "started_at": "2026-11-19T00:00:00.000000Z",
            }
        ],
    }


def test_a_case_that_its_records_prove_is_fit_and_fresh() -> None:
    """The oracle passes, the null fails, and trials of today's assets count."""
    found = only(files())
    assert (found.problems, found.records, found.stale, found.failing) == ((), 3, 0, 0)
    assert (found.incident, found.level, found.kind) == ("INC-2026-014", "integration", "guard")


def test_an_edited_skill_makes_its_records_stale() -> None:
    """A record says which skill steered it; another one today is another trial."""
    found = only({**files(), PATH: SKILL.replace("Never push", "Push")})
    assert (found.problems, found.records, found.stale) == ((), 3, 3)
    gone = files()
    del gone[PATH]
    assert only(gone).stale == 3


def test_a_case_without_its_two_records_is_unfit() -> None:
    """A case that nothing was shown to fail says nothing."""
    bare = files()
    del bare[f"{RECORDS}/null.trial.gz"]
    assert only(bare).problems == ("The null record is missing.",)


def test_a_null_that_passes_shows_a_blind_case() -> None:
    """An oracle kept as the null proves that the case passes whatever happens."""
    blind = files()
    blind[f"{RECORDS}/null.trial.gz"] = blind[f"{RECORDS}/oracle.trial.gz"]
    assert "null record must be graded fail" in only(blind).problems[0]


def test_an_altered_record_is_refused() -> None:
    """A record whose bytes are not those of its address is told of and counts for nothing."""
    case = read_suite(str(files()[".pawl/evals/ship.yaml"]), place="x").cases[0]
    _, content = record(case, Given(calls=(TAG,), final="Another"))
    found = only(files({f"{RECORDS}/{'0' * 64}.trial.gz": content}, trials=0))
    assert found.records == 0
    assert "another one" in found.problems[0]
    cut = only(files({f"{RECORDS}/{'0' * 64}.trial.gz": content[:-9]}, trials=0))
    assert "cut off" in cut.problems[0]


def test_a_record_that_unpacks_to_too_much_is_refused() -> None:
    """A small file that claims to be huge is not unpacked whole."""
    bomb = gzip.compress(b"0" * (17 * 1024 * 1024), mtime=0)
    found = only(files({f"{RECORDS}/{'0' * 64}.trial.gz": bomb}, trials=0))
    assert "larger than" in found.problems[0]


def test_workspaces_policies_and_records_are_no_cases() -> None:
    """Files of a case's workspace, the policy and the quarantine are not read as cases."""
    spaced = CASE.replace("run: {", "setup: {workspace: repo}\nrun: {").replace("id: ship", "id: b")
    more: dict[str, str | bytes] = {
        ".pawl/evals/gate.yaml": "x: 1\n",
        ".pawl/evals/quarantine.yaml": "[]\n",
        ".pawl/evals/b.yaml": spaced,
        ".pawl/evals/repo/ci.yaml": "on: push\n",
    }
    assert surveyed(files(more)).broken == {}
    assert ".pawl/evals/done.yaml" in surveyed(files({".pawl/evals/done.yaml": "a: 1\n"})).broken


def test_a_case_within_a_workspace_and_a_taken_id_are_broken() -> None:
    """Naming a folder a workspace makes no case disappear, and an id is of one case."""
    spaced = CASE.replace("run: {", "setup: {workspace: repo}\nrun: {").replace("id: ship", "id: b")
    more: dict[str, str | bytes] = {
        ".pawl/evals/b.yaml": spaced,
        ".pawl/evals/repo/c.yaml": CASE.replace("id: ship", "id: c"),
        ".pawl/evals/twin.yaml": CASE,
    }
    found = surveyed(files(more))
    assert "workspace of another" in found.broken[".pawl/evals/repo/c.yaml"]
    assert "is taken by" in found.broken[".pawl/evals/twin.yaml"]
    assert [each.id for each in found.cases] == ["b", "ship"]


def test_ci_that_grades_fresh_records_is_a_run() -> None:
    """A finished run of the gate counts for the levels of fresh cases, and for files it lints."""
    gated = files({".github/workflows/evals.yml": GATE})
    found = answer(gated, host=host())
    assert (found.outcome, found.depth) == (Outcome.PASS, Depth.RUNS), found
    assert found.assurance is Assurance.PROVIDER
    told = msgspec.to_builtins(found.values)
    assert (told["levels"], told["gated"]) == (2, True)
    assert told["repeated"] == {"hits": 1, "of": 1, "census": True}


def test_stale_records_and_swallowed_gates_are_no_runs() -> None:
    """What CI regraded says nothing of a skill that was edited since, nor a gate that lets pass."""
    stale = {**files({".github/workflows/evals.yml": GATE}), PATH: f"{SKILL}\nMore.\n"}
    found = answer(stale, host=host())
    assert found.depth is Depth.SUBSTANTIVE
    assert "stale" in found.reason
    loose = GATE.replace("pawl eval grade", "pawl eval grade || true")
    found = answer(files({".github/workflows/evals.yml": loose}), host=host())
    assert (found.depth, found.values["gated"]) == (Depth.SUBSTANTIVE, False)
    found = answer(files({".github/workflows/evals.yml": GATE}), host=host(conclusion="skipped"))
    assert found.depth is Depth.SUBSTANTIVE


@given(st.text(max_size=300), st.binary(max_size=200))
def test_any_content_is_surveyed(text: str, content: bytes) -> None:
    """Whatever lies there, the survey comes to an answer."""
    found = surveyed(
        {".pawl/evals/a.yaml": text, f"{RECORDS}/{'0' * 64}.trial.gz": content, **files(trials=0)}
    )
    assert found.cases
