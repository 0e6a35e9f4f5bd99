"""Ready is what is proved for each item: nothing declared counts, and unknown is never yes."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.maturity.probes.test_probes import PROBES
from tests.maturity.surveys.repository import files as evals
from tests.maturity.told import facts

import pawl.maturity
from pawl.base.errors import BadFile
from pawl.maturity.readiness import ItemResult, Items, Readiness, Standing, load_items, readiness
from pawl.maturity.readiness_looks import LOOKS

TEXT = (Path(pawl.maturity.__file__).parent / "readiness.yaml").read_text()
ITEMS: Items = load_items(TEXT, PROBES, place="readiness.yaml")
Z = 1.645
AT = "2026-11-19T00:00:00.000000Z"
SINCE = "2026-06-01T00:00:00.000000Z"
CI = ".github/workflows/ai-review.yml"
SETTINGS = ".claude/settings.json"

SKILL = """\
---
name: review
description: Use when a change is to be reviewed before it is merged
---
# Review

Read the whole change first, then each file with its tests beside it. Look for what could lose data,
for what a stranger could misuse, for errors that nobody would see, and for tests that cannot fail.
Say each finding in one sentence with its file and line, worst first, and say what you did not read.
"""
AGENT = """\
---
name: security-reviewer
description: Use when a change touches logins, secrets or input from outside, to find weaknesses
tools: Read, Grep, Glob
model: sonnet
---
Look for injection, missing checks of who may do what, secrets in the code, and unsafe defaults. Say
each finding in one sentence with its file and line. Change nothing.
"""
WORKFLOW = """\
on: pull_request
permissions: {}
concurrency: {group: "review-${{ github.ref }}", cancel-in-progress: true}
jobs:
  review:
    if: github.event.pull_request.head.repo.full_name == github.repository
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    permissions: {contents: read}
    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683
        with: {persist-credentials: false}
      - run: >-
          npx -y @anthropic-ai/claude-code@2.1.329 -p "Review this diff" --output-format json
          --max-turns 8 --max-budget-usd 1 --tools "Read,Grep,Glob" --setting-sources user
          --strict-mcp-config > review.json
        env:
          ANTHROPIC_API_KEY: ${{ secrets.ANTHROPIC_API_KEY }}
"""
GATE = """\
on: pull_request
jobs:
  evals:
    runs-on: ubuntu-24.04
    steps:
      - run: pawl lint
      - run: pawl eval grade
"""
RULES = """\
{"permissions": {
  "allow": ["Bash(make test)", "Bash(git diff:*)"],
  "deny": ["Read(./.env)", "Read(./secrets/**)"],
  "defaultMode": "default"}}
"""


def run(number: int, path: str) -> dict[str, Any]:
    """Return the code host's word that a workflow ran."""
    return {
        "id": str(number),
        "workflow": "w",
        "path": path,
        "conclusion": "success",
        "started_at": AT,
    }


def host(**more: Any) -> dict[str, Any]:
    """Return a code host's export."""
    return {
        "product": "github",
        "repository": "team/pay",
        "exported_at": "2026-11-20T00:00:00.000000Z",
        "complete_since": SINCE,
        "default_branch": "main",
        **more,
    }


def change(**more: Any) -> dict[str, Any]:
    """Return a change of the permissions that somebody else approved and an agent commented on."""
    return {
        "number": 7,
        "author": "ada",
        "opened_at": AT,
        "merged_at": AT,
        "files": [SETTINGS],
        "reviews": [{"author": "bob", "state": "approved", "at": AT}],
        "agent_comments": [{"at": AT, "addressed": True}],
        **more,
    }


