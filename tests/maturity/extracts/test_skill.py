"""What is read out of a skill."""

from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.extracts.skill import EXTRACT, read
from pawl.maturity.facts.tree import TreeFile

GOOD = """---
name: release
description: >-
  Cut a release: after the tests passed
disable-model-invocation: true
---
# Release

Read `references/list.md` and [the notes](notes.md#top), see https://example.org/x.

```bash
python3 scripts/cut.py --now
```
"""


def test_a_good_skill_says_what_it_is_and_names_its_files() -> None:
    """Front matter is YAML; paths, links and scripts of commands are what it refers to."""
    found = read(".claude/skills/release/SKILL.md", GOOD)
    assert (found.name, found.hollow) == ("release", False)
    assert "release" in found.purpose
    assert {each.text for each in found.names} == {
        "references/list.md", "notes.md", "scripts/cut.py"
    }  # fmt: skip


def test_a_skill_without_front_matter_is_known_by_its_folder() -> None:
    """What is wrong with it is the lint's to say; its name is the folder's."""
    for text in ("# Release\n", "---\nname: [\n---\nText.\n", "---\n- a\n---\n"):
        assert read("skills/release/SKILL.md", text).name == "release"


def test_a_description_that_only_stands_for_one_is_hollow() -> None:
    """ "TODO" describes nothing."""
    assert read("skills/a/SKILL.md", "---\nname: a\ndescription: TODO\n---\nText.\n").hollow


def test_files_of_the_project_it_is_used_on_are_not_its_own() -> None:
    """A skill speaks of files that every project names alike; they are no promise of its own."""
    text = "---\nname: a\ndescription: Do it\n---\nEdit `vite.config.ts` and `src/app.ts`.\n"
    assert read("skills/a/SKILL.md", text).names == ()


def test_placeholders_in_the_body_are_counted() -> None:
    """ "TBD" is no content."""
    found = read("skills/a/SKILL.md", "---\nname: a\ndescription: Do it\n---\nTBD\n")
    assert (found.words, found.placeholders) == (0, 1)


def test_it_wants_skills_only() -> None:
    """The file's name is exact."""
    assert EXTRACT.wants(TreeFile("a/SKILL.md", 10, "0" * 40))
    assert not EXTRACT.wants(TreeFile("a/MYSKILL.md", 10, "0" * 40))


@given(st.text(max_size=400) | st.text(max_size=200).map("---\n{}\n---\nText\n".format))
def test_any_text_is_read(text: str) -> None:
    """No content raises."""
    read("skills/a/SKILL.md", text)
