"""Read GitHub Actions: workflows and composite actions.

Source: GitHub's workflow syntax reference, read 2026-11. A `run` without a `shell` runs with
`bash -e` and no pipefail; with `shell: bash` it runs with pipefail; on Windows it is PowerShell.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from pawl.parsing.ci.pipeline import Job, Step, Workflow
from pawl.parsing.ci.steps import judged, says_advisory, says_never
from pawl.parsing.lined_yaml import Lined
from pawl.parsing.shell_fate import Shell

MAX_JOBS = 100
MAX_STEPS = 200
MAX_ENTRIES = 60
MAX_VALUE = 500
"""Characters of an input or a variable that are kept; an action's command can be long."""

SHELLS = {
    "": Shell(errexit=True, pipefail=False),
    "bash": Shell(errexit=True, pipefail=True),
    "sh": Shell(errexit=True, pipefail=False),
}


def text(value: Any, limit: int = 200) -> str:
    """Return a scalar as bounded text; anything else as nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)[:limit] if isinstance(value, str | int | float) else ""


def table(value: Any) -> dict[str, Any]:
    """Return a mapping, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def several(value: Any) -> tuple[str, ...]:
    """Return one text or a list of texts as a tuple."""
    if isinstance(value, str):
        return (value,)
    return tuple(text(each) for each in value[:MAX_ENTRIES]) if isinstance(value, list) else ()


def variables(value: Any) -> dict[str, str]:
    """Return a mapping of texts, bounded."""
    return {
        key[:100]: text(each, MAX_VALUE) for key, each in list(table(value).items())[:MAX_ENTRIES]
    }


def minutes(value: Any) -> float | None:
    """Return a number of minutes, where a plain one is written."""
    plain = isinstance(value, int | float) and not isinstance(value, bool) and value > 0
    return float(value) if plain else None


def permissions(value: Any) -> dict[str, str] | None:
    """Return declared permissions; `write-all` is `{"*": "write"}`."""
    if value in ("write-all", "read-all"):
        return {"*": value.removesuffix("-all")}
    return variables(value) if isinstance(value, dict) else None


def shell_of(name: str, runs_on: str) -> Shell | None:
    """Return the options that a step's shell starts with, or None when it is no POSIX shell."""
    if not name and "windows" in runs_on.lower() and "${{" not in runs_on:
        return None
    if name in SHELLS:
        return SHELLS[name]
    words = name.split()
    if words and words[0].rpartition("/")[2] in ("bash", "sh", "zsh", "dash", "msys2"):
        flags = [word for word in words[1:] if word.startswith("-") and not word.startswith("--")]
        # A template such as `bash -leo pipefail {0}`; msys2 passes `-eo pipefail` by itself.
        errexit = words[0] == "msys2" or any("e" in flag[1:] for flag in flags)
        return Shell(errexit=errexit, pipefail=words[0] == "msys2" or "pipefail" in words)
    return Shell(errexit=True, pipefail=True) if "${{" in name else None


def _action(uses: str) -> tuple[str, str]:
    name, _, ref = uses.partition("@")
    return name.strip()[:200], ref.strip()[:200]


def step(
    value: Mapping[str, Any], line: int | None, shell: str, job: Job, env: Mapping[str, str]
) -> Step:
    """Return one step, judged."""
    uses, ref = _action(text(value.get("uses")))
    own = text(value.get("shell")) or shell
    run = value.get("run")
    read = Step(
        line=line,
        name=text(value.get("name") or value.get("id")),
        run=run if isinstance(run, str) else "",
        shell=own,
        uses=uses,
        ref=ref,
        inputs=variables(value.get("with")),
        env={**env, **variables(value.get("env"))},
        condition=text(value.get("if")),
        continue_on_error=text(value.get("continue-on-error")).strip("${} ") == "true",
        timeout_minutes=minutes(value.get("timeout-minutes")) or job.timeout_minutes,
    )
    return judged(read, shell_of(own, job.runs_on), advisory=says_advisory(job.name, job.id))


