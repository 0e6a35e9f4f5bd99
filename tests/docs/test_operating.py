"""The files for operating Pawl say what Pawl does."""

import configparser
import re
from pathlib import Path

from pawl import __version__
from pawl.cli.up import command

ROOT = Path(__file__).resolve().parents[2]


def test_the_unit_starts_the_server_as_it_can_be_started() -> None:
    """Its options exist, and the status after a TERM is no failure that would restart it."""
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(ROOT / "deploy" / "pawl.service")
    service = unit["Service"]
    words = service["ExecStart"].split()
    known = {name for option in command.params for name in option.opts}
    assert words[:2] == ["/opt/pawl/.venv/bin/pawl", "up"]
    assert {word for word in words if word.startswith("--")} <= known
    assert service["Restart"] == "on-failure"
    assert service["SuccessExitStatus"] == str(128 + 15)


def test_the_runbook_asks_what_the_server_answers() -> None:
    """The addresses and error codes that the runbook names exist."""
    page = (ROOT / "docs" / "how-to" / "operate-the-server.md").read_text()
    routes = (ROOT / "src" / "pawl" / "server" / "app.py").read_text()
    asked = set(re.findall(r"127\.0\.0\.1:8787(/\w+)", page))
    assert asked >= {"/healthz", "/readyz", "/metrics"}
    for address in asked:
        assert f'Route("{address}"' in routes
    errors = (ROOT / "docs" / "reference" / "errors.md").read_text()
    codes = re.findall(r"`((?:port|events|records|spool)-[a-z-]+)`", page)
    assert len(set(codes)) >= 4
    for code in codes:
        assert f"| `{code}` |" in errors


def test_the_version_is_written_alike() -> None:
    """What the release page asks to be written in two places agrees."""
    written = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert written is not None
    assert written.group(1) == __version__
