"""The evaluation set grows from failures, and is run.

Claims: there are eval cases, some cite the failure they come from, and they were run within 90
days.

Looks at: suites in the tree, the incidents that name eval cases, and eval runs in Pawl's records. A
case cites a failure in its own file, or an incident names the case, by id or as PATH@DIGEST.

Fooled by: cases that are added but never run (a run must name the suite or the case), cases that an
incident names and that are not there, a citation of nothing (`incident: ""`).

Yes: there are cases; that they run is proved when a run names them. No: there is no case, or none
was run. Cannot tell: the files were not looked at.
"""

from itertools import zip_longest

from pawl.maturity.evidence import Depth, Kind, Value
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.looking.recent import newest
from pawl.maturity.looking.suite_runs import Suite, decided_runs, joined, suites_of
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes


def _judge(facts: Facts) -> Answer:
    tree = facts.tree
    if isinstance(tree, Absent):
        return cannot_tell(tree)
    suites = suites_of(tree)
    cases = sum(each.cases for each in suites.values())
    named, kinds = _cited_by_incidents(facts, suites)
    citing = sum(each.citing for each in suites.values())
    # A case may say so itself and be named by its incident: the larger count is of it for certain.
    cited = max(citing, named)
    values: dict[str, Value] = {"cases": cases, "cited": cited}
    blobs = tree.blobs_of(suites)
    reason = f"{cases} eval cases, of which {cited} cite a failure"
    if not cases:
        return no("There is no eval case.", Kind.TREE, values={**values, "runs": 0}, inputs=blobs)
    runs = decided_runs(facts)
    if isinstance(runs, Answer):
        return yes(
            f"{reason}; no record tells of runs.",
            Depth.SUBSTANTIVE,
            Kind.TREE,
            *kinds,
            values=values,
            inputs=blobs,
        )
    ran = {run.id: run for each in joined(suites, runs) for run in each.runs}
    told = {
        "values": {**values, "runs": len(ran)},
        "claimed_at": newest(run.at for run in ran.values()),
        "inputs": [blobs, sorted(ran)],
    }
    if not ran:
        return no(f"{reason}; none was run.", Kind.TREE, *kinds, **told)
    return yes(
        f"{reason}, ran {len(ran)} times.", Depth.RUNS, Kind.TREE, Kind.DECISION, *kinds, **told
    )


def _cited_by_incidents(facts: Facts, suites: dict[str, Suite]) -> tuple[int, tuple[Kind, ...]]:
    """Return how many cases of the tree incidents name, by id or by the digest of what they say."""
    if isinstance(facts.operations, Absent):
        return 0, ()
    cases = {
        (case, digest or case)
        for each in suites.values()
        for case, digest in zip_longest(each.ids, each.digests)
    }
    told = {
        name
        for each in facts.operations.incidents or ()
        for case in each.eval_cases
        for name in (case, case.rpartition("@")[2])
    }
    named = sum(case in told or digest in told for case, digest in cases)
    return named, (Kind.INCIDENT,) if named else ()


PROBE = Probe(
    claim="The evaluation set grows",
    area="operations",
    version=2,
    kinds=(Kind.TREE, Kind.DECISION, Kind.INCIDENT),
    depth=Depth.RUNS,
    values={
        "cases": "eval cases in the tree",
        "cited": "cases that cite a failure, or that an incident names",
        "runs": "eval runs within the window that name one of the suites",
    },
    remedy=Remedy(
        "Turn the last failure into a case that cites it (`pawl eval new`), and run it.", 1.0
    ),
    judge=_judge,
    awaits="evals",
)
