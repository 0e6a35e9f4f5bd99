"""Whatever clocks do and whoever restarts: each routine has one occurrence a period, told once."""

import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.services.made_cadence import Made, by
from tests.services.made_desk import Clock

from pawl.base.times import parse_time
from pawl.governance.cadence import Cadence, Every, Routine
from pawl.governance.ledger import EntryType
from pawl.store.records.check import check
from pawl.store.records.engine import open_records, reading
from pawl.store.records.ledger import entries

ROUTINES = (
    Routine(id="day", title="Day", every=Every.DAILY, at="02:30", role="on-call"),
    Routine(id="week", title="Week", every=Every.WEEKLY, on="FREQ=WEEKLY;BYDAY=SU", at="02:30"),
)
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia")
STARTS = ("2026-03-27T12:00:00.000000Z", "2026-10-23T12:00:00.000000Z")
"""Days before clocks change in Europe, and in the autumn."""
STEPS = st.one_of(
    st.tuples(st.just("wind"), st.sampled_from([0.5, 1.0, 7.0, 24.0, 49.0, 200.0])),
    st.tuples(st.just("jump"), st.sampled_from([-49.0, -1.0, 72.0])),
    st.tuples(st.sampled_from(["tick", "restart", "done", "excuse"]), st.sampled_from([0.0, 1.0])),
)


@settings(max_examples=30)
@given(st.sampled_from(ZONES), st.sampled_from(STARTS), st.lists(STEPS, min_size=4, max_size=24))
def test_each_routine_has_one_occurrence_a_period(
    zone: str, start: str, steps: list[tuple[str, float]]
) -> None:
    """At most one answer by people and one miss by a wrong clock; the tables replay."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_records(Path(folder))
        clock = Clock(start)
        made = Made(engine, clock)
        cadence = Cadence(time_zone=zone, routines=ROUTINES)
        made.place.read = cadence
        for what, size in steps:
            routine = ROUTINES[int(size) % 2].id
            if what in ("wind", "jump"):
                clock.wind(hours=size)
            elif what == "tick":
                made.desk.tick()
            elif what == "restart":
                made = Made(engine, clock)
                made.place.read = cadence
            elif what == "done":
                made.desk.done(routine, {}, by("ada"))
            else:
                made.desk.excuse(routine, "ill", by("grace"))
        with reading(engine) as connection:
            told = [(each.type, each.subject, each.idempotency_key) for each in entries(connection)]
        answered = Counter(
            subject
            for kind, subject, _ in told
            if kind in (EntryType.ROUTINE_DONE, EntryType.ROUTINE_EXCUSED)
        )
        missed = Counter(each[1] for each in told if each[0] == EntryType.ROUTINE_MISSED)
        assert all(count == 1 for count in (*answered.values(), *missed.values()))
        assert len({key for _, _, key in told}) == len(told)
        assert check(engine, replay=True).difference is None
        lines = made.desk.calendar("2026-01-01", "2027-01-01").lines
        names = [line.occurrence.id for line in lines]
        assert len(names) == len(set(names))
        local = [parse_time(line.occurrence.due_at).date() for line in lines]
        assert local == sorted(local)
        engine.dispose()
