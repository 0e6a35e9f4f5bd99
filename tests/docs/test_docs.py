"""What the docs promise, a test reads."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from pawl.base import errors
from pawl.cli.main import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
ABOUT_OTHERS = {"probes.md", "extracts.md", "detectors.md", "lint-rules.md"}
"""Pages that name files of the repositories that are looked at, not of this one."""
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
CODE_PATH = re.compile(r"`((?:src|tests|docs|benchmarks|scripts|examples|\.ci)/[\w./-]+)`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_a_page_names_exists(page: Path) -> None:
    """Links and file names in the docs do not rot."""
    text = page.read_text()
    if page.name in ABOUT_OTHERS:
        return
    for target in LINK.findall(text):
        if "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
    for target in CODE_PATH.findall(text):
        assert (ROOT / target).exists(), f"{page.name} names {target}"


def test_the_reference_is_what_the_code_says() -> None:
    """The generated pages are those that `make docs` would write now."""
    ran = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "make_reference.py"), "--check"],
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_is_in_the_reference(name: str) -> None:
    """A command without a page does not exist for its users."""
    assert f"## pawl {name}\n" in (ROOT / "docs" / "reference" / "cli.md").read_text()


def _error_codes() -> list[str]:
    pending = [errors.PawlError]
    found: set[str] = set()
    while pending:
        kind = pending.pop()
        found.add(kind.code)
        pending.extend(kind.__subclasses__())
    return sorted(found)


@pytest.mark.parametrize("code", _error_codes())
def test_every_error_code_is_in_the_reference(code: str) -> None:
    """A code that a script can see has a line that says what it means."""
    assert f"| `{code}` |" in (ROOT / "docs" / "reference" / "errors.md").read_text()


def test_decisions_are_numbered_and_complete() -> None:
    """Each decision has its own number, a context, a decision and its consequences."""
    files = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert [int(file.name[:4]) for file in files] == list(range(1, len(files) + 1))
    for file in files:
        text = file.read_text()
        for section in ("## Context", "## Decision", "## Consequences"):
            assert section in text, f"{file.name} lacks {section}"
