"""Lint is enforced: CI runs a linter on changes, with rules on, and red stays red.

Looks at: linters' configurations and the rules they leave on; CI steps that run a linter, behind
a make, just or npm target too; and the code host's finished runs of that workflow in 30 days.
Fooled by: an emptied rule set, which counts as no rules; a step whose failure is swallowed, a job
that may fail or never runs, a target that only prints, a workflow that changes do not start: none
of them is a gate.
Yes: a linter with rules on gates changes; deeper when the host tells of finished runs. No: no such
step, or every rule set was emptied. Cannot tell: no tree, or CI in a product that is not read.
"""

from collections.abc import Iterator

from pawl.base.finding import Place
from pawl.maturity.evidence import Assurance, Depth, Kind
from pawl.maturity.extracts.lint_config import LintConfig
from pawl.maturity.extracts.task_file import Task, TaskFile
from pawl.maturity.extracts.workflow import GateCommand, Workflow
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.host import CiRun
from pawl.maturity.facts.tree import Tree
from pawl.maturity.looking.recent import newest, within
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, not_applicable, yes
from pawl.parsing.languages import SOURCE
from pawl.parsing.lint_rules import LintRules

RUN_DAYS = 30
"""The maturity study's window for provider runs: 30 days."""
MAX_TARGETS = 50
"""Targets behind targets that are followed."""
_OTHER_CI = (
    ".ci/",
    "Jenkinsfile",
    ".circleci/",
    "azure-pipelines.y",
    ".travis.yml",
    ".buildkite/",
    "bitbucket-pipelines.yml",
    ".drone.yml",
    "appveyor.yml",
    ".appveyor.yml",
    ".teamcity/",
    ".cirrus.yml",
    ".woodpecker",
)
_FINISHED = frozenset({"success", "failure"})


def judge(facts: Facts) -> Answer:
    """Look for a linter with rules on that gates changes, and for its runs."""
    if isinstance(facts.tree, Absent):
        return cannot_tell(facts.tree)
    tree = facts.tree
    configs = [
        (path, tool)
        for path, config in tree.read("lint-config", LintConfig)
        for tool in config.tools
    ]
    kept = {tool.tool for _, tool in configs if tool.emptied is None}
    emptied = [(path, tool) for path, tool in configs if tool.tool not in kept]
    rules = sum(tool.rules for _, tool in configs)
    gates, weak = _gates(tree, {tool.tool for _, tool in emptied})
    if not gates and not configs and SOURCE not in tree.roles:
        return not_applicable("The commit holds no source code in a language known.")
    if not gates and not weak and any(any(tree.below(start)) for start in _OTHER_CI):
        return cannot_tell("CI runs in a product whose configuration is not read.")
    runs = _runs(facts, {path for path, _ in gates})
    told = {
        "values": {"rules": rules, "gated": bool(gates), "runs": len(runs)},
        "places": _places(emptied, weak, gates),
        "claimed_at": newest(run.started_at for run in runs),
        "inputs": [tree.tree, sorted(run.id for run in runs)],
    }
    if configs and not kept:
        path, tool = emptied[0]
        return no(f"Every rule set was emptied: in {path}, {tool.emptied}.", Kind.TREE, **told)
    if not gates:
        why = f": {weak[0][1]}" if weak else ""
        return no(f"No CI step stops a change for what a linter finds{why}.", Kind.TREE, **told)
    what = f"{rules} rules or groups are on" if configs else "the linter's defaults are on"
    reason = f"{len(gates)} CI steps gate changes with a linter and {what}"
    if not runs:
        return yes(
            f"{reason}; no finished run of them is known.", Depth.SUBSTANTIVE, Kind.TREE, **told
        )
    reason = f"{reason}; {len(runs)} runs finished in {RUN_DAYS} days."
    told["assurance"] = Assurance.PROVIDER
    return yes(reason, Depth.RUNS, Kind.TREE, Kind.HOST, **told)


