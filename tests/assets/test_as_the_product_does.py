"""What rules say is dropped is what Claude Code 2.1.329 dropped, and nothing that it kept.

The recording lists what the product offered of a folder of odd skills and agents; the folder is
written down here.
"""

import json
from pathlib import Path
from typing import Any

from tests.assets.trees import assets

import pawl.assets.rules
from pawl.assets.rule import Rule
from pawl.base.catalogue import load

RECORDED = (
    Path(__file__).parents[1] / "fixtures" / "agents" / "claude" / "skills-validation"
    / "stdout.jsonl"
)  # fmt: skip
SKILLS = {
    "good-skill": "---\nname: good-skill\ndescription: Does good. Use when needed.\n---\n\nBody.\n",
    "hidden": "---\nname: hidden\ndescription: No.\ndisable-model-invocation: true\n---\n\nBody.\n",
    "long-desc": f"---\nname: long-desc\ndescription: {'x' * 1500}\n---\n",
    "long-name": f"---\nname: {'n' * 80}\ndescription: Name too long.\n---\n\nBody.\n",
    "other-dir": "---\nname: not-the-dir-name\ndescription: Name differs.\n---\n\nBody.\n",
    "upper": "---\nname: Upper_Case\ndescription: Name breaks the spec.\n---\n\nBody.\n",
    "bad-yaml": "---\nname: [unclosed\n---\nBody\n",
    "no-desc": "---\nname: no-desc\n---\n\nBody.\n",
    "no-front": "# Just text\n",
}
AGENTS = {
    "Upper Name": "---\nname: Upper Name\ndescription: spaces and capitals\n---\nDo it.\n",
    "bad-model": "---\nname: bad-model\ndescription: odd model\nmodel: not-a-model\n---\nDo it.\n",
    "no-desc": "---\nname: no-desc-agent\n---\nDo it.\n",
    "no-name": "---\ndescription: no name\n---\nDo it.\n",
    "ok-agent": "---\nname: ok-agent\ndescription: fine\n---\nDo it.\n",
}
DROPS = ("broken-front-matter", "missing-front-matter", "undescribed-skill", "incomplete-agent")


def recorded() -> dict[str, Any]:
    """Return the first event of the recording, which lists what the product offers."""
    lines = RECORDED.read_text(encoding="utf-8").splitlines()
    return next(event for event in map(json.loads, lines) if event.get("subtype") == "init")


def told(*rules: str) -> set[str]:
    """Return the paths that rules tell of in the folder."""
    tree = assets(
        {
            **{f".claude/skills/{name}/SKILL.md": text for name, text in SKILLS.items()},
            **{f".claude/agents/{name}.md": text for name, text in AGENTS.items()},
        }
    )
    found = (load(pawl.assets.rules, name, "RULE", Rule).check(tree) for name in rules)
    return {hit.path for hits in found for hit in hits}


def test_what_is_told_of_as_dropped_is_dropped() -> None:
    """Skills that the model is not offered, and agents that are not there, are just those."""
    event = recorded()
    listed = set(event["skills"])
    skills = {f".claude/skills/{name}/SKILL.md" for name in SKILLS if name not in listed}
    agents = {f".claude/agents/{name}.md" for name in AGENTS if name not in event["agents"]}
    assert len(skills) == 3
    assert len(agents) == 2
    assert told(*DROPS) == skills | agents


def test_names_that_are_taken_are_told_of_mildly() -> None:
    """Names against the specification, which this product takes, fail no lint."""
    taken = told("invalid-skill-name", "skill-name-unlike-folder")
    names = {path.split("/")[2] for path in taken}
    assert names == {"long-name", "other-dir", "upper"}
    assert names <= set(recorded()["skills"])


def test_a_model_is_not_looked_at_before_it_is_called() -> None:
    """An agent with a model that does not exist is offered all the same, and told of here."""
    assert "bad-model" in recorded()["agents"]
    assert told("unknown-model") == {".claude/agents/bad-model.md"}


def test_tools_of_the_product_are_known() -> None:
    """Each tool that the product says it has is on the list of known ones."""
    from pawl.assets.judgement import claude_names

    assert {tool for tool in recorded()["tools"] if not tool.startswith("mcp__")} <= set(
        claude_names().tools
    )
