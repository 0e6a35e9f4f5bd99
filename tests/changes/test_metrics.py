"""Figures: shares of what was counted, with nothing dropped that would make them look better."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.changes.made_changes import at, decided, in_state, manifest
from tests.changes.made_snapshots import snapshots

from pawl.base.errors import BadFile
from pawl.changes.change import State
from pawl.changes.gate import Decision, evaluate
from pawl.changes.manifest import Risk
from pawl.changes.metric_definitions import defined, definitions, load_definitions
from pawl.changes.metrics import (
    Excepting,
    Figures,
    Rate,
    Recovery,
    Release,
    Times,
    figures,
    rate,
    report_bytes,
    times,
)

GOOD = decided()
LOW = decided(change=in_state(State.APPROVED, manifest(declared_risk=Risk.LOW)))
OPEN = decided(evidence=(), recorded=())


def release(decision: Decision | None = GOOD, **other: Any) -> Release:
    fields: dict[str, Any] = {
        "change": "chg-1",
        "released_at": at(0),
        "opened_at": at(-2),
        "decision": decision,
        "failed": False,
    }
    return Release(**{**fields, **other})


def overridden(glass: str) -> Release:
    """Return a release whose approvals were set aside."""
    from pawl.changes.gate import Requirement

    gates = tuple(
        msgspec.structs.replace(each, requirement=Requirement.OVERRIDDEN)
        if each.gate == "approvals"
        else each
        for each in GOOD.gates
    )
    return release(msgspec.structs.replace(GOOD, gates=gates), glass=glass)


def counted(*releases: Release, since: str = at(-1), until: str = at(1)) -> Any:
    return figures(releases, (), since, until)


def of(found: Rate) -> tuple[int, int]:
    return found.numerator, found.denominator


def test_what_went_around_everything_is_counted() -> None:
    """A release that nobody asked for is uncovered, unapproved, and in every denominator."""
    found = counted(release(), release(None))
    assert (of(found.gate_coverage), of(found.missing_approvals)) == ((1, 2), (1, 2))


def test_a_change_that_needed_no_approval_does_not_lack_one() -> None:
    """Low risk is in the coverage and not among those that needed somebody's yes."""
    found = counted(release(), release(LOW))
    assert found.releases == 2
    assert of(found.missing_approvals) == (0, 1)


def test_a_doubt_is_no_coverage() -> None:
    """A release with a gate that came to no verdict, or was set aside, is not covered."""
    assert of(counted(release(OPEN)).gate_coverage) == (0, 1)
    assert of(counted(overridden("in-time")).gate_coverage) == (0, 1)


@pytest.mark.parametrize(
    ("glass", "missing", "late"), [("", 0, 0), ("in-time", 0, 0), ("late", 0, 1), ("never", 1, 0)]
)
def test_broken_glass_is_told_apart(glass: str, missing: int, late: int) -> None:
    """Never ratified it is a missing approval, late it has a figure of its own."""
    found = counted(overridden(glass))
    assert of(found.missing_approvals) == (missing, 1)
    assert of(found.ratified_late) == (late, 1)
    assert of(found.excepted_approvals) == (1, 1)


def test_a_failure_that_nobody_knows_of_is_not_a_success() -> None:
    """Releases whose outcome is unknown are counted apart."""
    found = counted(release(failed=True), release(), release(failed=None))
    assert (of(found.change_failures), found.unknown_outcomes) == ((1, 2), 1)


def test_the_window_is_half_open() -> None:
    """What was released at its start counts, what was released at its end does not."""
    edges = [release(released_at=at(-1)), release(released_at=at(1))]
    assert counted(*edges).releases == 1


def test_what_is_not_back_yet_makes_the_figure_worse() -> None:
    """A rollback that still runs is in the quantiles with the time that it has lasted."""
    done = [
        Recovery(change=f"c{n}", recorded_at=at(0), trigger_at=at(0), done_at=at(n / 60))
        for n in (1, 2, 3)
    ]
    running = Recovery(change="c9", recorded_at=at(0), trigger_at=at(0))
    found = figures((), done, at(-1), at(1)).rollback_time
    assert (found.ended, found.running, found.median_s) == (3, 0, 120.0)
    worse = figures((), [*done, running, running], at(-1), at(1)).rollback_time
    assert (worse.ended, worse.running, worse.median_s, worse.p90_s) == (3, 2, 180.0, None)
    assert worse.mean_s == pytest.approx(120)


def test_lead_time_is_from_opening_to_release() -> None:
    """Two hours from the first draft to everybody."""
    assert counted(release()).lead_time.median_s == 7200


def test_what_nobody_opened_has_no_lead_time() -> None:
    """An unmanaged release took no time to nobody's credit: it is left out, and told apart."""
    around = release(None, managed=False, opened_at=None, failed=None)
    found = counted(release(), around)
    assert (found.unmanaged, found.lead_time.ended, found.unknown_first_commits) == (1, 1, 1)


