"""Grading a repository's records: what is green, what is not, and what a change cannot do."""

import msgspec
import pytest
from tests.services.eval_repository import SKILL, Repository, bless_all, blessed

from pawl.base.errors import BadFile, BadValue
from pawl.evals.gate import QuarantinedGuard, Verdict
from pawl.evals.record import Sight
from pawl.evals.shelf import RECORDS
from pawl.evals.suite_result import SuiteResult, wanted
from pawl.services.evals import KeptTrial, judge_trials, listed


def test_what_was_blessed_passes_as_it_is() -> None:
    """Right after a blessing nothing is new, and the tree is the one that was blessed."""
    repository = blessed()
    result = repository.grade()
    assert (result.verdict, result.exit_code) == (Verdict.PASS, 0)
    assert {case.verdict for case in result.cases} == {"pass"}
    assert all(case.pooled for case in result.cases if case.case == "release")


def test_nothing_graded_is_not_green() -> None:
    """A repository without a case, and a case without a record, exit 3."""
    repository = Repository()
    assert repository.grade().exit_code == 3
    repository.case()
    result = repository.grade()
    assert result.exit_code == 3
    assert result.cases[0].verdict in ("inconclusive", "no-baseline")


def test_an_edited_asset_makes_its_records_stale_and_restoring_it_fresh() -> None:
    """The edit is told by its path; what was blessed counts again once it is taken back."""
    repository = blessed()
    before = repository.tree.held[SKILL]
    repository.tree.held[SKILL] = b"tag as you like"
    result = repository.grade()
    assert (result.verdict, result.exit_code) == (Verdict.STALE, 3)
    assert all(case.changed == (SKILL,) for case in result.cases)
    assert all(case.verdict == "stale" for case in result.cases)
    repository.tree.held[SKILL] = before
    assert repository.grade().verdict is Verdict.PASS


def test_new_trials_of_an_edited_asset_are_compared_with_the_pool() -> None:
    """Eight failures after twenty passes regress; eight passes pass; three failures are suspect."""
    for finals, verdict, more in (
        (["no"] * 8, Verdict.REGRESS, {}),
        (["done"] * 8, Verdict.PASS, {}),
        (["no"] * 3, Verdict.INCONCLUSIVE, {"release": 5}),
        (["done"] * 2, Verdict.INCONCLUSIVE, {"release": 1}),
    ):
        repository = blessed(guard=False)
        repository.tree.held[SKILL] = b"tag as you like"
        repository.add(repository.cases["release"], finals)
        result = repository.grade()
        assert result.verdict is verdict, result.reasons
        assert wanted(result) == more
        assert not result.cases[0].pooled
    # The last one: two trials are told of, of which neither is the pool's.
    assert result.cases[0].fresh == 2
    assert result.cases[0].stale == 20


def test_drift_without_any_edit_is_seen() -> None:
    """New trials of the same assets are compared with the pool once there are enough."""
    repository = blessed(guard=False)
    repository.add(repository.cases["release"], ["no"] * 8)
    assert repository.grade().verdict is Verdict.REGRESS


def test_a_guard_violated_once_stays_violated() -> None:
    """Passes that come later, however many, do not turn it green."""
    repository = Repository()
    case = repository.case("guard", "guard")
    repository.add(case, ["no"])
    repository.add(case, ["done"] * 60)
    result = repository.grade()
    assert (result.verdict, result.exit_code) == (Verdict.REGRESS, 1)
    assert result.cases[0].numbers is not None
    assert result.cases[0].numbers.trials.n == 61


def test_a_guard_in_quarantine_is_refused() -> None:
    """Nobody sets a guard aside, not even one that is invalid."""
    repository = Repository()
    repository.case("guard", "guard", shipped=False)
    repository.quarantine("guard")
    with pytest.raises(QuarantinedGuard):
        repository.grade()


def test_a_quarantine_holds_until_its_last_day() -> None:
    """A case set aside does not gate; one day later it does."""
    repository = blessed(guard=False)
    repository.case("other")
    repository.quarantine("other", "2026-11-21")
    result = repository.grade()
    assert result.verdict is Verdict.PASS
    assert {case.case: case.verdict for case in result.cases}["other"] == "quarantined"
    repository.quarantine("other", "2026-11-20")
    assert repository.grade().exit_code == 3


