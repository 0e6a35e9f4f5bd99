"""Telemetry that is missing when it matters proves nothing."""

from scipy.stats import binom
from tests.maturity.detectors.looking import ago, hits, look, one, record

from pawl.maturity.detector import Look
from pawl.maturity.detectors.blind_spots import at_least
from pawl.maturity.evidence import Share

CODE = "G16"


def _gaps(*incidents: float, gaps: tuple[tuple[float, float], ...] = ((50, 45), (20, 15))) -> Look:
    told = [
        {"id": f"i{at}", "severity": 2, "opened_at": ago(days)} for at, days in enumerate(incidents)
    ]
    return look(
        record("dashboards-are-fed", kinds=("telemetry",)),
        sections={"operations": {"source": "o", "complete_since": ago(200), "incidents": told}},
        gaps=tuple((ago(start), ago(end)) for start, end in gaps),
    )


def _covered(then: int, now: int) -> Look:
    return look(
        record("dashboards-are-fed", kinds=("telemetry",), covered=Share(now, 100)),
        past=(
            record("dashboards-are-fed", kinds=("telemetry",), days=9, covered=Share(then, 100)),
        ),
    )


def test_incidents_in_gaps_are_contested() -> None:
    """Three of four fall into gaps that make up a twentieth of the time."""
    hit = one(CODE, _gaps(48, 47, 18, 100))
    assert (hit.action, hit.probes) == ("contested", ("dashboards-are-fed",))


def test_incidents_elsewhere_are_not() -> None:
    """Gaps without incidents, and two by chance, are the collector's own trouble."""
    assert hits(CODE, _gaps(100, 90, 80)) == []
    assert hits(CODE, _gaps(48, 18, 100, 90)) == []


def test_an_outage_of_most_of_the_time_hides_by_chance() -> None:
    """Where telemetry is mostly missing, incidents fall into the gap without any intent."""
    assert hits(CODE, _gaps(150, 100, 48, gaps=((200, 20), (190, 100)))) == []


def test_a_share_that_fell_is_provisional() -> None:
    """Ninety of a hundred runs were known, now seventy."""
    assert one(CODE, _covered(90, 70)).action == "provisional"
    assert hits(CODE, _covered(90, 85)) == []
    assert hits(CODE, _covered(70, 90)) == []


def test_the_tail_is_the_binomial_one() -> None:
    """The probability of so many or more agrees with scipy's."""
    for hits_, of, chance in ((3, 4, 0.05), (0, 5, 0.3), (7, 30, 0.1)):
        assert abs(at_least(hits_, of, chance) - binom.sf(hits_ - 1, of, chance)) < 1e-12


DECIDES = {
    "overlaps_min": (4, lambda: _gaps(48, 47, 18, 100)),
    "p_max": (0.00001, lambda: _gaps(48, 47, 18, 100)),
    "fell_over": (0.3, lambda: _covered(90, 70)),
}
