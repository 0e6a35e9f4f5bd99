"""Gates that cannot stop anything take credit from what they would prove."""

import pytest
from tests.maturity.detectors.looking import hits, look, one

from pawl.maturity.detector import Look

CODE = "G08"


def _ci(*steps: str, job: str = "") -> Look:
    body = "".join(f"      - {step}\n" for step in steps)
    text = f"on: [push, pull_request]\njobs:\n  a:\n    runs-on: x\n{job}    steps:\n{body}"
    return look(files={".github/workflows/ci.yml": text, "src/a.py": "x = 1\n"})


@pytest.mark.parametrize(
    "step",
    [
        "run: pytest || true",
        "run: pytest || exit 0",
        "{run: pytest, continue-on-error: true}",
        "{run: pytest, if: false}",
        "run: 'set +e; pytest; echo done'",
    ],
)
def test_a_gate_that_hides_its_failure_is_contested(step: str) -> None:
    """However it is hidden, what the tests would prove is contested."""
    hit = one(CODE, _ci(step))
    assert hit.action == "contested"
    assert "tests-are-executed" in hit.probes


def test_a_job_that_may_fail_as_a_whole_is_no_gate() -> None:
    """Its own check is red, and whatever depends on it sees success."""
    assert one(CODE, _ci("run: pytest", job="    continue-on-error: true\n")).action == "contested"


def test_a_gate_that_bites_is_not() -> None:
    """A plain command stops the build."""
    assert hits(CODE, _ci("run: pytest", "run: ruff check .")) == []


def test_one_that_bites_is_enough() -> None:
    """A second run of the same kind may be lenient."""
    assert hits(CODE, _ci("run: pytest", "run: pytest --runslow || true")) == []


def test_a_job_that_says_that_it_advises_is_innocent() -> None:
    """Declared advice hides nothing."""
    assert hits(CODE, _ci("{name: Types (advisory), run: mypy src || true}", "run: pytest")) == []


def test_a_lint_that_hides_leaves_tests_alone() -> None:
    """Only the kind that is disabled loses credit."""
    hit = one(CODE, _ci("run: pytest", "run: ruff check . || true"))
    assert hit.probes == ("lint-is-enforced",)


def test_coverage_of_nothing_is_contested() -> None:
    """Settings that leave out everything prove nothing."""
    text = "[tool.coverage.report]\nfail_under = 90\nomit = ['*']\n"
    assert one(CODE, look(files={"pyproject.toml": text})).action == "contested"


def test_hooks_that_are_true_are_contested() -> None:
    """None of the hooks before a call can refuse it; one that can is enough."""
    entry = '{"matcher": "*", "hooks": [{"type": "command", "command": "%s"}]}'
    text = '{"hooks": {"PreToolUse": [%s]}}'
    idle, real = entry % "true", entry % "python check.py"
    script = {"check.py": "import sys\nsys.exit(2)\n"}
    assert one(CODE, look(files={".claude/settings.json": text % idle})).probes == ("hooks-bite",)
    assert (
        hits(CODE, look(files={**script, ".claude/settings.json": text % f"{idle}, {real}"})) == []
    )


def test_green_reports_without_a_test_are_contested() -> None:
    """A run of no tests, or of skipped ones alone, is not green."""
    empty = {"source": "a.xml", "digest": "d", "skipped": 9}
    full = {"source": "b.xml", "digest": "e", "passed": 9}
    assert one(CODE, look(sections={"reports": {"tests": [empty]}})).action == "contested"
    assert hits(CODE, look(sections={"reports": {"tests": [full]}})) == []


def _limit(percent: int) -> Look:
    return look(files={"pyproject.toml": f"[tool.coverage.report]\nfail_under = {percent}\n"})


DECIDES = {"fail_under_min": (0, lambda: _limit(0))}
