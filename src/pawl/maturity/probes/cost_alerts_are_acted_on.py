"""Cost alerts fire, and somebody acts.

Claims: an alert on cost fired within 90 days, in earnest or as a test, and somebody acted on it.

Looks at: the firings of alert rules about money in Pawl's ledger, and whether somebody
acknowledged each with a word on what was done.

Fooled by: costs that are unknown and counted as zero (when more than a tenth of the requests has no
price, alerts may be blind: the proof is no deeper than that they run), an alert that nobody ever
saw (it is not acted on), alerts older than the window (not counted).

Yes: at least one alert was acted on. No: none fired, or nobody acted. Cannot tell: Pawl has no
records of alerts.
"""

from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.facts import Facts
from pawl.maturity.looking.practised import is_well_priced, practice_of, told
from pawl.maturity.looking.recent import WINDOW_DAYS, newest, within
from pawl.maturity.probe import Answer, Probe, Remedy, no, yes


def _judge(facts: Facts) -> Answer:
    practice = practice_of(facts)
    alerts = told(facts, lambda practice: practice.cost_alerts, "cost alerts")
    if isinstance(alerts, Answer):
        return alerts
    assert not isinstance(practice, Answer)
    fired = [(at, acted) for at, acted in alerts if within(at, facts.as_of)]
    acted = sum(done for _, done in fired)
    reason = f"{acted} of {len(fired)} cost alerts of {WINDOW_DAYS} days were acted on"
    details = {
        "values": {"fired": len(fired), "acted": Share(acted, len(fired))},
        "claimed_at": newest(at for at, _ in fired),
        "inputs": sorted(fired),
    }
    if not acted:
        return no(f"{reason}.", Kind.TELEMETRY, **details)
    if not is_well_priced(practice):
        reason += "; too many requests have no price, so that alerts may be blind"
        return yes(f"{reason}.", Depth.RUNS, Kind.TELEMETRY, **details)
    return yes(f"{reason}.", Depth.BITES, Kind.TELEMETRY, **details)


PROBE = Probe(
    claim="Cost alerts are acted on",
    area="adoption",
    version=1,
    kinds=(Kind.TELEMETRY,),
    depth=Depth.BITES,
    values={
        "fired": "cost alerts that fired within the window",
        "acted": "share of them that somebody acted on",
    },
    remedy=Remedy(
        "Set a limit on cost, and acknowledge its alerts with what was done: `pawl alerts ack`.",
        0.5,
    ),
    judge=_judge,
)
