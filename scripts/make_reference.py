"""Write the generated pages of the reference, or check that they are current (`--check`).

The command line, the agents, the transcript formats, the error codes and the JSON Schemas are
documented by the code itself, once; these pages are that text in another place.
"""

import importlib
import inspect
import json
import pkgutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import msgspec

import pawl
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
from pawl.assets.rule import Rule as LintRule
from pawl.base.catalogue import discover, names
from pawl.base.errors import PawlError
from pawl.cli.exits import OF_KIND, Exit
from pawl.cli.main import COMMANDS
from pawl.evals.case_schema import case_schema
from pawl.evals.suite_result import SuiteResult
from pawl.incidents.drill_answers import DrillsAnswer, RunAnswer
from pawl.maturity.crosswalk import Crosswalk, load_crosswalk
from pawl.maturity.loading import MODELS, load_model
from pawl.maturity.model import Model, Need
from pawl.maturity.probe import Probe
from pawl.maturity.verdict import Assessment
from pawl.render.change_json import CHANGE_ANSWERS
from pawl.render.incident_json import INCIDENT_ANSWERS
from pawl.review.review import Review
from pawl.runs.batch_ending import Summary
from pawl.runs.batch_result import Result
from pawl.runs.record import RunRecord
from pawl.services.drill_fault import FaultKind

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference"
NOTE = "<!-- Written by `make docs` from the code; edit the code instead. -->\n"


def pages() -> dict[str, str]:
    """Return every generated page by its name below docs/reference."""
    return {
        "cli.md": _command_line(),
        "agents.md": _plugins(
            pawl.runs.agents,
            "Agents",
            "Adapters of `pawl run`: how each agent is started, watched and read.",
        ),
        "formats.md": _plugins(
            pawl.telemetry.formats,
            "Transcript formats",
            "What `pawl import` reads from each agent's own files.",
        ),
        "senders.md": _plugins(
            pawl.telemetry.otlp.senders,
            "Senders of telemetry",
            "Whose OpenTelemetry logs, metrics and traces the server understands.",
        ),
        "lint-rules.md": _lint_rules(),
        "graders.md": _plugins(
            pawl.evals.graders,
            "Graders",
            "What the assertions of an eval case can ask of a trial's record. Each answers pass,"
            " fail, or that it cannot tell, and runs nothing.",
        ),
        "gate-conditions.md": _plugins(
            pawl.changes.conditions,
            "Gate conditions",
            "What a gate can ask of a change before it is approved, and again before it starts."
            " Each answers pass, fail, inconclusive, or that it is not about the change.",
        ),
        "alert-rules.md": _plugins(
            pawl.alerts.rules,
            "Alert rules",
            "What `pawl alerts` watches: each rule, what sets it off, what ends it, and when it"
            " cannot tell. Their numbers stand in `alerts/thresholds.yaml`, each with its source.",
        ),
        "notify.md": _plugins(
            pawl.world.notify,
            "Channels",
            "Where notices of alerts go: each `kind` of `[alerts.channels.NAME]` in the data"
            " folder's `pawl.toml`.",
        ),
        "executors.md": _plugins(
            pawl.world.executors,
            "Executors",
            "What rolls a change out and back: each kind of `[changes.executors.KIND]` in the data"
            " folder's `pawl.toml`, named by a change's `rollout` and `rollback`.",
        ),
        "ledger-places.md": _plugins(
            pawl.world.ledger_places,
            "Places for checkpoints",
            "Where checkpoints of the ledger are kept: each `kind` of `[ledger.places.NAME]` in the"
            " data folder's `pawl.toml`.",
        ),
        "sources.md": _plugins(
            pawl.world.sources,
            "Sources of evidence",
            "What `pawl incident investigate` looks at, side by side; see `[investigation]` in"
            " [pawl.toml](pawl-toml.md).",
        ),
        "faults.md": _faults(),
        "routine-numbers.md": _plugins(
            pawl.services.routine_numbers,
            "Numbers of routines",
            "What each routine of the operating cadence opens with, so that nobody has to gather"
            " it: see `pawl cadence show ROUTINE`. A routine of a team's own opens with its"
            " checklist alone.",
        ),
        "patterns.md": _plugins(
            pawl.pipelines.patterns,
            "Patterns of pipelines",
            "What `pawl ci generate` writes for GitHub and GitLab.",
        ),
        "errors.md": _errors(),
        "probes.md": _probes(),
        "extracts.md": _plugins(
            pawl.maturity.extracts,
            "Extracts",
            "Readers of files in an assessed tree: what probes know of a file's content.",
        ),
        "detectors.md": _plugins(
            pawl.maturity.detectors,
            "Detectors",
            "Looks at evidence for signs that it proves less than it says. A hit removes credit,"
            " names its innocent explanation, and never a person.",
        ),
        "maturity-models.md": _models(),
        "schemas/run.json": _schema(RunRecord),
        "schemas/drills.json": _schema(DrillsAnswer),
        "schemas/drill-run.json": _schema(RunAnswer),
        "schemas/batch.json": _schema(Summary),
        "schemas/batch-result.json": _schema(Result),
        "schemas/assess.json": _schema(Assessment),
        "schemas/review.json": _schema(Review),
        "schemas/eval.json": _schema(SuiteResult),
        **{f"schemas/{name}.json": _schema(kind) for name, kind in CHANGE_ANSWERS.items()},
        **{f"schemas/{name}.json": _schema(kind) for name, kind in INCIDENT_ANSWERS.items()},
        "schemas/eval-cases.json": json.dumps(case_schema(), indent=1, sort_keys=True) + "\n",
    }