def _gates(
    tree: Tree, emptied: set[str]
) -> tuple[list[tuple[str, GateCommand]], list[tuple[Place, str]]]:
    """Return the lint gates that hold, by workflow, and those that do not, with the reason."""
    tasks = [file for _, file in tree.read("task-file", TaskFile)]
    holding: list[tuple[str, GateCommand]] = []
    weak: list[tuple[Place, str]] = []
    for path, workflow in tree.read("workflow", Workflow):
        for command, loose in _lint_commands(workflow):
            why = loose or command.swallowed or _hollow_task(command, tasks)
            if why is None and any(tool in command.command for tool in emptied):
                why = "its rule set was emptied"
            if why is None:
                holding.append((path, command))
            elif command.gate == "lint":
                weak.append((Place(path, command.line), why))
    return holding, weak


def _lint_commands(workflow: Workflow) -> Iterator[tuple[GateCommand, str | None]]:
    """Yield a workflow's commands that may lint, and why the job or workflow would not gate."""
    outer = None if workflow.on_changes else "changes do not start the workflow"
    for job in workflow.jobs:
        loose = outer
        if loose is None and job.never:
            loose = job.never
        if loose is None and job.continue_on_error:
            loose = "the job may fail"
        if loose is None and job.manual:
            loose = "the job is started by hand"
        for step in job.steps:
            advisory = "it only informs" if step.advisory else None
            for command in step.gates:
                if command.gate == "lint" or command.task:
                    yield command, loose or step.swallowed or step.problem or advisory


def _hollow_task(command: GateCommand, files: list[TaskFile]) -> str | None:
    """Return why the target behind a command lints nothing, or None when it may."""
    if command.task is None:
        return None
    tasks = _tasks(command.task, files)
    if not tasks:
        return f"the target {command.task} is nowhere in the tree"
    if _lints(command.task, files, set()):
        return None
    # A recipe of scripts that are not read is believed when the target's name says lint.
    told = any(gate.gate == "lint" for task in tasks for gate in task.gates)
    if command.gate == "lint" and not told and not all(task.empty for task in tasks):
        return None
    return f"the target {command.task} lints nothing"


def _tasks(target: str, files: list[TaskFile]) -> list[Task]:
    """Return what a `runner:target` stands for."""
    runner, _, name = target.partition(":")
    return [task for file in files if file.runner == runner and (task := file.find(name))]


def _lints(target: str, files: list[TaskFile], seen: set[str]) -> bool:
    """Say whether a target's recipe, or what it needs or calls, runs a linter that can fail."""
    if target in seen or len(seen) > MAX_TARGETS:
        return False
    seen.add(target)
    runner = target.partition(":")[0]
    for task in _tasks(target, files):
        live = [gate for gate in task.gates if gate.swallowed is None]
        if any(gate.gate == "lint" and gate.task is None for gate in live):
            return True
        beyond = [gate.task for gate in live if gate.task]
        beyond += [f"{runner}:{need}" for need in task.needs]
        if any(_lints(each, files, seen) for each in beyond):
            return True
    return False


def _runs(facts: Facts, paths: set[str]) -> list[CiRun]:
    """Return the host's finished runs of the gating workflows within the window."""
    if isinstance(facts.host, Absent) or "runs" in facts.host.missing:
        return []
    gitlab = any(not path.startswith(".github/") for path in paths)
    return [
        run
        for run in facts.host.runs
        if run.conclusion in _FINISHED
        and within(run.started_at, facts.as_of, RUN_DAYS)
        and (run.path in paths or (run.path is None and gitlab))
    ]


def _places(
    emptied: list[tuple[str, LintRules]],
    weak: list[tuple[Place, str]],
    gates: list[tuple[str, GateCommand]],
) -> tuple[Place, ...]:
    return (
        *(Place(path) for path, _ in emptied),
        *(place for place, _ in weak),
        *(Place(path, command.line) for path, command in gates),
    )


PROBE = Probe(
    claim="CI runs a linter with rules on, and stops changes that it refuses.",
    area="code",
    version=1,
    kinds=(Kind.TREE,),
    depth=Depth.RUNS,
    values={
        "rules": "rules and rule groups that the configurations leave on",
        "gated": "whether a CI step stops changes for what a linter finds",
        "runs": "finished CI runs of such workflows in 30 days",
    },
    remedy=Remedy("Run the linter in CI on every change, and let its exit status decide.", 1),
    judge=judge,
)
