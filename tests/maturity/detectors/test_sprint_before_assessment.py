"""A level that is filled just before an assessment is provisional."""

from tests.maturity.detectors.looking import ago, hits, look, one, record

from pawl.maturity.detector import Look

CODE = "G01"


def _sprint(late: float, early: float = 60, *, lates: int = 3, earlies: int = 1) -> Look:
    """Return a level of which some criteria were first met late and some early this quarter."""
    ages = {f"late-{at}": late for at in range(lates)} | {
        f"early-{at}": early for at in range(earlies)
    }
    criteria = {probe: f"m.d.L3.{probe}" for probe in ages}
    return look(
        *(record(probe) for probe in ages),
        past=tuple(
            each
            for probe, age in ages.items()
            for each in (record(probe, "fail", days=age + 40), record(probe, days=age))
        ),
        serves={probe: (criterion,) for probe, criterion in criteria.items()},
        levels=dict.fromkeys(criteria.values(), 3),
        assessed_on=ago(0),
    )


def test_a_sprint_is_noticed() -> None:
    """Three of four new criteria within two weeks make them provisional, and only them."""
    hit = one(CODE, _sprint(5))
    assert hit.action == "provisional"
    assert hit.criteria == ("m.d.L3.late-0", "m.d.L3.late-1", "m.d.L3.late-2")
    assert hit.probes == ("late-0", "late-1", "late-2")


def test_steady_work_is_not() -> None:
    """What was met a month before is no sprint, nor is a sprint without an assessment due."""
    assert hits(CODE, _sprint(30)) == []
    seen = _sprint(5)
    assert hits(CODE, look(*seen.records.values(), past=seen.past, serves=seen.serves)) == []


def test_a_first_look_is_no_sprint() -> None:
    """Where nobody had looked before, nobody knows when it began."""
    seen = _sprint(5)
    fresh = look(
        *seen.records.values(), serves=seen.serves, levels=seen.levels, assessed_on=seen.assessed_on
    )
    assert hits(CODE, fresh) == []


def test_a_gap_in_looking_does_not_end_a_run() -> None:
    """An answer of cannot tell between two of yes leaves the beginning where it was."""
    seen = _sprint(60, lates=4, earlies=0)
    blanks = tuple(record(f"late-{at}", "cannot-tell", days=3) for at in range(4))
    steady = look(
        *seen.records.values(),
        past=(*seen.past, *blanks),
        serves=seen.serves,
        levels=seen.levels,
        assessed_on=seen.assessed_on,
    )
    assert hits(CODE, steady) == []


DECIDES = {
    "late_days": (4, lambda: _sprint(5)),
    "criteria_min": (4, lambda: _sprint(5)),
    "share_over": (0.75, lambda: _sprint(5)),
    "quarter_days": (13, lambda: _sprint(5, early=20, earlies=3)),
}
