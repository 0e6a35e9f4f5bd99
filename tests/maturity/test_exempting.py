"""Which exemptions count: one function decides, and what has ended is said aloud."""

from typing import Any

import pytest
from tests.maturity.judged import NOW, NUMBERS, SUBJECT, ago, criterion, judged, record

from pawl.base.finding import Outcome, Place
from pawl.maturity.dossier import FreshnessEvent
from pawl.maturity.exempting import (
    Status,
    eligible_approvers,
    judge_register,
    level_allowance,
    set_aside,
    standing,
)
from pawl.maturity.exemption import Exemption, Register
from pawl.maturity.probe import MAX_PLACES
from pawl.maturity.verdict import Verdict

FAIL = Outcome.FAIL


def exemption(**told: Any) -> Exemption:
    """Return an exemption that counts, but for what is told."""
    said: dict[str, Any] = {
        "id": "x1",
        "criterion": "c",
        "reason": "The vendor mends it in January.",
        "residual_control": "Each release is checked by hand.",
        "owner": "platform",
        "approver": "security",
        "created": "2026-11-01",
        "expires": "2026-12-31",
        **told,
    }
    return Exemption(**said)


def register(*exemptions: Exemption, **told: Any) -> Register:
    """Return a base version's register with these entries."""
    said: dict[str, Any] = {
        "approvers": ("security", "team"),
        "leadership": ("cto",),
        "assessed": ("team",),
        **told,
    }
    return Register(exemptions=exemptions, **said)


def status(entry: Exemption, events: tuple[FreshnessEvent, ...] = (), **told: Any) -> Status:
    """Return how one entry stands."""
    held = register(entry, **told)
    return standing(entry, held, criterion(), NOW, NUMBERS, events).status


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, Status.LIVE),
        ({"expires": "2026-11-22"}, Status.LIVE),
        ({"expires": "2026-11-21"}, Status.EXPIRED),
        ({"created": "2026-11-22"}, Status.NOT_YET),
        ({"created": "2026-07-05", "expires": "2027-01-01"}, Status.LIVE),
        ({"created": "2026-07-04", "expires": "2027-01-01"}, Status.REFUSED),
        ({"created": "2026-08-24", "expires": ""}, Status.LIVE),
        ({"created": "2026-08-23", "expires": ""}, Status.EXPIRED),
        ({"expires": "2026-10-01"}, Status.REFUSED),
        ({"expires": "soon"}, Status.REFUSED),
        ({"expires": "9999-99-99"}, Status.REFUSED),
        ({"approver": "platform", "owner": "platform"}, Status.REFUSED),
        ({"approver": "@Security"}, Status.LIVE),
        ({"approver": "team"}, Status.REFUSED),
        ({"approver": "somebody"}, Status.REFUSED),
        ({"approver": "cto"}, Status.LIVE),
        ({"owner": "@SECURITY"}, Status.REFUSED),
        ({"renewals": 2}, Status.LIVE),
        ({"renewals": 3}, Status.REFUSED),
        ({"renewals": 3, "approver": "cto"}, Status.LIVE),
        ({"residual_control": " "}, Status.REFUSED),
        ({"reason": ""}, Status.REFUSED),
    ],
)
def test_validity(told: dict[str, Any], expected: Status) -> None:
    """Days, approver, renewals, content: whatever is missing keeps it from counting."""
    assert status(exemption(**told)) is expected


def test_it_ends_with_the_start_of_its_last_day() -> None:
    """At midnight of the day it expires on it has ended, a microsecond before it has not."""
    entry = exemption(expires="2026-11-21")
    held = register(entry)
    at = [
        standing(entry, held, criterion(), moment, NUMBERS).status
        for moment in ("2026-11-20T23:59:59.999999Z", "2026-11-21T00:00:00.000000Z")
    ]
    assert at == [Status.LIVE, Status.EXPIRED]


def test_every_refusal_says_why() -> None:
    """The reason names what to change."""
    long = exemption(created="2026-07-04", expires="2027-01-01")
    held = standing(long, register(long), criterion(), NOW, NUMBERS)
    assert held.reason == "It lasts 181 days; 180 is the most."


def test_an_event_that_it_names_ends_it_early() -> None:
    """An incident after it was given reopens the question; one before, or another, does not."""
    entry = exemption(reopen_on=("incident",))
    happened = FreshnessEvent(name="incident", at=ago(1), reason="INC-7.")
    assert status(entry, (happened,)) is Status.REOPENED
    assert status(exemption(), (happened,)) is Status.LIVE
    before = FreshnessEvent(name="incident", at=ago(60), reason="INC-6.")
    later = FreshnessEvent(name="incident", at=ago(-1), reason="INC-8.")
    assert status(entry, (before, later)) is Status.LIVE


