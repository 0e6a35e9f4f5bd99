"""Transcript formats of other distributions are found without asking for them on every start."""

import sys
from pathlib import Path

import pytest

from pawl import app


def _site(tmp_path: Path, entry_points: str) -> str:
    folder = tmp_path / "site-packages" / "other-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "entry_points.txt").write_text(entry_points)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    return str(tmp_path / "site-packages")


def test_another_distribution_brings_a_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A format behind an entry point stands beside ours."""
    module = "pawl_other_format"
    (tmp_path / f"{module}.py").write_text(
        "from pawl.telemetry.format import Format\n"
        "FORMAT = Format(agent='other', roots=(), pattern='*', open=print, recognises=print)\n"
    )
    site = _site(tmp_path, f"[pawl.telemetry.formats]\nother = {module}\n")
    monkeypatch.setattr(sys, "path", [*sys.path, site, str(tmp_path)])
    assert "other" in {form.agent for form in app.transcript_formats()}


def test_other_entry_points_are_nobodys_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A distribution with other plugins costs one look at a small file."""
    site = _site(tmp_path, "[console_scripts]\nx = y:z\n")
    monkeypatch.setattr(sys, "path", [site])
    assert app._others_bring("pawl.telemetry.formats") is False
