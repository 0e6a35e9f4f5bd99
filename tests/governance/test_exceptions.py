"""An exception: by whom, for what, until when, and how often; in one place for all who ask."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.errors import BadFile
from pawl.base.times import format_time, parse_time
from pawl.governance.exceptions import (
    Command,
    Emergency,
    GateException,
    Ground,
    Status,
    load_limits,
    may_be_used,
    shipped_limits,
    standing,
    unratified,
    used,
)
from pawl.governance.priority import Domain, outranks
from pawl.governance.raci import Work, shipped_raci
from pawl.governance.roster import Grant, Kind, Person, Roster

NOW = "2026-11-21T12:00:00.000000Z"
OWNERS = {Domain.SECURITY: "sec", Domain.SAFETY: "saf", Domain.QUALITY: "qua", Domain.COST: "cos"}
RACI = msgspec.structs.replace(
    shipped_raci(), owners={domain: f"{name}-owner" for domain, name in OWNERS.items()}
)
ROSTER = Roster(
    people=(
        *(Person(id=name) for name in ("sec", "saf", "qua", "cos", "dev", "boss")),
        Person(id="robot", kind=Kind.AGENT, sponsor="dev"),
        Person(id="gone", active_to="2026-11-01T00:00:00.000000Z"),
    ),
    grants=(
        *(Grant(person=name, role=f"{name}-owner") for name in OWNERS.values()),
        Grant(person="robot", role="sec-owner"),
        Grant(person="gone", role="sec-owner"),
        Grant(person="boss", role="product-lead"),
    ),
)


def at(hours: float) -> str:
    return format_time(parse_time(NOW) + timedelta(hours=hours))


def exception(**other: Any) -> GateException:
    fields: dict[str, Any] = {
        "id": "exc-1",
        "rule": "evals",
        "digest": "d" * 64,
        "scope": "",
        "works": (Work.PROMPT,),
        "reason": "The suite's provider is down.",
        "owner": "dev",
        "compensating_control": "Ten cases were run by hand.",
        "requested_by": "dev",
        "requested_at": at(-2),
        "approved_by": "sec",
        "approved_at": at(-1),
        "expires_at": at(2),
    }
    return GateException(**{**fields, **other})


def ground(**other: Any) -> Ground:
    fields: dict[str, Any] = {
        "roster": ROSTER,
        "raci": RACI,
        "limits": shipped_limits(),
        "domain": Domain.QUALITY,
        "now": NOW,
        "high_risk": False,
    }
    return Ground(**{**fields, **other})


OPEN = Emergency(
    id="inc-1",
    severity=1,
    declared_at=at(-3),
    commanders=(Command(person="dev", since=at(-3)),),
)
GLASS: dict[str, Any] = {"incident": "inc-1", "approved_by": "dev", "expires_at": at(1)}


def test_a_sound_one_counts() -> None:
    """One that is owned, reasoned, approved by who may and in time is active."""
    found = standing(exception(), ground())
    assert found.status is Status.ACTIVE
    assert "Ten cases were run by hand." in found.reason


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"reason": " "}, Status.REFUSED, "reason is empty"),
        ({"owner": ""}, Status.REFUSED, "owner is empty"),
        ({"compensating_control": ""}, Status.REFUSED, "compensating control is empty"),
        ({"approved_by": ""}, Status.REQUESTED, "Nobody has approved"),
        ({"approved_by": "dev"}, Status.REFUSED, "Whoever asked"),
        ({"approved_by": "nobody"}, Status.REFUSED, "not in the roster"),
        ({"approved_by": "robot"}, Status.REFUSED, "no human"),
        ({"approved_by": "gone"}, Status.REFUSED, "has left"),
        ({"approved_by": "cos"}, Status.REFUSED, "held none of"),
        ({"approved_at": at(1), "expires_at": at(2)}, Status.REQUESTED, "begins"),
        ({"expires_at": at(-1)}, Status.REFUSED, "ends before it begins"),
        ({"expires_at": at(24 * 8)}, Status.REFUSED, "longer than 168 hours"),
        ({"approved_at": at(-3), "expires_at": NOW}, Status.EXPIRED, "ended"),
        ({"revoked_at": at(-0.5)}, Status.REVOKED, "revoked"),
        ({"uses": ("chg-1#3",)}, Status.USED, "used up"),
        ({"max_uses": 2}, Status.REFUSED, "asks for 2 uses"),
    ],
)
def test_what_does_not_count_says_why(fields: dict[str, Any], status: Status, words: str) -> None:
    """Each way in which an exception falls short has a status and a reason."""
    found = standing(exception(**fields), ground())
    assert (found.status, words in found.reason) == (status, True), found


def test_an_author_of_the_change_cannot_approve_its_exception() -> None:
    """Whoever wrote the change is not who sets a rule aside for it."""
    found = standing(exception(), ground(authors=frozenset({"sec"})))
    assert found.status is Status.REFUSED
    assert "An author" in found.reason


def test_high_risk_makes_it_short() -> None:
    """For a change of high risk a day is the most."""
    two_days = exception(expires_at=at(47))
    assert standing(two_days, ground()).status is Status.ACTIVE
    assert standing(two_days, ground(high_risk=True)).status is Status.REFUSED


@given(st.sampled_from(Domain), st.sampled_from(Domain))
def test_a_lower_domains_owner_cannot_except_a_higher_domains_rule(
    rule: Domain, owner: Domain
) -> None:
    """Only who answers for the rule's domain, or for one above it, can set it aside."""
    found = standing(exception(approved_by=OWNERS[owner]), ground(domain=rule))
    assert (found.status is Status.ACTIVE) == (not outranks(rule, owner))


