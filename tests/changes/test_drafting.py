"""A manifest out of what differs and a plan."""

import pytest

from pawl.base.errors import BadFile, BadValue
from pawl.changes.drafting import Plan, drafted, load_plan, parts_by_name, sets_of
from pawl.changes.manifest import Risk, problems
from pawl.changes.parts import Code, Part, Prompt

FULL = """\
schema: pawl.plan/1
title: Answer in French
why: Half of the readers write it.
scope: shop/support
declared_risk: medium
rollout:
  stages: [{name: canary, exposure: 0.05, hold_s: 3600}, {name: all, exposure: 1}]
experiment:
  hypothesis: Fewer ask twice.
  metric: asked-twice
  exposure_max: 1
  abort_when: [{metric: errors, above: 0.1}]
  ends_at: 2026-12-01T00:00:00Z
eval_sets: [recurrence]
parts:
  model/support:
    before: {type: model, family: claude, model: one}
    after: {type: model, family: claude, model: two}
"""
SETS = {"cases": "a", "recurrence": "b"}
AFTER: dict[str, Part | None] = {"prompt/CLAUDE.md": Prompt(text="new")}
BEFORE: dict[str, Part | None] = {"prompt/CLAUDE.md": Prompt(text="old")}


def test_a_plan_adds_what_no_file_says() -> None:
    """Title, risk, stages, the experiment, and components that are no files."""
    manifest = drafted(load_plan(FULL, place="p"), AFTER, BEFORE, SETS, assisted=False)
    assert manifest.declared_risk is Risk.MEDIUM
    assert manifest.eval_sets == {"recurrence": "b"}
    assert set(manifest.parts) == {"prompt/CLAUDE.md", "model/support"}
    assert problems(manifest) == ()


def test_without_a_plan_it_goes_to_all_at_once_and_back_by_git() -> None:
    """Every set there is judges it."""
    manifest = drafted(Plan(title="t"), AFTER, BEFORE, SETS, assisted=True)
    assert [stage.exposure for stage in manifest.rollout.stages] == [1.0]
    assert manifest.rollback is not None
    assert manifest.eval_sets == SETS
    assert manifest.assisted


def test_a_plan_cannot_take_back_that_an_agent_helped() -> None:
    """What the commits say is not undone by a word."""
    manifest = drafted(Plan(title="t", assisted=False), AFTER, BEFORE, SETS, assisted=True)
    assert manifest.assisted


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        (Plan(), "title"),
        (Plan(title="t", eval_sets=("none",)), "no eval set 'none'"),
        (Plan(title="t", rollback=None), "how to go back"),
    ],
)
def test_an_unsound_plan_is_refused_with_what_is_wrong(plan: Plan, told: str) -> None:
    """Whoever wrote it learns what to mend."""
    with pytest.raises(BadValue, match=told):
        drafted(plan, AFTER, BEFORE, SETS, assisted=False)


def test_a_plan_cannot_say_what_a_file_is() -> None:
    """A component that is a file is what the commits hold."""
    plan = load_plan(
        "schema: pawl.plan/1\ntitle: t\n"
        "parts: {prompt/CLAUDE.md: {after: {type: prompt, text: harmless}}}",
        place="p",
    )
    with pytest.raises(BadValue, match="file of the change"):
        drafted(plan, AFTER, BEFORE, SETS, assisted=False)


def test_a_misspelt_plan_is_refused() -> None:
    """A word that nothing reads is not passed over."""
    with pytest.raises(BadFile):
        load_plan("schema: pawl.plan/1\ntitel: x\n", place="plan.yaml")


def test_two_files_are_never_one_component() -> None:
    """A path that stands by its digest does not hide another one of that very name."""
    odd = "a\nb"
    (name,) = parts_by_name([(odd, b"x")], None)
    assert parts_by_name([(odd, b"x"), ("fine", b"y")], None)["code/fine"] == Code(
        digest="a1fce4363854ff888cff4b8e7875d600c2682390412a8cf79b37d0b11148b0fa"
    )
    with pytest.raises(BadValue, match="told apart"):
        parts_by_name([(odd, b"x"), (name.removeprefix("code/"), b"y")], None)


def test_eval_sets_are_folders_with_one_digest_each() -> None:
    """Results are no cases, and any file of a set that changes is another set."""
    files = {
        ".pawl/evals/one.yaml": "1",
        ".pawl/evals/recurrence/a.yaml": "2",
        ".pawl/evals/recurrence/b/c.yaml": "3",
        ".pawl/evals/records/a/x.trial.gz": "4",
        ".pawl/evals/baselines.json": "5",
        "evals/other.yaml": "6",
    }
    found = sets_of(files)
    assert list(found) == ["cases", "recurrence"]
    again = sets_of({**files, ".pawl/evals/baselines.json": "9", ".pawl/evals/records/n": "9"})
    assert again == found
    assert sets_of({**files, ".pawl/evals/recurrence/b/c.yaml": "9"}) != found


def test_the_workspace_of_a_case_is_no_set_of_its_own() -> None:
    """No verdict could ever be on it; it counts to the set of the case beside it."""
    files = {".pawl/evals/one.yaml": "1", ".pawl/evals/shop/check.sh": "2"}
    found = sets_of(files)
    assert list(found) == ["cases"]
    assert sets_of({**files, ".pawl/evals/shop/check.sh": "3"}) != found
    assert sets_of({".pawl/evals/shop/check.sh": "2"}) == {}
