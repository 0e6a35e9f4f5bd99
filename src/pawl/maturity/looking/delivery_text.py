"""Small readings of a tree that several delivery probes share."""

from collections.abc import Iterator

from pawl.maturity.extracts.task_file import Task, TaskFile
from pawl.maturity.extracts.workflow import Job, Step, Workflow
from pawl.maturity.facts.tree import Tree

MAX_NEEDS = 5
OTHER_CI = "Hand over the provider's export instead."
_ELSEWHERE = (
    "Jenkinsfile", ".circleci/config.yml", "azure-pipelines.yml", ".travis.yml", ".drone.yml",
    "bitbucket-pipelines.yml", "appveyor.yml", ".appveyor.yml", ".cirrus.yml", ".woodpecker.yml",
    ".buildkite/pipeline.yml", "cloudbuild.yaml", ".tekton/pipeline.yaml", "buildspec.yml",
)  # fmt: skip


def other_ci(tree: Tree) -> str | None:
    """Return the configuration of a CI product that Pawl does not read, or None."""
    paths = tree.paths
    named = next((path for path in _ELSEWHERE if path in paths), None)
    return named or next((file.path for file in tree.below(".ci/")), None)


def steps(tree: Tree) -> Iterator[tuple[str, Workflow, Job, Step]]:
    """Yield every step of every workflow, with its file, workflow and job."""
    for path, workflow in tree.read("workflow", Workflow):
        for job in workflow.jobs:
            for step in job.steps:
                yield path, workflow, job, step


class Tasks:
    """The targets of a tree's task files, nearest to the root first."""

    def __init__(self, tree: Tree) -> None:
        found = sorted(tree.read("task-file", TaskFile), key=lambda it: (it[0].count("/"), it[0]))
        self.files = found

    def find(self, runner: str, name: str) -> list[tuple[str, Task]]:
        """Return a runner's targets of a name, in every file that has one."""
        kind = "npm" if runner in ("npm", "pnpm", "yarn", "bun") else runner
        kind = "make" if kind == "gmake" else kind
        found = []
        for path, file in self.files:
            task = file.find(name) if file.runner == kind else None
            if task is not None:
                found.append((path, task))
        return found

    def knows(self, runner: str) -> bool:
        """Say whether there is any file of a runner."""
        kind = "npm" if runner in ("npm", "pnpm", "yarn", "bun") else runner
        return any(file.runner == kind for _, file in self.files)

    def hollow(self, said: str, depth: int = 0) -> str | None:
        """Return why `runner:target` cannot fail, or None when it can or is not known.

        A name that several files have is hollow only when it is so in all of them.
        """
        runner, _, targets = said.partition(":")
        reasons = [self._target(runner, name, depth) for name in targets.split()]
        return next((reason for reason in reasons if reason), None)

    def _target(self, runner: str, name: str, depth: int) -> str | None:
        found = self.find(runner, name)
        reasons = []
        for path, task in found:
            if task.empty and not task.needs:
                reasons.append(f"`{name}` in {path} runs nothing")
                continue
            hidden = [gate.swallowed for gate in task.gates if gate.swallowed]
            if hidden and len(hidden) == len(task.gates):
                reasons.append(f"in {path}, {hidden[0]}")
                continue
            # A target that runs nothing of its own is as good as what it needs.
            needs = task.needs if task.empty and depth < MAX_NEEDS else ()
            deeper = [self._target(runner, need, depth + 1) for need in needs]
            if deeper and all(deeper):
                reasons.append(deeper[0] or "")
        return reasons[0] if found and len(reasons) == len(found) else None
