"""A world that is broken in ways nobody thought of: declaring goes on, and silence is noticed."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.alerts.made_alerts import START, alerts, an_alert, later
from tests.incidents.made_incidents import NOW, at
from tests.services.made_desk import Clock
from tests.services.made_incident_desk import ANN, MadeIncidents, made_incidents

from pawl.alerts.budget_letter import Mailing
from pawl.alerts.policy import Policy, Route
from pawl.base.errors import BadFile, PawlError, Unavailable
from pawl.base.times import parse_time
from pawl.incidents.declaring import Said
from pawl.incidents.terms import load_terms, shipped_terms
from pawl.incidents.timer_audit import ticker_is_dead
from pawl.services.alert_incidents import AlertIncidents
from pawl.services.incident_server import IncidentServer
from pawl.services.incident_terms import Declared
from pawl.store.records.alerts import AlertRecords, Decided
from pawl.store.records.outbox import OutboxRecords
from pawl.store.records.timers import TimerRecords

TERMS = files("pawl.incidents").joinpath("terms.yaml").read_text(encoding="utf-8")
FAR = ("reopen_hours", "repeat_days", "debt_quiet_days", "timer_grace_s", "update_minutes")


@pytest.fixture
def made(tmp_path: Path) -> Iterator[MadeIncidents]:
    """Return a desk over records of its own."""
    made = made_incidents(tmp_path / "data")
    yield made
    made.engine.dispose()


@pytest.mark.parametrize("name", FAR)
def test_no_number_of_the_terms_leads_beyond_the_calendar(name: str) -> None:
    """Somebody who writes "for ever" as a number is told so; no clock and no command breaks."""
    lines = [
        line if f"{name}:" not in line or "sources" in line else _set(line, name)
        for line in TERMS.splitlines()
    ]
    text = "\n".join(lines)
    assert text != TERMS.strip()
    with pytest.raises(BadFile, match=name):
        load_terms(text, place="terms.yaml")


def _set(line: str, name: str) -> str:
    before, _, after = line.partition(f"{name}: ")
    number = after.split(",")[0].split("}")[0].split("#")[0].strip()
    if not number.replace(".", "").isdigit():
        return line  # Its source.
    return f"{before}{name}: 1.0e+12{after[len(number) :]}"


def test_a_declaration_survives_terms_that_were_made_otherwise(made: MadeIncidents) -> None:
    """For ever is for ever: what was resolved at any time may be back."""
    made.world.numbers = msgspec.structs.replace(shipped_terms(), reopen_hours=1e300)
    known = made.resolved(key="k")
    made.clock.wind(seconds=1e8)
    done = made.desk.declare(Said(title="Again", key="k"), ANN)
    assert isinstance(done, Declared)
    assert done.may_be_back == known.id


@pytest.mark.parametrize("defect", [OSError("gone"), ValueError("no route"), RecursionError()])
def test_channels_that_break_in_any_way_stop_nothing(tmp_path: Path, defect: Exception) -> None:
    """The page waits in the outbox for a server that can read its own."""

    def broken() -> Mailing:
        raise defect

    made = made_incidents(tmp_path / "data", mailing=broken)
    try:
        known = made.declared()
        taken = OutboxRecords(made.engine).forward(lambda notice: (), made.clock(), 60.0)
        assert (known.paging.fired, taken) == (("1/page-0",), 1)
    finally:
        made.engine.dispose()


@pytest.mark.parametrize(
    ("last", "dead"),
    [
        (None, True),
        (at(-11), True),
        (at(-10), False),
        (at(10), False),
        (at(11), True),
        (at(365 * 86_400), True),
    ],
)
def test_a_tick_that_is_yet_to_come_proves_no_life(last: str | None, dead: bool) -> None:
    """A clock that was a year ahead when its ticker was killed is not taken for one that runs."""
    assert ticker_is_dead(last, NOW, 10) is dead


def test_a_server_whose_clock_went_back_says_so(made: MadeIncidents) -> None:
    """The last look was in a year that has not come; whoever asks is told that nobody looks."""
    made.clock.wind(seconds=365 * 86_400)
    made.desk.tick()
    now = Clock(NOW)
    server = IncidentServer(made.desk, now=now)
    server._thread = object()  # type: ignore[assignment]  # As if it ran.
    assert "nobody has looked" in server.trouble


def test_a_clock_that_went_back_a_year_holds_up_nothing_that_is_declared_after(
    made: MadeIncidents,
) -> None:
    """Deadlines of before stay in the future; those of what is declared now come in minutes."""
    made.clock.wind(seconds=365 * 86_400)
    ahead = made.declared()
    made.clock.moment = parse_time(NOW)
    now = made.declared()
    made.clock.wind(seconds=301)
    assert {each.subject for each in made.desk.tick()} == {now.id}
    made.clock.wind(seconds=366 * 86_400)
    assert {each.subject for each in made.desk.tick()} == {ahead.id}
    assert made.desk.tick() == ()


def test_an_alert_that_cannot_be_declared_holds_up_no_other(tmp_path: Path) -> None:
    """The rest are declared at once, and the bad one is tried again and told of each time."""
    made = made_incidents(tmp_path)
    clock = Clock(later(0))
    records, timers = AlertRecords(made.engine), TimerRecords(made.engine)
    names = ("aaa-bad", "bbb-good", "ccc-good")
    clock.wind(seconds=10)
    decided = Decided(
        alerts=alerts(
            *(msgspec.structs.replace(an_alert(fired_at=START), rule=each) for each in names),
            at=clock(),
        )
    )
    assert records.look("here", "me", clock(), lambda *_: decided, every_s=1, stale_s=1)

    class Choosy:
        """A desk that chokes on one of them."""

        def declare(self, said: Said, *given: Any, **named: Any) -> Any:
            """Declare, or raise."""
            if "aaa-bad" in said.title:
                raise Unavailable("no.")
            return made.desk.declare(said, *given, **named)

        def __getattr__(self, name: str) -> Any:
            return getattr(made.desk, name)

    policy = Policy(routes=(Route(to=(), rules=("*",), declare=2),))
    declaring = AlertIncidents(records, timers, Choosy(), policy, clock, about={}, responses={})
    for _ in range(2):
        with pytest.raises(PawlError):
            declaring.look()
    assert {each.title.rpartition("[")[2] for each in made.desk.ongoing()} == {
        "bbb-good]",
        "ccc-good]",
    }
    assert not timers.heartbeats().get("alert-incidents")
    made.engine.dispose()
