"""A canary proves a gate only when the gate passes without the fault and fails with it."""

import sys
from pathlib import Path

import pytest

from pawl.app.canaries import evidence_of, prove
from pawl.base.errors import BadFile, BadValue
from pawl.maturity.canary import CanaryResult, load_canaries
from pawl.maturity.readers.operations import read

GATE = """import pathlib, sys
sys.exit(any("FAULT" in path.read_text() for path in pathlib.Path("src").glob("*.py")))
"""


def _repository(place: Path, command: str, *, timeout: str = "1m", clean: str = "x = 1\n") -> Path:
    (place / "src").mkdir(parents=True)
    (place / ".pawl").mkdir()
    (place / "src/a.py").write_text(clean)
    (place / "gate.py").write_text(GATE)
    (place / ".pawl/canaries.yaml").write_text(
        "schema: pawl.canaries/1\n"
        "canaries:\n"
        f"- {{id: fault, gate: test, timeout: {timeout}, command: {command},\n"
        "   plant: {path: src/planted.py, text: 'FAULT = 1'}}\n"
    )
    return place


def _prove(place: Path, *names: str) -> CanaryResult:
    return prove(place, names, told=lambda _: None)[0]


def test_a_gate_that_refuses_the_fault_bites(tmp_path: Path) -> None:
    """The copy is thrown away: the repository itself never holds the fault."""
    place = _repository(tmp_path / "shop", f"[{sys.executable}, gate.py]")
    found = _prove(place)
    assert found.bites is True
    assert sorted(path.name for path in (place / "src").iterdir()) == ["a.py"]
    told = read(evidence_of([found]), "canary.jsonl")
    assert told.drills is not None
    assert (told.drills[0].kind, told.drills[0].gate, told.drills[0].succeeded) == (
        "canary",
        "test",
        True,
    )


@pytest.mark.parametrize(
    ("command", "clean", "bites", "reason"),
    [
        ("['true']", "x = 1\n", False, "let the fault pass"),
        (f"[{sys.executable}, gate.py]", "FAULT\n", None, "fails without the fault"),
        ("[no-such-command]", "x = 1\n", None, "did not start"),
    ],
)
def test_a_gate_that_proves_nothing_is_told_apart(
    tmp_path: Path, command: str, clean: str, bites: bool | None, reason: str
) -> None:
    """A gate that passes everything is a no; one that is broken anyway proves nothing."""
    found = _prove(_repository(tmp_path / "shop", command, clean=clean))
    assert found.bites is bites
    assert reason in found.reason
    drills = read(evidence_of([found]), "canary.jsonl").drills
    assert (drills or ()) == () if bites is None else drills is not None


def test_a_gate_that_hangs_is_ended(tmp_path: Path) -> None:
    """A command that outlives its time is killed and proves nothing."""
    found = _prove(_repository(tmp_path / "shop", "[sleep, '600']", timeout="200ms"))
    assert found.bites is None
    assert found.clean.status is None


def test_a_fault_stays_inside_the_copy(tmp_path: Path) -> None:
    """A path or a link that leads out of the repository is refused, and nothing is written."""
    with pytest.raises(BadFile, match="outside"):
        load_canaries(
            "schema: pawl.canaries/1\ncanaries:\n"
            "- {id: a, gate: b, command: [c], plant: {path: ../x, text: y}}\n",
            place="canaries.yaml",
        )
    place = _repository(tmp_path / "shop", f"[{sys.executable}, gate.py]")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x").write_text("x = 1\n")
    (place / "src/planted.py").symlink_to(outside / "x")
    with pytest.raises(BadValue, match="out of the repository"):
        _prove(place)
    assert (outside / "x").read_text() == "x = 1\n"


def test_large_folders_are_linked_and_caches_left_out(tmp_path: Path) -> None:
    """The gate sees what is linked and not what is left out; no fault gets through the link."""
    place = _repository(tmp_path / "shop", f"[{sys.executable}, look.py]")
    file = place / ".pawl/canaries.yaml"
    named = "link: [.venv, web/modules, gone]\nleave: [.cache]\n"
    file.write_text(file.read_text() + named)
    for folder in (".venv", "web/modules", ".cache"):
        (place / folder).mkdir(parents=True)
        (place / folder / "x.py").write_text("x = 1\n")
    (place / "look.py").write_text(
        "import pathlib\n"
        "assert all(pathlib.Path(each).is_symlink() for each in ('.venv', 'web/modules'))\n"
        "assert pathlib.Path('web/modules/x.py').exists()\n"
        "assert not pathlib.Path('gone').exists() and not pathlib.Path('.cache').exists()\n"
        "import runpy; runpy.run_path('gate.py')\n"
    )
    assert _prove(place).bites is True
    file.write_text(file.read_text().replace("src/planted.py", ".venv/planted.py"))
    with pytest.raises(BadValue, match="out of the repository"):
        _prove(place)
    assert [each.name for each in (place / ".venv").iterdir()] == ["x.py"]
    file.write_text(file.read_text().replace("[.cache]", "[../other]"))
    with pytest.raises(BadFile, match="outside of the repository"):
        _prove(place)


def test_a_stranger_is_refused(tmp_path: Path) -> None:
    """Asking for a canary that the file does not name lists those it does."""
    place = _repository(tmp_path / "shop", "['true']")
    with pytest.raises(BadValue, match="fault"):
        _prove(place, "nobody")
    with pytest.raises(BadFile, match="no canaries"):
        prove(tmp_path, (), told=lambda _: None)
