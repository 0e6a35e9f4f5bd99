"""What the files of a change are, and that no team can make a policy mere code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.changes.made_changes import manifest

from pawl.base.errors import BadFile
from pawl.changes.components import (
    MAX_PROMPT,
    FileKind,
    KindRule,
    KindRules,
    kind_of_file,
    load_kinds,
    parts_of,
    shipped_kinds,
)
from pawl.changes.manifest import manifest_digest, problems, works_of
from pawl.changes.parts import Code, EvalSet, PolicyFile, Prompt
from pawl.governance.raci import Work

KINDS: dict[str, FileKind] = {
    "CLAUDE.md": "prompt",
    "services/shop/AGENTS.md": "prompt",
    ".claude/agents/reviewer.md": "prompt",
    "tools/.claude/skills/deploy/scripts/run.sh": "prompt",
    "prompts/support.txt": "prompt",
    ".claude/settings.json": "policy",
    "shop/.claude/settings.local.json": "policy",
    ".claude/hooks/check.sh": "policy",
    ".pawl/gates.yaml": "policy",
    ".pawl/evals/recurrence.yaml": "eval-set",
    "evals/support.yaml": "eval-set",
    ".github/workflows/release.yml": "policy",
    ".github/CODEOWNERS": "policy",
    ".mcp.json": "policy",
    "src/claude.py": "code",
    "docs/evals.md": "code",
    "settings.json": "code",
}


@pytest.mark.parametrize("path", KINDS)
def test_a_file_is_what_it_steers(path: str) -> None:
    """What an agent is told, what it may, what it is measured by, and all the rest."""
    assert kind_of_file(path) == KINDS[path]


def test_parts_are_words_or_digests() -> None:
    """A prompt stands there word for word, everything else by digest, what is gone as absent."""
    found = parts_of(
        {
            "CLAUDE.md": b"Be kind.\n",
            ".mcp.json": b"{}",
            "evals/a.yaml": b"",
            "a.py": b"",
            "b.py": None,
        }
    )
    assert found["prompt/CLAUDE.md"] == Prompt(text="Be kind.\n")
    assert isinstance(found["policy/.mcp.json"], PolicyFile)
    assert isinstance(found["eval-set/evals/a.yaml"], EvalSet)
    assert isinstance(found["code/a.py"], Code)
    assert found["code/b.py"] is None


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * (MAX_PROMPT + 1)])
def test_a_prompt_that_cannot_be_shown_is_known_by_its_digest(content: bytes) -> None:
    """Bytes that are no text, or too much of it, still make another prompt when they change."""
    one = parts_of({"CLAUDE.md": content})["prompt/CLAUDE.md"]
    other = parts_of({"CLAUDE.md": content + b"."})["prompt/CLAUDE.md"]
    assert isinstance(one, Prompt)
    assert one.text.startswith("sha256:")
    assert one != other


PATHS = st.sampled_from(sorted(KINDS)) | st.text(min_size=1, max_size=400)


@given(st.dictionaries(PATHS, st.none() | st.binary(max_size=5), min_size=1, max_size=4))
def test_whatever_files_are_called_a_manifest_comes_of_them(
    contents: dict[str, bytes | None],
) -> None:
    """Hostile names, endless or unprintable, make sound components, one for each file."""
    parts = parts_of(contents)
    assert len(parts) == len(contents)
    plan = manifest(parts=parts, base=dict.fromkeys(parts))
    assert set(problems(plan)) <= {"It changes nothing."}
    assert manifest_digest(plan)


WEIGHT: list[FileKind] = ["policy", "eval-set", "prompt", "code"]


@given(PATHS, st.sampled_from(WEIGHT), st.sampled_from(["*", "/.pawl/", "*.md", "src/"]))
def test_a_teams_rule_adds_weight_and_takes_none(path: str, kind: FileKind, pattern: str) -> None:
    """Whatever a team's file says, a file is at least as weighty as it is without it."""
    own = KindRules(
        schema="pawl.components/1",
        version="t",
        as_of="2026-11-21",
        rules=(KindRule(kind=kind, paths=(pattern,), source="a test"),),
    )
    assert WEIGHT.index(kind_of_file(path, own)) <= WEIGHT.index(kind_of_file(path))


def test_a_change_of_files_asks_whoever_answers_for_them() -> None:
    """A skill edited beside the gates is work of two kinds, whatever its title says."""
    before = parts_of({"CLAUDE.md": b"a", ".pawl/gates.yaml": b"a"})
    after = parts_of({"CLAUDE.md": b"b", ".pawl/gates.yaml": b"b"})
    assert works_of(manifest(parts=after, base=before)) == {Work.PROMPT, Work.POLICY}


@pytest.mark.parametrize(
    "rules",
    ['[{kind: tool, paths: ["*"], source: x}]', '[{kind: code, paths: ["*"], source: " "}]', "7"],
)
def test_rules_that_are_not_clear_do_not_load(rules: str) -> None:
    """An unknown kind and a rule without a source are refused with their file."""
    head = 'schema: pawl.components/1\nversion: "1"\nas_of: 2026-11-21\nrules: '
    with pytest.raises(BadFile, match=r"components\.yaml"):
        load_kinds(head + rules, place="components.yaml")
    assert shipped_kinds().rules