PRACTICE: dict[str, Any] = {
    "complete_since": SINCE,
    "agents": [{"agent": "claude-code", "sessions": 40, "supervised": 40, "days": 20}],
    "runs": 40,
    "runs_in_ci": 30,
    "runs_with_limits": 40,
    "runs_with_session": 40,
    "run_costs": [(AT, 20_000)],
    "requests": 400,
    "cost_alerts": [],
    "budgets": 1,
    "agent_alert_rules_tested": ["stuck-loop"],
}
STEPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("review-skill", {"files": {".claude/skills/review/SKILL.md": SKILL}}),
    ("security-reviewer", {"files": {".claude/agents/security-reviewer.md": AGENT}}),
    ("ci-workflow", {"files": {CI: WORKFLOW}}),
    ("key-secret", {"host": host(runs=[run(1, CI)])}),
    ("review-posted", {"host": host(runs=[run(1, CI)], changes=[change(files=["a.py"])])}),
    ("cost-tracked", {"practice": {**PRACTICE, "agent_alert_rules_tested": []}}),
    (
        "permissions-reviewed",
        {"files": {SETTINGS: RULES}, "host": host(runs=[run(1, CI)], changes=[change()])},
    ),
    ("when-it-fails", {"practice": PRACTICE}),
    (
        "consistent",
        {
            "files": {**evals(), ".github/workflows/evals.yml": GATE},
            "host": host(
                runs=[run(1, CI), run(2, ".github/workflows/evals.yml")], changes=[change()]
            ),
        },
    ),
)
"""What a team adds, one after the other, and the item that each of it settles."""


def look(files: dict[str, str | bytes] | None, **sections: Any) -> Readiness:
    """Return how a made-up repository stands."""
    return readiness(ITEMS, facts(files, **sections), PROBES, Z)


def grown(steps: int) -> dict[str, Any]:
    """Return the facts of a repository after so many steps."""
    told: dict[str, Any] = {"files": {"README.md": "# Pay\n"}}
    for _, more in STEPS[:steps]:
        files = {**told["files"], **more.get("files", {})}
        told = {**told, **more, "files": files}
    return told


def standings(told: Readiness) -> dict[str, Standing]:
    """Return how each item stands."""
    return {each.id: each.standing for each in told.items}


def item(told: Readiness, name: str) -> ItemResult:
    """Return one item."""
    return next(each for each in told.items if each.id == name)


def test_there_are_seven_steps_and_five_questions() -> None:
    """The items are those of the source, each with a remedy, a command and what it rests on."""
    parts = [each.part for each in ITEMS.items]
    assert parts == ["step"] * 7 + ["question"] * 5
    assert ITEMS.source.title
    for each in ITEMS.items:
        assert each.remedy.endswith(".")
        assert each.command
        assert each.needs


def test_a_bare_repository_is_not_ready_and_is_told_where_to_begin() -> None:
    """Nothing is proved; the first step is the first thing to do."""
    told = look({"README.md": "# Pay\n"})
    assert told.standing is Standing.NO
    assert Standing.YES not in standings(told).values()
    assert told.next_step is not None
    assert told.next_step.item == "review-skill"
    assert told.next_step.command == "pawl lint .claude/skills"


def test_a_repository_that_grows_step_by_step_becomes_ready() -> None:
    """Each step settles its own item and undoes none; after the last one nothing is missing."""
    before: dict[str, Standing] = standings(look(**grown(0)))
    for number, (name, _) in enumerate(STEPS, 1):
        told = look(**grown(number))
        now = standings(told)
        assert before[name] is not Standing.YES, name
        assert now[name] is Standing.YES, (name, item(told, name))
        lost = [
            each for each in now if before[each] is Standing.YES and now[each] is not before[each]
        ]
        assert not lost, (name, lost)
        before = now
    told = look(**grown(len(STEPS)))
    assert told.standing is Standing.YES, [each for each in told.items if each.standing != "yes"]
    assert told.next_step is None