def _command_line() -> str:
    exits = "\n".join(f"| {int(one)} | {one.name.lower().replace('_', ' ')} |" for one in Exit)
    parts = [
        f"# Command line\n\n{NOTE}\nEvery command answers with one of these statuses.\n",
        f"\n| status | meaning |\n|---|---|\n{exits}\n",
    ]
    for name in sorted(COMMANDS):
        command = importlib.import_module(f"pawl.cli.{COMMANDS[name][0]}").command
        parts.append(f"\n## pawl {name}\n\n{_help(command, ['pawl', name])}")
    return "".join(parts)


def _help(command: click.Command, path: list[str]) -> str:
    context = click.Context(
        command, info_name=" ".join(path), terminal_width=90, max_content_width=90
    )
    text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    parts = [f"```text\n{text}\n```\n"]
    if isinstance(command, click.Group):
        for verb in sorted(command.list_commands(context)):
            child = command.get_command(context, verb)
            assert child is not None
            parts.append(f"\n### {' '.join([*path, verb])}\n\n{_help(child, [*path, verb])}")
    return "".join(parts)


def _plugins(package: ModuleType, title: str, about: str) -> str:
    parts = [f"# {title}\n\n{NOTE}\n{about}\n"]
    for plugin in names(package):
        module = importlib.import_module(f"{package.__name__}.{plugin.replace('-', '_')}")
        parts.append(f"\n## {plugin}\n\n{inspect.cleandoc(module.__doc__ or '')}\n")
    return "".join(parts)


def _faults() -> str:
    parts = [
        f"# Faults\n\n{NOTE}\nFailures that a drill can cause, in a sandbox alone: what each"
        " causes, what can be set, and what is measured of it.\n"
    ]
    for plugin, kind in sorted(discover(pawl.services.faults, "FAULT", FaultKind).items()):
        module = importlib.import_module(f"pawl.services.faults.{plugin.replace('-', '_')}")
        rows = [
            f"| `{name}` | parameter | {json.dumps(each.default)} | {each.says} |"
            for name, each in kind.parameters.items()
        ]
        rows += [
            f"| `{name}` | measure | {each.unit} | {each.says} |"
            for name, each in kind.measures.items()
        ]
        parts.append(
            f"\n## {plugin}\n\n{inspect.cleandoc(module.__doc__ or '')}\n\n"
            "| name | is a | default or unit | says |\n|---|---|---|---|\n"
            + "".join(f"{row}\n" for row in rows)
        )
    return "".join(parts)


def _lint_rules() -> str:
    parts = [
        f"# Lint rules\n\n{NOTE}\nWhat `pawl lint` looks for in the files that steer agents. How"
        " bad a hit is and how sure the rule is of it are two things. An opinion is off unless"
        " `[lint] on` of `pawl.toml` names it. Each rule's cases are tests.\n"
    ]
    for plugin, rule in sorted(discover(pawl.assets.rules, "RULE", LintRule).items()):
        module = importlib.import_module(f"pawl.assets.rules.{plugin.replace('-', '_')}")
        kinds = ", ".join(sorted(kind.value for kind in rule.kinds))
        products = ", ".join(rule.products) or "all products"
        versions = f" {rule.versions}" if rule.versions else ""
        opinion = " An opinion." if rule.opinion else ""
        fix = "" if rule.fix == "none" else f" Its fix is {rule.fix}."
        source = f"<{rule.source}>" if "://" in rule.source else rule.source
        parts.append(
            f"\n## {plugin}\n\n{rule.title}.\n\n"
            f"Severity {rule.severity.value}, confidence {rule.confidence.value}; looks at {kinds};"
            f" {products}{versions}.{opinion}{fix} Source: {source}, seen {rule.as_of}.\n\n"
            f"{inspect.cleandoc(module.__doc__ or '')}\n"
        )
    return "".join(parts)


