"""A cadence over the week in which clocks change, through the command and with a clock to wind."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.end_to_end.incident_rig import Site

pytestmark = pytest.mark.heavy
CADENCE = """\
schema: pawl.cadence/1
time_zone: Europe/Berlin
routines:
  - {id: handover, title: Hand over, every: daily, at: "09:00", role: on-call, outputs: [decisions]}
"""


@pytest.mark.parametrize(
    ("start", "due"),
    [
        (datetime(2027, 3, 26, 6, tzinfo=UTC), ["08:00", "08:00", "07:00", "07:00"]),
        (datetime(2027, 10, 29, 5, tzinfo=UTC), ["07:00", "07:00", "08:00", "08:00"]),
    ],
    ids=["an hour less", "an hour more"],
)
def test_nine_o_clock_stays_nine_when_clocks_change(
    tmp_path: Path, start: datetime, due: list[str]
) -> None:
    """Each day has one occurrence at nine there; all are done once, and none is missed."""
    with Site(tmp_path) as site:
        site.commit({".pawl/cadence.yaml": CADENCE})
        site.wind_to(start.isoformat())
        seen = []
        for day in range(4):
            site.wind_to(start.isoformat(), after_s=day * 86_400)
            (shown,) = site.told("cadence", "due", "--all")["lines"]
            seen.append(shown["occurrence"]["due_at"][11:16])
            # Doing it twice is doing it once.
            for _ in range(2):
                site.run("cadence", "done", "handover", "--output", "decisions=None.")
        assert seen == due
        site.wind_to(start.isoformat(), after_s=3 * 86_400 + 12 * 3_600)
        kept = site.told("cadence", "adherence", "--since", "10d")["whole"]
        assert (kept["due"], kept["done"], kept["missed"]) == (4, 4, 0)
        done = [each for each in site.entries() if each["type"] == "routine.done"]
        assert len(done) == 4
        assert site.run("ledger", "verify", "--replay")
