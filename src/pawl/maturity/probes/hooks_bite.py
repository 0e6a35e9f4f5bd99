"""Hooks refuse bad calls.

Claims: hooks that stand before an agent's actions have refused one.

Looks at: hooks in agents' settings of the tree that come before an action (`PreToolUse`,
`PermissionRequest`, `UserPromptSubmit`, `BeforeTool`), Pawl's own records of calls that hooks
refused, and canary drills of 90 days whose gate is a hook.

Fooled by: a hook whose command is `true`, only prints or hides its failure (hollow, not counted),
one whose script is not in the repository or does nothing (not counted), calls that a permission
rule refused (counted only where records say that a hook did it).

Yes: there are hooks; that they bite is proved when one refused a call. No: there is none, or all
are hollow. Cannot tell: the files were not looked at.
"""

from pawl.base.finding import Place
from pawl.maturity.evidence import Depth, Kind, Value
from pawl.maturity.extracts.agent_settings import AgentSettings, Hook
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.operations import Drill
from pawl.maturity.looking.mentions import Present
from pawl.maturity.looking.recent import newest, within
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes


def _judge(facts: Facts) -> Answer:
    tree = facts.tree
    if isinstance(tree, Absent):
        return cannot_tell(tree)
    settings = dict(tree.read("agent-settings", AgentSettings))
    scripts = {
        path: each.script_hollow for path, each in settings.items() if each.product == "script"
    }
    there = Present(tree)
    hooks = [
        (path, hook) for path, each in settings.items() for hook in each.hooks if hook.refusing
    ]
    weak = [
        (path, hook, why) for path, hook in hooks if (why := _hollow(path, hook, scripts, there))
    ]
    good = len(hooks) - len(weak)
    told = {
        "places": tuple(Place(path, hook.line) for path, hook, _ in weak),
        "inputs": tree.blobs_of(settings),
    }
    values: dict[str, Value] = {"hooks": good}
    if not good:
        reason = "No hook stands before an agent's actions"
        if weak:
            path, hook, why = weak[0]
            reason = f"{len(weak)} hooks are hollow, as on {hook.event} in {path}: {why}"
        return no(f"{reason}.", Kind.TREE, values={**values, "refused": 0}, **told)
    reason = f"{good} hooks stand before agents' actions"
    drills = _canaries(facts)
    refused = _refused(facts)
    if refused is None and not drills:
        return yes(
            f"{reason}; nothing tells whether one refused a call.",
            Depth.SUBSTANTIVE,
            Kind.TREE,
            values=values,
            **told,
        )
    total = (refused or 0) + len(drills)
    kinds = [
        Kind.TREE,
        *([Kind.TELEMETRY] if refused else []),
        *([Kind.INCIDENT] if drills else []),
    ]
    return yes(
        f"{reason}; they refused {total} calls.",
        Depth.BITES if total else Depth.SUBSTANTIVE,
        *kinds,
        values={**values, "refused": total},
        claimed_at=newest(each.at for each in drills),
        **told,
    )


def _hollow(path: str, hook: Hook, scripts: dict[str, str | None], there: Present) -> str | None:
    """Return why a hook does nothing, or None when it might refuse a call."""
    if hook.hollow or hook.script is None:
        return hook.hollow
    if not there.has_path(_project(path), hook.script):
        return f"{hook.script} is not there"
    found = next((path for path in scripts if f"/{path}".endswith(f"/{hook.script}")), None)
    return scripts[found] if found else None


def _project(path: str) -> str:
    """Return a page's path in the folder that holds the settings' folder: hooks start there."""
    return "/".join([*path.split("/")[:-2], "settings"])


def _refused(facts: Facts) -> int | None:
    """Return the calls that hooks refused, None where records do not tell who refused."""
    return None if isinstance(facts.practice, Absent) else facts.practice.refused_by_hooks


def _canaries(facts: Facts) -> list[Drill]:
    """Return the drills of the window in which a hook refused a bad call on purpose."""
    if isinstance(facts.operations, Absent):
        return []
    return [
        each
        for each in facts.operations.drills or ()
        if each.kind == "canary"
        and each.succeeded
        and "hook" in (each.gate or "").lower()
        and within(each.at, facts.as_of)
    ]


PROBE = Probe(
    claim="Hooks bite",
    area="adoption",
    version=1,
    kinds=(Kind.TREE, Kind.TELEMETRY, Kind.INCIDENT),
    depth=Depth.BITES,
    values={
        "hooks": "hooks before agents' actions that are not hollow",
        "refused": "calls that hooks refused within the window, canaries included",
    },
    remedy=Remedy(
        "Let a hook on PreToolUse end with status 2 on what must not happen, and try it on purpose "
        "in a canary.",
        1.0,
    ),
    judge=_judge,
)
