"""Agent workflows are tested on three levels, and more than once.

Claims: cases on single files (unit), on one run (integration) and on a whole workflow (end to end)
were run, with repeats.

Looks at: suites in the tree (`.pawl/evals`, promptfoo, skills' `evals.json`) and eval runs of 90
days in Pawl's records. A run counts when it names a suite, its file or a case of it.

Fooled by: checks that one word occurs in the answer (a suite without any other check does not
count), suites that nobody ran (they count for no level), runs of something that is not in the tree,
runs that came to no verdict, a suite that ran once (`repeated` is the share that repeats its cases
or ran at least three times).

Yes: at least one level's suite ran. No: there is no suite with a telling check, or none ran. Cannot
tell: the files were not looked at. Where Pawl has no records of runs, suites alone are found.
"""

from pawl.base.finding import Place
from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.looking.recent import newest
from pawl.maturity.looking.suite_runs import SuiteRuns, decided_runs, joined, suites_of
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

REPEATS = 3
"""Runs of one case from which on a share of passes means anything: two can only agree or not."""


def _judge(facts: Facts) -> Answer:
    tree = facts.tree
    if isinstance(tree, Absent):
        return cannot_tell(tree)
    suites = suites_of(tree)
    telling = {path: each for path, each in suites.items() if each.graded}
    blobs = tree.blobs_of(suites)
    weak = tuple(Place(path, 1) for path in suites if path not in telling)
    if not telling:
        what = "have no check that could tell right from wrong" if suites else "exist"
        return no(
            f"{len(suites)} suites for agents {what}.",
            Kind.TREE,
            values={"levels": 0, "runs": 0, "repeated": Share(0, 0)},
            places=weak,
            inputs=blobs,
        )
    runs = decided_runs(facts)
    if isinstance(runs, Answer):
        return yes(
            f"{len(telling)} suites for agents have telling checks; no record tells of their runs.",
            Depth.SUBSTANTIVE,
            Kind.TREE,
            places=weak,
            inputs=blobs,
        )
    ran = [each for each in joined(telling, runs) if each.runs]
    levels = sorted({each.suite.level for each in ran})
    ids = sorted({run.id for each in ran for run in each.runs})
    told = {
        "values": {
            "levels": len(levels),
            "runs": len(ids),
            "repeated": Share(sum(map(_repeats, ran)), len(ran)),
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


def _repeats(ran: SuiteRuns) -> bool:
    return ran.suite.repeats >= REPEATS or len(ran.runs) >= REPEATS


PROBE = Probe(
    claim="Agent workflows are tested",
    area="adoption",
    version=1,
    kinds=(Kind.TREE, Kind.DECISION),
    depth=Depth.RUNS,
    values={
        "levels": "levels (unit, integration, e2e) of which a suite ran within the window",
        "runs": "eval runs that name a suite of the tree",
        "repeated": "share of the suites that ran whose cases ran at least three times",
    },
    remedy=Remedy("Write cases for each level (`pawl eval new`) and run them with repeats.", 3.0),
    judge=_judge,
    awaits="evals",
)
