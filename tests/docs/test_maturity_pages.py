"""The pages about maturity show files that load, and the page about Pawl itself was generated."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from scripts.assess_self import NOTE, clean_commit, hand_over, page, refused

import pawl.maturity
import pawl.maturity.detectors
from pawl.base.loading import load_yaml
from pawl.maturity.canary import load_canaries
from pawl.maturity.exemption import Register
from pawl.maturity.fleet import FleetFile
from pawl.maturity.loading import MODELS, load_model, load_overlay, tightened
from pawl.maturity.readers.sniffing import Exports, sniff
from pawl.services.exports import read_exports

ROOT = Path(__file__).resolve().parents[2]
HOW_TO = ROOT / "docs" / "how-to"
JUNIT = (
    '<testsuite name="all" timestamp="2026-11-21T09:00:00+00:00">'
    '<testcase classname="a" name="b"/></testsuite>'
)


def _blocks(name: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (HOW_TO / name).read_text(), re.DOTALL)


def _block(schema: str) -> str:
    pages = ("assess-a-repository.md", "prove-a-gate-bites.md")
    found = [block for name in pages for block in _blocks(name, "yaml") if schema in block]
    assert len(found) == 1, f"{len(found)} examples of {schema}"
    return found[0]


def _models() -> dict[str, Any]:
    folder = Path(pawl.maturity.__path__[0]) / "models"
    return {name: load_model((folder / f"{name}.yaml").read_text(), place=name) for name in MODELS}


def test_the_overlay_on_the_page_tightens_our_model() -> None:
    """Whoever copies it gets a stricter model, not an error."""
    model = _models()["eng"]
    overlay = load_overlay(_block("pawl.maturity-overlay/1"), place="page")
    assert tightened(model, overlay, place="page").digest != model.digest


def test_the_other_files_on_the_pages_load() -> None:
    """The register names a criterion that exists; the fleet, the canaries and exports are read."""
    register = load_yaml(_block("pawl.exemptions/1"), Register, place="page")
    known = {each.id for each in _models()["eng"].criteria}
    assert {each.criterion for each in register.exemptions} <= known
    assert load_yaml(_block("pawl.fleet/1"), FleetFile, place="page").repositories
    assert load_canaries(_block("pawl.canaries/1"), place="page").canaries
    (exports,) = _blocks("assess-a-repository.md", "json")
    assert sniff(exports) == "exports"
    assert Exports(**json.loads(exports)).files


def test_our_own_canaries_name_commands_that_ci_runs() -> None:
    """Each gate has one fault, and its command is one of the checks."""
    canaries = load_canaries((ROOT / ".pawl" / "canaries.yaml").read_text(), place="own").canaries
    assert len({each.gate for each in canaries}) == len(canaries) >= 5
    checks = (ROOT / "Makefile").read_text()
    for each in canaries:
        tool = next(part for part in each.command if part.startswith(".venv/bin/"))
        assert tool in checks, each.id
        assert not (ROOT / each.plant.path).exists()
    assert "scripts/assess_self.py" in (ROOT / ".ci" / "run").read_text()


@pytest.mark.parametrize("run", ["ci-1", None])
def test_a_report_is_bound_to_a_commit_only_by_ci(tmp_path: Path, run: str | None) -> None:
    """What is handed over says which run and commit it is of, and else says nothing."""
    report = tmp_path / "report.xml"
    report.write_text(JUNIT)
    folder = tmp_path / "evidence"
    folder.mkdir()
    hand_over([report], folder, commit="a" * 40, run=run)
    files = [_File(path) for path in sorted(folder.iterdir())]
    reports = read_exports((), files).reports
    (test,) = reports.tests  # type: ignore[union-attr]
    assert test.run == run
    assert test.commit == ("a" * 40 if run else None)


def test_a_checkout_with_changes_is_no_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report on files that differ from the commit is not called one on the commit."""
    told = {"status": " M a.py\n", "rev-parse": f"{'a' * 40}\n"}
    monkeypatch.setattr("scripts.assess_self._git", lambda name, *_: told[name])
    assert clean_commit() is None
    told["status"] = ""
    assert clean_commit() == "a" * 40


def test_the_page_is_written_from_what_was_assessed(tmp_path: Path) -> None:
    """It names the models, what was handed over, and each dimension's cheapest step."""
    canaries = tmp_path / "canaries.jsonl"
    canaries.write_text('{"kind": "export"}\n{"succeeded": true}\n{"succeeded": false}\n')
    path: Mapping[str, Any] = {
        "model": "eng", "dimension": "code", "measured": 1, "target": 2, "reachable": True,
        "days_at_least": 0, "days_at_most": 1.5, "steps": [{"remedy": "Run the linter."}],
    }  # fmt: skip
    far = {**path, "dimension": "culture", "reachable": False}
    assessment = {"models": [{"model": "eng", "version": "1.0.0"}]}
    text = page("# Maturity\n\nBody.\n", assessment, [path, far], [refused(canaries, 3)])
    assert text.startswith("# The maturity of Pawl itself\n\n" + NOTE)
    assert "Models: eng 1.0.0." in text
    assert "- canaries.jsonl: 1 of 3 faults planted were refused by their gate." in text
    assert "| eng.code | L1 | L2 | 0 to 1.5 | Run the linter. |" in text
    assert "| eng.culture | L1 | L2 | - | not reachable here |" in text


def test_the_page_about_pawl_was_generated_by_today_s_models() -> None:
    """The page has the mark of its script, and speaks of the models as they are now."""
    text = (ROOT / "docs" / "maturity-of-pawl.md").read_text()
    assert NOTE in text
    for name, model in _models().items():
        assert f"- Model {name} {model.version}: `" in text, f"{name}: run `make assess`"


class _File:
    """One file that was handed over."""

    typed = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self.path = path.name
        self.size = path.stat().st_size

    def read(self) -> bytes | None:
        """Return its bytes."""
        return self._path.read_bytes()
