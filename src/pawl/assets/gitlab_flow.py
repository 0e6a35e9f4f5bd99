"""Jobs of GitLab's pipelines, with what they extend, what starts them and under which rules.

A pipeline of a fork's merge request runs in the fork, with the fork's variables, unless a member
starts it in the parent project. Source: GitLab's CI/CD YAML reference, read 2026-11-21.
"""

from typing import Any

from pawl.assets.flow import Job, Step
from pawl.assets.values import plain, texts
from pawl.parsing.ci.github import several, table
from pawl.parsing.ci.gitlab import GLOBAL, extended
from pawl.parsing.lined_yaml import Lined, PathKey, Reference

MAX_JOBS = 200
MAX_LINES = 2000
MAX_DEPTH = 11
_MERGE = ("merge_request", "CI_MERGE_REQUEST", "external_pull_request")


def gitlab_jobs(lined: Lined) -> tuple[Job, ...]:
    """Return the jobs of a pipeline; templates (`.name`) come in where they are extended."""
    root = table(lined.value)
    named = [
        name
        for name, job in root.items()
        if isinstance(job, dict) and name not in GLOBAL and not name.startswith(".")
    ]
    whole = _rules(table(root.get("workflow")))
    return tuple(_job(lined, root, name, whole) for name in named[:MAX_JOBS])


def _job(lined: Lined, root: dict[str, Any], name: str, whole: list[tuple[str, str]]) -> Job:
    job = extended(name, root)
    default = table(root.get("default"))
    script = _Script(root, lined)
    for key in ("before_script", "script"):
        own = key in table(root.get(name))
        where: PathKey = (name, key) if own else (name,)
        value = job.get(key, default.get(key, root.get(key)) if key == "before_script" else None)
        script.take(value, where, own)
    run = "\n".join(text for text, _ in script.lines)
    rules = _rules(job)
    environment = job.get("environment")
    env = {**texts(root.get("variables")), **texts(job.get("variables"))}
    step = Step(
        at=0,
        where=(name, "script"),
        line=lined.line(name, "script"),
        run=run,
        env=env,
        continue_on_error="true" if job.get("allow_failure") is True else "",
        run_line=lined.line(name, "script"),
        run_lines=tuple(line for _, line in script.lines),
        values=job,
    )
    return Job(
        id=name,
        where=(name,),
        line=lined.line(name),
        condition=" || ".join(f"({text})" for text, _ in rules) if all(t for t, _ in rules) else "",
        environment=plain(environment) or plain(table(environment).get("name")),
        needs=several(job.get("needs")) or several(job.get("dependencies")),
        timeout=job.get("timeout", default.get("timeout")),
        concurrency="resource_group" in job or job.get("interruptible") is True,
        env=env,
        steps=(step,) if run.strip() else (),
        values=job,
        events=_events(rules, whole),
    )


def _rules(holder: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the conditions under which a job runs, each with its `when`."""
    rules = holder.get("rules")
    found = []
    for rule in (rules if isinstance(rules, list) else [])[:MAX_JOBS]:
        said = table(rule)
        when = plain(said.get("when")) or plain(holder.get("when"))
        if when != "never":
            found.append((plain(said.get("if")), when))
    only = holder.get("only")
    refs = several(only) or several(table(only).get("refs"))
    when = plain(holder.get("when"))
    return found + [(f"$CI_PIPELINE_SOURCE == {ref!r}", when) for ref in refs]


def _events(rules: list[tuple[str, str]], whole: list[tuple[str, str]]) -> tuple[str, ...]:
    """Return `merge_request_event` where a change of an outsider starts the job by itself."""
    asked = rules or whole
    by_itself = [text for text, when in asked if when != "manual"]
    named = any(sign in text and "!=" not in text for text in by_itself for sign in _MERGE)
    allowed = not whole or any(not text or any(s in text for s in _MERGE) for text, _ in whole)
    return ("merge_request_event",) if named and allowed else ()


class _Script:
    """The lines of one job's scripts with the lines of the file they stand on, within a budget."""

    def __init__(self, root: dict[str, Any], lined: Lined) -> None:
        self.root = root
        self.lined = lined
        self.left = MAX_LINES
        self.lines: list[tuple[str, int]] = []

    def take(self, value: Any, where: PathKey, own: bool, depth: int = 0) -> None:
        """Lay a script flat; with `own` its lines stand where the document says they do."""
        self.left -= 1
        if self.left < 0 or depth > MAX_DEPTH:
            return
        line = self.lined.line(*where) or 1
        if isinstance(value, str):
            for at, text in enumerate(value.split("\n")[:MAX_LINES]):
                self.lines.append((text, line + (at if own else 0)))
        elif isinstance(value, Reference):
            found: Any = self.root
            for key in value.path:
                found = table(found).get(key)
            self.take(found, where, False, depth + 1)
        elif isinstance(value, list):
            for at, each in enumerate(value[:MAX_LINES]):
                self.take(each, (*where, at) if own else where, own, depth + 1)
