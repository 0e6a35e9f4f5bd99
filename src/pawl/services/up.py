"""What `pawl up` opens: both stores of a data folder, and the upkeep of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

from pawl.alerts.budget_letter import Mailing
from pawl.alerts.budget_numbers import numbers
from pawl.alerts.budget_people import People
from pawl.governance.ledger import PAWL, Actor
from pawl.maturity.confirm import Confirmed
from pawl.runs.machine_settings import ContentSettings
from pawl.services.activity_pages import ActivityPages
from pawl.services.alert_server import Alerting, AlertServer
from pawl.services.assessment_desk import AssessmentDesk
from pawl.services.budget_desk import Desk
from pawl.services.budget_files import Read
from pawl.services.change_figures import ChangeMeter, figures_of
from pawl.services.facts import StoreFacts
from pawl.services.governing import NOTHING, Governing
from pawl.services.ingest import Ingest, Limits
from pawl.services.maturity_pages import MaturityPages
from pawl.services.maturity_rules import Rules
from pawl.services.metering import Meter
from pawl.services.pages import ImportProgress, Pages
from pawl.services.sample import Replay
from pawl.services.served_contents import ServedContents
from pawl.services.serving import IMPORT_EVERY_S, Serving
from pawl.services.serving_cadence import load_story
from pawl.services.serving_changes import Changing, open_changes
from pawl.services.serving_incidents import Standing, open_incidents
from pawl.services.spooled import SPOOL
from pawl.services.stored_events import open_for_server
from pawl.store.events.engine import StoreAway
from pawl.store.events.store import EventsStore
from pawl.store.records.ceremonies import CeremonyRecords
from pawl.store.records.changes import ChangeRecords
from pawl.store.records.engine import Engine, open_records
from pawl.store.records.evidence import Batch, EvidenceRecords
from pawl.store.records.runs import RunRecords
from pawl.store.spool import SpoolWriter
from pawl.telemetry.pricing import PriceTable

Report = Callable[[ImportProgress], None]
Importing = Callable[[Callable[[int, int], None]], object]
Keeping = tuple[
    Callable[[Batch, Actor, str], bool], Callable[[str], tuple[Confirmed, ...]], AssessmentDesk
]
"""How a history of maturity is kept, and where assessments of it are held."""
SAMPLE = Actor(person="sample", source="sample", assurance="declared")


def open_serving(
    folder: Path,
    *,
    url: str,
    now: Callable[[], str],
    prices: PriceTable,
    rules: Rules,
    records_url: str | None = None,
    events_url: str | None = None,
    settle_dead_runs: Callable[[], object] = lambda: None,
    import_machine: Importing | None = None,
    sample: Iterable[Replay] | None = None,
    team_budgets: Callable[[], Read] = Read,
    machine: str = "this machine",
    machine_was: str | None = None,
    limits: Limits | None = None,
    alerting: Alerting | None = None,
    viewer: str | None = None,
    people: Callable[[], People] = People,
    content: ContentSettings | None = None,
    governing: Governing = NOTHING,
) -> Serving:
    """Open the stores of a data folder and return what serves from them.

    `import_machine` reads this machine's transcripts into the spool and reports bytes done and in
    all; with `sample` the replays are loaded instead, and what `rules` judge of them. `machine`
    names this store to the budgets, `machine_was` one that tells nothing any more. `viewer` looks,
    by their own word; `content` is what is kept of what was said. Raises StoreBusy.
    """
    with ExitStack() as stack:
        events, take_over = open_for_server(folder, url=url, events_url=events_url)
        stack.enter_context(events)
        engine = open_records(folder, records_url)
        stack.callback(engine.dispose)
        records = RunRecords(engine)
        evidence, ceremonies = EvidenceRecords(engine), CeremonyRecords(engine)
        maturity = MaturityPages(evidence, ceremonies, rules, now)
        budgets = _desk(engine, team_budgets, now, alerting, shared=bool(records_url))
        spool = folder / SPOOL
        said = stack.enter_context(ServedContents(folder, now, content or ContentSettings()))
        ingest = Ingest(spool, now=now, limits=limits, prices=prices, keeping=said.keeping)
        rounds = _Rounds(events, take_over, ingest, prices)
        reader = _reader(import_machine, evidence, rules, ingest)
        keep_up = partial(budgets.keep_up, events.spend, machine, was=machine_was)
        pages = Pages(StoreFacts(events, records, (prices.version, prices.as_of)), now)
        changed, standing = _desks(engine, now, governing if sample is None else None, events)

        def read_sample(report: Report) -> None:
            load_sample(replays := tuple(sample or ()), spool, records, report)
            keeping = (evidence.add, ceremonies.confirmed, maturity.desk)
            _load_sample_decisions(keeping, engine, rules, now(), _stories(changed, standing))
            load_story(serving.cadence)
            _look_at_sample(serving, budgets, events, replays, machine)

        serving = Serving(
            pages=pages,
            maturity=maturity,
            budgets=budgets,
            alerts=_alert_server(alerting, engine, events, of_sample=sample is not None),
            meter=_meter(events, engine, now),
            activity=ActivityPages(events, now, prices, viewer, people, said.pages),
            drain=partial(_drain, rounds, spool, settle_dead_runs, keep_up, said),
            drain_every_s=events.drain_every_s,
            import_machine=reader if sample is None else read_sample,
            import_every_s=None if sample is not None else IMPORT_EVERY_S,
            ingest=ingest if sample is None else None,  # The sample's folder is thrown away.
            **governing.over(engine, changed, events, standing, pages.bill, now),
            close=stack.pop_all().close,
        )
        return serving


def _desks(
    engine: Engine, now: Callable[[], str], governing: Governing | None, events: EventsStore
) -> tuple[Changing, Standing]:
    """Return the changes and the incidents of a server, or the sample's own of each."""
    changed = open_changes(engine, now, governing and governing.changes, events)
    made = None if governing is None else lambda engine: governing.incidents(engine, events)
    return changed, open_incidents(engine, now, made, changed.desk)


