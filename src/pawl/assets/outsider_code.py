"""Whether the files that an agent in a pipeline works on are an outsider's.

A checkout without a `ref` gets the merge of the change on `pull_request`, and the default branch
on `pull_request_target`, `issues` and comments. Source: the README of actions/checkout and
GitHub's documentation of events, read 2026-11-21.
"""

import msgspec

from pawl.assets.flow import Flow, Job, Step
from pawl.assets.step_commands import commands_of_step
from pawl.base.patterns import regex
from pawl.parsing.ci.commands import program

_HEAD = regex(
    r"(?:pull_request|workflow_run)\.head[._](?:sha|ref|repo|branch)|github\.head_ref"
    r"|refs/pull/|merge_commit_sha|workflow_run\.head_"
)
_ROOTS = frozenset({"", ".", "./", "${{ github.workspace }}"})


class Checkout(msgspec.Struct, frozen=True):
    """One place where files are fetched, and whether it asks for a change's by name."""

    step: Step
    line: int | None
    asks_for_head: bool
    how: str


def checkout_before(flow: Flow, job: Job, upto: int) -> Checkout | None:
    """Return the last checkout into the workspace's root before a step of a job."""
    found = None
    for step in job.steps[:upto]:
        found = _checkout(flow, step) or found
    return found


def _checkout(flow: Flow, step: Step) -> Checkout | None:
    if step.uses.lower() == "actions/checkout":
        if step.inputs.get("path", "").strip() not in _ROOTS:
            return None
        said = f"{step.inputs.get('ref', '')} {step.inputs.get('repository', '')}"
        line = flow.line(*step.where, "with", "ref") if step.origin is None else step.line
        return Checkout(step, line, _HEAD.search(said) is not None, "actions/checkout")
    if "checkout" not in step.run and "switch" not in step.run:
        return None
    pulls = False
    for command in commands_of_step(step):
        words = command.texts
        name = program(words[0]) if words else ""
        pulls |= name == "git" and "fetch" in words and any("pull/" in word for word in words)
        asked = words[1:3] == ("pr", "checkout") if name in ("gh", "hub") else False
        asked |= name == "glab" and words[1:3] == ("mr", "checkout")
        if asked or (pulls and name == "git" and {"checkout", "switch"} & set(words)):
            return Checkout(step, step.line_of(command.line), True, " ".join(words)[:60])
    return None
