"""Read pipelines of code hosts: GitHub's workflows and composite actions, GitLab's pipelines.

Source: the code hosts' references of their workflow syntax, read 2026-11-21.
"""

from typing import Any

from pawl.assets.asset import Asset
from pawl.assets.flow import Flow, Job, Origin, Step
from pawl.assets.gitlab_flow import gitlab_jobs
from pawl.assets.values import plain, texts
from pawl.base.errors import BadFile
from pawl.parsing.ci.github import several, table, triggers
from pawl.parsing.lined_yaml import Lined, PathKey, read_lined

MAX_JOBS = 200
MAX_STEPS = 300


def read_flow(asset: Asset, text: str) -> Flow:
    """Return a pipeline; one that does not parse says so."""
    try:
        lined = read_lined(text, place=asset.path)
    except BadFile as error:
        _, _, number = (error.place or "").rpartition(":")
        line = int(number) if number.isdigit() else None
        return Flow(asset=asset, text=text, problem=error.message, problem_line=line)
    if asset.product == "gitlab":
        return Flow(asset=asset, text=text, lined=lined, jobs=gitlab_jobs(lined))
    root = table(lined.value)
    if asset.name in ("action.yml", "action.yaml"):
        return _action(asset, text, lined, root)
    events, filters = triggers(root.get("on"))
    whole = permissions_of(root.get("permissions"))
    held = list(table(root.get("jobs")).items())[:MAX_JOBS]
    called = table(table(root.get("on")).get("workflow_call"))
    return Flow(
        asset=asset,
        text=text,
        lined=lined,
        name=plain(root.get("name")),
        triggers=events,
        filters=filters,
        concurrency="concurrency" in root,
        env=texts(root.get("env")),
        inputs=_defaults(called.get("inputs")),
        jobs=tuple(_job(lined, name, table(job), whole, _shell(root)) for name, job in held),
    )


def _action(asset: Asset, text: str, lined: Lined, root: dict[str, Any]) -> Flow:
    steps = _steps(lined, table(root.get("runs")).get("steps"), ("runs", "steps"))
    job = Job(id="action", where=("runs",), line=lined.line("runs"), steps=steps)
    return Flow(
        asset=asset,
        text=text,
        lined=lined,
        name=plain(root.get("name")),
        inputs=_defaults(root.get("inputs")),
        jobs=(job,) if steps else (),
    )


def _defaults(value: Any) -> dict[str, str]:
    return {str(name): plain(table(each).get("default")) for name, each in table(value).items()}


def permissions_of(value: Any) -> dict[str, str] | None:
    """Return declared permissions of the job's token; `write-all` is `{"*": "write"}`."""
    if value in ("write-all", "read-all"):
        return {"*": str(value).removesuffix("-all")}
    return {str(k): plain(v) for k, v in value.items()} if isinstance(value, dict) else None


def _shell(around: dict[str, Any]) -> str:
    return plain(table(table(around.get("defaults")).get("run")).get("shell"))


def _job(
    lined: Lined, name: str, job: dict[str, Any], whole: dict[str, str] | None, shell: str
) -> Job:
    where: PathKey = ("jobs", name)
    own = permissions_of(job.get("permissions"))
    environment = job.get("environment")
    shell = _shell(job) or shell
    if not shell and any(each.startswith("windows") for each in several(job.get("runs-on"))):
        shell = "pwsh"  # What the host takes there where nothing is said.
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
        steps=_steps(lined, job.get("steps"), (*where, "steps"), shell),
        values=job,
    )


def _steps(lined: Lined, value: Any, where: PathKey, shell: str = "") -> tuple[Step, ...]:
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
                shell=plain(step.get("shell")) or shell,
                env=texts(step.get("env")),
                condition=plain(step.get("if")),
                continue_on_error=plain(step.get("continue-on-error")),
                values=step,
                run_line=lined.line(*where, at, "run"),
            )
        )
    return tuple(found)


__all__ = ["Flow", "Job", "Origin", "Step", "permissions_of", "read_flow"]
