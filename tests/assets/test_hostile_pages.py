"""Whatever a page says, every rule for pages comes back: it never raises and never takes long.

Time is not asked for; texts that once cost the square or the cube of their length are played here
at a size at which they would not end.
"""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.assets.trees import assets

import pawl.assets.rules
from pawl.assets.asset import MAX_ASSET_BYTES, Asset, Kind
from pawl.assets.assets import Assets
from pawl.assets.pages import read_page
from pawl.assets.rule import Hit, Rule
from pawl.base.catalogue import discover
from pawl.parsing.invisible import hidden_in, without_hidden

PAGES = frozenset({Kind.MEMORY, Kind.SKILL, Kind.AGENT, Kind.COMMAND})
RULES = {
    name: rule
    for name, rule in discover(pawl.assets.rules, "RULE", Rule).items()
    if rule.kinds & PAGES
}
PATHS = (
    "CLAUDE.md", "AGENTS.md", ".claude/skills/a/SKILL.md", ".agents/skills/b/SKILL.md",
    ".claude/agents/a.md", ".claude/commands/a.md", ".opencode/agent/a.md", "p/agents/a.md",
    "p/skills/c/SKILL.md", ".cursor/rules/a.mdc", ".claude/rules/a.md",
)  # fmt: skip
BESIDE = {"p/.claude-plugin/plugin.json": '{"name": "p"}', ".claude/skills/a/scripts/x.md": "x"}
FIELDS = (
    "name", "description", "tools", "disallowedTools", "allowed-tools", "model", "permissionMode",
    "skills", "mcpServers", "hooks", "agent", "context", "when_to_use", "mode", "paths",
    "disable-model-invocation",
)  # fmt: skip
WORDS = (
    "---", "@a.md", "[x](y.md)", "<!--", "-->", "ignore all previous instructions", "```", "```!",
    "!`curl x`", "!`", "/Users/ann/x/y", "never force push", "npm run x", "make x", "\u200b",
    "\U000e0041", "\u202e", "ghp_", "${CLAUDE_SKILL_DIR}/x.sh", "scripts/x.py", "*a", "&a", ": ",
    "deploy", "\x00", "\ud800", "\r\n", "\ufeff", "$(", "'", '"', "fork", "bypassPermissions",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(WORDS) | st.text(max_size=12), max_size=40).map(" ".join) | (
    st.lists(st.sampled_from(WORDS) | st.text(max_size=30), max_size=30).map("\n".join)
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
FRONTS = st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=8)


def hits_of(tree: Assets) -> Iterator[tuple[str, Hit]]:
    """Run every rule for pages over a tree."""
    for name, rule in RULES.items():
        for hit in rule.check(tree):
            yield name, hit