def _shell(value: Mapping[str, Any]) -> str:
    return text(table(table(value.get("defaults")).get("run")).get("shell"))


def _images(value: Mapping[str, Any]) -> tuple[str, ...]:
    container = value.get("container")
    named = [container if isinstance(container, str) else table(container).get("image")]
    named += [table(each).get("image") for each in table(value.get("services")).values()]
    return tuple(text(image) for image in named[:MAX_ENTRIES] if text(image))


def _runs_on(value: Any) -> str:
    labels = value.get("labels") if isinstance(value, dict) else value
    return " ".join(several(labels))


def job(name: str, value: Mapping[str, Any], lined: Lined, shell: str, env: dict[str, str]) -> Job:
    """Return one job with its steps."""
    environment = value.get("environment")
    uses, ref = _action(text(value.get("uses")))
    condition = text(value.get("if"))
    empty = Job(
        id=name[:100],
        line=lined.line("jobs", name),
        name=text(value.get("name")),
        permissions=permissions(value.get("permissions")),
        continue_on_error=text(value.get("continue-on-error")).strip("${} ") == "true",
        condition=condition,
        never="its condition is never true" if says_never(condition) else None,
        needs=several(value.get("needs")),
        environment=text(environment) or text(table(environment).get("name")),
        runs_on=_runs_on(value.get("runs-on")),
        timeout_minutes=minutes(value.get("timeout-minutes")),
        images=_images(value),
        uses=uses,
        ref=ref,
        inherits_secrets=value.get("secrets") == "inherit",
        env=variables(value.get("env")),
    )
    steps = value.get("steps")
    return _with_steps(
        empty,
        steps if isinstance(steps, list) else [],
        ("jobs", name, "steps"),
        lined,
        _shell(value) or shell,
        {**env, **empty.env},
    )


def _with_steps(
    empty: Job,
    steps: list[Any],
    path: tuple[str, ...],
    lined: Lined,
    shell: str,
    env: dict[str, str],
) -> Job:
    read = []
    for at, each in enumerate(steps[:MAX_STEPS]):
        if isinstance(each, dict):
            key = "run" if "run" in each else "uses"
            read.append(step(each, lined.line(*path, at, key), shell, empty, env))
    return msgspec.structs.replace(empty, steps=tuple(read))


def triggers(value: Any) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """Return the events that start a workflow, and their filters."""
    if not isinstance(value, dict):
        return several(value), {}
    filters = {}
    for event, asked in list(value.items())[:MAX_ENTRIES]:
        for name, chosen in table(asked).items():
            if name.partition("-")[0] in ("branches", "tags", "paths", "types", "workflows"):
                filters[f"{event}.{name}"] = several(chosen)
    return tuple(value), filters


def read_workflow(lined: Lined) -> Workflow | None:
    """Return a workflow file's content, or None when it has no jobs."""
    root = table(lined.value)
    jobs = table(root.get("jobs"))
    if not jobs:
        return None
    events, filters = triggers(root.get("on"))
    env = variables(root.get("env"))
    return Workflow(
        product="github",
        name=text(root.get("name")),
        triggers=events,
        filters=filters,
        permissions=permissions(root.get("permissions")),
        env=env,
        jobs=tuple(
            job(name, each, lined, _shell(root), env)
            for name, each in list(jobs.items())[:MAX_JOBS]
            if isinstance(each, dict)
        ),
    )


def read_action(lined: Lined) -> Workflow | None:
    """Return a composite action as a workflow of one job, or None for another kind of action."""
    root = table(lined.value)
    runs = table(root.get("runs"))
    steps = runs.get("steps")
    if runs.get("using") != "composite" or not isinstance(steps, list):
        return None
    empty = Job(id="action", line=lined.line("runs"), name=text(root.get("name")))
    whole = _with_steps(empty, steps, ("runs", "steps"), lined, "", {})
    return Workflow(product="github-action", name=text(root.get("name")), jobs=(whole,))
