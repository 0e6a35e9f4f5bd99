"""What was released is told out of events, and an old window says the same for ever."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.changes.made_changes import at, decided

from pawl.changes.change import Happened, Happening
from pawl.changes.gate import Decision, Requirement
from pawl.changes.metrics import Figures, Recovery, figures, report_bytes
from pawl.changes.releases import Past, past_of
from pawl.governance.exceptions import GateException
from pawl.governance.raci import Work

GOOD = decided()
DECISIONS = {"good": GOOD}
H = Happening


def event(type: Happening, hour: float, change: str = "chg-1", **sets: Any) -> Happened:
    return Happened(type=type, change=change, at=at(hour), by="github:1", sets=sets)


def started(hour: float, change: str = "chg-1", **sets: Any) -> Happened:
    return event(H.STARTED, hour, change, **{"decision": "good", "exceptions": [], **sets})


def back(hour: float, change: str = "chg-1", **sets: Any) -> Happened:
    told = {"trigger_at": at(hour - 0.5), "ended_as_planned": False}
    return event(H.ROLLBACK_STARTED, hour, change, **{**told, **sets})


def exception(identity: str = "exc-1", **other: Any) -> GateException:
    fields: dict[str, Any] = {
        "id": identity,
        "rule": "approvals",
        "digest": "d" * 64,
        "scope": "",
        "works": (Work.PROMPT,),
        "reason": "Down.",
        "owner": "ann",
        "compensating_control": "Watched.",
        "requested_by": "ann",
        "requested_at": at(0),
        "approved_by": "ann",
        "approved_at": at(0),
        "expires_at": at(4),
    }
    return GateException(**{**fields, **other})


def past(*events: Happened, until: float = 100, **other: Any) -> Past:
    return past_of(
        events, at(until), decision=DECISIONS.get, first_commit={"content": at(-9)}.get, **other
    )


def test_a_change_that_went_live() -> None:
    """One release with its decision, when it was opened and live, and that it did not fail."""
    opened = event(H.OPENED, 0, digest="content")
    (found,) = past(opened, started(1), event(H.LIVE, 2)).releases
    assert (found.opened_at, found.released_at, found.live_at) == (at(0), at(1), at(2))
    assert (found.decision, found.failed, found.first_commit_at) == (GOOD, False, at(-9))


def test_a_change_that_is_under_way_has_no_outcome() -> None:
    """Between its first stage and its last nobody knows yet whether it fails."""
    (found,) = past(event(H.OPENED, 0), started(1)).releases
    assert (found.failed, found.live_at) == (None, None)


def test_a_change_that_went_back_failed() -> None:
    """From the trigger to the read-back, also when the first try was given up."""
    told = past(
        event(H.OPENED, 0),
        started(1),
        event(H.LIVE, 2),
        back(3),
        event(H.ROLLBACK_FAILED, 4),
        back(5, trigger_at=at(2.5)),
        event(H.ROLLED_BACK, 6),
    )
    assert [each.failed for each in told.releases] == [True]
    assert told.recoveries == (
        Recovery(
            change="chg-1", recorded_at=at(3), trigger_at=at(2.5), done_at=at(6), released_at=at(1)
        ),
    )


def test_a_failure_that_comes_late_is_told_where_it_was_recorded() -> None:
    """The report of the week before stays; the one of this week says that it happened."""
    events = [event(H.OPENED, 0), started(1), event(H.LIVE, 2), back(12)]
    told = past(*events)
    before = past(*events, until=10)
    first = figures(before.releases, before.recoveries, at(0), at(10))
    second = figures(told.releases, told.recoveries, at(10), at(20))
    assert (first.change_failures.numerator, first.earlier_failures) == (0, 0)
    assert (second.change_failures.denominator, second.earlier_failures) == (0, 1)


def test_an_experiment_that_ran_its_time_did_not_fail() -> None:
    """It went back as planned: that is no failure and no rollback that anybody waited for."""
    told = past(event(H.OPENED, 0), started(1), back(9, ended_as_planned=True),
                event(H.ROLLED_BACK, 10))  # fmt: skip
    assert [each.failed for each in told.releases] == [False]
    assert told.recoveries == ()


def test_a_change_that_starts_again_is_another_release() -> None:
    """The first failed and the second did not; both are counted, from one opening."""
    told = past(event(H.OPENED, 0), started(1), back(2), event(H.ROLLED_BACK, 3), started(5),
                event(H.LIVE, 6))  # fmt: skip
    assert [each.failed for each in told.releases] == [True, False]
    assert {each.opened_at for each in told.releases} == {at(0)}


def test_what_was_found_is_a_release_that_nobody_asked_about() -> None:
    """It has no decision, no lead time and no known outcome, and is in every denominator."""
    told = past(event(H.FOUND, 1))
    (found,) = told.releases
    assert (found.managed, found.decision, found.opened_at, found.failed) == (
        False, None, None, None)  # fmt: skip
    counted = figures(told.releases, told.recoveries, at(0), at(9), told.exceptions)
    missing, covered = counted.missing_approvals, counted.gate_coverage
    assert (missing.numerator, missing.denominator) == (1, 1)
    assert (covered.numerator, covered.denominator) == (0, 1)


def overridden(by: str) -> Decision:
    """Return a decision whose approval was set aside by an exception."""
    gates = tuple(
        msgspec.structs.replace(each, requirement=Requirement.OVERRIDDEN, exception=by)
        if each.gate == "approvals"
        else each
        for each in GOOD.gates
    )
    return msgspec.structs.replace(GOOD, gates=gates)


def test_glass_is_told_by_when_it_was_ratified() -> None:
    """Within a day, later, or by the end of the window not at all; an exception breaks none."""
    for ratified, until, glass in ((2, 100, "in-time"), (25, 100, "late"), (25, 20, "never")):
        broken = exception(incident="inc-1", ratified_by="leo", ratified_at=at(ratified))
        told = past_of(
            [started(1, exceptions=["exc-1"])],
            at(until),
            decision={"good": overridden("exc-1")}.get,
            first_commit={"": None}.get,
            exceptions=[broken],
        )
        assert [each.glass for each in told.releases] == [glass]
        assert [(each.used, each.glass) for each in told.exceptions] == [(True, glass)]
    plain = past(started(1, exceptions=["exc-1"]), exceptions=[exception()])
    assert [each.glass for each in plain.releases] == [""]


def test_an_exception_that_was_never_used_has_expired() -> None:
    """It is over when its time is, or when it was taken back; one that nobody gave is none."""
    told = past(
        until=3,
        exceptions=[
            exception("a", expires_at=at(2)),
            exception("b", revoked_at=at(1)),
            exception("c"),
            exception("d", approved_by="", approved_at=""),
        ],
    )
    assert [(each.id, each.over, each.used) for each in told.exceptions] == [
        ("a", True, False), ("b", True, False), ("c", False, False)]  # fmt: skip


def test_a_scope_tells_of_what_it_holds() -> None:
    """Changes and exceptions elsewhere are none of its own; without a scope all are told."""
    events = [
        event(H.OPENED, 0, "chg-1", manifest={"scope": "shop/search"}),
        event(H.OPENED, 0, "chg-2", manifest={"scope": "bank"}),
        started(1),
        started(2, "chg-2"),
        back(3, "chg-2"),
    ]
    given = [exception("a", scope="shop"), exception("b", scope="bank")]
    shop = past(*events, exceptions=given, scope="shop")
    assert [each.change for each in shop.releases] == ["chg-1"]
    assert (shop.recoveries, [each.id for each in shop.exceptions]) == ((), ["a"])
    assert len(past(*events, exceptions=given).releases) == 2


CHANGES = ("chg-1", "chg-2", "chg-3")


@st.composite
def ledgers(draw: st.DrawFn) -> tuple[list[Happened], list[GateException]]:
    """Draw events in their order, an hour or so apart, and exceptions given meanwhile."""
    events: list[Happened] = []
    for hour in range(draw(st.integers(0, 14))):
        change = draw(st.sampled_from(CHANGES))
        kind = draw(st.sampled_from(
            [H.OPENED, H.STARTED, H.STARTED, H.LIVE, H.ROLLBACK_STARTED, H.ROLLED_BACK,
             H.ROLLBACK_FAILED, H.FOUND, H.ANSWERED]))  # fmt: skip
        sets: dict[str, Any] = {}
        if kind is H.OPENED:
            sets = {"digest": change}
        if kind is H.STARTED:
            sets = {
                "decision": draw(st.sampled_from(["good", "lost"])),
                "exceptions": draw(st.lists(st.sampled_from(["a", "b"]), max_size=1)),
            }
        elif kind is H.ROLLBACK_STARTED:
            sets = {
                "trigger_at": at(hour - draw(st.integers(0, 3))),
                "ended_as_planned": draw(st.booleans()),
            }
        events.append(event(kind, hour, change, **sets))
    given = [
        exception(
            each,
            approved_at=at(draw(st.integers(0, 8))),
            expires_at=at(draw(st.integers(9, 14))),
            incident=draw(st.sampled_from(["", "inc-1"])),
            ratified_at=draw(st.sampled_from(["", at(9), at(30)])),
        )
        for each in ("a", "b")
    ]
    return events, given


def report(events: list[Happened], given: list[GateException], since: int, until: int) -> Figures:
    told = past_of(
        events,
        at(until),
        decision=DECISIONS.get,
        first_commit={"chg-2": at(-3)}.get,
        exceptions=given,
        since=at(since),
    )
    return figures(told.releases, told.recoveries, at(since), at(until), told.exceptions)


@settings(max_examples=80)
@given(ledgers(), st.integers(0, 7), st.integers(7, 15))
def test_an_old_report_stays_what_it_was(
    drawn: tuple[list[Happened], list[GateException]], since: int, until: int
) -> None:
    """What is recorded after a window, of whatever is in it, changes no byte of its report."""
    events, given = drawn
    then = [each for each in events if each.at < at(until)]
    known = [
        msgspec.structs.replace(each, ratified_at="" if each.ratified_at >= at(until)
                                else each.ratified_at)
        for each in given
        if each.approved_at < at(until)
    ]  # fmt: skip
    before = report_bytes(report(then, known, since, until))
    assert before == report_bytes(report(events, given, since, until))


@settings(max_examples=80)
@given(ledgers(), st.integers(0, 14))
def test_every_share_is_a_share_of_its_own(
    drawn: tuple[list[Happened], list[GateException]], middle: int
) -> None:
    """0 <= rate <= 1, nothing of nothing is null, and two half-open windows make one whole."""
    whole = report(*drawn, 0, 15)
    for found in (whole, report(*drawn, 0, middle), report(*drawn, middle, 15)):
        for name in ("gate_coverage", "missing_approvals", "excepted_approvals", "ratified_late",
                     "policy_audit", "change_failures"):  # fmt: skip
            share = getattr(found, name)
            assert 0 <= share.numerator <= share.denominator
            assert (share.value is None) == (share.denominator == 0)
            assert share.value is None or 0 <= share.low <= share.value <= share.high <= 1
        assert found.missing_approvals.denominator <= found.releases
        # Whatever nobody asked about is among those that lack an approval.
        assert found.missing_approvals.numerator >= found.unmanaged
    first, second = report(*drawn, 0, middle), report(*drawn, middle, 15)
    assert first.releases + second.releases == whole.releases
    assert first.exceptions.given + second.exceptions.given == whole.exceptions.given