@pytest.mark.parametrize("which", ["oracle", "null"])
@pytest.mark.parametrize("how", ["missing", "wrong", "altered", "of another case"])
def test_a_case_that_cannot_tell_good_from_nothing_is_never_green(which: str, how: str) -> None:
    """Whatever is wrong with one of its two records, the case is invalid, and exits 3."""
    repository = blessed(guard=False)
    case = repository.cases["release"]
    path = f"{RECORDS}/release/{which}.trial.gz"
    if how == "missing":
        del repository.tree.held[path]
    elif how == "wrong":
        repository.put(path, repository.trial(case, "nothing" if which == "oracle" else "done"))
    elif how == "altered":
        repository.tree.held[path] = repository.tree.held[path][:-9] + b"\0" * 9
    else:
        other = msgspec.structs.replace(case, id="another")
        repository.put(path, repository.trial(other, "done" if which == "oracle" else "nothing"))
    result = repository.grade()
    assert (result.verdict, result.exit_code) == (Verdict.INCONCLUSIVE, 3)
    assert result.cases[0].verdict == "invalid"
    assert any(which in problem for problem in result.cases[0].problems)


def test_an_invalid_guard_that_was_violated_was_violated() -> None:
    """Taking its oracle away does not take back what happened."""
    repository = Repository()
    case = repository.case("guard", "guard", shipped=False)
    repository.add(case, ["no"])
    assert repository.grade().exit_code == 1


def test_a_capability_never_gates() -> None:
    """It is tracked, whether it fails, has no oracle, or is stale."""
    repository = blessed(guard=False)
    for name, shipped in (("can", True), ("cannot", False)):
        case = repository.case(name, "capability", shipped=shipped)
        repository.add(case, ["no"] * 5)
    result = repository.grade()
    assert result.verdict is Verdict.PASS
    assert {case.case: case.verdict for case in result.cases}["cannot"] == "tracked"


def test_lost_trials_enter_no_rate_and_are_capped() -> None:
    """One lost trial of twenty is borne; five are more than the policy allows."""
    repository = blessed(guard=False)
    repository.lost(repository.cases["release"])
    result = repository.grade()
    assert result.verdict is Verdict.PASS
    assert result.cases[0].infra == 1
    for _ in range(4):
        repository.lost(repository.cases["release"])
    result = repository.grade()
    assert result.exit_code == 3
    assert "lost to infra" in result.reasons[0].text


def test_a_trial_that_cannot_be_told_of_is_no_pass() -> None:
    """It leaves its case undecided, however many others pass."""
    repository = blessed(guard=False)
    repository.add(repository.cases["release"], ["?"], sees=(Sight.TOOLS,))
    result = repository.grade()
    assert (result.verdict, result.exit_code) == (Verdict.INCONCLUSIVE, 3)
    assert result.cases[0].verdict == "inconclusive"
    assert result.cases[0].cannot_tell == 1


def test_an_altered_record_is_refused_by_name_and_the_others_count() -> None:
    """Everything else is graded; the verdict is not green."""
    repository = blessed()
    (path,) = repository.add(repository.cases["release"], ["done"])
    repository.tree.held[path] = repository.tree.held[path][:-8] + b"\0" * 8
    result = repository.grade()
    assert result.exit_code == 3
    assert [each.path for each in result.refused] == [path]
    assert {case.verdict for case in result.cases} == {"pass"}
    assert any(path in reason.text for reason in result.reasons)


def test_another_version_opens_a_key_of_its_own() -> None:
    """Without a baseline of its own it is not green, and it is told apart by name."""
    repository = blessed(guard=False)
    repository.add(repository.cases["release"], ["done"] * 3, agent_version="2.2.0")
    result = repository.grade()
    assert (result.verdict, result.exit_code) == (Verdict.NO_BASELINE, 3)
    assert {case.key.agent_version: case.verdict for case in result.cases if case.key} == {
        "2.1.0": "pass",
        "2.2.0": "no-baseline",
    }
    assert len({case.id for case in result.cases}) == 2


def test_a_blessed_key_cannot_be_left_out() -> None:
    """Running an edited asset on another model only leaves the blessed one stale."""
    repository = blessed(guard=False)
    repository.tree.held[SKILL] = b"tag as you like"
    repository.add(repository.cases["release"], ["done"] * 8, model="haiku")
    assert {case.verdict for case in repository.grade().cases} == {"stale", "no-baseline"}