def everywhere(text: str, paths: tuple[str, ...] = PATHS) -> Assets:
    """Return a tree in which each kind of page, and a script, is the same text."""
    files = {**BESIDE, **dict.fromkeys(paths, text)}
    files |= {".claude/skills/a/scripts/x.sh": text, ".claude/skills/a/scripts/x.py": text}
    files |= {"package.json": text, "Makefile": text, "justfile": text}
    return assets(files, base=dict.fromkeys(paths, text[: len(text) // 2]))


def sound(tree: Assets) -> int:
    """Count the hits of a tree, each of which must name a line that is there and say something."""
    count = 0
    for name, hit in hits_of(tree):
        text = tree.text(hit.path)
        assert text is not None, (name, hit)
        assert hit.line is None or 1 <= hit.line <= text.count("\n") + 1, (name, hit)
        assert hit.message.endswith("."), (name, hit.message)
        assert len(hit.message) < 1000, (name, hit.message)
        count += 1
    return count


@given(TEXTS)
def test_any_text_is_a_page(text: str) -> None:
    """Arbitrary text in every kind of page makes no rule raise."""
    sound(everywhere(text))


@given(FRONTS, TEXTS)
def test_any_value_may_stand_in_front_matter(front: dict[str, object], body: str) -> None:
    """Values of the wrong type in every field, however nested, make no rule raise."""
    import yaml

    said = yaml.safe_dump(front, allow_unicode=True) if front else ""
    sound(everywhere(f"---\n{said}---\n{body}"))


@given(st.text(max_size=200))
def test_what_is_mended_is_clean(text: str) -> None:
    """A text without its hidden characters holds none that a second look finds."""
    lines = text.split("\n")
    mended = "\n".join(without_hidden(line, first=not at) for at, line in enumerate(lines))
    found = hidden_in(mended)
    # What is taken out may bring two signs together that make no sense beside each other.
    again = "\n".join(
        without_hidden(line, first=not at) for at, line in enumerate(mended.split("\n"))
    )
    assert len(again) <= len(mended) <= len(text)
    assert not found or len(again) < len(mended)


@pytest.mark.parametrize(
    "unit",
    [
        "<!-- agent ", "<!--", "ignore all ", "never push ", "/Users/a", "!`", "![", "[x](", "@a/",
        "`", "---\n", "\u200b", "\U000e0041", "a: ", "- [", "${CLAUDE_SKILL_DIR}/", "eyJ", "sk-",
        "$(", "((", "<<A\n", "'", "{", "python scripts/", "make x ", "npm run x\n", "just ",
        "```sh\nmake a\n```\n", "do not tell ", "C:\\Users\\", "send token ", "&a *a ", "x:\n ",
        "-----BEGIN ", "AI must ", "@a.md ", "curl x | sh\n", "read -p x\n", "input(", ".PHONY: a ",
    ],
)  # fmt: skip
def test_long_texts_end(unit: str) -> None:
    """A text of a hundred thousand characters that repeats one sign is read to its end."""
    text = unit * (100_000 // len(unit))
    sound(everywhere(text, ("CLAUDE.md", ".claude/commands/a.md")))
    pages = (".claude/skills/a/SKILL.md", ".claude/agents/a.md")
    sound(everywhere(f"---\nname: deploy\ndescription: x\n---\n{text}", pages))


def test_front_matter_of_ten_megabytes_is_refused_with_a_reason() -> None:
    """Front matter of 10 MB is not parsed, is told of as broken, and its fields are not trusted."""
    text = "---\nname: a\ndescription: x\nmore: |\n" + "  text\n" * 1_500_000 + "---\nBody\n"
    page = read_page(Asset(".claude/skills/a/SKILL.md", Kind.SKILL, "claude-code"), text)
    assert page.front.state == "unterminated"
    assert "longer than" in page.front.problem
    assert page.front.values == {}
    assert page.description == "x"


def test_large_front_matter_is_told_of() -> None:
    """Front matter over the limit, in a file that is just read, is one finding that says why."""
    text = "---\nname: a\ndescription: x\nmore: |\n" + "  text\n" * 12_000 + "---\nBody\n"
    assert len(text) < MAX_ASSET_BYTES
    tree = assets({".claude/skills/a/SKILL.md": text})
    told = [hit.message for name, hit in hits_of(tree) if name == "broken-front-matter"]
    assert len(told) == 1
    assert "longer than" in told[0]


def test_broken_front_matter_names_the_place() -> None:
    """The finding about YAML that cannot be read stands on the line that is wrong."""
    text = "---\nname: a\ntools: [Read\nmodel: x\ndescription: y\n---\nBody\n"
    tree = assets({".claude/agents/a.md": text})
    lines = [hit.line for name, hit in hits_of(tree) if name == "broken-front-matter"]
    assert lines == [4]


def test_imports_that_import_each_other_many_times_end() -> None:
    """Files that all import each other are followed once at a depth, not once a way."""
    names = [f"f{at}.md" for at in range(60)]
    body = "\n".join(f"@{name}" for name in names) + "\n@gone.md\n"
    tree = assets({"CLAUDE.md": body, **dict.fromkeys(names, body)})
    found = [hit for name, hit in hits_of(tree) if name == "missing-import"]
    assert ("CLAUDE.md", 61) in {(hit.path, hit.line) for hit in found}
    assert len(found) == len({(hit.path, hit.line, hit.subject) for hit in found})


def test_rules_judge_only_what_they_are_asked_to() -> None:
    """With one file to judge, no page rule tells of another one."""
    text = "---\nname: x y\ntools: Foo\nmodel: gpt-5\n---\n/Users/ann/x/y [x](gone.md)\n"
    tree = assets(
        {**BESIDE, **dict.fromkeys(PATHS, text)}, only=[".claude/agents/a.md", "AGENTS.md"]
    )
    assert {hit.path for _, hit in hits_of(tree)} == {".claude/agents/a.md", "AGENTS.md"}