def test_a_team_of_one_gets_an_explanation() -> None:
    """Where nobody may approve, the reason says so and what to do."""
    entry = exemption(owner="me", approver="me")
    alone = Register(exemptions=(entry,), approvers=("me",), assessed=("me",))
    held = standing(entry, alone, criterion(), NOW, NUMBERS)
    assert held.status is Status.REFUSED
    assert "A team of one cannot exempt itself" in held.reason
    assert eligible_approvers(alone, "me", leadership=False) == ()


def test_a_criterion_must_exist_and_be_exemptible() -> None:
    """An entry for nothing, or for what cannot be set aside, is refused."""
    entry = exemption()
    held = register(entry)
    assert standing(entry, held, None, NOW, NUMBERS).reason == "No model has a criterion c."
    fixed = standing(entry, held, criterion(exemptible=False), NOW, NUMBERS)
    assert fixed.reason == "c cannot be exempted."


def test_a_register_reports_what_ended_and_what_was_refused() -> None:
    """Expired counts as absent and is reported; so does an id that stands twice."""
    held = register(
        exemption(id="old", expires="2026-11-20"),
        exemption(id="bad", approver="team"),
        exemption(id="twice"),
        exemption(id="twice"),
        exemption(id="elsewhere", subject="repo:other"),
    )
    judged_register = judge_register(held, SUBJECT, [criterion()], NOW, NUMBERS)
    assert judged_register.live == {}
    assert judged_register.expired == ("old",)
    assert judged_register.refused == (
        "bad: Its approver is of the assessed side.",
        "twice: Its id stands twice in the register.",
        "twice: Its id stands twice in the register.",
    )


def after(entry: Exemption, *records: Any) -> Verdict:
    """Return the verdict on the criterion with an exemption beside it."""
    exempted = judge_register(register(entry), SUBJECT, [criterion()], NOW, NUMBERS)
    return set_aside(judged(criterion(), *records), exempted).verdict


def test_an_exemption_stands_in_for_what_is_missing_and_for_nothing_else() -> None:
    """A no, an unknown, a stale answer are set aside; a yes stays, and a defect of ours as well."""
    assert after(exemption(), record(outcome=FAIL)) is Verdict.EXEMPT
    assert after(exemption()) is Verdict.EXEMPT
    assert after(exemption(), record(days=91)) is Verdict.EXEMPT
    assert after(exemption(), record()) is Verdict.MET
    assert after(exemption(), record(outcome=Outcome.NOT_APPLICABLE)) is Verdict.NOT_APPLICABLE
    assert after(exemption(), record(outcome=Outcome.ERROR)) is Verdict.ERROR
    assert after(exemption(expires="2026-11-20"), record(outcome=FAIL)) is Verdict.UNMET


def test_an_exempt_criterion_still_says_what_is_missing() -> None:
    """The verdict that was set aside is in the reason, with the day it ends."""
    exempted = judge_register(register(exemption()), SUBJECT, [criterion()], NOW, NUMBERS)
    result = set_aside(judged(criterion(), record(outcome=FAIL)), exempted)
    assert result.reason == "The vendor mends it in January. Otherwise unmet: asked says fail."
    assert (result.exemption, result.exemption_ends) == ("x1", "2026-12-31T00:00:00.000000Z")


def test_paths_must_cover_every_place_that_falls_short() -> None:
    """One place outside the paths, or more than are named, and it does not cover."""
    entry = exemption(paths=("legacy/**",))
    inside, outside = Place("legacy/a.py", 1), Place("src/b.py", 2)
    assert after(entry, record(outcome=FAIL, places=(inside,))) is Verdict.EXEMPT
    assert after(entry, record(outcome=FAIL, places=(inside, outside))) is Verdict.UNMET
    assert after(entry, record(outcome=FAIL)) is Verdict.UNMET
    many = tuple(Place("legacy/a.py", line) for line in range(1, MAX_PLACES + 1))
    assert after(entry, record(outcome=FAIL, places=many)) is Verdict.UNMET


def test_a_tenth_of_a_level_may_be_exempt_and_one_in_any_case() -> None:
    """Ten criteria allow one, twenty two, four one."""
    limits = NUMBERS.exemptions
    assert [level_allowance(count, limits) for count in (4, 10, 19, 20, 30)] == [1, 1, 1, 2, 3]
