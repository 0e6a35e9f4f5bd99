"""Agent workflows are tested on three levels, and more than once.

Claims: the files that steer agents are checked (unit), and cases on one run (integration) and on a
whole workflow (end to end) were run, with repeats.

Looks at: suites in the tree (`.pawl/evals` with its stored records, promptfoo, skills'
`evals.json`), eval runs of 90 days in Pawl's records, and in CI the gates `pawl lint` and `pawl
eval`, with the code host's finished runs of their workflows in 90 days. A recorded run counts when
it names a suite, its file or a case of it. Where no records of runs are to be had, finished runs of
a workflow whose gate is `pawl eval` count for the cases whose stored records are of today's assets.

Fooled by: checks that one word occurs in the answer (a suite without any other check does not
count), cases that nothing fails or that doing right fails (each of ours must pass its oracle record
and fail its null record, graded again here), records of other assets or another task than today's
(stale: they are of no level), altered records (their address does not fit), a gate whose failure is
hidden, suites that nobody ran (they count for no level), runs of something that is not in the tree,
runs that came to no verdict, a suite that ran once (`repeated` is the share that repeats its cases
or ran at least three times).

Yes: at least one level ran. No: there is no suite with a telling check, or none ran. Cannot tell:
the files were not looked at. Where neither records nor the code host tell of runs, suites alone
are found.
"""

from pawl.base.finding import Place
from pawl.maturity.evidence import Assurance, Depth, Kind, Share
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.eval_cases import EvalCases
from pawl.maturity.facts.host import CiRun
from pawl.maturity.facts.steering import Steering
from pawl.maturity.facts.tree import Tree
from pawl.maturity.looking.own_gates import holding
from pawl.maturity.looking.recent import newest, within
from pawl.maturity.looking.suite_runs import Suite, SuiteRuns, decided_runs, joined, suites_of
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

REPEATS = 3
"""Runs of one case from which on a share of passes means anything: two can only agree or not."""
_FINISHED = frozenset({"success", "failure"})


def _judge(facts: Facts) -> Answer:
    tree = facts.tree
    if isinstance(tree, Absent):
        return cannot_tell(tree)
    suites = suites_of(tree)
    telling = {path: each for path, each in suites.items() if each.graded}
    blobs = tree.blobs_of(suites)
    weak = _weak(tree, suites)
    gates = holding(tree, "eval")
    if not telling:
        return no(
            f"{_untelling(suites)}.",
            Kind.TREE,
            values={"levels": 0, "runs": 0, "repeated": Share(0, 0), "gated": bool(gates)},
            places=weak,
            inputs=blobs,
        )
    runs = decided_runs(facts)
    if isinstance(runs, Answer):
        return _unrecorded(facts, tree, telling, gates, weak)
    ran = [each for each in joined(telling, runs) if each.runs]
    levels = sorted({level for each in ran for level in each.suite.levels} | _unit(facts, tree))
    ids = sorted({run.id for each in ran for run in each.runs})
    told = {
        "values": {
            "levels": len(levels),
            "runs": len(ids),
            "repeated": Share(sum(map(_repeats, ran)), len(ran)),
            "gated": bool(gates),
        },
        "places": (
            *(Place(path, 1) for path in telling if path not in {each.path for each in ran}),
            *weak,
        ),
        "claimed_at": newest(run.at for each in ran for run in each.runs),
        "inputs": [blobs, ids],
    }
    if not ran:
        return no(f"{len(telling)} suites for agents were not run.", Kind.TREE, **told)
    return yes(
        f"{len(ran)} of {len(telling)} suites ran {len(ids)} times, on {', '.join(levels)}.",
        Depth.RUNS,
        Kind.TREE,
        Kind.DECISION,
        **told,
    )


