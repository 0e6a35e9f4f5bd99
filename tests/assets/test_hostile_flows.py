"""Pipelines of somebody who means ill: whatever they say, no rule fails, and none takes long."""

from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.assets.trees import assets

import pawl.assets.rules
from pawl.assets.agent_use import MAX_CALLS
from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.ci_agents import MAX_AGENTS
from pawl.assets.rule import Rule
from pawl.base.catalogue import discover

RULES = {
    name: rule
    for name, rule in discover(pawl.assets.rules, "RULE", Rule).items()
    if Kind.WORKFLOW in rule.kinds
}
WORDS = st.sampled_from(
    [
        "on", "issues", "issue_comment", "pull_request", "workflow_run", "jobs", "steps", "run",
        "uses", "with", "env", "if", "permissions", "id-token", "write", "needs", "outputs", "id",
        "types", "script", "rules", "extends", "variables", "claude -p x", "./a", "./b/w.yml",
        "anthropics/claude-code-action@v1", "google-github-actions/run-gemini-cli", "prompt",
        "settings", "claude_args", "--allowedTools Bash(", "allowed_non_write_users", "*",
        "${{ github.event.issue.title }}", "${{ secrets.X }}", "$(claude -p '", "a | claude -p",
        "((a || !(b", "github.actor == 'x' || (", "{\"tools\": [1]}", "claude -p x || true > f",
        "actions/checkout", "actions/cache@v4", "npm publish", "workflow_call", "inputs", "on:",
        "merge_request_event", "only", "continue-on-error", "concurrency", "timeout-minutes",
    ]
)  # fmt: skip
LEAVES = WORDS | st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(WORDS | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=12,
)
STEPS = st.lists(st.dictionaries(WORDS, VALUES, max_size=5) | VALUES, max_size=3)
JOBS = st.dictionaries(
    st.sampled_from(["a", "b", ".c"]),
    st.fixed_dictionaries(
        {"steps": STEPS | VALUES},
        optional={
            "if": VALUES, "needs": VALUES, "permissions": VALUES, "env": VALUES, "uses": VALUES,
            "with": VALUES, "outputs": VALUES, "environment": VALUES, "script": VALUES,
            "rules": VALUES, "extends": VALUES, "only": VALUES,
        },
    ),
    max_size=2,
)  # fmt: skip
FLOWS = st.fixed_dictionaries(
    {"on": VALUES, "jobs": JOBS | VALUES}, optional={"env": VALUES, "permissions": VALUES}
)


REAL = [path.read_text() for path in sorted((Path(__file__).parent / "fixtures").rglob("*.yml"))]
for _path in sorted((Path(__file__).parent / "rules" / "cases").glob("*.yaml")):
    for _case in yaml.load(_path.read_text(), Loader=yaml.BaseLoader)["hits"]:
        REAL += [text for path, text in _case["files"].items() if path.endswith("a.yml")]
REAL = [text for text in REAL if "\t" not in text and "[push\n" not in text]


def play(files: dict[str, str]) -> int:
    """Return how many hits all rules about pipelines have in a tree."""
    held = assets(files)
    return sum(1 for rule in RULES.values() for _ in rule.check(held))


def told(value: Any) -> str:
    """Return a value as YAML that speaks of an agent, so that rules look at it."""
    return f"# claude\n{yaml.safe_dump(value, allow_unicode=True)}"


@given(FLOWS, VALUES, JOBS)
@settings(max_examples=60, deadline=None)
def test_no_pipeline_makes_a_rule_fail(flow: Any, action: Any, gitlab: Any) -> None:
    """Whatever types stand where, a rule tells what it finds and raises nothing."""
    play(
        {
            ".github/workflows/a.yml": told(flow),
            "a/action.yml": told({"inputs": action, "runs": {"steps": action}}),
            "b/w.yml": told(flow),
            ".gitlab-ci.yml": told(gitlab),
        }
    )