@pytest.mark.parametrize("missing", ["host", "practice"])
def test_live_data_that_is_missing_is_never_a_yes(missing: str) -> None:
    """Without the code host, or without records of runs, nobody can tell; no item turns to no."""
    whole = grown(len(STEPS))
    del whole[missing]
    told = look(**whole)
    assert told.standing is Standing.CANNOT_TELL
    assert Standing.NO not in standings(told).values()
    assert told.next_step is not None
    assert told.next_step.what.startswith("Let Pawl look")


def test_what_was_not_looked_at_at_all_is_not_ready() -> None:
    """Without a tree, nothing is a yes and nothing is a no."""
    assert set(standings(look(None)).values()) == {Standing.CANNOT_TELL}


def test_exports_that_the_repository_brings_along_prove_nothing() -> None:
    """A file that says what the code host would say is the word of those who are judged."""
    whole = grown(len(STEPS))
    whole["host"] = {**whole["host"], "source": "tree:.pawl/evidence/host.json"}
    told = look(**whole)
    assert told.standing is not Standing.YES
    for name in ("key-secret", "review-posted", "permissions-reviewed", "consistent"):
        assert item(told, name).standing is not Standing.YES, name


@pytest.mark.parametrize(
    ("name", "path", "old", "new"),
    [
        ("review-skill", ".claude/skills/review/SKILL.md", "name: review", "name: other"),
        ("security-reviewer", ".claude/agents/security-reviewer.md", "Grep, Glob", "Edit, Write"),
        ("ci-workflow", CI, "> review.json", "> review.json || true"),
        ("ci-workflow", CI, "on: pull_request", "on: workflow_dispatch"),
        ("key-secret", CI, "${{ secrets.ANTHROPIC_API_KEY }}", "${{ vars.KEY }}"),
        ("in-bounds", SETTINGS, '"Bash(make test)"', '"Bash(bash *)"'),
        ("consistent", ".github/workflows/evals.yml", "eval grade", "eval grade || true"),
    ],
)
def test_what_is_there_and_does_not_work_is_missing(
    name: str, path: str, old: str, new: str
) -> None:
    """One thing that is broken turns its item, and with it the whole, to not ready."""
    whole = grown(len(STEPS))
    assert old in whole["files"][path]
    whole["files"][path] = whole["files"][path].replace(old, new)
    told = look(**whole)
    assert item(told, name).standing is not Standing.YES, item(told, name)
    assert told.standing is not Standing.YES


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("cost-tracked", {"budgets": 0}),
        ("cost-tracked", {"cost_alerts": None}),
        ("cost-tracked", {"run_costs": [("2026-10-01T00:00:00.000000Z", 1)]}),
        ("when-it-fails", {"runs": 0}),
        ("when-it-fails", {"agent_alert_rules_tested": None}),
        ("why", {"runs_with_session": 3}),
        ("why", {"gaps": [(SINCE, AT)]}),
        ("what-it-costs", {"unpriced_requests": 300}),
        ("what-it-costs", {"budgets": None}),
        ("in-bounds", {"runs_with_limits": 4}),
    ],
)
def test_records_that_say_otherwise_are_heard(name: str, more: dict[str, Any]) -> None:
    """Each figure of the live data decides about its own item."""
    whole = grown(len(STEPS))
    whole["practice"] = {**PRACTICE, **more}
    assert item(look(**whole), name).standing is not Standing.YES


def test_a_review_of_permissions_ends_after_a_month_and_needs_another_person() -> None:
    """An old approval, one's own, or a bot's, is no review of this month."""
    for more in (
        {"merged_at": "2026-10-01T00:00:00.000000Z"},
        {"reviews": [{"author": "ada", "state": "approved"}]},
        {"reviews": [{"author": "b", "bot": True, "state": "approved"}]},
        {"files": ["README.md"]},
    ):
        whole = grown(len(STEPS))
        whole["host"] = {**whole["host"], "changes": [change(**more)]}
        assert item(look(**whole), "permissions-reviewed").standing is Standing.NO, more


