"""A gate is there and cannot stop anything.

Notices, in the CI configuration, kinds of gate (test, lint, type check, scan, build, checks of
agents) of which every command hides its failure: `|| true`, `--exit-zero`, a step that may fail,
`if: false`, a job that may fail as a whole, a target that runs nothing. Of several commands of a
kind, one that bites is enough. A step that says in its name that it only advises hides nothing, and
is no gate.

Also notices a limit of coverage that is never undercut, coverage settings that leave out
everything, agents' hooks of which none can refuse, and test reports in which no test ran.

Innocent: the job only advises. Remedy: say so in its name; as a gate it earns nothing. Removes:
the credit of what such a gate would prove is contested.
"""

from collections import defaultdict

from pawl.base.finding import Place
from pawl.maturity.detector import Detector, Look
from pawl.maturity.extracts.coverage_config import CoverageConfig
from pawl.maturity.facts import Absent
from pawl.maturity.facts.steering import Steering
from pawl.maturity.facts.tree import Tree
from pawl.maturity.looking.delivery_text import Tasks, steps
from pawl.maturity.looking.noticing import Voice
from pawl.maturity.verdict import Hit
from pawl.parsing.ci.pipeline import Gate

_VOICE = Voice(
    "G08",
    "The job or the hook is only meant to advise.",
    "Let the command fail the step, or say in its name that it is advisory.",
)
_PROBES: dict[Gate, tuple[str, ...]] = {
    "test": ("tests-are-executed", "tests-are-stable"),
    "lint": ("lint-is-enforced",),
    "type": ("lint-is-enforced",),
    "security": ("secrets-are-scanned", "vulnerabilities-are-fixed"),
    "build": (),
    "agents": ("workflows-are-tested",),
}
_ALL = ("gates-are-not-swallowed", "red-builds-block", "every-change-is-built")


def look(look: Look) -> list[Hit]:
    """Return one hit for each kind of gate that is disabled."""
    hits = []
    tree = look.facts.tree
    if isinstance(tree, Tree):
        hits += [*_gates(tree), *_coverage(look, tree), *_hooks(tree)]
    return [*hits, *_empty_runs(look)]


def _gates(tree: Tree) -> list[Hit]:
    tasks = Tasks(tree)
    hidden: dict[Gate, list[tuple[Place, str]]] = defaultdict(list)
    live: dict[Gate, int] = defaultdict(int)
    for path, _, job, step in steps(tree):
        if step.advisory:
            continue
        for each in step.gates:
            reason = job.never or each.swallowed
            reason = reason or (tasks.hollow(each.task) if each.task else None)
            reason = reason or (None if job.blocks else "the job may fail as a whole")
            if reason:
                hidden[each.gate].append((Place(path, each.line or step.line), reason))
            else:
                live[each.gate] += 1
    disabled = {gate: found for gate, found in hidden.items() if not live[gate]}
    hits = []
    for gate, found in sorted(disabled.items()):
        # Where another kind still bites, the build as a whole does too.
        probes = (*_PROBES[gate], *(() if any(live.values()) else _ALL))
        hits.append(
            _VOICE.hit(
                f"Each of the {len(found)} commands of the kind {gate} hides its failure: "
                f"{found[0][1]}.",
                "strong",
                "contested" if probes else "note",
                probes=probes,
                places=[place for place, _ in found],
            )
        )
    return hits


def _coverage(look: Look, tree: Tree) -> list[Hit]:
    hits = []
    for path, config in tree.read("coverage-config", CoverageConfig):
        limit = config.fail_under
        if config.omits_all:
            said = "The coverage settings leave out everything."
        elif limit is not None and limit < look.numbers["fail_under_min"]:
            said = f"The limit of coverage is {limit:g} %, which nothing undercuts."
        else:
            continue
        hits.append(
            _VOICE.hit(
                said,
                "medium",
                "contested" if config.omits_all else "provisional",
                probes=("changed-lines-are-covered",),
                places=(Place(path),),
            )
        )
    return hits


def _hooks(tree: Tree) -> list[Hit]:
    steering = tree.surveyed("steering", Steering)
    guards = () if steering is None else steering.guards
    hollow = [Place(guard.path, guard.line) for guard in guards if guard.hollow]
    if not hollow or len(hollow) < len(guards):
        return []
    return [
        _VOICE.hit(
            f"None of the {len(hollow)} hooks that come before a call can refuse it.",
            "strong",
            "contested",
            probes=("hooks-bite",),
            places=hollow,
        )
    ]


def _empty_runs(look: Look) -> list[Hit]:
    reports = look.facts.reports
    if isinstance(reports, Absent):
        return []
    # A run of which every test was skipped ran none either.
    empty = [run for run in reports.tests if run.passed + run.failed + run.errors == 0]
    if not empty or len(empty) * 2 < len(reports.tests):
        return []
    return [
        _VOICE.hit(
            f"In {len(empty)} of {len(reports.tests)} test reports no test ran.",
            "strong",
            "contested",
            probes=("tests-are-executed", "tests-are-stable"),
            places=[Place(run.source) for run in empty],
        )
    ]


DETECTOR = Detector(
    code="G08",
    name="Disabled gate",
    what="A gate is there and cannot stop anything.",
    innocent=_VOICE.innocent,
    remedy=_VOICE.remedy,
    look=look,
)
