"""The report on structural failures answers from what is on record, and says what it cannot."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.incidents.made_incidents import CAUSE, NOW, TERMS, action, at, content, declared, told
from tests.incidents.made_incidents import PEOPLE as PEOPLE

from pawl.changes.gate_file import shipped_gates
from pawl.changes.metrics import Release, rate
from pawl.changes.metrics import figures as change_figures
from pawl.incidents.commands import Accept, Mitigate, Resolve
from pawl.incidents.debt import OperationalDebt, debt_id
from pawl.incidents.incident import Incident
from pawl.incidents.metrics import action_figures, figures
from pawl.incidents.postmortem import Postmortem
from pawl.incidents.postmortem import State as Paper
from pawl.incidents.root_cause import root_cause_key
from pawl.incidents.structural import StructuralReport, share_trend, structural_report
from pawl.incidents.structural_seen import (
    Assessed,
    Evidence,
    RoutineKept,
    Said,
    shipped_structural,
)

DAY = 86_400
SINCE, UNTIL = at(-1), at(60 * DAY)
KEY = root_cause_key(CAUSE)


def ended(identity: str, day: float, key: str = "", minutes: float = 30) -> Incident:
    """Return an incident declared on a day that was commanded and resolved in time."""
    start = day * DAY
    one = declared(identity, at(start), components=("code/cache",), started_at=at(start))
    one = told(
        one,
        (Accept(by="github:2", people=PEOPLE), start + 60),
        (Mitigate(by="github:2"), start + 120),
        (Resolve(by="github:2"), start + minutes * 60),
    )
    return msgspec.structs.replace(one, root_cause_key=key)


def evidence(*own: Incident, before: tuple[Incident, ...] = (), **other: Any) -> Evidence:
    """Return the evidence of a window."""
    days = TERMS.repeat_days
    earlier = at(-60 * DAY)
    fields: dict[str, Any] = {
        "since": SINCE,
        "until": UNTIL,
        "incidents": own,
        "actions": (),
        "debts": (),
        "papers": (),
        "learned": frozenset(),
        "figures": figures(own, SINCE, UNTIL, repeat_days=days),
        "before": figures(before, earlier, SINCE, repeat_days=days),
        "quarters": (action_figures((), SINCE, UNTIL),),
    }
    return Evidence(**{**fields, **other})


def said(report: StructuralReport, name: str) -> Said:
    """Return the answer to a question."""
    every = (*report.symptoms, *report.anti_patterns, *report.checklist)
    (found,) = [each for each in every if each.id == name]
    return found.said


def changes(*releases: Release) -> Any:
    """Return the figures of some releases."""
    return change_figures(releases, (), SINCE, UNTIL)


AROUND = Release(change="chg-1", released_at=at(DAY), managed=False)


def test_nothing_on_record_is_no_answer() -> None:
    """Of fourteen questions none that asks for what was not looked at is answered with a yes."""
    report = structural_report(evidence())
    every = (*report.symptoms, *report.anti_patterns, *report.checklist)
    assert (len(report.symptoms), len(report.anti_patterns), len(report.checklist)) == (3, 4, 7)
    assert len({each.id for each in every}) == 14
    assert {each.said for each in every} == {Said.CANNOT_TELL, Said.NO}
    assert [each.id for each in every if each.said is Said.NO] == ["same-root-cause"]
    assert report.missing_approvals is None


def test_the_failure_story_of_the_source_is_seen() -> None:
    """Three of one cause in two months, releases around everything, and times that rise."""
    own = tuple(ended(f"i{n}", 1 + 15 * n, KEY, minutes=300) for n in range(3))
    before = tuple(ended(f"b{n}", -50 + 10 * n) for n in range(3))
    debt = OperationalDebt(
        id=debt_id(KEY, "code/cache"),
        root_cause_key=KEY,
        component="code/cache",
        incidents=("i0", "i1", "i2"),
        last_seen_at=NOW,
        changed_at=NOW,
    )
    report = structural_report(
        evidence(*own, before=before, debts=(debt,), changes=changes(AROUND), rehearsed=0)
    )
    assert [each.said for each in report.symptoms] == [Said.YES] * 3
    (cause,) = report.causes
    assert (cause.incidents, cause.debt) == (("i0", "i1", "i2"), debt.id)
    assert report.missing_approvals == rate(1, 1)
    assert said(report, "no-rollback") is Said.YES
    trend = report.trends[0]
    assert (trend.id, trend.before, trend.now, trend.direction) == (
        "time-to-resolve",
        1800.0,
        18000.0,
        "up",
    )


def test_a_sound_team_gets_its_yes_from_data() -> None:
    """With all of it on record every question is answered well, and no anti-pattern is there."""
    one = ended("i0", 1, KEY)
    paper = Postmortem(
        id="pm",
        incident="i0",
        owner="leo",
        changed_at=at(2 * DAY),
        state=Paper.PUBLISHED,
        published_at=at(2 * DAY),
        content=content("i0"),
    )
    routines = tuple(
        RoutineKept(routine=name, every=every, due=10, done=10)
        for name, every in (
            ("quality-cost-anomaly-check", "daily"),
            ("incident-action-tracking", "weekly"),
            ("policy-audit", "monthly"),
            ("chaos-drill", "quarterly"),
        )
    )
    report = structural_report(
        evidence(
            one,
            papers=(paper,),
            learned=frozenset({"i0"}),
            changes=changes(),
            gates=shipped_gates(),
            answering=True,
            domains_owned=dict.fromkeys(("security", "safety", "quality", "cost"), True),
            assessments=(
                Assessed(id="a", at=at(DAY), levels={"ops.x": "L2"}, judged=40, declared=1),
            ),
            routines=routines,
            rehearsed=2,
        )
    )
    assert {each.said for each in report.checklist} == {Said.YES}
    assert {each.said for each in report.anti_patterns} == {Said.NO}
    assert all(each.numbers for each in report.checklist)
    assert all(number.source for each in report.checklist for number in each.numbers)


@pytest.mark.parametrize(
    ("what", "name", "wanted"),
    [
        ({"assessments": ()}, "level-defined", Said.NO),
        (
            {"assessments": (Assessed(id="a", at=at(-80 * DAY), levels={"x": "L1"}, judged=9,
                                      declared=8),)},
            "level-defined",
            Said.NO,
        ),
        (
            {"assessments": (Assessed(id="a", at=NOW, levels={"x": "L1"}, judged=9, declared=8),)},
            "tool-count",
            Said.YES,
        ),
        ({"answering": False}, "raci-works", Said.NO),
        ({"answering": True}, "raci-works", Said.CANNOT_TELL),
        ({"domains_owned": {"security": True, "cost": False}}, "priority-rules", Said.NO),
        ({"domains_owned": {"security": True, "cost": False}}, "no-priority", Said.YES),
        ({"routines": ()}, "rhythm", Said.NO),
        ({"routines": ()}, "key-indicators", Said.NO),
        ({"changes": changes(), "rehearsed": 0}, "no-rollback", Said.NO),
        ({"changes": changes(AROUND)}, "no-rollback", Said.CANNOT_TELL),
        ({"changes": changes(AROUND), "gates": shipped_gates()}, "approvals", Said.NO),
    ],
)  # fmt: skip
def test_each_question_is_answered_from_its_own_data(
    what: dict[str, Any], name: str, wanted: Said
) -> None:
    """A stale assessment, a role that nobody holds, releases around the gate: each has its no."""
    assert said(structural_report(evidence(**what)), name) is wanted


def test_a_published_report_with_open_ends_is_the_anti_pattern() -> None:
    """One that was never applied, or whose action is overdue, ends in writing."""
    paper = Postmortem(
        id="pm",
        incident="inc-1",
        owner="leo",
        changed_at=at(DAY),
        state=Paper.PUBLISHED,
        published_at=at(DAY),
        content=content(),
    )
    bare = structural_report(evidence(papers=(paper,)))
    assert said(bare, "report-only") is Said.YES
    assert said(bare, "learning-fed-back") is Said.NO
    done = frozenset({"inc-1"})
    late = structural_report(evidence(papers=(paper,), learned=done, actions=(action(),)))
    assert said(late, "report-only") is Said.YES
    good = structural_report(evidence(papers=(paper,), learned=done))
    assert said(good, "report-only") is Said.NO


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_a_share_rises_only_beyond_chance(a: int, b: int, c: int, d: int) -> None:
    """Up and down are never both possible, and of too few nobody tells."""
    terms = shipped_structural()
    before, now = rate(min(a, b), b), rate(min(c, d), d)
    found = share_trend("x", before, now, terms)
    if min(b, d) < terms.trend_least:
        assert found.direction == "cannot-tell"
    if found.direction == "up":
        assert now.value is not None
        assert before.value is not None
        assert now.value > before.value
    assert share_trend("x", now, now, terms).direction in ("same", "cannot-tell")


def test_the_same_evidence_gives_the_same_bytes() -> None:
    """The report is a value that JSON has and gives back."""
    report = structural_report(evidence(ended("i0", 1, KEY), changes=changes(AROUND)))
    text = msgspec.json.encode(report)
    assert msgspec.json.decode(text, type=StructuralReport) == report
    again = structural_report(evidence(ended("i0", 1, KEY), changes=changes(AROUND)))
    assert msgspec.json.encode(again) == text