def test_lead_time_runs_on_until_it_is_live() -> None:
    """What is not live yet counts with what it has lasted; what went back first ended there."""
    live = release(live_at=at(0.5), first_commit_at=at(-10))
    slow = release()
    gone = release(stopped_at=at(0.25), failed=True)
    found = counted(live, slow, gone)
    to_live = found.lead_time_to_live
    assert (to_live.ended, to_live.running, to_live.mean_s) == (1, 2, 2.5 * 3600)
    assert (found.commit_lead_time.median_s, found.unknown_first_commits) == (10.5 * 3600, 2)


def excepting(**other: Any) -> Excepting:
    fields: dict[str, Any] = {"id": "exc-1", "given_at": at(0), "used": False, "over": False}
    return Excepting(**{**fields, **other})


def test_exceptions_are_counted() -> None:
    """Used, expired unused, and broken glass by how it was ratified; of the window only."""
    given = [
        excepting(used=True, over=True),
        excepting(over=True),
        excepting(glass="late"),
        excepting(glass="never"),
        excepting(given_at=at(1)),
    ]
    found = figures((), (), at(-1), at(1), given).exceptions
    assert (found.given, of(found.used), of(found.expired)) == (4, (1, 4), (1, 4))
    assert (found.broken_glass, of(found.ratified_late), of(found.unratified)) == (
        2,
        (1, 2),
        (1, 2),
    )


def test_every_figure_is_defined() -> None:
    """What a report tells is what the definitions tell of, and it carries their digest."""
    told = {each.id for each in definitions().metrics}
    assert told == set(Figures.__struct_fields__) - {"schema", "since", "until", "definitions"}
    found = counted(release())
    assert found.definitions == defined()
    assert json.loads(report_bytes(found))["definitions"]["digest"] == defined().digest


def test_definitions_that_say_nothing_are_refused() -> None:
    """A figure that stands twice, or without what it counts, is no definition."""
    text = """{schema: pawl.metric-definitions/1, version: "1", as_of: 2026-11-21, z: 1.96,
      late_after_hours: 24, metrics: [{id: a, unit: x, counts: %s, source: s}%s]}"""
    with pytest.raises(BadFile, match="twice"):
        load_definitions(text % ("c", ", {id: a, unit: x, counts: c, source: s}"), place="m")
    with pytest.raises(BadFile, match="a does not say"):
        load_definitions(text % ("' '", ""), place="m")


LASTED = st.lists(st.tuples(st.floats(0, 1e6), st.booleans()), max_size=20)


@given(LASTED)
def test_times_without_running_ones_are_plain_quantiles(lasted: list[tuple[float, bool]]) -> None:
    """Where all have ended, the median is the first length that half of them do not exceed."""
    ended = sorted(seconds for seconds, _ in lasted)
    found: Times = times([(seconds, True) for seconds in ended])
    if not ended:
        assert (found.median_s, found.p90_s, found.mean_s) == (None, None, None)
        return
    # The first length by which at least the share has ended.
    for share, value in ((0.5, found.median_s), (0.9, found.p90_s)):
        by = [each for each in ended if sum(o <= each for o in ended) / len(ended) >= share - 1e-9]
        assert value == by[0]


@given(LASTED)
def test_ending_never_makes_it_longer(lasted: list[tuple[float, bool]]) -> None:
    """Had those that still run ended just now, every quantile would be there and no later."""
    open_ended, closed = times(lasted), times([(seconds, True) for seconds, _ in lasted])
    assert open_ended.ended + open_ended.running == closed.ended == len(lasted)
    for one, other in (
        (open_ended.median_s, closed.median_s),
        (open_ended.p90_s, closed.p90_s),
    ):
        assert one is None or (other is not None and other <= one)


@given(st.integers(0, 500), st.integers(0, 500))
def test_a_share_lies_between_nothing_and_all(hits: int, more: int) -> None:
    """A rate is from 0 to 1 with its interval around it; nothing over nothing has no value."""
    found = rate(hits, hits + more)
    if hits + more == 0:
        assert (found.value, found.low, found.high) == (None, None, None)
        return
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.value <= found.high <= 1


@settings(max_examples=25)
@given(st.lists(st.tuples(snapshots(), st.sampled_from(["", "never", "late"])), max_size=3))
def test_every_figure_counts_some_of_its_own(drawn: list[Any]) -> None:
    """Whatever was released, no numerator is above its denominator, and none above the releases."""
    releases = [release(evaluate(snapshot), glass=glass) for snapshot, glass in drawn] + [
        release(None, failed=None)
    ]
    found = counted(*releases)
    for name in ("gate_coverage", "missing_approvals", "excepted_approvals", "ratified_late",
                 "change_failures"):  # fmt: skip
        share = getattr(found, name)
        assert 0 <= share.numerator <= share.denominator <= found.releases
    assert found.policy_audit.numerator <= found.policy_audit.denominator
    assert figures(releases, (), at(-1), at(1)) == found
