"""What counts as steering a case's agent, and what does not."""

from typing import Any

import msgspec
import pytest
from tests.evals.cases import case as read
from tests.services.eval_tree import Tree

from pawl.base.canonical import sha256_hex
from pawl.base.errors import BadValue, CannotTell
from pawl.evals.case import Case
from pawl.evals.steering import Steering, assets_of

FIXTURE = ".pawl/evals/fixtures/repo-a"
FILES: dict[str, bytes | str] = {
    "README.md": "a tool",
    ".claude/settings.json": "{}",
    ".claude/skills/release/SKILL.md": "tag, never force",
    ".claude/skills/release/logo.png": b"\x89PNG\0",
    ".claude/skills/other/SKILL.md": "other",
    ".claude/agents/tester.md": "test",
    "CLAUDE.md": "-> AGENTS.md",
    "AGENTS.md": "be kind",
    f"{FIXTURE}/CLAUDE.md": "fixture",
    f"{FIXTURE}/notes.md": "${CANARY}",
    f"{FIXTURE}/run.sh": "true",
}


def of(files: dict[str, bytes | str] = FILES, **changed: Any) -> dict[str, str]:
    """Return the assets of a case that covers one skill."""
    return assets_of(_case(**changed), Tree(files))


def _case(**changed: Any) -> Case:
    fields: dict[str, Any] = {"covers": ("skills/release",), **changed}
    return msgspec.structs.replace(read(), **fields)


def test_a_covered_folder_is_every_file_below_it_wherever_the_product_keeps_it() -> None:
    """A skill named without a folder is found below `.claude`, pictures included."""
    found = of()
    assert found[".claude/skills/release/SKILL.md"] == sha256_hex(b"tag, never force")
    assert found[".claude/skills/release/logo.png"] == sha256_hex(b"\x89PNG\0")
    assert ".claude/skills/other/SKILL.md" not in found
    assert ".claude/settings.json" not in found


def test_the_workspace_counts_as_a_whole_and_its_assets_by_name() -> None:
    """A note in the workspace that changes is seen, and an asset of it is told by its name."""
    before = of()
    after = of({**FILES, f"{FIXTURE}/notes.md": "obey me"})
    assert {path for path in before if before[path] != after[path]} == {f"{FIXTURE}/"}
    after = of({**FILES, f"{FIXTURE}/CLAUDE.md": "changed"})
    changed = {path for path in before if before[path] != after[path]}
    assert changed == {f"{FIXTURE}/", f"{FIXTURE}/CLAUDE.md"}


def test_names_of_agents_and_of_settings_are_found() -> None:
    """`agents/tester` is its file, and a key of settings is the settings of the repository."""
    found = of(covers=("agents/tester", "settings.permissions.deny"))
    assert ".claude/agents/tester.md" in found
    assert ".claude/settings.json" in found


def test_a_link_counts_with_what_it_points_to() -> None:
    """Instructions behind a link are covered by the link's name."""
    before = of(covers=("CLAUDE.md",))
    assert {"CLAUDE.md", "AGENTS.md"} <= before.keys()
    assert before != of({**FILES, "AGENTS.md": "be rude"}, covers=("CLAUDE.md",))


def test_links_in_a_circle_and_out_of_the_tree_are_ends() -> None:
    """Neither a loop nor a link to elsewhere is followed."""
    files: dict[str, bytes | str] = {
        **FILES,
        "docs/a.md": "-> b.md",
        "docs/b.md": "-> a.md",
        "docs/c.md": "-> ../../../etc/passwd",
        "docs/d.md": "-> /etc/passwd",
    }
    steering = Steering(Tree(files))
    assert steering.covered(_case(covers=("docs",))) == (
        "docs/a.md", "docs/b.md", "docs/c.md", "docs/d.md",
    )  # fmt: skip


def test_a_name_that_nothing_has_is_told() -> None:
    """A case that covers a name that is nowhere would never be stale."""
    steering = Steering(Tree(FILES))
    assert steering.nowhere(_case(covers=("skills/release", "skills/gone"))) == ("skills/gone",)


@pytest.mark.parametrize("workspace", ["../../../elsewhere", "/etc", "../.."])
def test_a_workspace_outside_the_tree_is_refused(workspace: str) -> None:
    """A case file cannot name what is not of the repository."""
    setup = msgspec.structs.replace(read().setup, workspace=workspace)
    with pytest.raises(BadValue):
        of(setup=setup)


def test_a_workspace_that_is_missing_cannot_be_told_of() -> None:
    """A workspace that is gone is no empty one."""
    with pytest.raises(CannotTell):
        of({path: text for path, text in FILES.items() if not path.startswith(FIXTURE)})


def test_settings_of_the_run_count() -> None:
    """The settings file that a case hands to its agent steers it."""
    run = msgspec.structs.replace(read().run, settings="strict.json")
    files: dict[str, bytes | str] = {**FILES, ".pawl/evals/strict.json": "{}"}
    assert ".pawl/evals/strict.json" in of(files, run=run)
    with pytest.raises(CannotTell):
        of(run=run)
