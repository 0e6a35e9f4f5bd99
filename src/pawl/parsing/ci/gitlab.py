"""Read GitLab CI: jobs with `extends`, `default` and `!reference` resolved within the file.

Source: GitLab's CI/CD YAML reference, read 2026-11. Runners start bash with `-e` and pipefail.
A job with `allow_failure` leaves the pipeline green; `after_script` never decides.
"""

from collections.abc import Mapping
from typing import Any

from pawl.parsing.ci.github import MAX_ENTRIES, MAX_JOBS, several, table, text, variables
from pawl.parsing.ci.pipeline import Job, Step, Workflow
from pawl.parsing.ci.steps import judged, says_advisory
from pawl.parsing.lined_yaml import Lined, Reference
from pawl.parsing.shell_fate import Shell

GLOBAL = frozenset(
    {"default", "include", "stages", "variables", "workflow", "image", "services", "cache",
     "before_script", "after_script", "spec", "types"}
)  # fmt: skip
MAX_EXTENDS = 11
MAX_LINES = 2000
SHELL = Shell(errexit=True, pipefail=True)


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return one mapping laid over another, deep, as `extends` does."""
    merged = dict(base)
    for key, value in over.items():
        inner = merged.get(key)
        if isinstance(value, dict) and isinstance(inner, dict):
            merged[key] = _merged(inner, value)
        else:
            merged[key] = value
    return merged


def extended(
    name: str, root: Mapping[str, Any], depth: int = 0, known: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return a job with what it extends laid under it; what is in other files is not known.

    `known` holds what was laid together already: jobs that extend each other many times over
    would take for ever otherwise.
    """
    known = {} if known is None else known
    if name not in known:
        own = table(root.get(name))
        known[name] = own
        base: dict[str, Any] = {}
        if depth < MAX_EXTENDS:
            for parent in several(own.get("extends")):
                base = _merged(base, extended(parent, root, depth + 1, known))
        known[name] = _merged(base, own)
    return dict(known[name])


def _lines(
    value: Any,
    root: Mapping[str, Any],
    depth: int = 0,
    known: dict[tuple[str, ...], list[str]] | None = None,
) -> list[str]:
    """Return a script's lines, with nested lists and references laid flat, each of them once."""
    known = {} if known is None else known
    if isinstance(value, str):
        return [value]
    if isinstance(value, Reference):
        found: Any = root
        for key in value.path:
            found = table(found).get(key)
        if depth < MAX_EXTENDS and value.path not in known:
            known[value.path] = []  # One that leads back to itself brings nothing.
            known[value.path] = _lines(found, root, depth + 1, known)
        return known.get(value.path, [])
    if not isinstance(value, list) or depth >= MAX_EXTENDS:
        return []
    lines: list[str] = []
    for each in value:
        lines += _lines(each, root, depth + 1, known)
        if len(lines) > MAX_LINES:
            break
    return lines


def _image(value: Any) -> str:
    return text(value) or text(table(value).get("name"))


def _allows_failure(value: Any) -> bool:
    if isinstance(value, dict):
        codes = value.get("exit_codes")
        return 1 in (codes if isinstance(codes, list) else [codes])
    return value is True


def _conditions(job: Mapping[str, Any]) -> tuple[list[str], bool, bool]:
    """Return the texts that a job's rules ask, whether it never runs, and whether by hand."""
    rules = [table(each) for each in job.get("rules") or [] if isinstance(each, dict)]
    asked = [text(rule.get("if"), 300) for rule in rules if rule.get("when") != "never"]
    asked += [name for key in ("only", "except") for name in several(job.get(key)) if key == "only"]
    asked += several(table(job.get("only")).get("refs"))
    whens = {text(rule.get("when")) or "on_success" for rule in rules} or {text(job.get("when"))}
    return asked, whens == {"never"}, whens <= {"manual", "never"} and "manual" in whens


def read_job(name: str, root: Mapping[str, Any], lined: Lined) -> Job:
    """Return one job as a job of one step."""
    value = extended(name, root)
    default = table(root.get("default"))

    def inherited(key: str) -> Any:
        return value.get(key, default.get(key, root.get(key)))

    lines = _lines(inherited("before_script"), root) + _lines(value.get("script"), root)
    asked, never, manual = _conditions(value)
    env = {**variables(root.get("variables")), **variables(value.get("variables"))}
    environment = value.get("environment")
    key = "script" if "script" in table(root.get(name)) else None
    line = lined.line(name, key) if key else lined.line(name)
    step = Step(
        # The first command stands below its key; later lines are close, where comments are.
        line=line,
        name=name,
        run="\n".join(lines),
        env=env,
    )
    images = [_image(inherited("image"))]
    services = inherited("services")
    images += (
        [_image(each) for each in services[:MAX_ENTRIES]] if isinstance(services, list) else []
    )
    return Job(
        id=name[:100],
        line=lined.line(name),
        name=name[:100],
        continue_on_error=_allows_failure(value.get("allow_failure", manual and None)),
        condition=" || ".join(asked)[:500],
        never="its rules never let it run" if never else None,
        manual=manual,
        needs=several(value.get("needs")) or several(value.get("dependencies")),
        environment=text(environment) or text(table(environment).get("name")),
        runs_on=" ".join(several(value.get("tags"))),
        images=tuple(image for image in images if image),
        uses=text(table(value.get("trigger")).get("project")),
        env=variables(value.get("variables")),
        steps=(judged(step, SHELL, advisory=says_advisory(name)),) if lines else (),
    )


def _events(root: Mapping[str, Any], jobs: tuple[Job, ...]) -> tuple[str, ...]:
    rules = table(root.get("workflow")).get("rules") or []
    asked = [text(table(rule).get("if"), 300) for rule in rules if isinstance(rule, dict)]
    asked += [job.condition for job in jobs]
    whole = " ".join(asked)
    events = set()
    if "merge_request" in whole:
        events.add("merge_request_event")
    if "schedule" in whole:
        events.add("schedule")
    if not rules and any(not job.condition for job in jobs):
        events.add("push")
    if "CI_COMMIT_BRANCH" in whole or "branches" in whole:
        events.add("push")
    return tuple(sorted(events))


def _includes(value: Any) -> tuple[str, ...]:
    entries = value if isinstance(value, list) else [value]
    names = []
    for each in entries[:MAX_ENTRIES]:
        told = table(each)
        named = next(
            (told[k] for k in ("local", "template", "remote", "component") if k in told), each
        )
        names.append(text(named) or text(told.get("project")))
    return tuple(name for name in names if name)


def read_gitlab(lined: Lined) -> Workflow | None:
    """Return a GitLab CI file's content, or None when it has neither jobs nor includes."""
    root = table(lined.value)
    named = [
        name
        for name, value in root.items()
        if isinstance(value, dict) and name not in GLOBAL and not name.startswith(".")
    ]
    jobs = tuple(read_job(name, root, lined) for name in named[:MAX_JOBS])
    jobs = tuple(job for job in jobs if job.steps or job.uses)
    includes = _includes(root.get("include"))
    if not jobs and not includes:
        return None
    return Workflow(
        product="gitlab",
        triggers=_events(root, jobs),
        env=variables(root.get("variables")),
        jobs=jobs,
        includes=includes,
    )
