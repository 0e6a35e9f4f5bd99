"""Each plugin folder is complete: typed value, docstring, tests, a page in the reference."""

import importlib
from pathlib import Path
from types import ModuleType

import pytest

import pawl.alerts.rules
import pawl.assets.rules
import pawl.changes.conditions
import pawl.evals.graders
import pawl.maturity.detectors
import pawl.maturity.extracts
import pawl.maturity.probes
import pawl.pipelines.patterns
import pawl.runs.agents
import pawl.services.faults
import pawl.services.routine_numbers
import pawl.telemetry.formats
import pawl.telemetry.otlp.senders
import pawl.world.executors
import pawl.world.ledger_places
import pawl.world.notify
import pawl.world.sources
from pawl.alerts.rule import Rule
from pawl.assets.rule import Rule as LintRule
from pawl.base.catalogue import discover, load, names, plugin_id
from pawl.changes.condition import Condition
from pawl.evals.grader import Grader
from pawl.maturity.detector import Detector
from pawl.maturity.extract import Extract
from pawl.maturity.probe import Probe
from pawl.pipelines.pattern import Pattern
from pawl.runs.agent import Agent
from pawl.services.drill_fault import FaultKind
from pawl.services.routine_looks import RoutineNumbers
from pawl.telemetry.format import Format
from pawl.telemetry.otlp.sender import Sender
from pawl.world.channel import Channel
from pawl.world.executor import ExecutorKind
from pawl.world.ledger_place import Place
from pawl.world.source import Source

ROOT = Path(__file__).resolve().parents[2]
FOLDERS: list[tuple[ModuleType, str, type]] = [
    (pawl.runs.agents, "AGENT", Agent),
    (pawl.telemetry.formats, "FORMAT", Format),
    (pawl.telemetry.otlp.senders, "SENDER", Sender),
    (pawl.maturity.probes, "PROBE", Probe),
    (pawl.maturity.extracts, "EXTRACT", Extract),
    (pawl.maturity.detectors, "DETECTOR", Detector),
    (pawl.alerts.rules, "RULE", Rule),
    (pawl.assets.rules, "RULE", LintRule),
    (pawl.evals.graders, "GRADER", Grader),
    (pawl.pipelines.patterns, "PATTERN", Pattern),
    (pawl.changes.conditions, "CONDITION", Condition),
    (pawl.services.faults, "FAULT", FaultKind),
    (pawl.services.routine_numbers, "NUMBERS", RoutineNumbers),
    (pawl.world.notify, "CHANNEL", Channel),
    (pawl.world.executors, "EXECUTOR", ExecutorKind),
    (pawl.world.ledger_places, "PLACE", Place),
    (pawl.world.sources, "SOURCE", Source),
]
PAGES = {
    "alerts/rules": "alert-rules",
    "assets/rules": "lint-rules",
    "changes/conditions": "gate-conditions",
    "services/routine_numbers": "routine-numbers",
    "world/ledger_places": "ledger-places",
}
"""Pages of the reference that are not named after the folder alone."""
PLUGINS = [
    (package, attribute, kind, plugin)
    for package, attribute, kind in FOLDERS
    for plugin in names(package)
]


def _module(package: ModuleType, plugin: str) -> ModuleType:
    return importlib.import_module(f"{package.__name__}.{plugin.replace('-', '_')}")


@pytest.mark.parametrize(("package", "attribute", "kind"), FOLDERS)
def test_discovery_finds_every_file(package: ModuleType, attribute: str, kind: type) -> None:
    """A new file is a new plugin, with no list to keep."""
    assert sorted(discover(package, attribute, kind)) == names(package) != []


@pytest.mark.parametrize(("package", "attribute", "kind", "plugin"), PLUGINS)
def test_a_plugin_is_typed_tested_and_documented(
    package: ModuleType, attribute: str, kind: type, plugin: str
) -> None:
    """A plugin exposes its typed value, says what it reads, has a test and a reference page."""
    assert isinstance(load(package, plugin, attribute, kind), kind)
    module = _module(package, plugin)
    assert module.__doc__
    assert len(module.__doc__.splitlines()) > 1
    folder = package.__name__.replace("pawl.", "", 1).replace(".", "/")
    stem = plugin.replace("-", "_")
    tests = ROOT / "tests" / folder
    assert (tests / "cases" / f"{plugin}.yaml").is_file() or any(
        stem in path.name or stem in path.read_text() for path in tests.rglob("test_*.py")
    ), f"no test below {tests} speaks of {stem}"
    page = ROOT / "docs" / "reference" / f"{PAGES.get(folder, folder.rpartition('/')[2])}.md"
    assert f"## {plugin}\n" in page.read_text(), f"{page} lacks {plugin}; run `make docs`"


def test_an_unknown_plugin_is_a_key_error() -> None:
    """Asking for a plugin that no file has names it."""
    with pytest.raises(KeyError, match="nobody"):
        load(pawl.runs.agents, "nobody", "AGENT", Agent)


def test_ids_are_file_names() -> None:
    """The id of a plugin is its file name in kebab-case."""
    assert plugin_id("pawl.runs.agents.claude_code") == "claude-code"