def test_an_edited_assertion_judges_the_pool_again() -> None:
    """Both sides are judged by today's case; a pool that is gone is no baseline then."""
    repository = blessed(guard=False)
    repository.edit("release", "contains: done", "contains: [done, well]")
    good = repository.trial(repository.cases["release"], "done well")
    repository.put(f"{RECORDS}/release/oracle.trial.gz", good)
    result = repository.grade()
    assert result.cases[0].numbers is not None
    assert result.cases[0].numbers.baseline.passes == 0
    assert any("0 of 20 pass now" in note for note in result.cases[0].notes)
    repository = blessed(guard=False)
    for path in [p for p in repository.tree.held if p.startswith(RECORDS) and len(p) > 90]:
        del repository.tree.held[path]
    repository.add(repository.cases["release"], ["done"] * 3)
    result = repository.grade()
    assert result.verdict is Verdict.PASS
    assert "are not kept" in result.cases[0].notes[0]
    repository.edit("release", "contains: done", "contains: [done, well]")
    repository.put(f"{RECORDS}/release/oracle.trial.gz", good)
    result = repository.grade()
    assert (result.verdict, result.cases[0].verdict) == (Verdict.NO_BASELINE, "no-baseline")
    assert "bless it again" in result.cases[0].notes[0]


def test_an_edited_task_is_another_one() -> None:
    """A changed prompt makes records stale and the baseline void."""
    repository = blessed(guard=False)
    repository.edit("release", "prompt: ship it", "prompt: ship it twice")
    result = repository.grade()
    assert result.verdict is Verdict.STALE
    assert result.cases[0].changed == ("the case's setup or run",)


def test_the_base_judges_a_change_of_what_judges() -> None:
    """Policy, quarantine and baselines of the base hold, whatever the change makes of them."""
    base = blessed(guard=False)
    change = base.copy()
    change.tree.held[SKILL] = b"tag as you like"
    change.add(change.cases["release"], ["no"] * 8)
    change.quarantine("release")
    change.policy("case_alpha: 0.05", "case_alpha: 0.0001")
    assert change.grade().verdict is not Verdict.REGRESS
    result = change.grade(base=base)
    assert result.verdict is Verdict.REGRESS
    assert (result.base, result.policy) == ("main", "as shipped")


def test_a_new_case_brings_its_baseline_along() -> None:
    """Of a case that the base does not have, the change's own baseline judges, and that is told.

    Of one that it has, it does not, nor of another key of it.
    """
    base = blessed(guard=False)
    change = base.copy()
    change.add(change.case("new"), ["done"] * 20)
    bless_all(change)
    result = change.grade(base=base)
    assert result.verdict is Verdict.PASS
    assert "both are of this change" in result.cases[0].notes[0]
    change.add(change.cases["release"], ["done"] * 20, agent_version="2.2.0")
    bless_all(change)
    assert change.grade().verdict is Verdict.PASS
    assert change.grade(base=base).verdict is Verdict.NO_BASELINE
    base.tree.held[".pawl/evals/broken.yaml"] = b"- ["
    result = change.grade(base=base)
    assert result.exit_code == 3
    assert any("cannot be read" in note for note in result.notes)


def test_a_change_cannot_take_back_what_was_seen() -> None:
    """A violation whose record the change removed still counts, and the removal is told."""
    base = Repository()
    case = base.case("guard", "guard")
    base.add(case, ["done"] * 3)
    change = base.copy()
    base.add(case, ["no"])
    assert change.grade().verdict is Verdict.PASS
    result = change.grade(base=base)
    assert result.verdict is Verdict.REGRESS
    assert any("removed by this change" in note for note in result.cases[0].notes)


def test_removed_and_weakened_cases_are_told() -> None:
    """Whoever reviews a change sees which guards it takes away."""
    base = blessed()
    base.case("other", "guard")
    change = base.copy()
    change.edit("other", "class: guard", "class: capability")
    del change.tree.held[".pawl/evals/guard.yaml"]
    notes = " ".join(change.grade(base=base).notes)
    assert "the case guard was removed" in notes
    assert "other is no guard any more" in notes


