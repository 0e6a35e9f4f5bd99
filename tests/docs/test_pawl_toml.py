"""The page about `pawl.toml` shows a file that loads, with every key there is."""

import re
from pathlib import Path

import msgspec
import pytest

from pawl.alerts.budget import Declared, budgets_of
from pawl.alerts.budget_people import People
from pawl.base.catalogue import names
from pawl.base.errors import BadFile
from pawl.base.loading import load_toml
from pawl.runs.change_settings import ExecutorSettings, MachineChangeSettings
from pawl.runs.config import ChangeSettings, Settings
from pawl.runs.investigation_settings import MachineInvestigationSettings
from pawl.runs.machine_settings import (
    ContentSettings,
    LedgerSettings,
    MachineSettings,
    PlaceSettings,
)
from pawl.world import executors, ledger_places

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "pawl-toml.md"
PLACES = names(ledger_places)


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
            assert re.search(rf"^{key.encode_name} = ", example, re.MULTILINE), key.encode_name


def test_the_machines_own_example_loads_and_names_every_key() -> None:
    """So does the page on how to keep content; both show what holds where nothing is said."""
    pages = (PAGE, PAGE.parents[1] / "how-to" / "keep-content.md")
    for page in pages:
        example = next(
            block
            for block in re.findall(r"```toml\n(.*?)```", page.read_text(), re.DOTALL)
            if block.startswith("[content]")
        )
        found = load_toml(example, MachineSettings, place="pawl.toml").content
        assert found == ContentSettings(keep=True)
        for key in msgspec.structs.fields(ContentSettings):
            assert re.search(rf"^{key.encode_name} = ", example, re.MULTILINE), key.encode_name


def test_the_example_of_investigations_loads_and_names_every_key() -> None:
    """What only the machine's own file may say of investigations is shown, each key of it."""
    example = next(
        block
        for block in re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL)
        if block.startswith("[investigation]")
    )
    found = load_toml(example, MachineSettings, place="pawl.toml").investigation
    assert found.queries
    for key in msgspec.structs.fields(MachineInvestigationSettings):
        assert re.search(rf"^{key.encode_name} = ", example, re.MULTILINE), key.encode_name


def test_the_example_of_rollouts_loads_and_names_every_key() -> None:
    """Every executor there is, and every key of one, is shown at least once."""
    example = next(
        block
        for block in re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL)
        if "[changes.executors" in block
    )
    found = load_toml(example, MachineSettings, place="pawl.toml").changes
    assert sorted(found.executors) == names(executors)
    for kind in (MachineChangeSettings, ExecutorSettings):
        for key in msgspec.structs.fields(kind):
            if key.name != "executors" and key.name not in ChangeSettings.__struct_fields__:
                assert re.search(rf"^{key.encode_name} = ", example, re.MULTILINE), key.encode_name
    with pytest.raises(BadFile, match="unknown field"):
        load_toml(example, Settings, place="pawl.toml")


def test_a_repository_has_no_say_in_what_is_kept() -> None:
    """Its file is whoever's who wrote the last change: such a section is refused, not ignored."""
    with pytest.raises(BadFile, match="content"):
        load_toml("[content]\nkeep = false\n", Settings, place="pawl.toml")
    assert not MachineSettings().content.keep


@pytest.mark.parametrize("wrong", ["days = 0", "days = 401", "max_bytes = 10", "kept = true"])
def test_what_makes_no_sense_is_refused(wrong: str) -> None:
    """Also a misspelt key: whoever wrote it relies on it."""
    with pytest.raises(BadFile):
        load_toml(f"[content]\n{wrong}\n", MachineSettings, place="pawl.toml")


def test_a_section_that_nothing_reads_is_refused() -> None:
    """A budget that no command enforces is not taken for one that is."""
    with pytest.raises(BadFile, match="budgets"):
        load_toml("[budgets]\nteam = 5\n", Settings, place="pawl.toml")


def test_the_ledgers_example_loads_and_names_every_key() -> None:
    """In the machine's file, with each kind of place there is."""
    example = next(
        block
        for block in re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL)
        if "[ledger]" in block
    )
    found = load_toml(example, MachineSettings, place="pawl.toml").ledger
    assert (found.every, found.every_entries) == (LedgerSettings().every, 1000)
    assert {place.kind for place in found.places.values()} == {
        name.replace("_", "-") for name in PLACES
    }
    for kind in (LedgerSettings, PlaceSettings):
        for key in msgspec.structs.fields(kind):
            wanted = rf"^(\[ledger\.)?{key.encode_name}( = |\.)"
            assert re.search(wanted, example, re.MULTILINE), key.encode_name
