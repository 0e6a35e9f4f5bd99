"""Dashboards know nearly every session, of more than one project.

Claims: what agents do reaches the telemetry that dashboards are drawn from.

Looks at: Pawl's records: supervised runs within the window, how many of them are known with their
session, which could not be read, and requests by project.

Fooled by: one project that feeds everything (`dominant` tells its share), requests without a
project (they count as none), requests without a price (unknown is not zero: `priced` tells).
Sessions that nothing records, no record can count.

Yes: runs are covered and a project is known; values say how far. No: nothing is covered. Cannot
tell: nothing was recorded and recording began lately.
"""

from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.facts import Facts
from pawl.maturity.looking.practised import began_lately, practice_of
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

_NO_PROJECT = frozenset({"", "unknown", "none", "null", "-"})


def _judge(facts: Facts) -> Answer:
    practice = practice_of(facts)
    if isinstance(practice, Answer):
        return practice
    named = {
        name: count
        for name, count in practice.projects.items()
        if count > 0 and name.strip().lower() not in _NO_PROJECT
    }
    total = sum(count for count in practice.projects.values() if count > 0)
    covered = min(practice.runs_with_session, practice.runs - practice.runs_unreadable)
    told = {
        "values": {
            "covered": Share(max(0, covered), practice.runs),
            "projects": len(named),
            "dominant": Share(max(named.values(), default=0), total),
            "priced": Share(
                max(0, practice.requests - practice.unpriced_requests), practice.requests
            ),
        },
        "inputs": (practice.runs, covered, sorted(named.items())),
    }
    if practice.requests and not practice.projects:
        return cannot_tell("Requests are recorded, but the events that tell their project are not.")
    if not practice.runs or covered <= 0 or not named:
        lately = None if practice.runs else began_lately(practice, facts)
        return lately or no(
            f"Of {practice.runs} runs {max(0, covered)} are known with their session, "
            f"in {len(named)} projects.",
            Kind.TELEMETRY,
            **told,
        )
    return yes(
        f"{covered} of {practice.runs} runs are known with their session, "
        f"in {len(named)} projects.",
        Depth.RUNS,
        Kind.TELEMETRY,
        **told,
    )


PROBE = Probe(
    claim="Dashboards are fed",
    area="adoption",
    version=1,
    kinds=(Kind.TELEMETRY,),
    depth=Depth.RUNS,
    values={
        "covered": "share of runs known with their session",
        "projects": "projects with requests",
        "dominant": "share of all requests that the largest project has",
        "priced": "share of requests with a price",
    },
    remedy=Remedy("Send telemetry of every project to `pawl up`, with the project's name.", 1.0),
    judge=_judge,
)