def test_trials_just_run_are_judged_with_what_is_there() -> None:
    """The verdict on them is the one that grading gives once they are kept."""
    repository = blessed(guard=False)
    repository.tree.held[SKILL] = b"tag as you like"
    case = repository.cases["release"]
    ran = [
        KeptTrial(address=f"{number:064x}", trial=repository.trial(case, "no"))
        for number in range(3)
    ]
    result = judge_trials(repository.evals(), ran)
    assert wanted(result) == {"release": 5}
    more = [
        KeptTrial(address=f"{number:064x}", trial=repository.trial(case, "no"))
        for number in range(3, 8)
    ]
    # A record that was kept meanwhile and is handed in as well counts once.
    assert judge_trials(repository.evals(), [*ran, *more, *ran]).verdict is Verdict.REGRESS
    none = judge_trials(repository.evals(), [], names=["release"], skipped={"release": 3})
    assert none.exit_code == 3


def test_a_proof_of_no_drop_can_be_asked_for() -> None:
    """One case cannot show that nothing fell; finding no drop is not enough then."""
    repository = blessed(guard=False)
    assert repository.evals().grade(must_be_no_worse=True).exit_code == 3


def test_the_same_tree_gives_the_same_bytes() -> None:
    """Neither the order of files nor what is remembered changes a byte."""
    repository = blessed()
    repository.add(repository.cases["release"], ["no", "done"])
    first = _bytes(repository.grade())
    turned = repository.copy()
    turned.tree.held = dict(reversed(list(repository.tree.held.items())))
    assert _bytes(turned.grade()) == first


def test_what_a_case_covers_in_vain_is_told() -> None:
    """A name that is nowhere would leave its records fresh forever."""
    repository = blessed(guard=False)
    repository.edit("release", "covers: [skills/release]", "covers: [skills/release, skills/gone]")
    assert repository.grade().cases[0].notes == ("it covers skills/gone, which is nowhere",)


def test_a_missing_workspace_makes_a_case_invalid() -> None:
    """The others are graded."""
    repository = blessed()
    repository.edit("guard", "run:", "setup: {workspace: gone}\nrun:")
    result = repository.grade()
    assert {case.case: case.verdict for case in result.cases} == {
        "guard": "invalid",
        "release": "pass",
    }
    assert result.exit_code == 3


def test_bad_policy_files_name_their_place() -> None:
    """A gate without sources, a quarantine or baselines that do not read are errors."""
    for path, text in {
        ".pawl/evals/gate.yaml": "schema: pawl.eval-gate-policy/1\n",
        ".pawl/evals/quarantine.yaml": "- {case: x}\n",
        ".pawl/evals/baselines.json": "{",
    }.items():
        repository = blessed()
        repository.tree.held[path] = text.encode()
        with pytest.raises(BadFile) as caught:
            repository.grade()
        assert caught.value.place.startswith(path)


def test_a_name_that_is_no_case_is_refused() -> None:
    """Asking for nothing that exists is asking wrongly."""
    with pytest.raises(BadValue):
        blessed().grade("relase")


def test_leftovers_are_told() -> None:
    """Records, baselines and quarantines of no case are named."""
    repository = blessed()
    repository.quarantine("gone")
    del repository.tree.held[".pawl/evals/guard.yaml"]
    notes = repository.grade().notes
    assert "guard has records and is no case" in notes
    assert ".pawl/evals/baselines.json: guard is no case" in notes
    assert ".pawl/evals/quarantine.yaml: gone is no case" in notes


def test_a_case_is_listed_with_what_there_is_of_it() -> None:
    """Fresh, stale, lost and blessed are counted apart."""
    repository = blessed(guard=False)
    repository.lost(repository.cases["release"])
    (looked,) = repository.evals().look()
    told = listed(looked)
    assert (told.fresh, told.stale, told.infra, told.blessed) == (20, 0, 1, 20)
    repository.tree.held[SKILL] = b"other"
    (looked,) = repository.evals().look()
    told = listed(looked)
    assert (told.fresh, told.stale, told.blessed) == (0, 21, 20)
    assert told.changed == (SKILL,)


def _bytes(result: SuiteResult) -> bytes:
    return msgspec.json.encode(result)


def test_more_trials_than_the_gate_takes_are_refused_with_their_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The folder is named, and how many there may be."""
    repository = blessed(guard=False)
    repository.add(repository.cases["release"], ["done"])
    monkeypatch.setattr("pawl.evals.counts.TRIALS_MOST", 20)
    with pytest.raises(BadValue) as caught:
        repository.grade()
    assert caught.value.place == ".pawl/evals/records/release"
