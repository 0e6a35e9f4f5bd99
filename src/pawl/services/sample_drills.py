"""The sample's drills: runs with made-up measures, judged and kept by the real core and records."""

from datetime import timedelta

import msgspec

from pawl.base.times import format_time, parse_time
from pawl.governance.ledger import Actor
from pawl.incidents.drill import Measured
from pawl.incidents.drill_run import Abort, Command, DrillRun, Finish, Note, Start, decide, plan
from pawl.incidents.event import Refusal
from pawl.incidents.shipped_drills import shipped_drills
from pawl.store.records.connection import Engine
from pawl.store.records.drills import DrillRecords

_BY = "session:barbara"


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the sample: days before now, seconds that it lasted, and what it saw."""

    drill: str
    days: float
    lasted_s: float
    measured: dict[str, float]
    notes: tuple[tuple[float, str], ...]
    aborted: str = ""


_STORY = (
    _Told(
        drill="notifier-down",
        days=95,
        lasted_s=3.4,
        measured={"lost": 0, "twice": 0, "after_return_s": 5_310},
        notes=(
            (0.01, "5 notices wait; the receiver is away for 60 minutes."),
            (3.31, "The receiver refused 75 times and took 5."),
        ),
    ),
    _Told(
        drill="cost-spike",
        days=33,
        lasted_s=60.2,
        measured={},
        notes=((1.9, "A run is stopped; it spent 30.00 USD."),),
        aborted="It lasted longer than 60 s.",
    ),
    _Told(
        drill="cost-spike",
        days=32.9,
        lasted_s=3.1,
        measured={"over_usd": 0, "refused": 1, "alert_after_s": 7.4},
        notes=(
            (1.83, "A run is stopped; it spent 30.00 USD."),
            (2.21, "A run is refused; it spent 0.00 USD."),
            (2.96, "An alert fires: work spent $30.00 today, limit $20.00."),
        ),
    ),
    _Told(
        drill="quality-regression",
        days=12,
        lasted_s=0.4,
        measured={"regressed": 1, "named": 1},
        notes=(
            (0.18, "20 trials pass and are blessed: pass (release-without-force pass)."),
            (0.19, "The prompt loses a line: Never push with --force, not even once."),
            (0.31, "After 8 trials the gate says regress (release-without-force regress)."),
        ),
    ),
    _Told(
        drill="notifier-down",
        days=3,
        lasted_s=0.2,
        measured={"lost": 0, "twice": 0, "after_return_s": 2_370},
        notes=(
            (0.01, "5 notices wait; the receiver is away for 60 minutes."),
            (0.09, "The receiver refused 60 times and took 5."),
        ),
    ),
)


def load_sample_drills(engine: Engine, now: str) -> None:
    """Keep the sample's runs, once, at times before now."""
    records = DrillRecords(engine)
    if records.newest(limit=1):
        return
    drills = {each.id: each for each in shipped_drills()}
    for number, told in enumerate(_STORY, 1):
        began = _later(now, -told.days * 86_400)
        events = plan(f"drl_sample{number:03}", drills[told.drill], began, by=_BY)
        run = records.record(None, events, _actor())
        run = _tell(records, run, Start(by=_BY), began)
        measured = {name: Measured(value=value) for name, value in told.measured.items()}
        notes = tuple(Note(after_s=after, text=text) for after, text in told.notes)
        end: Command = Finish(by=_BY, measured=measured, notes=notes)
        if told.aborted:
            end = Abort(by=_BY, why=told.aborted, measured=measured, notes=notes)
        _tell(records, run, end, _later(began, told.lasted_s))


def _tell(records: DrillRecords, run: DrillRun, command: Command, at: str) -> DrillRun:
    events = decide(run, command, at)
    if isinstance(events, Refusal):
        raise ValueError(f"the sample's story no longer fits: {' '.join(events.reasons)}")
    return records.record(run, events, _actor())


def _actor() -> Actor:
    return Actor(person=_BY, source="session", assurance="authenticated")


def _later(start: str, seconds: float) -> str:
    return format_time(parse_time(start) + timedelta(seconds=seconds))
