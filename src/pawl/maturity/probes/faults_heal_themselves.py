"""Automation clears known faults, for good, and knows when to stop.

Claims: automatic remedies cleared their alert, which stayed clear for half an hour, under a rule
to give up.

Looks at: exported automatic attempts of 90 days.

Fooled by: a restart loop counted as a cure (clear for less than 30 minutes is not healed, and
neither is an attempt that the next one for the same rule follows within them), an automation
without a rule to stop (not counted: it would go on for ever).

Yes: at least one attempt healed; `healed` says how many of all. No: attempts were exported and
none healed, or there was none. Cannot tell: no export of attempts for 90 days, or more than a
tenth of them does not tell how it ended.
"""

from pawl.maturity.evidence import Depth, Kind
from pawl.maturity.facts import Facts
from pawl.maturity.facts.operations import Remediation
from pawl.maturity.looking.operated import recorded
from pawl.maturity.looking.recent import WINDOW_DAYS, days_between, newest, share_of, within
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

CLEAR_MINUTES = 30
"""Minutes that an alert stays clear before a remedy counts as one, as the definition says."""
UNKNOWN_SHARE = 0.1
"""Share of attempts that may leave open how they ended; our judgement."""


def _judge(facts: Facts) -> Answer:
    attempts = recorded(facts, lambda told: told.remediations, "remediations", WINDOW_DAYS)
    if isinstance(attempts, Answer):
        return attempts
    recent = sorted(
        (each for each in attempts if within(each.at, facts.as_of)),
        key=lambda each: (each.rule, each.at),
    )
    unknown = sum(1 for each in recent if each.cleared is None)
    if unknown > UNKNOWN_SHARE * len(recent):
        return cannot_tell(
            f"{unknown} of {len(recent)} attempts do not tell whether the alert cleared.",
            values={"attempts": len(recent)},
        )
    following = [*recent[1:], None][: len(recent)]
    healed = sum(1 for each, after in zip(recent, following, strict=True) if _healed(each, after))
    told = {
        "values": {"healed": share_of(healed, len(recent)), "attempts": len(recent)},
        "claimed_at": newest(each.at for each in recent),
        "inputs": [(each.rule, each.at) for each in recent],
    }
    reason = (
        f"{healed} of {len(recent)} automatic attempts in {WINDOW_DAYS} days kept their alert "
        f"clear for {CLEAR_MINUTES} minutes, under a rule to stop."
    )
    if not healed:
        return no(reason, Kind.INCIDENT, **told)
    return yes(reason, Depth.BITES, Kind.INCIDENT, **told)


def _healed(attempt: Remediation, after: Remediation | None) -> bool:
    if not attempt.cleared or not attempt.stop_rule or attempt.clear_minutes is None:
        return False
    if attempt.clear_minutes < CLEAR_MINUTES:
        return False
    again = after is not None and after.rule == attempt.rule
    return not (again and after and days_between(attempt.at, after.at) * 1440 < CLEAR_MINUTES)


PROBE = Probe(
    claim="Faults heal themselves",
    area="reliability",
    version=1,
    kinds=(Kind.INCIDENT,),
    depth=Depth.BITES,
    values={
        "healed": "share of automatic attempts after which the alert stayed clear for 30 minutes",
        "attempts": "automatic attempts in 90 days",
    },
    remedy=Remedy(
        "Automate the remedy of the alert that comes most often, and let it give up by itself.", 4.0
    ),
    judge=_judge,
    awaits="alerts",
)
