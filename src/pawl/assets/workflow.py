"""Pipelines of code hosts, as the rules about agents in CI look at them.

GitHub's workflows and composite actions, and GitLab's pipelines, in one shape. Values are kept
whole: a prompt is long, and what matters may stand at its end.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from pawl.assets.asset import Asset
from pawl.base.errors import BadFile
from pawl.parsing.ci.github import several, table, triggers
from pawl.parsing.lined_yaml import Lined, PathKey, read_lined

MAX_JOBS = 200
MAX_STEPS = 300
_GITLAB_WORDS = frozenset(
    {"stages", "variables", "default", "include", "workflow", "image", "services", "cache", "pages",
     "before_script", "after_script", "spec"}
)  # fmt: skip


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step. `where` is its path in the document, for the lines of what is in it."""

    at: int
    where: PathKey
    line: int | None
    id: str = ""
    name: str = ""
    uses: str = ""
    ref: str = ""
    inputs: dict[str, str] = {}
    run: str = ""
    shell: str = ""
    env: dict[str, str] = {}
    condition: str = ""
    continue_on_error: str = ""
    values: dict[str, Any] = {}


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One job. `permissions` are those that hold for it: its own, the workflow's, or None."""

    id: str
    where: PathKey
    line: int | None
    condition: str = ""
    permissions: dict[str, str] | None = None
    own_permissions: bool = False
    environment: str = ""
    needs: tuple[str, ...] = ()
    outputs: dict[str, str] = {}
    uses: str = ""
    ref: str = ""
    timeout: Any = None
    concurrency: bool = False
    env: dict[str, str] = {}
    steps: tuple[Step, ...] = ()
    values: dict[str, Any] = {}


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """One pipeline. `problem` says why it could not be read; there are no jobs then.

    `filters` restrict its triggers, as `issue_comment.types` → `("created",)`.
    """

    asset: Asset
    text: str
    lined: Lined | None = None
    problem: str = ""
    problem_line: int | None = None
    name: str = ""
    triggers: tuple[str, ...] = ()
    filters: dict[str, tuple[str, ...]] = {}
    concurrency: bool = False
    jobs: tuple[Job, ...] = ()

    @property
    def path(self) -> str:
        """The file's path."""
        return self.asset.path

    @property
    def is_action(self) -> bool:
        """Say whether it is an action that workflows call, and no workflow itself."""
        return self.asset.name in ("action.yml", "action.yaml")

    def line(self, *path: str | int) -> int | None:
        """Return the line of a value of the document, or of what is nearest around it."""
        return None if self.lined is None else self.lined.line(*path)

    def steps(self) -> Iterator[tuple[Job, Step]]:
        """Yield each step with its job, in order."""
        for job in self.jobs:
            for step in job.steps:
                yield job, step


def read_flow(asset: Asset, text: str) -> Flow:
    """Return a pipeline; one that does not parse says so."""
    try:
        lined = read_lined(text, place=asset.path)
    except BadFile as error:
        _, _, number = (error.place or "").rpartition(":")
        line = int(number) if number.isdigit() else None
        return Flow(asset=asset, text=text, problem=error.message, problem_line=line)
    if asset.product == "gitlab":
        return _gitlab(asset, text, lined)
    root = table(lined.value)
    events, filters = triggers(root.get("on"))
    whole = permissions_of(root.get("permissions"))
    if asset.name in ("action.yml", "action.yaml"):
        steps = table(root.get("runs")).get("steps")
        job = Job(
            id="action",
            where=("runs",),
            line=lined.line("runs"),
            steps=_steps(lined, steps, ("runs", "steps")),
        )
        jobs: tuple[Job, ...] = (job,) if job.steps else ()
    else:
        held = list(table(root.get("jobs")).items())[:MAX_JOBS]
        jobs = tuple(_job(lined, name, table(job), whole) for name, job in held)
    return Flow(
        asset=asset,
        text=text,
        lined=lined,
        name=plain(root.get("name")),
        triggers=events,
        filters=filters,
        concurrency="concurrency" in root,
        jobs=jobs,
    )


def permissions_of(value: Any) -> dict[str, str] | None:
    """Return declared permissions of the job's token; `write-all` is `{"*": "write"}`."""
    if value in ("write-all", "read-all"):
        return {"*": str(value).removesuffix("-all")}
    return {str(k): plain(v) for k, v in value.items()} if isinstance(value, dict) else None


def plain(value: Any) -> str:
    """Return a scalar as text; anything else as nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else ""


def texts(value: Any) -> dict[str, str]:
    """Return a map of scalars as texts."""
    return {str(name): plain(each) for name, each in table(value).items()}


def _job(lined: Lined, name: str, job: dict[str, Any], whole: dict[str, str] | None) -> Job:
    where: PathKey = ("jobs", name)
    own = permissions_of(job.get("permissions"))
    environment = job.get("environment")
    uses, _, ref = plain(job.get("uses")).partition("@")
    return Job(
        id=name,
        where=where,
        line=lined.line(*where),
        condition=plain(job.get("if")),
        permissions=whole if own is None else own,
        own_permissions=own is not None,
        environment=plain(environment) or plain(table(environment).get("name")),
        needs=several(job.get("needs")),
        outputs=texts(job.get("outputs")),
        uses=uses.strip(),
        ref=ref.strip(),
        timeout=job.get("timeout-minutes"),
        concurrency="concurrency" in job,
        env=texts(job.get("env")),
        steps=_steps(lined, job.get("steps"), (*where, "steps")),
        values=job,
    )


def _steps(lined: Lined, value: Any, where: PathKey) -> tuple[Step, ...]:
    found = []
    for at, step in enumerate((value if isinstance(value, list) else [])[:MAX_STEPS]):
        if not isinstance(step, dict):
            continue
        uses, _, ref = plain(step.get("uses")).partition("@")
        found.append(
            Step(
                at=at,
                where=(*where, at),
                line=lined.line(*where, at),
                id=plain(step.get("id")),
                name=plain(step.get("name")),
                uses=uses.strip(),
                ref=ref.partition("#")[0].strip(),
                inputs=texts(step.get("with")),
                run=plain(step.get("run")),
                shell=plain(step.get("shell")),
                env=texts(step.get("env")),
                condition=plain(step.get("if")),
                continue_on_error=plain(step.get("continue-on-error")),
                values=step,
            )
        )
    return tuple(found)


def _gitlab(asset: Asset, text: str, lined: Lined) -> Flow:
    jobs = []
    for name, job in list(table(lined.value).items())[: 2 * MAX_JOBS]:
        if name in _GITLAB_WORDS or name.startswith(".") or not isinstance(job, dict):
            continue
        script = job.get("script")
        lines = [script] if isinstance(script, str) else script if isinstance(script, list) else []
        step = Step(
            at=0,
            where=(name, "script"),
            line=lined.line(name, "script"),
            run="\n".join(plain(each) for each in lines),
            env=texts(job.get("variables")),
        )
        jobs.append(
            Job(
                id=name,
                where=(name,),
                line=lined.line(name),
                timeout=job.get("timeout"),
                needs=several(job.get("needs")),
                steps=(step,) if step.run else (),
                values=job,
            )
        )
    return Flow(
        asset=asset, text=text, lined=lined, triggers=_gitlab_triggers(lined), jobs=tuple(jobs)
    )


def _gitlab_triggers(lined: Lined) -> tuple[str, ...]:
    """Return `merge_request_event` where any rule of the file asks for it."""
    held = str(lined.value)
    return ("merge_request_event",) if "merge_request" in held else ()
