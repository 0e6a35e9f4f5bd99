"""Tricks about tests, coverage, lint and documentation."""

import json

from tests.maturity.potemkin.repositories import Stage
from tests.maturity.potemkin.staged import PROJECT, WORKFLOW
from tests.maturity.potemkin.tricks import trick, vouch

TESTS = "eng.code.L2.tests"
LINT = ("eng.code.L2.basic-ci", "eng.code.L3.lint")
NAMES = ("core", "api", "auth", "billing", "storage", "end_to_end")


def _tests(stage: Stage, body: str) -> None:
    for name in NAMES:
        stage.files[f"tests/test_{name}.py"] = body.replace("NAME", name)


def _honest_gate(stage: Stage) -> None:
    """Let lint run as a gate that bites, so that only its rules are the trick."""
    del stage.files[".pre-commit-config.yaml"]
    stage.files[".github/workflows/ci.yml"] = (
        "name: CI\non: [push, pull_request]\njobs:\n  quality:\n    runs-on: ubuntu-latest\n"
        "    steps:\n      - uses: actions/checkout@v4\n      - run: ruff check .\n"
    )


@trick("eng.code.L3.executed", "eng.code.L4.stable")
def junit_is_committed(stage: Stage) -> None:
    """Forty JUnit reports of a green run are committed as evidence."""
    for day in range(1, 21):
        for run in (1, 2):
            stage.files[f".pawl/evidence/junit-{day}-{run}.xml"] = (
                f'<testsuites><testsuite name="run {day}{run}" tests="60" failures="0" errors="0" '
                f'skipped="0" timestamp="2026-11-{day:02}T0{run}:00:00Z">'
                + "".join(
                    f'<testcase classname="t" name="test_{n}" time="0.1"/>' for n in range(60)
                )
                + "</testsuite></testsuites>"
            )
    vouch(stage)


@trick("eng.code.L3.covered")
def coverage_is_committed(stage: Stage) -> None:
    """A coverage report that says everything is covered is committed as evidence."""
    stage.files[".pawl/evidence/coverage.xml"] = (
        '<?xml version="1.0"?><coverage line-rate="1.0" timestamp="1795132800"><packages><package '
        'name="p"><classes><class name="core" filename="src/potemkin/core.py" line-rate="1.0">'
        '<lines><line number="1" hits="9"/><line number="2" hits="9"/></lines></class></classes>'
        "</package></packages></coverage>"
    )
    vouch(stage)


@trick("eng.code.L4.mutants", "eng.code.L5.mutants")
def mutation_report_is_committed(stage: Stage) -> None:
    """A mutation report in which every mutant was killed is committed as evidence."""
    mutants = [
        {
            "id": str(number),
            "mutatorName": "Arithmetic",
            "status": "Killed",
            "location": {"start": {"line": 2, "column": 1}, "end": {"line": 2, "column": 9}},
        }
        for number in range(200)
    ]
    stage.files[".pawl/evidence/mutation.json"] = json.dumps(
        {
            "schemaVersion": "1",
            "thresholds": {"high": 80, "low": 60},
            "files": {
                "src/potemkin/core.py": {"language": "python", "source": "", "mutants": mutants}
            },
        }
    )
    vouch(stage)


@trick(TESTS)
def tests_compare_constants(stage: Stage) -> None:
    """Every test asserts that one is one."""
    _tests(stage, "def test_NAME() -> None:\n    expected = 1\n    assert expected == 1\n")


@trick(TESTS)
def tests_assert_through_a_helper(stage: Stage) -> None:
    """Every test calls a helper whose name asserts and whose body does not."""
    stage.files["tests/helpers.py"] = "def assert_works(value: object) -> None:\n    assert True\n"
    _tests(
        stage,
        "from tests.helpers import assert_works\n\n\n"
        "def test_NAME() -> None:\n    assert_works('NAME')\n",
    )


@trick(TESTS)
def tests_ask_for_existence(stage: Stage) -> None:
    """Every test imports the code and asserts that it is there."""
    _tests(
        stage,
        "from potemkin import core\n\n\ndef test_NAME() -> None:\n    assert core.add is not "
        "None\n",
    )


