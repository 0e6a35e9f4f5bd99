"""What rules for pages take out of pages and trees: commands, targets, scripts, coverage."""

from hypothesis import given
from hypothesis import strategies as st
from tests.assets.trees import assets

import pawl.assets.rules
from pawl.assets.coverage import covers, texts_of_cases
from pawl.assets.documented import bare, begins, said_in
from pawl.assets.dynamic import dynamic_in
from pawl.assets.rule import Rule
from pawl.assets.targets import recipes, scripts, targets
from pawl.base.catalogue import load


def test_commands_keep_their_lines() -> None:
    """Commands of fences and of inline code come with the lines of the whole page."""
    text = "---\nname: a\n---\nRun `npm test` now.\n\n```sh\ncd x && make all\n```\n"
    page = assets({".claude/skills/a/SKILL.md": text}).skills[0]
    assert [(said.words, said.line) for said in said_in(page)] == [
        (("npm", "test"), 4),
        (("cd", "x"), 7),
        (("make", "all"), 7),
    ]


def test_a_command_begins_with_known_words() -> None:
    """Wrappers and options before the known words are passed over; other words are not."""
    known = ("git push", "vercel --prod", "make deploy")
    assert begins(bare(("sudo", "git", "push", "origin")), known) == "git push"
    assert begins(("git", "-q", "push"), known) == "git push"
    assert begins(("git", "status", "push"), known) is None
    assert begins(("vercel", "--prod", "--yes"), known) == "vercel --prod"
    assert begins((), known) is None


def test_dynamic_commands_have_their_lines() -> None:
    """Inline and fenced commands are found where they stand; other code is none."""
    text = "---\na: b\n---\nx !`date`\n```!\nls\npwd\n```\n```sh\nls\n```\nK=!`no`\n"
    page = assets({".claude/commands/a.md": text}).commands[0]
    assert [(each.text, each.line) for each in dynamic_in(page)] == [("date", 4), ("ls\npwd", 6)]


def test_targets_of_a_tree() -> None:
    """Targets, recipes and scripts of all files are known together; vendored ones are not."""
    tree = assets(
        {
            "Makefile": ".PHONY: all clean\nall: x\n\ttrue\nX := 1\ny z:: w\n",
            "sub/justfile": "@build arg='1': dep\n  true\nalias b := build\nx := '1'\n",
            "package.json": '{"scripts": {"a": "1"}}',
            "web/package.json": '{"scripts": {"b": "1"}}',
            "node_modules/m/package.json": '{"scripts": {"c": "1"}}',
        }
    )
    assert {"all", "clean", "y", "z"} <= targets(tree).names
    assert "X" not in targets(tree).names
    assert not targets(tree).open
    assert recipes(tree).names == {"build", "b"}
    assert set(scripts(tree).names) == {"a", "b"}
    assert scripts(tree).files == 2


def test_scripts_belong_to_the_nearest_skill() -> None:
    """A script is the nearest skill's; links, tests and scripts of nobody are left out."""
    page = "---\nname: a\n---\n"
    tree = assets(
        {
            ".claude/skills/a/SKILL.md": page,
            ".claude/skills/a/x/y.sh": "x",
            ".claude/skills/a/in/SKILL.md": page,
            ".claude/skills/a/in/z.py": "x",
            ".claude/skills/a/l.sh": "-> /bin/sh",
            ".claude/skills/a/tests/t.py": "x",
            "w.sh": "x",
        }
    )
    assert {(each.path, each.skill) for each in tree.scripts} == {
        (".claude/skills/a/x/y.sh", ".claude/skills/a/SKILL.md"),
        (".claude/skills/a/in/z.py", ".claude/skills/a/in/SKILL.md"),
    }


def test_a_judged_script_is_one_without_its_page() -> None:
    """A script that changed is judged, and its skill counts as changed, where the page did not."""
    page = "---\nname: a\n---\n"
    before = {".claude/skills/a/SKILL.md": page, ".claude/skills/a/x.sh": "old"}
    after = {**before, ".claude/skills/a/x.sh": "new", ".claude/skills/a/y.sh": "y"}
    tree = assets(after, base=before, only=[".claude/skills/a/x.sh"])
    assert [each.path for each in tree.scripts] == [".claude/skills/a/x.sh"]
    rule = load(pawl.assets.rules, "uncovered-change", "RULE", Rule)
    assert [hit.path for hit in rule.check(tree)] == [".claude/skills/a/SKILL.md"]


def test_the_nearest_plugin_holds_a_path() -> None:
    """A path belongs to the innermost plugin around it, which may be the root."""
    tree = assets({".claude-plugin/plugin.json": "{}", "p/q/.claude-plugin/plugin.json": "{}"})
    assert tree.plugin_of("agents/a.md") == ""
    assert tree.plugin_of("p/q/agents/a.md") == "p/q"
    assert assets({"a.md": ""}).plugin_of("a.md") is None


@given(st.text(min_size=1, max_size=12), st.text(max_size=40))
def test_a_case_covers_what_it_names_as_a_word(name: str, text: str) -> None:
    """A name between blanks is covered; any name and any text are looked at without an error."""
    covers((("x", text),), "", frozenset({name}))
    assert covers((("x", f"{text} {name} {text}"),), "", frozenset({name}))
    assert (
        not covers((("x", f"x{name}y"),), "", frozenset({name})) or not name.strip("- ").isalnum()
    )


def test_only_files_of_cases_are_read() -> None:
    """Cases of Pawl and of skills are read; other files below such names are not."""
    tree = assets(
        {
            ".pawl/evals/a.yaml": "x", "p/.pawl/evals/d/b.yml": "x", "evals/evals.json": "x",
            "evals/other.json": "x", ".pawl/evals/c.md": "x", "my.pawl/evals/e.yaml": "x",
            "s/evals/evals.json": " ",
        }
    )  # fmt: skip
    assert [path for path, _ in texts_of_cases(tree)] == [
        ".pawl/evals/a.yaml", "evals/evals.json", "p/.pawl/evals/d/b.yml",
    ]  # fmt: skip
