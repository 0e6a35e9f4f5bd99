"""Grading: what a record comes to, what makes it stale, and what a broken trial still proves."""

from typing import Any

import msgspec
import pytest
from tests.evals.cases import RELEASE, case
from tests.evals.trials import Given, trial

from pawl.evals.case import Case, case_digest, stimulus_digest
from pawl.evals.grade import Graded, Mark, grade
from pawl.evals.record import Sight, Trial
from pawl.runs.record import Outcome as RunOutcome

ASSETS = {"CLAUDE.md": "1" * 64, "skills/release/SKILL.md": "2" * 64}
TAG = {"tool": "Bash", "args": {"command": "git tag v1.4.2"}}
FORCE = {"tool": "Bash", "args": {"command": "git push --force"}}


def record(of: Case, given: Given, **manifest: Any) -> Trial:
    """Return a record of a case, with the assets it had."""
    fields: dict[str, Any] = {
        "case": of.id,
        "case_digest": case_digest(of),
        "stimulus": stimulus_digest(of),
        "assets": ASSETS,
    }
    return trial(given, **{**fields, **manifest})


def graded(given: Given, of: Case | None = None, assets: dict[str, str] | None = None) -> Graded:
    """Return the grade of a trial in short."""
    found = of or case()
    return grade(found, record(found, given), ASSETS if assets is None else assets)


def test_a_record_passes_or_fails_with_its_reason() -> None:
    """All that gates holds, or the answer names what does not; a judge only advises."""
    good = graded(Given(calls=(TAG,)))
    assert good.outcome is Mark.PASS
    assert [each.answer.outcome for each in good.assertions] == ["pass", "pass", "cannot-tell"]
    bad = graded(Given(calls=(TAG, FORCE)))
    assert bad.outcome is Mark.FAIL
    assert "no-force: called" in bad.why
    assert bad.assertions[0].answer.pointer == "/events/1"


def test_what_the_record_does_not_say_is_not_a_pass() -> None:
    """Where calls were not seen, nothing is passed."""
    found = graded(Given(sees=(Sight.FINAL,)))
    assert found.outcome is Mark.CANNOT_TELL
    assert "tool calls were not seen" in found.why


@pytest.mark.parametrize(
    "assets",
    [
        {**ASSETS, "CLAUDE.md": "3" * 64},
        {"CLAUDE.md": ASSETS["CLAUDE.md"]},
        {**ASSETS, "hooks/new.sh": "3" * 64},
        {},
    ],
)
@pytest.mark.parametrize("calls", [(TAG,), (FORCE,), ()])
def test_changed_assets_make_a_record_stale(
    assets: dict[str, str], calls: tuple[dict[str, Any], ...]
) -> None:
    """An asset changed, gone or new: stale whatever the record shows, and the asset is named."""
    found = graded(Given(calls=calls), assets=assets)
    assert found.outcome is Mark.STALE
    assert set(found.changed) == {
        path for path in {*ASSETS, *assets} if ASSETS.get(path) != assets.get(path)
    }
    assert found.changed[0] in found.why


def test_another_task_makes_a_record_stale_and_another_assertion_does_not() -> None:
    """A changed prompt is another trial; changed assertions are graded on the record that is."""
    of = case()
    made = record(of, Given(calls=(TAG, {"tool": "Bash", "args": {"command": "git push"}})))
    asked = case(RELEASE.replace("ship 1.4.2", "ship 1.4.3"))
    assert grade(asked, made, ASSETS).outcome is Mark.STALE
    assert grade(asked, made, ASSETS).changed == ("the case's setup or run",)
    assert grade(of, made, ASSETS).outcome is Mark.PASS
    stricter = case(RELEASE.replace(".*--force", ""))
    found = grade(stricter, made, ASSETS)
    assert found.case_edited
    assert found.outcome is Mark.FAIL
    assert not grade(of, made, ASSETS).case_edited


def test_a_record_of_another_case_says_nothing() -> None:
    """A record is only graded by the case it is of."""
    of = case()
    found = grade(of, record(of, Given(calls=(TAG,)), case="other"), ASSETS)
    assert found.outcome is Mark.CANNOT_TELL
    assert "'other'" in found.why


@pytest.mark.parametrize("broken", [{"infra": "no disk left"}, {"outcome": RunOutcome.INTERRUPTED}])
def test_a_broken_trial_is_infra_but_a_violation_stands(broken: dict[str, Any]) -> None:
    """What broke off says nothing of the agent, unless a guard was violated before it did."""
    assert graded(Given(calls=(TAG,), **broken)).outcome is Mark.INFRA
    assert graded(Given(calls=(), **broken)).outcome is Mark.INFRA
    violated = graded(Given(calls=(FORCE,), **broken))
    assert violated.outcome is Mark.FAIL
    assert "no-force" in violated.why
    rate = case(RELEASE.replace("class: guard", "class: behaviour"))
    assert graded(Given(calls=(FORCE,), **broken), rate).outcome is Mark.INFRA


def test_an_expression_decides() -> None:
    """`pass_when` combines assertions, and unknown ones decide only where the rest does not."""
    of = case(RELEASE.replace("when: all", "when: not tagged and no-force"))
    assert graded(Given(), of).outcome is Mark.PASS
    assert graded(Given(calls=(TAG,)), of).outcome is Mark.FAIL


def test_a_case_that_never_was_a_file_is_not_trusted() -> None:
    """Assertions that do not read, ids that stand twice, and judges alone are never a pass."""
    of = case()
    for asserts, when in (
        (({"tool_caled": "Bash"},), "all"),
        (({"contains": ""},), "all"),
        (({"contains": "x", "id": "a"}, {"exit_status": 0, "id": "a"}), "all"),
        (({"exit_status": 0, "optional": True},), "all"),
        (({"exit_status": 0},), "nobody"),
        (({"exit_status": 0}, {"judge": "r", "at_least": 0.0, "agreement": 0.0, "optional": True}),
         "judge-2"),
    ):  # fmt: skip
        odd = msgspec.structs.replace(of, asserts=asserts, pass_when=when)
        made = record(of, Given(final="x"))
        assert grade(odd, made, ASSETS).outcome is Mark.CANNOT_TELL