def test_a_role_lost_takes_the_exception_with_it() -> None:
    """Whoever no longer answers for the domain no longer answers for what they excepted."""
    lost = msgspec.structs.replace(
        ROSTER,
        grants=tuple(
            msgspec.structs.replace(each, ends=at(-0.5)) if each.person == "sec" else each
            for each in ROSTER.grants
        ),
    )
    found = standing(exception(), ground(roster=lost))
    assert (found.status, "no longer" in found.reason) == (Status.REFUSED, True)


@given(st.floats(-200, 400), st.floats(0.1, 168))
def test_an_expired_exception_is_never_active(now: float, lasts: float) -> None:
    """At and after its end it does not count, whatever else is right with it."""
    one = exception(approved_at=at(0), expires_at=at(lasts))
    moment = at(now)
    found = standing(one, ground(now=moment))
    assert (found.status is Status.ACTIVE) == (one.approved_at <= moment < one.expires_at)


def test_it_is_bound_to_one_rule_and_one_content() -> None:
    """Another gate, another digest or a scope beside its own is not what was excepted."""
    one = exception(scope="shop")
    assert may_be_used(one, "evals", "d" * 64, "shop/search")
    assert not may_be_used(one, "lint", "d" * 64, "shop")
    assert not may_be_used(one, "evals", "e" * 64, "shop")
    assert not may_be_used(one, "evals", "d" * 64, "")


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=30), st.integers(1, 3))
def test_it_is_used_at_most_as_often_as_it_may(steps: list[tuple[int, bool]], most: int) -> None:
    """Starts that read, decide and write back only what is still as they read it never overuse.

    Each step is a start reading, or writing what it decided; a write on an old version is lost.
    """
    limits = msgspec.structs.replace(shipped_limits(), uses_max=most)
    stored, version = exception(max_uses=most), 0
    held: dict[int, tuple[GateException, int]] = {}
    succeeded = 0
    for worker, writes in steps:
        if not writes or worker not in held:
            held[worker] = (stored, version)
            continue
        read, seen = held.pop(worker)
        after = used(read, f"start {worker}", "d" * 64, ground(limits=limits))
        if isinstance(after, GateException) and seen == version:
            succeeded += after.uses != read.uses
            stored, version = after, version + 1
    assert succeeded == len(stored.uses) <= most


