"""Other tools are run from the machine only, on a copy, within bounds; the tree tells nothing."""

import json
import os
import sys
from pathlib import Path

import pytest

from pawl.world.other_tools import OtherTools

FLOW = {".github/workflows/a.yml": "on: push\njobs: {}\n"}


def program(folder: Path, text: str, name: str = "zizmor") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!{sys.executable}\n{text}")
    path.chmod(0o755)
    return path


def tools(tree: Path, *folders: Path | str, **more: str) -> OtherTools:
    return OtherTools(tree, {"PATH": os.pathsep.join(map(str, folders)), **more})


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    place = tmp_path / "tree"
    place.mkdir()
    return place


def test_it_sees_a_copy_and_no_secret(tree: Path, tmp_path: Path) -> None:
    """The program stands in a copy of the pipelines alone, with no token and an empty home."""
    (tree / "zizmor.yml").write_text("rules: {}\n")
    program(
        tmp_path / "bin",
        "import json, os, sys\n"
        "found = sorted(os.path.join(b, f) for b, _, fs in os.walk('.') for f in fs)\n"
        "home = os.listdir(os.environ['HOME'])\n"
        "print(json.dumps([found, sys.argv[1:], sorted(os.environ), home]))",
    )
    held = tools(tree, tmp_path / "bin", GH_TOKEN="x", ZIZMOR_CONFIG="y")
    answer = held.run("zizmor", FLOW)
    files, arguments, environment, home = json.loads(answer.output)
    assert files == ["./.github/workflows/a.yml"]
    assert {"--offline", "--no-config", "--no-ignores"} <= set(arguments)
    assert not {"GH_TOKEN", "ZIZMOR_CONFIG"} & set(environment)
    assert home == []


def test_a_program_of_the_tree_is_never_started(tree: Path, tmp_path: Path) -> None:
    """Neither from its folders, by a relative PATH, nor by a link that leads there."""
    own = program(tree / "bin", "raise SystemExit(9)")
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "zizmor").symlink_to(own)
    for folder in (tree / "bin", "bin", ".", "", linked):
        held = tools(tree, folder)
        assert not held.has("zizmor")
        assert held.run("zizmor", FLOW).problem == "it is not installed"


@pytest.mark.parametrize(
    "path", ["../x/action.yml", "/x/action.yml", "a/../../action.yml", "a//action.yml", "a\0.yml"]
)
def test_nothing_is_written_out_of_the_copy(path: str, tree: Path, tmp_path: Path) -> None:
    """A forged path is no file to copy, and no tool is run."""
    program(tmp_path / "bin", "print('{}')")
    answer = tools(tree, tmp_path / "bin").run("zizmor", {path: "x"})
    assert answer.problem == "a path of the tree leads out of it"
    assert not list(tmp_path.glob("**/action.yml"))


def test_actionlint_gets_a_configuration_of_ours(tree: Path, tmp_path: Path) -> None:
    """No helper programs, an empty configuration, and only workflows by name."""
    text = (
        "import sys\nat = sys.argv.index('-config-file')\n"
        "print(open(sys.argv[at + 1]).read(), sys.argv[1:])\n"
    )
    program(tmp_path / "bin", text, "actionlint")
    answer = tools(tree, tmp_path / "bin").run("actionlint", {**FLOW, "x/action.yml": "a: 1\n"})
    told = answer.output.decode()
    assert "labels: []" in told
    assert "-shellcheck=" in told
    assert "'.github/workflows/a.yml'" in told
    assert "x/action.yml" not in told


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("import time\nwhile True: time.sleep(9)", "longer than"),
        ("raise SystemExit('went wrong')", "it ended with 1: went wrong"),
        ("import os\nos._exit(7)", "it ended with 7: it said nothing"),
        ("import os\nos.kill(os.getpid(), 9)", "it ended with -9"),
    ],
)
def test_what_ends_badly_is_no_answer(text: str, why: str, tree: Path, tmp_path: Path) -> None:
    """A program that hangs or fails says why."""
    program(tmp_path / "bin", text)
    timeout_s = 0.3 if "longer" in why else 60
    answer = tools(tree, tmp_path / "bin").run("zizmor", FLOW, timeout_s=timeout_s)
    assert why in answer.problem


def test_actionlint_that_found_something_is_an_answer(tree: Path, tmp_path: Path) -> None:
    """It ends with 1 then."""
    program(tmp_path / "bin", "print('[]')\nraise SystemExit(1)", "actionlint")
    answer = tools(tree, tmp_path / "bin").run("actionlint", FLOW)
    assert (answer.output, answer.problem) == (b"[]\n", "")


def test_what_never_stops_writing_is_ended(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It gets no further than the bound."""
    monkeypatch.setattr("pawl.world.other_tools.MAX_BYTES", 10_000)
    program(tmp_path / "bin", "import sys\nwhile True: sys.stdout.write('x' * 1000)")
    answer = tools(tree, tmp_path / "bin").run("zizmor", FLOW, timeout_s=20)
    assert "10,000 bytes and more" in answer.problem
    assert answer.output == b""


def test_a_file_that_is_no_program_is_told_of(tree: Path, tmp_path: Path) -> None:
    """One that cannot be started is an answer of its own."""
    (tmp_path / "bin").mkdir()
    bad = tmp_path / "bin" / "zizmor"
    bad.write_bytes(b"\x7fELF nothing")
    bad.chmod(0o755)
    assert "cannot be started" in tools(tree, tmp_path / "bin").run("zizmor", FLOW).problem
