"""People keep instructions, skills or permissions of their own.

Claims: somebody set up an agent for themselves.

Looks at: how many people opted in to be counted. It is a number: never who, and never what.

Fooled by: a machine-wide installation (only an opt-in counts), settings checked in for everybody
(they belong to `instructions-are-shared` and are not looked at).

Yes: at least one person opted in. No: the count is kept and is zero. Cannot tell: it is not kept.
"""

from pawl.maturity.evidence import Depth, Kind
from pawl.maturity.facts import Facts
from pawl.maturity.looking.practised import told
from pawl.maturity.probe import Answer, Probe, Remedy, no, yes


def _judge(facts: Facts) -> Answer:
    people = told(facts, lambda practice: practice.personal_setups, "personal setups")
    if isinstance(people, Answer):
        return people
    values = {"people": people}
    if people < 1:
        return no("Nobody opted in to be counted.", Kind.ATTESTATION, values=values)
    return yes(
        f"{people} opted in to say that they keep instructions or skills of their own.",
        Depth.SUBSTANTIVE,
        Kind.ATTESTATION,
        values=values,
        inputs=people,
    )


PROBE = Probe(
    claim="Personal instructions exist",
    area="adoption",
    version=1,
    kinds=(Kind.ATTESTATION,),
    depth=Depth.SUBSTANTIVE,
    values={"people": "people who opted in to be counted"},
    remedy=Remedy("Ask who would like to be counted; nobody has to, and no name is kept.", 0.25),
    judge=_judge,
)
