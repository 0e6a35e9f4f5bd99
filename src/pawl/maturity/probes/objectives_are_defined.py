"""Service level objectives say what is promised, how it is measured, over what time, by whom.

Claims: objectives are written down with a target, a query, a window and an owner.

Looks at: OpenSLO, Sloth, Pyrra and plain lists of objectives in the tree.

Fooled by: a target of 0 or 100 % (an objective without a budget; not complete), a query that is a
constant or a placeholder, an empty list (no objective).

Yes: at least one objective is complete; `complete` says how many of all. No: there is none, or
none is complete. Cannot tell: the files were not looked at, or none of them could be read.
"""

import re

from pawl.base.finding import Place
from pawl.base.patterns import regex
from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.extracts.objectives import ObjectiveRule, Objectives
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes
from pawl.parsing.phrases import is_placeholder

_WINDOW = regex(
    r"\s*\d{1,4}(?:\.\d+)?\s*(?:m|h|d|w|M|Q|y|Y|minutes?|hours?|days?|weeks?|months?|quarters?|years?)\s*"
    r"(?:rolling)?",
    re.IGNORECASE,
)
_CONSTANT = regex(r"\s*(?:vector\(\s*[\d.]+\s*\)|[\d.]+|true|false|\w{0,2})\s*")


def _judge(facts: Facts) -> Answer:
    tree = facts.tree
    if isinstance(tree, Absent):
        return cannot_tell(tree)
    files = list(tree.read("objectives", Objectives))
    found = [(path, each) for path, file in files for each in file.objectives]
    if not found:
        problem = next(((path, file.problem) for path, file in files if file.problem), None)
        if problem:
            return cannot_tell(f"{problem[0]} is {problem[1]}")
        values = {"objectives": 0, "complete": Share(0, 0)}
        return no("No service level objective was found.", Kind.TREE, values=values)
    lacking = [(path, each, what) for path, each in found if (what := lack(each))]
    complete = len(found) - len(lacking)
    reason = f"{complete} of {len(found)} objectives are complete"
    if lacking:
        reason += f"; {lacking[0][0]} has one {lacking[0][2]}"
    told = {
        "values": {
            "objectives": len(found),
            "complete": Share(complete, len(found), tree.is_census("objectives")),
        },
        "places": tuple(Place(path, each.line) for path, each, _ in lacking),
        "inputs": tree.blobs_of(path for path, _ in files),
    }
    if not complete:
        return no(f"{reason}.", Kind.TREE, **told)
    return yes(f"{reason}.", Depth.SUBSTANTIVE, Kind.TREE, **told)


def lack(objective: ObjectiveRule) -> str | None:
    """Return what an objective lacks, in words, or None when it has everything."""
    if objective.target is None:
        return "without a target"
    if not 0 < objective.target < 1:
        return "whose target is 0 or 100 %"
    if not objective.query or _CONSTANT.fullmatch(objective.query):
        return "without a query"
    if is_placeholder(objective.query):
        return "whose query is a placeholder"
    if not _WINDOW.fullmatch(objective.window):
        return "without a window"
    if not objective.owner or (
        is_placeholder(objective.owner) and not objective.owner.startswith("@")
    ):
        return "without an owner"
    return None


PROBE = Probe(
    claim="Service level objectives are defined",
    area="reliability",
    version=1,
    kinds=(Kind.TREE,),
    depth=Depth.SUBSTANTIVE,
    values={
        "objectives": "objectives in the tree",
        "complete": "share of them with a target below 100 %, a query, a window and an owner",
    },
    remedy=Remedy(
        "Write one objective for each service that users wait for: target, query, window, owner.",
        1.0,
    ),
    judge=_judge,
)
