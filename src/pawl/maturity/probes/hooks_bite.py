"""Hooks refuse bad calls.

Claims: hooks that stand before an agent's actions have refused one.

Looks at: hooks in agents' settings and plugins of the tree whose event a hook can refuse, what the
lint finds about them (`fail-open-hook`, `powerless-refusal`, `missing-hook-script`,
`never-matching-hook`), Pawl's own records of calls that hooks refused, and canary drills of 90
days whose gate is a hook.

Fooled by: a hook whose command is `true`, only prints or hides its failure (hollow, not counted),
one whose script is not in the repository, does nothing or refuses in a way that nobody heeds (not
counted, whoever waives the finding), calls that a permission rule refused (counted only where
records say that a hook did it).

Yes: there are hooks; that they bite is proved when one refused a call. No: there is none, or all
are hollow. Cannot tell: the files were not looked at.
"""

from pawl.base.finding import Place
from pawl.maturity.evidence import Depth, Kind, Value
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.operations import Drill
from pawl.maturity.looking.recent import newest, within
from pawl.maturity.looking.steered import allowance, rules_of, steering_of
from pawl.maturity.probe import Answer, Probe, Remedy, no, yes

_RULES = ("fail-open-hook", "powerless-refusal", "missing-hook-script", "never-matching-hook")


def _judge(facts: Facts) -> Answer:
    steering, tree = steering_of(facts, _RULES), facts.tree
    if isinstance(steering, Answer):
        return steering
    assert not isinstance(tree, Absent)
    weak = [(each, each.hollow) for each in steering.guards if each.hollow]
    findings = steering.of(_RULES)
    good = len(steering.guards) - len(weak)
    told = {
        "places": tuple(Place(each.path, each.line) for each, _ in weak),
        "inputs": [tree.blobs_of(each.path for each in steering.guards), rules_of(findings)],
    }
    values: dict[str, Value] = {"hooks": good}
    if not good:
        reason = "No hook stands before an agent's actions"
        if weak:
            guard, why = weak[0]
            reason = f"{len(weak)} hooks are hollow{allowance(findings)}"
            reason += f", as on {guard.event} in {guard.path}: {why.rstrip('.')}"
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
    version=2,
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