def _drain(
    rounds: _Rounds,
    spool: Path,
    settle_dead_runs: Callable[[], object],
    keep_up: Callable[[], object],
    said: ServedContents,
) -> int:
    """Load what came in, and do what is due with it; return how many events there were."""
    loaded = rounds.load(spool, settle_dead_runs)
    keep_up()
    said.tidy()
    return loaded


def _meter(events: EventsStore, engine: Engine, now: Callable[[], str]) -> Meter:
    """Return what `/metrics` tells of agents, and of changes."""
    return Meter(events, now, ChangeMeter(partial(figures_of, ChangeRecords(engine)), now))


def _desk(
    engine: Engine,
    read: Callable[[], Read],
    now: Callable[[], str],
    alerting: Alerting | None,
    *,
    shared: bool,
) -> Desk:
    """Return the budgets of the records, which tell the server's own channels."""
    whom = Mailing()
    if alerting is not None:
        channels = tuple(alerting.channels)
        whom = Mailing(policy=alerting.setup.policy, channels=channels, shared=shared)
    return Desk(engine, read, numbers(), PAWL, now, lambda: whom)


class _Rounds:
    """The loading of the spool, round by round, after what is done once before the first."""

    def __init__(
        self,
        events: EventsStore,
        take_over: Callable[[], None],
        ingest: Ingest,
        prices: PriceTable,
    ) -> None:
        self._events, self._take_over = events, take_over
        self._ingest, self._prices = ingest, prices
        self._begun = False
        with suppress(StoreAway):
            self.begin()

    def begin(self) -> None:
        """Hand the kept index over and price what was there; again until both succeed."""
        if not self._begun:
            self._take_over()
            self._events.reprice(self._prices.price, self._prices.version)
            self._begun = True

    def load(self, spool: Path, settle_dead_runs: Callable[[], object]) -> int:
        """Load what the spool holds now and price it; return how many events were new."""
        settle_dead_runs()
        self.begin()
        with self._ingest.draining():
            loaded = self._events.drain(spool).events
        if loaded:
            self._events.reprice(self._prices.price, self._prices.version)
        return loaded


def load_sample(
    replays: tuple[Replay, ...], spool: Path, records: RunRecords, report: Report
) -> None:
    """Write the replays into the spool and the supervised ones among them into the records."""
    with SpoolWriter(spool, "sample") as writer:
        for replay in replays:
            writer.append(replay.events)
        writer.commit()
    for number, replay in enumerate(replays):
        if replay.spec is not None and replay.record is not None:
            records.start(replay.spec, SAMPLE, replay.started, pid=0, lock_path="")
            records.settle(replay.record, replay.ended, actor=SAMPLE)
        report(_running(number + 1, len(replays)))


def _load_sample_decisions(
    kept: Keeping, engine: Engine, rules: Rules, now: str, stories: Iterable[Callable[[], None]]
) -> None:
    """Write the history of maturity, budgets, stories and drills of the sample into the records."""
    # Imported only here: nobody but the sample needs it.
    from pawl.services.sample_budgets import load_sample_budgets
    from pawl.services.sample_drills import load_sample_drills
    from pawl.services.sample_maturity import Kept, load_sample_maturity

    load_sample_maturity(Kept(*kept), rules, now, SAMPLE)
    rules.warm()
    load_sample_budgets(engine, SAMPLE, now)
    for each in stories:
        each()
    load_sample_drills(engine, now)


def _stories(changed: Changing, standing: Standing) -> tuple[Callable[[], None], ...]:
    """Return the stories of the sample in their order: what incidents hold up comes after them."""
    return changed.load, standing.load, changed.load_held


def _alert_server(
    alerting: Alerting | None, engine: Engine, events: EventsStore, *, of_sample: bool
) -> AlertServer | None:
    """Return what looks at alerts; that of the sample waits until the sample is loaded."""
    if alerting is None:
        return None
    if not of_sample:
        return AlertServer(alerting, engine, events)
    from pawl.services.sample_alerts import SampleAlerts

    return SampleAlerts(alerting, engine, events)


def _look_at_sample(
    serving: Serving, budgets: Desk, events: EventsStore, replays: Iterable[Replay], machine: str
) -> None:
    """Tell the sample's budgets what was spent, and let its alerts be looked at."""
    from pawl.services.sample_alerts import SampleAlerts

    serving.drain_once()  # Sums are taken, and looking goes on, from what the store holds.
    budgets.observe(events.spend, machine)
    if isinstance(serving.alerts, SampleAlerts):
        told = (event for replay in replays for event in replay.events)
        serving.alerts.load(told, serving.pages.now)


def _reader(
    import_machine: Importing | None, evidence: EvidenceRecords, rules: Rules, ingest: Ingest
) -> Callable[[Report], None] | None:
    """Return what reads this machine, and then prepares for questions about its maturity.

    It stops where senders of telemetry are refused as well: at a spool that nobody empties.
    """
    if import_machine is None:
        return None

    def read(report: Report) -> None:
        def progress(done: int, total: int) -> None:
            report(_running(done, total))
            _see_that_there_is_room(ingest)

        _see_that_there_is_room(ingest)
        import_machine(progress)
        if evidence.subjects():
            rules.warm()

    return read


def _see_that_there_is_room(ingest: Ingest) -> None:
    refused = ingest.refusal()
    if refused is not None:
        raise refused


def _running(done: int, total: int) -> ImportProgress:
    return ImportProgress(state="running", bytes_done=done, bytes_total=total)