def _unrecorded(
    facts: Facts,
    tree: Tree,
    telling: dict[str, Suite],
    gates: tuple[str, ...],
    weak: tuple[Place, ...],
) -> Answer:
    """Return what stored records and the code host's runs of the gate tell."""
    fresh = {path: each for path, each in telling.items() if each.records > each.stale}
    runs = _finished(facts, gates)
    blobs = tree.blobs_of(telling)
    reason = f"{len(telling)} suites for agents have telling checks"
    stale = [path for path, each in telling.items() if each.is_stale]
    if stale:
        reason += f"; of {len(stale)} every stored record is stale, as of {stale[0]}"
    if not fresh or not runs:
        what = "no record tells of their runs" if not gates else "no finished run of CI is known"
        return yes(
            f"{reason}; {what}.",
            Depth.SUBSTANTIVE,
            Kind.TREE,
            values={"gated": bool(gates)},
            places=(*(Place(path, 1) for path in stale), *weak),
            inputs=blobs,
        )
    levels = sorted({level for each in fresh.values() for level in each.levels})
    levels = sorted({*levels, *_unit(facts, tree)})
    repeated = sum(each.records - each.stale >= REPEATS * each.graded for each in fresh.values())
    return yes(
        f"{reason}; {len(runs)} runs of CI graded fresh records of {len(fresh)}, on "
        f"{', '.join(levels)}.",
        Depth.RUNS,
        Kind.TREE,
        Kind.CI,
        assurance=Assurance.PROVIDER,
        values={
            "levels": len(levels),
            "runs": len(runs),
            "repeated": Share(repeated, len(fresh)),
            "gated": True,
        },
        places=(*(Place(path, 1) for path in stale), *weak),
        claimed_at=newest(run.finished_at or run.started_at for run in runs),
        inputs=[blobs, sorted(run.id for run in runs)],
    )


def _unit(facts: Facts, tree: Tree) -> set[str]:
    """Return the level of files, where CI lints files that steer agents and was seen to run."""
    steering = tree.surveyed("steering", Steering)
    if steering is None or not steering.looked_at or steering.failed:
        return set()
    return {"unit"} if _finished(facts, holding(tree, "lint")) else set()


def _finished(facts: Facts, paths: tuple[str, ...]) -> list[CiRun]:
    """Return the code host's finished runs of some workflows within the window."""
    if isinstance(facts.host, Absent):
        return []
    return [
        run
        for run in facts.host.runs
        if run.path in paths and run.conclusion in _FINISHED
        if within(run.started_at, facts.as_of)
    ]


def _weak(tree: Tree, suites: dict[str, Suite]) -> tuple[Place, ...]:
    evals = tree.surveyed("evals", EvalCases)
    broken = () if evals is None else evals.broken
    paths = [*broken, *(path for path, each in suites.items() if each.problem)]
    return tuple(Place(path, 1) for path in sorted(paths))


def _untelling(suites: dict[str, Suite]) -> str:
    if not suites:
        return "0 suites for agents exist"
    path, first = next(iter(suites.items()))
    said = f"{len(suites)} suites for agents have no check that could tell right from wrong"
    return f"{said}; {path}: {first.problem}"


def _repeats(ran: SuiteRuns) -> bool:
    return ran.suite.repeats >= REPEATS or len(ran.runs) >= REPEATS


PROBE = Probe(
    claim="Agent workflows are tested",
    area="adoption",
    version=2,
    kinds=(Kind.TREE, Kind.DECISION, Kind.CI),
    depth=Depth.RUNS,
    values={
        "levels": "levels (unit, integration, e2e) of which something ran within the window",
        "runs": "eval runs that name a suite of the tree, or runs of CI that graded its records",
        "repeated": "share of the suites that ran whose cases ran at least three times",
        "gated": "whether CI runs `pawl eval` on changes so that its failure stops one",
    },
    remedy=Remedy(
        "Write cases for each level, record an oracle and a null for each (`pawl eval record`), "
        "and let CI run `pawl lint` and `pawl eval grade`.",
        3.0,
    ),
    judge=_judge,
    awaits="evals",
)
