"""Teams are asked how it goes, and answer.

Claims: surveys and retrospectives were held and people took part.

Looks at: surveys and retrospectives of 180 days by how many were asked and answered; never who or
what. Groups below five are left out: an answer there could be traced to a person.

Fooled by: a survey that nobody answers (`answered` says so), a small group's answers (left out),
more answers than people asked (not counted). It is context for readers, in no criterion.

Yes: at least one was answered; `answered` says how many answered of those asked. No: they were
held and nobody answered. Cannot tell: no export of them over 180 days, or none of five or more.
"""

from pawl.maturity.evidence import Assurance, Depth, Kind, Share
from pawl.maturity.facts import Facts
from pawl.maturity.looking.operated import recorded
from pawl.maturity.looking.recent import newest, within
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

SIGNAL_DAYS = 180
"""Days back: teams are asked once or twice in half a year."""
SMALLEST_GROUP = 5
"""People asked, below which nothing is told."""


def _judge(facts: Facts) -> Answer:
    signals = recorded(facts, lambda told: told.signals, "signals", SIGNAL_DAYS)
    if isinstance(signals, Answer):
        return signals
    heard = [
        each
        for each in signals
        if within(each.at, facts.as_of, SIGNAL_DAYS)
        and each.asked >= SMALLEST_GROUP
        and 0 <= each.answered <= each.asked
    ]
    if not heard:
        return cannot_tell(
            f"No survey or retrospective of {SMALLEST_GROUP} people or more in {SIGNAL_DAYS} days."
        )
    asked = sum(each.asked for each in heard)
    answered = sum(each.answered for each in heard)
    told = {
        "values": {"signals": len(heard), "answered": Share(answered, asked)},
        "assurance": Assurance.DECLARED,
        "claimed_at": newest(each.at for each in heard),
        "inputs": sorted([each.at, each.topic, each.asked, each.answered] for each in heard),
    }
    reason = (
        f"{len(heard)} surveys and retrospectives in {SIGNAL_DAYS} days; {answered} of {asked} "
        "asked answered."
    )
    if not answered:
        return no(reason, Kind.ATTESTATION, **told)
    return yes(reason, Depth.RUNS, Kind.ATTESTATION, **told)


PROBE = Probe(
    claim="Signals are heard",
    area="culture",
    version=1,
    kinds=(Kind.ATTESTATION,),
    depth=Depth.RUNS,
    values={
        "signals": "surveys and retrospectives of five people or more",
        "answered": "share of those asked who answered",
    },
    remedy=Remedy("Ask the team each quarter what slows it down, and say what came of it.", 0.5),
    judge=_judge,
    awaits="cadence",
)
