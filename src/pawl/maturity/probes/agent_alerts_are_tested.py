"""Alerts on what agents do are tested.

Claims: rules on stuck loops, unexpected tools and the like fire when such a thing happens.

Looks at: the rules that Pawl's records say were tested by replaying a session that must set them
off.

Fooled by: a rule that never fired (it counts only when a replayed session set it off), one rule
named several times (counted once).

Yes: at least one rule is tested; `rules` says how many. No: none is. Cannot tell: Pawl has no
records of alerts.
"""

from pawl.maturity.evidence import Depth, Kind
from pawl.maturity.facts import Facts
from pawl.maturity.looking.practised import told
from pawl.maturity.probe import Answer, Probe, Remedy, no, yes


def _judge(facts: Facts) -> Answer:
    tested = told(facts, lambda practice: practice.agent_alert_rules_tested, "alert rules' tests")
    if isinstance(tested, Answer):
        return tested
    rules = sorted({rule.strip().lower() for rule in tested if rule.strip()})
    values = {"rules": len(rules)}
    if not rules:
        return no("No alert rule on agents was tested.", Kind.TELEMETRY, values=values)
    return yes(
        f"{len(rules)} alert rules on agents were set off by a replayed session.",
        Depth.BITES,
        Kind.TELEMETRY,
        values=values,
        inputs=rules,
    )


PROBE = Probe(
    claim="Agent alerts are tested",
    area="adoption",
    version=1,
    kinds=(Kind.TELEMETRY,),
    depth=Depth.BITES,
    values={"rules": "alert rules on agents that a replayed session set off"},
    remedy=Remedy("Replay a canned session for each rule: `pawl alerts test --record`.", 0.5),
    judge=_judge,
)
