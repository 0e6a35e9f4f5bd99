"""Counting things differently after the fact earns nothing."""

from typing import Any

from tests.maturity.detectors.looking import ago, hits, look, one

from pawl.maturity.detector import Look

CODE = "G14"


def _seen(*incidents: dict[str, Any], deploys: tuple[dict[str, Any], ...] = ()) -> Look:
    told = {
        "source": "o",
        "complete_since": ago(365),
        "incidents": list(incidents),
        "deploys": list(deploys),
    }
    return look(sections={"operations": told})


def _incident(number: int, days: float, **told: Any) -> dict[str, Any]:
    return {"id": f"i{number}", "severity": 2, "opened_at": ago(days), **told}


def _lowered(after: float, times: int = 2, of: int = 6) -> Look:
    return _seen(
        *(
            _incident(
                at,
                100 + at * 9,
                **({"severity_lowered_at": ago(100 + at * 9 - after)} if at < times else {}),
            )
            for at in range(of)
        )
    )


def _reopened(times: int) -> Look:
    return _seen(*(_incident(at, 100 + at * 9, reopened=int(at < times)) for at in range(6)))


def _split(times: int, minutes: float = 10) -> Look:
    return _seen(
        *(_incident(at, 50 - at * minutes / 1440, root_cause="disk full") for at in range(times))
    )


def _trend(counts: list[int], users: list[int]) -> Look:
    return _seen(
        *(
            _incident(
                at * 10 + number,
                14 * (len(counts) - 1 - at) + 1 + number / 10,
                reported_by_user=number < user,
            )
            for at, (count, user) in enumerate(zip(counts, users, strict=True))
            for number in range(count)
        )
    )


LOUDER = ([7, 6, 5, 4, 3, 2], [0, 1, 2, 2, 2, 2])


def test_severities_lowered_late_are_provisional() -> None:
    """Two of six lost their weight after ten days."""
    hit = one(CODE, _lowered(10))
    assert hit.action == "provisional"
    assert "postmortems-are-closed" in hit.probes


def test_triage_is_innocent() -> None:
    """Within a week, or once in a year, severities are corrected."""
    assert hits(CODE, _lowered(3)) == []
    assert hits(CODE, _lowered(10, times=1)) == []
    assert hits(CODE, _lowered(10, times=2, of=40)) == []


def test_incidents_opened_again_are_provisional() -> None:
    """Two of six were closed too early."""
    assert "opened again" in one(CODE, _reopened(2)).indicator
    assert hits(CODE, _reopened(1)) == []


def test_one_outage_told_as_several_is_provisional() -> None:
    """Three incidents of one cause in half an hour; two are usual."""
    assert "one cause" in one(CODE, _split(3)).indicator
    assert hits(CODE, _split(2)) == []
    assert hits(CODE, _split(3, minutes=600)) == []


def test_one_release_told_as_several_is_provisional() -> None:
    """The same commit to the same place three times within the hour."""
    same = tuple({"id": f"d{at}", "at": ago(5 - at / 100), "commit": "c"} for at in range(3))
    assert "deploys-are-frequent" in one(CODE, _seen(deploys=same)).probes
    waves = tuple(each | {"environment": f"e{at}"} for at, each in enumerate(same))
    assert hits(CODE, _seen(deploys=waves)) == []


def test_fewer_incidents_that_users_report_more_are_provisional() -> None:
    """The count falls while the share rises; a count that just falls is good news."""
    assert "users report" in one(CODE, _trend(*LOUDER)).indicator
    assert hits(CODE, _trend(LOUDER[0], [0] * 6)) == []


DECIDES = {
    "lag_days": (11, lambda: _lowered(10)),
    "lowered_min": (3, lambda: _lowered(10)),
    "share_over": (0.5, lambda: _lowered(10)),
    "split_min": (4, lambda: _split(3)),
    "split_minutes": (5, lambda: _split(3)),
    "reopened_min": (3, lambda: _reopened(2)),
    "bin_days": (90, lambda: _trend(*LOUDER)),
    "points_min": (7, lambda: _trend(*LOUDER)),
    "p_max": (0.0001, lambda: _trend(*LOUDER)),
}
