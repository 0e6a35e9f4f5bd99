"""Pawl's own commands among the gates of CI: which workflows run one, and which hold."""

from pawl.maturity.extracts.task_file import TaskFile
from pawl.maturity.extracts.workflow import GateCommand, Workflow
from pawl.maturity.facts.tree import Tree
from pawl.parsing.ci.commands import program


def holding(tree: Tree, command: str) -> tuple[str, ...]:
    """Return the workflows that changes start and in which `pawl <command>` can stop one.

    A target of make, just or npm counts when its own recipe runs the command.
    """
    targets = {
        f"{file.runner}:{task.name}"
        for _, file in tree.read("task-file", TaskFile)
        for task in file.tasks
        if any(gate.swallowed is None and is_of(gate, command) for gate in task.gates)
    }
    return tuple(
        path
        for path, workflow in tree.read("workflow", Workflow)
        if workflow.on_changes
        and any(
            gate.swallowed is None
            and (is_of(gate, command) or (gate.task is not None and gate.task in targets))
            for job in workflow.jobs
            if job.blocks and not job.manual
            for step in job.steps
            if not (step.swallowed or step.problem or step.advisory)
            for gate in step.gates
        )
    )


def is_of(gate: GateCommand, command: str) -> bool:
    """Say whether a gate is one of Pawl's commands, such as `lint`."""
    words = gate.command.split()
    for at, word in enumerate(words[:-1]):
        if program(word) == "pawl" or word == "pawl":
            return words[at + 1] == command
    return False
