"""Secrets within reach of an agent in a pipeline, and those that steps hold.

What pays for the model is told apart: an agent needs it, and it opens nothing else. The token of
the job itself ends with the job.
"""

from collections.abc import Iterator, Mapping

import msgspec

from pawl.assets.agent_use import AgentUse
from pawl.assets.ci_knowledge import known
from pawl.assets.flow import Job, Step
from pawl.base.patterns import regex

_SECRET = regex(r"\bsecrets(?:\.|\[['\"])([A-Za-z_][\w-]{0,120})")
_ALL = regex(r"toJSON\(\s*secrets\s*\)")
_INHERITED = frozenset({"GITHUB_TOKEN", "github_token"})


class Secret(msgspec.Struct, frozen=True):
    """One secret, and where it is held: a variable, an input, a checkout."""

    name: str
    where: str


def names_in(text: str) -> tuple[str, ...]:
    """Return the secrets that a value names, but for the job's own token."""
    if "secrets" not in text:
        return ()
    found = [match[1] for match in _SECRET.finditer(text) if match[1] not in _INHERITED]
    if _ALL.search(text):
        found.append("every secret")
    return tuple(dict.fromkeys(found))


def is_model_key(name: str) -> bool:
    """Say whether a secret or a variable of this name only pays for a model."""
    upper = name.upper()
    return any(upper == each or upper.endswith(f"_{each}") for each in known().model_keys)


def secrets_of(use: AgentUse) -> tuple[Secret, ...]:
    """Return the secrets that an agent can read, but for those that pay for its model."""
    found = [*_of_env(use.flow.env, "the workflow"), *_of_env(use.job.env, "the job")]
    found += _of_env(use.step.env, "the step")
    keys = () if use.action is None else use.action.keys
    for name, value in use.step.inputs.items():
        if name not in keys:
            found += [
                Secret(each, f"the input `{name}`")
                for each in names_in(value)
                if not is_model_key(each)
            ]
    if use.action is None:
        written = names_in(use.step.run)
        found += [Secret(each, "the script") for each in written if not is_model_key(each)]
    for step in use.job.steps[: use.step.at]:
        found += _of_checkout(step)
    return tuple({each.name: each for each in found}.values())


def _of_env(env: Mapping[str, str], holder: str) -> Iterator[Secret]:
    for variable, value in env.items():
        if is_model_key(variable):
            continue
        for name in names_in(value):
            if not is_model_key(name):
                yield Secret(name, f"the variable {variable} of {holder}")


def _of_checkout(step: Step) -> Iterator[Secret]:
    """Yield the token that a checkout leaves in the configuration of git."""
    kept = step.inputs.get("persist-credentials", "true").strip().lower() != "false"
    if step.uses.lower() == "actions/checkout" and kept:
        for input_name in ("token", "ssh-key"):
            for name in names_in(step.inputs.get(input_name, "")):
                yield Secret(name, f"the checkout's `{input_name}`, which git keeps")


def secrets_of_step(step: Step) -> tuple[Secret, ...]:
    """Return the secrets that one step is given, but for model keys."""
    found = list(_of_env(step.env, "the step"))
    for name, value in step.inputs.items():
        found += [Secret(e, f"the input `{name}`") for e in names_in(value) if not is_model_key(e)]
    found += [Secret(e, "the script") for e in names_in(step.run) if not is_model_key(e)]
    return tuple({each.name: each for each in found}.values())


def may_write(job: Job, *scopes: str) -> bool:
    """Say whether the job's token may write in one of these scopes."""
    held = job.permissions or {}
    return any(held.get(scope) == "write" for scope in ("*", *scopes))