def _probes() -> str:
    parts = [
        f"# Probes\n\n{NOTE}\nEach asks one question of facts that were gathered once, and answers"
        " yes, no, or that it cannot tell. How deep a proof goes: E1 exists, E2 has substance, E3"
        " runs, E4 stops bad input, E5 changed an outcome.\n"
    ]
    for plugin, probe in sorted(discover(pawl.maturity.probes, "PROBE", Probe).items()):
        module = importlib.import_module(f"pawl.maturity.probes.{plugin.replace('-', '_')}")
        values = "".join(f"- `{name}`: {meaning}\n" for name, meaning in probe.values.items())
        awaits = f", awaits {probe.awaits}" if probe.awaits else ""
        kinds = ", ".join(probe.kinds)
        parts.append(
            f"\n## {plugin}\n\n{probe.claim}\n\n"
            f"Area {probe.area}; as deep as {probe.depth.value}; from {kinds}{awaits};"
            f" version {probe.version}.\n\n"
            f"{inspect.cleandoc(module.__doc__ or '')}\n\n{values}\n"
            f"Remedy, about {probe.remedy.days:g} person-days: {probe.remedy.text}\n"
        )
    return "".join(parts)


def _models() -> str:
    folder = Path(pawl.maturity.__path__[0]) / "models"
    parts = [
        f"# Maturity models\n\n{NOTE}\nFour models, each faithful to its source and never averaged"
        " or converted into another. `seed`: the source states it. `authored`: we wrote it.\n"
    ]
    for name in MODELS:
        parts.append(_model(load_model((folder / f"{name}.yaml").read_text(), place=name)))
    parts.append(_crosswalk(load_crosswalk((folder / "crosswalk.yaml").read_text(), place="")))
    return "".join(parts)


def _crosswalk(found: Crosswalk) -> str:
    parts = [
        f"\n## Crosswalk\n\nAn opinion of {found.as_of}, to read and never to compute with:"
        f" {' '.join(found.never)}\n\n| levels | relation | why |\n|---|---|---|\n",
        *(
            f"| {' and '.join(each.between)} | {each.relation} | {each.why} |\n"
            for each in found.touches
        ),
        "\n| topic | what each says |\n|---|---|\n",
    ]
    for each in found.disagreements:
        says = "; ".join(f"{model}: {text}" for model, text in each.says.items())
        parts.append(f"| {each.topic} | {says} |\n")
    return "".join(parts)


def _model(model: Model) -> str:
    uses = "".join(f"- {use}\n" for use in model.forbidden_uses)
    parts = [
        f"\n## {model.id}\n\n{model.name}, version {model.version}, rates a {model.rates}."
        f" Source: {model.source.title}, read {model.source.as_of}.\n\n{model.purpose}\n\n"
        f"Not to be used for:\n\n{uses}\n| level | name | description | risk |\n",
        "|---|---|---|---|\n",
        *(
            f"| {each.id} | {each.name} | {each.description} | {each.risk or '-'} |\n"
            for each in model.levels
        ),
        "\n| criterion | origin | statement | needs |\n|---|---|---|---|\n",
    ]
    for each in model.criteria:
        needs = "; ".join(_need(need) for need in each.needs.values())
        parts.append(f"| `{each.id}` | {each.origin} | {each.statement} | {needs} |\n")
    return "".join(parts)


def _need(need: Need) -> str:
    wanted = [
        f"{name} {word} {value:g}"
        for name, threshold in need.where.items()
        for word, value in (("≥", threshold.at_least), ("≤", threshold.at_most))
        if value is not None
    ]
    wanted += [
        f"{name} = {threshold.equals}"
        for name, threshold in need.where.items()
        if threshold.equals is not None
    ]
    depth = f" {need.depth.value}" if need.depth else ""
    return f"[{need.probe}](probes.md#{need.probe}){depth}{': ' if wanted else ''}" + ", ".join(
        wanted
    )


def _errors() -> str:
    for module in pkgutil.walk_packages(pawl.__path__, "pawl."):
        if not module.name.endswith("__main__") and ".migrations" not in module.name:
            importlib.import_module(module.name)
    rows: dict[str, str] = {}
    pending: list[type[PawlError]] = [PawlError]
    while pending:
        kind = pending.pop()
        pending.extend(kind.__subclasses__())
        meaning = " ".join((inspect.getdoc(kind) or "").split("\n\n")[0].split())
        rows[kind.code] = f"| `{kind.code}` | {int(OF_KIND[kind.kind])} | {meaning} |"
    table = "\n".join(rows[code] for code in sorted(rows))
    return (
        f"# Errors\n\n{NOTE}\nEach expected failure has a code, an exit status, and a message that "
        f"names the place and the remedy.\n\n| code | exit | meaning |\n|---|---|---|\n{table}\n"
    )


def _schema(kind: type[msgspec.Struct]) -> str:
    def hook(unknown: type) -> dict[str, Any]:
        return {"description": "Any JSON value."}

    return json.dumps(msgspec.json.schema(kind, schema_hook=hook), indent=1, sort_keys=True) + "\n"


def run(check: bool) -> int:
    """Write the pages, or return 1 and name those that are out of date."""
    stale = []
    for name, text in pages().items():
        path = REFERENCE / name
        if path.exists() and path.read_text() == text:
            continue
        stale.append(name)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    if check and stale:
        print(f"out of date: {', '.join(stale)}; run `make docs`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(run("--check" in sys.argv[1:]))
