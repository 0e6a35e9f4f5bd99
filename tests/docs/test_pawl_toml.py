"""The page about `pawl.toml` shows a file that loads, with every key there is."""

import re
from pathlib import Path

import msgspec
import pytest

from pawl.alerts.budget import Declared, budgets_of
from pawl.alerts.budget_people import People
from pawl.base.errors import BadFile
from pawl.base.loading import load_toml
from pawl.runs.config import Settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "pawl-toml.md"


def test_the_example_loads_and_names_every_key() -> None:
    """Whoever copies the example gets a valid file; no key is missing from it."""
    found = re.search(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    example = found.group(1)
    settings = load_toml(example, Settings, place="pawl.toml")
    budgets_of(settings.budgets, source="repo:x", people=People(), place="pawl.toml")
    for section in msgspec.structs.fields(Settings):
        assert f"[{section.name}]" in example
        kind = Declared if section.name == "budgets" else section.type
        for key in msgspec.structs.fields(kind):
            assert re.search(rf"^{key.name} = ", example, re.MULTILINE), key.name


def test_a_section_that_nothing_reads_is_refused() -> None:
    """A budget that no command enforces is not taken for one that is."""
    with pytest.raises(BadFile, match="budgets"):
        load_toml("[budgets]\nteam = 5\n", Settings, place="pawl.toml")