def test_a_use_repeated_after_a_crash_is_one_use() -> None:
    """One start uses it once, however often it is told; the next start finds it used up."""
    once = used(exception(), "chg-1#3", "d" * 64, ground())
    assert isinstance(once, GateException)
    assert used(once, "chg-1#3", "d" * 64, ground()) == once
    again = used(once, "chg-1#9", "d" * 64, ground())
    assert not isinstance(again, GateException)
    assert again.status is Status.USED


def test_it_cannot_be_used_for_other_content() -> None:
    """What was excepted is one digest; the edited change asks again."""
    found = used(exception(), "chg-1#3", "e" * 64, ground())
    assert not isinstance(found, GateException)
    assert found.status is Status.REFUSED


def test_the_commander_breaks_the_glass() -> None:
    """In an open incident of the worst severities its commander alone may, for hours."""
    assert standing(exception(**GLASS), ground(emergencies=(OPEN,))).status is Status.ACTIVE


@pytest.mark.parametrize(
    ("fields", "incident", "words"),
    [
        ({}, {"severity": 3}, "severity 3"),
        ({}, {"closed_at": at(-2)}, "not open then"),
        ({}, {"declared_at": at(-0.5)}, "not open then"),
        ({}, {"id": "inc-2"}, "There is no incident"),
        ({"approved_by": "sec"}, {}, "did not command"),
        ({}, {"commanders": (Command(person="dev", since=at(-3), until=at(-2)),)}, "did not"),
        ({"expires_at": at(4)}, {}, "longer than 4 hours"),
        ({"approved_by": "robot"}, {"commanders": (Command(person="robot", since=at(-3)),)}, "no"),
    ],
)
def test_nobody_else_breaks_the_glass(
    fields: dict[str, Any], incident: dict[str, Any], words: str
) -> None:
    """A mild, closed or unknown incident, another person or an agent breaks nothing."""
    emergency = msgspec.structs.replace(OPEN, **incident)
    found = standing(exception(**{**GLASS, **fields}), ground(emergencies=(emergency,)))
    assert (found.status, words in found.reason) == (Status.REFUSED, True), found


def test_broken_glass_blocks_until_somebody_else_ratifies_it() -> None:
    """After a day without it blocks, whoever broke it cannot lift that, who is accountable can."""
    broken = exception(**GLASS)
    late = at(24)
    assert unratified([broken], ground()) == ()
    assert unratified([exception()], ground(now=late)) == ()
    assert unratified([broken], ground(now=late)) != ()
    for person, blocks in (("dev", True), ("robot", True), ("cos", True), ("boss", False)):
        ratified = msgspec.structs.replace(broken, ratified_by=person, ratified_at=at(3))
        assert bool(unratified([ratified], ground(now=late))) is blocks, person


def test_glass_that_nobody_could_break_blocks_nobody() -> None:
    """A feigned one would hold others up; of an unknown incident it counts as broken."""
    feigned = exception(**{**GLASS, "approved_by": "sec"})
    late = at(24)
    assert unratified([feigned], ground(now=late, emergencies=(OPEN,))) == ()
    assert unratified([feigned], ground(now=late)) != ()
    was_used = msgspec.structs.replace(feigned, uses=("chg-1#3",))
    assert unratified([was_used], ground(now=late, emergencies=(OPEN,))) != ()
    real = exception(**GLASS)
    assert unratified([real], ground(now=late, emergencies=(OPEN,))) != ()


def test_the_limits_have_sources_and_can_only_be_narrower() -> None:
    """A team's file may shorten what an exception may last, and not lengthen it."""
    ours = shipped_limits()
    narrower = msgspec.structs.replace(ours, hours_max=24.0)
    wider = msgspec.structs.replace(ours, hours_max=1000.0)
    bare = msgspec.structs.replace(ours, sources={})
    assert load_limits(msgspec.json.encode(narrower).decode(), place="x").hours_max == 24
    for bad in (wider, bare):
        with pytest.raises(BadFile):
            load_limits(msgspec.json.encode(bad).decode(), place="x")
