"""Pipelines that publish: where they restore a cache, and what lets them publish.

Caches of the default branch are shared by all of a repository's pipelines, so that what an agent
leaves in one is what a release builds from. Source: GitHub's documentation of dependency caching,
read 2026-11-21.
"""

from collections.abc import Iterator

import msgspec

from pawl.assets.ci_knowledge import known
from pawl.assets.flow import Flow, Job, Step
from pawl.assets.held_secrets import names_in
from pawl.assets.step_commands import commands_of_step
from pawl.parsing.ci.commands import unwrap
from pawl.parsing.ci.deeds import action_delivery, delivery

_NOT_CODE = frozenset({"pages", "hosts"})


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """One job that restores a cache and publishes. `by` is what lets it publish."""

    flow: Flow
    job: Job
    cache_line: int | None
    cache: str
    publish_line: int | None
    target: str
    by: str


def releases_of(flow: Flow) -> Iterator[Release]:
    """Yield the jobs of a pipeline that publish what a cache may have changed."""
    for job in flow.jobs:
        cached = next((step for step in job.steps if restores_cache(step)), None)
        if cached is None:
            continue
        for step in job.steps:
            target = _target(step)
            by = _lets_publish(flow, job, step) if target else ""
            if target and by:
                yield Release(
                    flow=flow,
                    job=job,
                    cache_line=cached.line,
                    cache=cached.uses,
                    publish_line=step.line,
                    target=target,
                    by=by,
                )
                break


def restores_cache(step: Step) -> bool:
    """Say whether a step restores a cache."""
    how, _, name = known().caches.get(step.uses.lower(), "").partition(" ")
    value = step.inputs.get(name, "").strip().lower()
    if how == "with":
        return value not in ("", "false")
    return how == "always" or (how == "unless" and value != "false")


def _target(step: Step) -> str:
    """Return where a step publishes to; empty where it publishes no program."""
    found = action_delivery(step.uses) if step.uses else None
    if found is None and step.run:
        for command in commands_of_step(step):
            words = unwrap(command.texts) if command.words else ()
            if not isinstance(words, tuple) or not words:
                continue
            found = delivery(words)
            if found is None and "publish" in words[1:4] and "--dry-run" not in words:
                found = "a registry"
            if found is not None:
                break
    return "" if found is None or found in _NOT_CODE else found


def _lets_publish(flow: Flow, job: Job, step: Step) -> str:
    """Return what lets a step publish: a secret, or the job's identity."""
    for env in (flow.env, job.env, step.env, step.inputs):
        for value in env.values():
            for name in names_in(value):
                return f"the secret {name}"
    held = job.permissions or {}
    return "the job's identity token" if held.get("id-token") == "write" else ""
