"""The workspace of a trial: the fixture, what is covered, the canaries."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.services.eval_tree import Tree

from pawl.base.errors import BadFile, BadValue, CannotTell
from pawl.evals.case import Case
from pawl.evals.case_reading import read_suite
from pawl.evals.steering import Steering
from pawl.services.trial_setup import Ready, set_up
from pawl.world.trial_place import TrialPlace

FOLDER = ".pawl/evals"
FILES = {
    f"{FOLDER}/fixture/app.py": "print(1)\n",
    f"{FOLDER}/fixture/run.sh": "#!/bin/sh\n",
    f"{FOLDER}/fixture/secret.txt": "key=${KEY} twice ${KEY} not ${OTHER}\n",
    f"{FOLDER}/fixture/link": "-> app.py",
    f"{FOLDER}/settings.json": "{}",
    ".claude/skills/release/SKILL.md": "---\nname: release\n---\n",
    ".claude/skills/release/more.md": "more",
    "other.txt": "not covered",
}


@pytest.fixture
def place() -> Iterator[TrialPlace]:
    """A place that goes when the test ends."""
    with TrialPlace() as found:
        yield found


def _case(setup: str, covers: str = "[]", run: str = "{prompt: go}") -> Case:
    text = (
        "schema: 1\nid: c\nclass: behaviour\nprovenance: {added: 2026-11-21, owner: o}\n"
        f"covers: {covers}\nsetup: {setup}\nrun: {run}\nassert: [{{contains: x}}]\n"
    )
    return read_suite(text, place="c").cases[0]


def _set_up(case: Case, place: TrialPlace, files: dict[str, Any] | None = None) -> Ready:
    numbers = itertools.count(1)
    tree = Tree(files or FILES)
    return set_up(case, FOLDER, tree, Steering(tree), place, lambda: f"token{next(numbers)}")


def test_a_copy_has_the_fixture_and_what_is_covered(place: TrialPlace) -> None:
    """The fixture's files and links, and covered assets at their own paths; nothing else."""
    ready = _set_up(_case("{workspace: fixture}", "[skills/release]"), place)
    assert set(ready.before.files) == {
        "app.py", "run.sh", "secret.txt", "link",
        ".claude/skills/release/SKILL.md", ".claude/skills/release/more.md",
    }  # fmt: skip
    assert ready.before.files["link"].kind == "link"
    assert (place.workspace / "run.sh").stat().st_mode & 0o111
    assert ready.old("app.py") == b"print(1)\n"
    assert ready.old("link") is None


def test_a_canary_is_made_anew_and_put_in_place(place: TrialPlace) -> None:
    """Its mark becomes the token wherever it stands; the text before is known with it."""
    ready = _set_up(_case("{workspace: fixture, canaries: {KEY: secret.txt}}"), place)
    assert ready.tokens == {"KEY": "token1"}
    wanted = b"key=token1 twice token1 not ${OTHER}\n"
    assert place.read("secret.txt", 100) == wanted == ready.old("secret.txt")


def test_without_a_workspace_the_copy_is_empty(place: TrialPlace) -> None:
    """No workspace is an empty folder; the settings lie beside it."""
    ready = _set_up(_case("{}", run="{prompt: go, settings: settings.json}"), place)
    assert ready.before.files == {}
    assert ready.settings is not None
    assert Path(ready.settings).parent == place.root


@pytest.mark.parametrize(
    ("setup", "files", "error", "words"),
    [
        ("{workspace: missing}", {}, CannotTell, "missing or empty"),
        ("{workspace: ../..}", {}, BadValue, "is not below"),
        ("{workspace: fixture, canaries: {KEY: app.py}}", {}, BadFile, "stands nowhere"),
        ("{workspace: fixture, canaries: {KEY: gone.txt}}", {}, BadFile, "no file"),
        ("{workspace: fixture, canaries: {KEY: link}}", {}, BadFile, "no file"),
        ("{workspace: fixture}", {f"{FOLDER}/fixture/out": "-> ../../x"}, BadValue, "leads out"),
        ("{workspace: fixture}", {f"{FOLDER}/fixture/abs": "-> /etc"}, BadValue, "leads out"),
        ("{workspace: fixture}", {f"{FOLDER}/fixture/.git/config": "[x]"}, BadFile, "git's own"),
    ],
)
def test_a_workspace_that_cannot_be_made_is_refused(
    place: TrialPlace, setup: str, files: dict[str, str], error: type[Exception], words: str
) -> None:
    """What is missing, leads out or would be git's is an error that names the case."""
    with pytest.raises(error, match=words) as caught:
        _set_up(_case(setup), place, FILES | files)
    assert caught.value.place.startswith("c: ")  # type: ignore[attr-defined]
