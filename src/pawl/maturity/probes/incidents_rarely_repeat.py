"""What broke once seldom breaks again for the same cause.

Claims: few incidents have the root cause of another one in the 60 days before them.

Looks at: the root-cause keys of recorded incidents of 90 days, and of the 60 days before those, and
which of them a person confirmed to repeat an earlier one. Keys are compared without case, signs
and trailing numbers, so that `DNS-timeout 2` is `dns_timeout`.

Fooled by: causes that are not keyed or renamed each time (above a tenth without a key the share
is not known; the cause of one of the last 14 days may still be looked for), incidents split or
reopened (a reopened incident is a repeat of itself).

Yes: repeats are fewer than half of the keyed incidents; `repeat` says how many. No: half or more
repeat. Cannot tell: no record of incidents for 150 days, none in 90, or too many without a key.
"""

import re

from pawl.maturity.evidence import Depth, Kind
from pawl.maturity.facts import Facts
from pawl.maturity.facts.operations import Incident
from pawl.maturity.looking.operated import recorded
from pawl.maturity.looking.recent import WINDOW_DAYS, days_between, newest, share_of, within
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

REPEAT_DAYS = 60
"""Days within which the same cause counts as a repeat, as the definition of the rate says."""
UNKEYED_SHARE = 0.1
"""Share of incidents without a key above which the rate is unknown, as its definition says."""
LOOKED_FOR_DAYS = 14
"""Days in which the cause of an incident may still be looked for; our judgement, as long as a
postmortem may take."""
RARELY = 0.5
"""Share of repeats from which on "rarely" is plainly false; levels ask for far less."""


def _judge(facts: Facts) -> Answer:
    days = WINDOW_DAYS + REPEAT_DAYS
    incidents = recorded(facts, lambda told: told.incidents, "incidents", days)
    if isinstance(incidents, Answer):
        return incidents
    recent = [each for each in incidents if within(each.opened_at, facts.as_of)]
    if not recent:
        return cannot_tell(f"No incident in {WINDOW_DAYS} days: there is no rate of nothing.")
    keyed = [each for each in recent if _key(each) or each.repeats]
    settled = [
        each
        for each in recent
        if each in keyed or not within(each.opened_at, facts.as_of, LOOKED_FOR_DAYS)
    ]
    if not settled:
        return cannot_tell(
            f"The causes of all {len(recent)} incidents of {WINDOW_DAYS} days are looked for."
        )
    unkeyed = share_of(len(settled) - len(keyed), len(settled))
    if unkeyed.hits > UNKEYED_SHARE * unkeyed.of:
        return cannot_tell(
            f"{unkeyed.hits} of {unkeyed.of} incidents have no root-cause key; give each one.",
            values={"unkeyed": unkeyed},
        )
    before = [each for each in incidents if within(each.opened_at, facts.as_of, days)]
    repeats = _repeats(before)
    repeat = share_of(sum(1 for each in keyed if _name(each) in repeats), len(keyed))
    told = {
        "values": {"repeat": repeat, "unkeyed": unkeyed},
        "claimed_at": newest(each.opened_at for each in recent),
        "inputs": sorted((each.id, _key(each), *each.repeats) for each in before),
    }
    reason = (
        f"{repeat.hits} of {repeat.of} incidents in {WINDOW_DAYS} days had a cause seen in the "
        f"{REPEAT_DAYS} days before them."
    )
    if repeat.hits >= RARELY * repeat.of:
        return no(reason, Kind.INCIDENT, **told)
    return yes(reason, Depth.PAYS, Kind.INCIDENT, **told)


def _key(incident: Incident) -> str:
    """Return a root cause as it is compared."""
    letters = re.sub(r"[\W_]+", " ", (incident.root_cause or "").casefold())
    plain = re.sub(r"(?: \d+)+$", "", letters.strip())
    return "" if plain in ("unknown", "tbd", "todo", "none", "n a", "other") else plain


def _name(incident: Incident) -> tuple[str, str]:
    return incident.opened_at, incident.id


def _repeats(incidents: list[Incident]) -> set[tuple[str, str]]:
    """Return which incidents have the cause of the one before them, or were reopened."""
    found = {_name(each) for each in incidents if each.reopened > 0 or each.repeats}
    last: dict[str, str] = {}
    for each in sorted(incidents, key=_name):
        key = _key(each)
        if not key:
            continue
        before = last.get(key)
        if before is not None and days_between(before, each.opened_at) <= REPEAT_DAYS:
            found.add(_name(each))
        last[key] = each.opened_at
    return found


PROBE = Probe(
    claim="Incidents rarely repeat",
    area="reliability",
    version=2,
    kinds=(Kind.INCIDENT,),
    depth=Depth.PAYS,
    values={
        "repeat": "share of keyed incidents with a cause seen in the 60 days before",
        "unkeyed": "share of incidents without a root-cause key, of those that had time for one",
    },
    remedy=Remedy(
        "Key each incident's cause, and turn each lesson into an eval case, a gate or a fix.", 3.0
    ),
    judge=_judge,
    awaits="incidents",
)