def paths_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value in a document."""
    keys = value if isinstance(value, dict) else range(len(value) if isinstance(value, list) else 0)
    inner = [(*path, key) for key in keys]
    return inner + [deep for each in inner for deep in paths_in(value[each[-1]], each)]


def spoilt(text: str, draw: Any) -> str:
    """Return a workflow with a few of its values replaced by others."""
    value = yaml.load(text, Loader=yaml.BaseLoader)
    for _ in range(draw(st.integers(1, 3))):
        *around, last = draw(st.sampled_from(paths_in(value)))
        holder = value
        for key in around:
            holder = holder[key]
        holder[last] = draw(VALUES)
    return told(value)


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_a_spoilt_pipeline_makes_no_rule_fail(data: st.DataObject) -> None:
    """A real workflow in which something of another type stands is looked at all the same."""
    text = data.draw(st.sampled_from(REAL))
    play({".github/workflows/a.yml": spoilt(text, data.draw)})


@given(st.text(max_size=200))
@settings(max_examples=100, deadline=None)
def test_no_text_makes_a_rule_fail(text: str) -> None:
    """A file that is no YAML, and a script that is no shell, are passed over."""
    script = {"on": "issues", "jobs": {"a": {"if": text, "steps": [{"run": f"claude -p {text}"}]}}}
    play({".github/workflows/a.yml": f"# claude\n{text}", ".github/workflows/b.yml": told(script)})


def test_a_workflow_that_calls_itself_ends() -> None:
    """An action and a workflow that use themselves are looked at once."""
    step = {"uses": "./a"}
    flow = {"on": "issues", "jobs": {"x": {"uses": "./.github/workflows/a.yml"}}}
    files = {
        "a/action.yml": told({"runs": {"using": "composite", "steps": [step] * 50}}),
        ".github/workflows/a.yml": told(flow),
        ".github/workflows/b.yml": told({"on": "issues", "jobs": {"x": {"steps": [step] * 300}}}),
    }
    assert play(files) == 0


def test_jobs_that_extend_each_other_many_times_end() -> None:
    """A lattice of templates, each of which extends the next sixty times over, is laid out once."""
    jobs: dict[str, Any] = {f".t{n}": {"extends": [f".t{n + 1}"] * 60} for n in range(12)}
    jobs[".t12"] = {"script": ["claude -p x"]}
    jobs["a"] = {"extends": ".t3"}
    assert play({".gitlab-ci.yml": told(jobs)}) == 1


def test_references_that_name_each_other_many_times_end() -> None:
    """A lattice of references that come to nothing is followed within a budget."""
    names = [", ".join([f"!reference [.r{n + 1}, s]"] * 60) for n in range(9)]
    lines = [f".r{n}: {{s: [{each}]}}" for n, each in enumerate(names)]
    text = "# claude\n" + "\n".join(lines) + "\na: {script: [!reference [.r0, s], claude -p x]}\n"
    assert play({".gitlab-ci.yml": text}) == 0  # The budget is spent before the agent is seen.


def test_very_long_values_are_read_within_bounds() -> None:
    """A condition, a prompt and a script of many thousand signs are no endless search."""
    long = "(" * 4000 + "github.event.issue.title " * 2000 + "${{" * 3000
    step = {"run": f"claude -p '{'$A ' * 9000}' {'| cat ' * 3000}", "env": {"A": long}}
    prompt = {"uses": "google-github-actions/run-gemini-cli@v0", "with": {"prompt": long}}
    flow = {"on": "issues", "jobs": {"a": {"if": long[:4900], "steps": [step, prompt]}}}
    assert play({".github/workflows/a.yml": told(flow)}) > 0


def test_agents_without_number_are_looked_at_up_to_a_limit() -> None:
    """Thousands of jobs, and a script of a thousand calls, cost no more than the limits allow."""
    jobs = {f"j{n}": {"steps": [{"run": "claude -p x"}] * 30} for n in range(100)}
    held = assets({".github/workflows/a.yml": told({"on": "issues", "jobs": jobs})})
    assert len(held.ci_agents) == MAX_AGENTS
    calls = "\n".join(f"R{n}=$(claude -p x) || true" for n in range(900))
    flow = {"on": "issues", "jobs": {"a": {"steps": [{"run": calls}]}}}
    held = assets({".github/workflows/a.yml": told(flow)})
    assert len(held.ci_agents) == MAX_CALLS
    assert play({".github/workflows/a.yml": told(flow)}) > MAX_CALLS


def test_only_the_judged_files_are_told_of() -> None:
    """With one file to judge, hits in others are not told of, though they are looked into."""
    open_agent = {"on": "issues", "jobs": {"a": {"steps": [{"run": "opencode run x"}]}}}
    files = {f".github/workflows/{n}.yml": told(open_agent) for n in "ab"}
    held = assets(files, only=[".github/workflows/a.yml"])
    assert isinstance(held, Assets)
    paths = {hit.path for rule in RULES.values() for hit in rule.check(held)}
    assert paths == {".github/workflows/a.yml"}
