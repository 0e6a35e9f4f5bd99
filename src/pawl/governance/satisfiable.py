"""Whether the rules can be kept at all: each by somebody other than whoever wrote the change.

A rule that nobody can satisfy is broken on its first bad day, by whoever is most tired. So it is
looked at beforehand, for every possible author, today and at each date on which a role ends.
"""

from collections.abc import Iterable
from datetime import timedelta

import msgspec

from pawl.base.finding import Confidence, Finding, Outcome, Severity
from pawl.base.times import format_time, parse_time
from pawl.governance.roster import Kind, Roster, holders, is_active

HORIZON_DAYS = 30
"""How far ahead ends of roles are looked for; a month is time enough to find somebody."""


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule asks of people: `quorum` of those who hold one of the `roles` in a scope."""

    rule: str
    roles: tuple[str, ...]
    scope: str = ""
    quorum: int = 1


def unsatisfiable(
    needs: Iterable[Need], roster: Roster, now: str, *, horizon_days: int = HORIZON_DAYS
) -> tuple[Finding, ...]:
    """Return a finding for each need that some author's change could never meet.

    What fails today is high, what will fail within the horizon is medium; nothing twice.
    """
    found: list[Finding] = []
    told: set[Need] = set()
    asked = tuple(needs)
    for moment in (now, *_ends(roster, now, horizon_days)):
        for need in asked:
            if need in told:
                continue
            finding = _about(need, roster, moment, later=moment != now)
            if finding is not None:
                told.add(need)
                found.append(finding)
    if found and len(_humans(roster, now)) == 1:
        found.append(_alone())
    return tuple(found)


def eligible(need: Need, roster: Roster, now: str, author: str = "") -> tuple[str, ...]:
    """Return who can satisfy a need of an author's change, sorted."""
    people = {each for role in need.roles for each in holders(roster, role, need.scope, now)} - {
        author
    }
    return tuple(sorted(people))


def _about(need: Need, roster: Roster, moment: str, *, later: bool) -> Finding | None:
    everybody = eligible(need, roster, moment)
    # An author without the role leaves everybody; so only those with it can make a difference.
    stuck = [each for each in everybody if len(eligible(need, roster, moment, each)) < need.quorum]
    if len(everybody) >= need.quorum and not stuck:
        return None
    roles = " or ".join(need.roles)
    where = f" in {need.scope}" if need.scope else ""
    since = f"From {moment[:10]} on " if later else ""
    if len(everybody) < need.quorum:
        message = (
            f"{since}{need.rule} needs {need.quorum} who are {roles}{where}; there are "
            f"{len(everybody)}."
        )
        hint = f"Grant {roles} to {need.quorum + 1 - len(everybody)} more."
    else:
        message = (
            f"{since}{need.rule} cannot be satisfied for a change of {', '.join(stuck)}: without "
            f"the author {need.quorum - 1 or 'nobody'} of {roles}{where} is left."
        )
        hint = f"Grant {roles} to one more person: nobody approves their own change."
    return Finding(
        id="rule-cannot-be-satisfied",
        outcome=Outcome.FAIL,
        severity=Severity.MEDIUM if later else Severity.HIGH,
        confidence=Confidence.HIGH,
        message=message,
        evidence=everybody,
        hint=hint,
    )


def _alone() -> Finding:
    return Finding(
        id="team-of-one",
        outcome=Outcome.FAIL,
        severity=Severity.INFO,
        confidence=Confidence.HIGH,
        message=(
            "One person cannot approve their own change, and no setting makes that a second look. "
            "Changes of low risk pass without an approval, and rolling back never needs one."
        ),
        hint=(
            "For changes of high risk grant the accountable role to somebody outside the team who "
            "reads them. For emergencies grant incident-commander to whoever is there: with it "
            "`pawl exception declare-emergency` and `pawl exception break-glass` set a gate aside. "
            "That holds for hours, stays on record, and blocks later releases until somebody "
            "accountable other than you ratifies it."
        ),
    )


def _humans(roster: Roster, now: str) -> list[str]:
    return [each.id for each in roster.people if each.kind is Kind.HUMAN and is_active(each, now)]


def _ends(roster: Roster, now: str, days: int) -> list[str]:
    until = format_time(parse_time(now) + timedelta(days=days))
    ends = {each.ends for each in roster.grants} | {each.active_to for each in roster.people}
    return sorted(end for end in ends if end is not None and now < end <= until)
