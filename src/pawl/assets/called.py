"""Put what a workflow calls in the same repository in the place of the call, one level deep.

A composite action's steps come in where the action is used, a reusable workflow's jobs where it is
called, with the inputs that the caller hands over. What a called file calls in turn is not
followed.
"""

import posixpath
from collections.abc import Callable, Iterator, Mapping

import msgspec

from pawl.assets.flow import Flow, Job, Origin, Step
from pawl.base.patterns import regex

MAX_STEPS = 400
Find = Callable[[str], Flow | None]
_INPUT = regex(r"\$\{\{\s*inputs\.([\w-]{1,100})\s*\}\}")
_NAMED = regex(r"\binputs\.([\w-]{1,100})")


def called_by(uses: str) -> tuple[str, ...]:
    """Return the paths of this repository that a local `uses:` may name; none for another one."""
    if not uses.startswith("./"):
        return ()
    path = posixpath.normpath(uses[2:])
    if path.startswith(".."):
        return ()
    if path.endswith((".yml", ".yaml")):
        return (path,)
    base = "" if path == "." else f"{path}/"
    return (f"{base}action.yml", f"{base}action.yaml")


def with_calls(flow: Flow, find: Find) -> Flow:
    """Return a workflow with the steps and jobs in place that it gets from local files."""
    if "./" not in flow.text:
        return flow
    jobs: list[Job] = []
    for job in flow.jobs:
        if job.uses.startswith("./"):
            jobs.extend(_called_jobs(job, find))
            continue
        steps = [each for step in job.steps for each in _called_steps(step, find)][:MAX_STEPS]
        numbered = (msgspec.structs.replace(each, at=at) for at, each in enumerate(steps))
        jobs.append(msgspec.structs.replace(job, steps=tuple(numbered)))
    return msgspec.structs.replace(flow, jobs=tuple(jobs))


def _called_steps(step: Step, find: Find) -> Iterator[Step]:
    paths = called_by(step.uses)
    action = next((each for each in map(find, paths) if each is not None), None)
    if action is None or not action.is_action:
        yield step
        return
    given = {**action.inputs, **step.inputs}
    for inner in (each for job in action.jobs for each in job.steps):
        handed = _handed(inner, given, action, step)
        # What the call is called by is what later steps ask for.
        yield msgspec.structs.replace(
            handed,
            id=step.id or inner.id,
            condition=" && ".join(f"({c})" for c in (step.condition, handed.condition) if c),
            continue_on_error=step.continue_on_error or handed.continue_on_error,
        )


def _called_jobs(job: Job, find: Find) -> Iterator[Job]:
    paths = called_by(job.uses)
    called = next((each for each in map(find, paths) if each is not None), None)
    if called is None or called.is_action:
        yield job
        return
    handed = job.values.get("with")
    given = {**called.inputs}
    if isinstance(handed, dict):
        given.update({str(name): str(value) for name, value in handed.items()})
    for inner in called.jobs:
        steps = tuple(_handed(step, given, called, None, job) for step in inner.steps)
        conditions = [each for each in (job.condition, inner.condition) if each]
        yield msgspec.structs.replace(
            inner,
            where=job.where,
            line=job.line,
            id=f"{job.id} / {inner.id}",
            condition=" && ".join(f"({each})" for each in conditions),
            permissions=inner.permissions if inner.permissions is not None else job.permissions,
            needs=job.needs,
            concurrency=job.concurrency or inner.concurrency or called.concurrency,
            env={**called.env, **inner.env},
            steps=steps,
        )


def _handed(
    inner: Step, given: Mapping[str, str], called: Flow, step: Step | None, job: Job | None = None
) -> Step:
    """Return a step of a called file with the caller's inputs, at the line of the call."""
    place = step or job
    assert place is not None
    return msgspec.structs.replace(
        inner,
        where=place.where,
        line=place.line,
        inputs={name: _filled(value, given) for name, value in inner.inputs.items()},
        run=_filled(inner.run, given),
        env={
            **(step.env if step is not None else {}),
            **{name: _filled(value, given) for name, value in inner.env.items()},
        },
        condition=_filled(inner.condition, given),
        origin=Origin(called.path, inner.line),
    )


def _filled(text: str, given: Mapping[str, str]) -> str:
    """Return a text with the inputs it names; within an expression a plain value is not put."""
    if "inputs." not in text:
        return text
    filled = _INPUT.sub(lambda match: given.get(match[1], match[0]), text)
    return _NAMED.sub(lambda match: _within(given.get(match[1], ""), match[0]), filled)


def _within(value: str, name: str) -> str:
    """Return the expression that a value is, where it is one, else the name as it was."""
    bare = value.strip()
    whole = bare.startswith("${{") and bare.endswith("}}") and bare.count("${{") == 1
    return bare[3:-2].strip() if whole else name
