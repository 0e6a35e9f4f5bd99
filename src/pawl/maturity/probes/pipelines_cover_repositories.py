"""Agents run in the CI of nearly every active repository.

Claims: of the repositories that the organisation works on, most run an agent in CI within limits.

Looks at: Pawl's catalogue of repositories, with what each one's last assessment said of agents in
CI.

Fooled by: archived repositories (the catalogue names active ones only), a catalogue of one (a
share of so few is judged by its interval), a workflow file that never ran (a repository counts
when agents ran there within limits).

Yes: at least one repository is covered; `covered` says how many. No: none is. Cannot tell: there is
no catalogue, or it is empty.
"""

from pawl.maturity.evidence import Depth, Kind
from pawl.maturity.facts import Facts
from pawl.maturity.looking.practised import told
from pawl.maturity.looking.recent import share_of
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes


def _judge(facts: Facts) -> Answer:
    repositories = told(facts, lambda practice: practice.repositories, "the fleet's repositories")
    if isinstance(repositories, Answer):
        return repositories
    if not repositories:
        return cannot_tell("The catalogue names no active repository.")
    covered = sum(repositories.values())
    reason = f"{covered} of {len(repositories)} active repositories run agents in CI within limits."
    values = {"covered": share_of(covered, len(repositories))}
    inputs = sorted(repositories.items())
    if not covered:
        return no(reason, Kind.CI, values=values, inputs=inputs)
    return yes(reason, Depth.RUNS, Kind.CI, values=values, inputs=inputs)


PROBE = Probe(
    claim="Pipelines cover the repositories",
    area="adoption",
    version=1,
    kinds=(Kind.CI,),
    depth=Depth.RUNS,
    values={"covered": "share of active repositories that run an agent in CI within limits"},
    remedy=Remedy("Generate the workflow for the next repository: `pawl ci generate`.", 3.0),
    judge=_judge,
    awaits="assessments of a fleet",
)