def test_a_kept_duty_with_its_record_is_a_review() -> None:
    """A routine that left a record counts where the code host tells of no change."""
    whole = grown(len(STEPS))
    whole["host"] = {**whole["host"], "changes": [change(files=["a.py"])]}
    routine = {"name": "allowlist review", "due": AT, "done_at": AT}
    operations = {"source": "x", "complete_since": SINCE, "routines": [routine]}
    bare = item(look(**whole, operations=operations), "permissions-reviewed")
    assert bare.standing is Standing.NO, "done without a record is only said"
    operations["routines"] = [{**routine, "record_digest": "d" * 64}]
    kept = item(look(**whole, operations=operations), "permissions-reviewed")
    assert kept.standing is Standing.YES


WORDS = st.sampled_from(
    ["done", "ready: true", "yes", "- [x] review skill", "security reviewer", "budget: 100",
     "reviewed: 2026-11-20", "status: complete", "pawl readiness: yes", "approved"]
)  # fmt: skip
PATHS = st.sampled_from(
    ["READY.md", "docs/readiness.md", ".pawl/readiness.yaml", ".pawl/checklist.md",
     ".pawl/evidence/readiness.json", "docs/production.yaml", ".claude/READY", "pawl-ready.toml"]
)  # fmt: skip


@given(
    st.dictionaries(PATHS, st.lists(WORDS, max_size=8).map("\n".join), max_size=4),
    st.integers(0, len(STEPS) - 1),
)
def test_declared_text_changes_nothing(said: dict[str, str], steps: int) -> None:
    """Files that say that all is done leave each item as it stands without them."""
    whole = grown(steps)
    bare = standings(look(**whole))
    whole["files"] = {**whole["files"], **said}
    assert standings(look(**whole)) == bare


def test_items_that_rest_on_nothing_are_refused() -> None:
    """A probe that nobody asks, a need that names two, and an item without needs do not load."""
    for old, new in (
        ("look: a-skill-reviews", "look: a-skill-says-so"),
        ("look: a-skill-reviews", "probe: none-such"),
        ("look: a-skill-reviews", "probe: hooks-bite, look: a-skill-reviews"),
    ):
        with pytest.raises(BadFile):
            load_items(TEXT.replace(old, new, 1), PROBES, place="x.yaml")


def test_every_look_is_asked_and_every_threshold_is_on_a_value_it_tells() -> None:
    """No look is left over, and no item bounds a value that its answer never holds."""
    needs = [need for each in ITEMS.items for need in each.needs]
    assert {need.look for need in needs if need.look} == set(LOOKS)
    for need in needs:
        probe = PROBES[need.probe] if need.probe else LOOKS[need.look]
        assert set(need.where) <= set(probe.values), need.id
        assert need.depth <= probe.depth, need.id


def test_the_answer_is_one_documented_object() -> None:
    """It goes into JSON and back, and names its schema."""
    told = look(**grown(3))
    written = msgspec.json.encode(told)
    assert msgspec.json.decode(written, type=Readiness) == told
    assert told.schema == "pawl.readiness/1"


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("repo:github.com/acme/shop", "pawl collect github acme/shop --into"),
        ("repo:gitlab.com/acme/web/shop", "pawl collect gitlab acme/web/shop --into"),
        ("repo:git.example.org/acme/shop", "pawl collect github acme/shop --into"),
        ("repo:shop", "pawl collect github OWNER/REPO --into"),
        ("repo:github.com/a;rm -rf ~/b", "pawl collect github OWNER/REPO --into"),
    ],
)
def test_commands_name_the_repository_and_never_more(subject: str, said: str) -> None:
    """A command can be pasted: the remote's name is in it, and nothing that a shell would run."""
    whole = grown(5)
    del whole["host"]
    told = readiness(ITEMS, msgspec.structs.replace(facts(**whole), subject=subject), PROBES, Z)
    assert item(told, "review-posted").command.startswith(said)