@trick(TESTS)
def tests_catch_their_failure(stage: Stage) -> None:
    """Every test asserts something and catches the failure."""
    _tests(
        stage,
        "from potemkin.core import add\n\n\ndef test_NAME() -> None:\n    try:\n"
        "        assert add(1, 1) == 3\n    except AssertionError:\n        pass\n",
    )


@trick(TESTS)
def tests_are_skipped(stage: Stage) -> None:
    """Every test asserts something and is skipped."""
    _tests(
        stage,
        "import pytest\n\nfrom potemkin.core import add\n\n\n@pytest.mark.skip(reason='slow')\n"
        "def test_NAME() -> None:\n    assert add(1, 1) == 2\n",
    )


@trick(TESTS)
def tests_never_reach_their_assertion(stage: Stage) -> None:
    """Every test returns before it asserts."""
    _tests(
        stage,
        "from potemkin.core import add\n\n\ndef test_NAME() -> None:\n    add(1, 1)\n    return\n"
        "    assert add(1, 1) == 2\n",
    )


@trick(TESTS)
def one_real_test_among_many(stage: Stage) -> None:
    """One test is real, and forty beside it only pass."""
    stage.files["tests/test_core.py"] = (
        "from potemkin.core import add\n\n\ndef test_add() -> None:\n    assert add(1, 2) == 3\n"
    )
    stage.files["tests/test_all.py"] = "\n\n".join(
        f"def test_case_{number}() -> None:\n    pass\n" for number in range(40)
    )


@trick(TESTS)
def tests_compare_a_mock_with_itself(stage: Stage) -> None:
    """Every test asserts what the mock was told to return."""
    _tests(
        stage,
        "def test_NAME() -> None:\n    value = 'NAME'\n    other = value\n    assert value "
        "== other\n",
    )


@trick(*LINT)
def lint_ignores_every_rule(stage: Stage) -> None:
    """The linter bites in CI, and its settings ignore every rule."""
    _honest_gate(stage)
    stage.files["pyproject.toml"] = PROJECT.replace(
        "line-length = 100\n", 'line-length = 100\n\n[tool.ruff.lint]\nignore = ["ALL"]\n'
    )


@trick(*LINT)
def lint_excludes_every_file(stage: Stage) -> None:
    """The linter bites in CI, and its settings leave out every file."""
    _honest_gate(stage)
    stage.files["pyproject.toml"] = PROJECT.replace(
        "line-length = 100\n", 'line-length = 100\nexclude = ["**"]\n'
    )


@trick(*LINT)
def lint_selects_nothing(stage: Stage) -> None:
    """The linter bites in CI, and its settings select no rule."""
    _honest_gate(stage)
    stage.files["pyproject.toml"] = PROJECT.replace(
        "line-length = 100\n", "line-length = 100\n\n[tool.ruff.lint]\nselect = []\n"
    )


@trick("eng.code.L3.covered")
def coverage_omits_everything(stage: Stage) -> None:
    """Coverage must be 100 %, of nothing."""
    stage.files["pyproject.toml"] = PROJECT.replace(
        "fail_under = 0", 'fail_under = 100\nomit = ["*"]'
    )


@trick("eng.code.L3.docs", "eng.culture.L2.written")
def documents_cite_what_is_not_there(stage: Stage) -> None:
    """The README cites many paths and commands, none of which is there."""
    stage.files["README.md"] = "# Potemkin\n\n" + "\n".join(
        f"- Run `bash scripts/step_{number}.sh`, then read `docs/guides/part_{number}.md` about it."
        for number in range(12)
    )


@trick("eng.code.L4.suppressions")
def suppressions_are_hidden_in_files(stage: Stage) -> None:
    """Whole files are silenced instead of lines."""
    stage.files["src/potemkin/core.py"] = (
        "# ruff: noqa\n# mypy: ignore-errors\n" + stage.files["src/potemkin/core.py"]
    )


@trick("eng.code.L4.small-changes")
def changes_are_small_because_they_are_empty(stage: Stage) -> None:
    """Sixty empty commits make the median change tiny."""
    stage.commits += stage.commits[1:] * 12


@trick("eng.code.L2.basic-ci")
def lint_runs_in_a_comment(stage: Stage) -> None:
    """The workflow names the linter in a comment and in a step's name alone."""
    stage.files[".github/workflows/ci.yml"] = WORKFLOW.replace(
        "run: ruff check . || true",
        'run: |\n          # ruff check .\n          echo "ruff check ."',
    )
