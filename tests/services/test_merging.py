"""`pawl lint` with other tools: what they tell, when they fail, and what a change brings."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from tests.assets.test_other_tools import log, result
from tests.assets.trees import Tree
from tests.services.test_linting import git

from pawl.app.linting import Linting
from pawl.base.errors import BadFile, BadValue
from pawl.cli.lint import command
from pawl.services.merging import asked_tools, run_tools

PATH = ".github/workflows/a.yml"
FLOW = "on: push\npermissions: {}\njobs:\n  a:\n    runs-on: x\n    steps: [{run: make}]\n"
UNPINNED = FLOW.replace("{run: make}", "{uses: actions/checkout@v4}")


class Said(msgspec.Struct, frozen=True):
    output: bytes = b""
    said: str = ""
    problem: str = ""


class Fake:
    """Tools that are installed, with their answers."""

    def __init__(self, **answers: Said) -> None:
        self.answers = answers

    def has(self, name: str) -> bool:
        return name in self.answers

    def run(self, name: str, files: Mapping[str, str]) -> Said:
        assert list(files) == [PATH]
        return self.answers.get(name, Said(problem="it is not installed"))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    place = tmp_path / "repo"
    (place / ".github" / "workflows").mkdir(parents=True)
    git(place, "init", "-q", "-b", "main")
    (place / PATH).write_text(FLOW)
    git(place, "add", "-A")
    git(place, "commit", "-q", "-m", "first")
    return place


def test_which_tools_are_asked_for() -> None:
    """None, those installed, or some by name; an unknown one is refused."""
    assert asked_tools("none") == asked_tools("") == ()
    assert asked_tools("zizmor, actionlint,zizmor") == ("zizmor", "actionlint")
    with pytest.raises(BadValue, match="is no tool"):
        asked_tools("rm")


def test_a_tool_that_fails_is_told_and_by_name_leaves_it_open() -> None:
    """`auto` notes it; asked for by name it is no clean bill."""
    tree = Tree({PATH: FLOW})
    for answer in (Said(problem="it ended with 3"), Said(output=b"<html>")):
        tools = Fake(zizmor=answer)
        by_name = run_tools(tools, ("zizmor",), tree)
        assert "zizmor gave no answer" in by_name.unseen[0]
        auto = run_tools(tools, ("auto",), tree)
        assert auto.unseen == ()
        assert "zizmor gave no answer" in auto.notes[0]
    assert "not installed" in run_tools(Fake(), ("actionlint",), tree).unseen[0]
    assert "Neither zizmor nor actionlint" in run_tools(Fake(), ("auto",), tree).notes[0]
    warned = Fake(zizmor=Said(output=log(), said=" WARN failed to parse a.yml\n"))
    assert "did not read everything" in run_tools(warned, ("zizmor",), tree).unseen[0]
    assert run_tools(Fake(), ("zizmor",), Tree({"CLAUDE.md": "x"})).unseen == ()


def test_both_tools_tell() -> None:
    """Each finding stands under its own tool's name."""
    line = {"message": "x", "filepath": PATH, "line": 3, "column": 1, "kind": "events"}
    tools = Fake(
        zizmor=Said(output=log(result())), actionlint=Said(output=json.dumps([line]).encode())
    )
    merged = run_tools(tools, ("auto",), Tree({PATH: FLOW}))
    assert [told.rule for told in merged.told] == ["zizmor/unpinned-uses", "actionlint/events"]
    assert merged.tools == ("actionlint", "zizmor")


def test_a_merged_file_in_a_change(repository: Path, tmp_path: Path) -> None:
    """What it tells of a file that the change left as it was is known, of another one new."""
    file = tmp_path / "z.sarif"
    file.write_bytes(log(result()))
    linting = Linting([repository])
    (found,) = (f for f in linting.lint(merge=[file]).findings if f.tool)
    assert found.state == "new"
    (same,) = (f for f in linting.lint(base="HEAD", merge=[file]).findings if f.tool)
    assert same.state == "known"
    (repository / PATH).write_text(UNPINNED)
    (new,) = (f for f in Linting([repository]).lint(base="HEAD", merge=[file]).findings if f.tool)
    assert new.state == "new"
    with pytest.raises(BadFile, match="is no file"):
        linting.lint(merge=[tmp_path])


def test_the_real_one_looks_at_both_sides(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """zizmor tells what a change brings, whatever the tree would have it pass over."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:/usr/bin:/bin")
    (repository / ".github" / "zizmor.yml").write_text("rules: {unpinned-uses: {disable: true}}\n")
    (repository / PATH).write_text(f"# zizmor: ignore[unpinned-uses]\n{UNPINNED}")
    linted = Linting([repository]).lint(base="HEAD", tools="zizmor")
    assert ("zizmor/unpinned-uses", "new") in {(f.rule, f.state) for f in linted.findings}
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "second")
    linted = Linting([repository]).lint(base="HEAD", tools="zizmor")
    assert {f.state for f in linted.findings if f.tool} == {"known"}
    assert linted.tools == ("zizmor",)


def test_settings_choose_and_every_output_tells(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`[lint] with` runs a tool; one that is not there is told of in each form, with 3."""
    (tmp_path / "bin").mkdir()
    git_folder = str(Path("/usr/bin"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{git_folder}")
    (repository / "pawl.toml").write_text('[lint]\nwith = ["actionlint"]\n')
    for form in ("text", "json", "sarif", "junit", "github"):
        ran = CliRunner().invoke(
            command, [str(repository), "--format", form], standalone_mode=False
        )
        assert ran.return_value == 3
        assert "actionlint gave no answer: it is not installed" in ran.output
    ran = CliRunner().invoke(command, [str(repository), "--with", "none"], standalone_mode=False)
    assert ran.return_value == 0
