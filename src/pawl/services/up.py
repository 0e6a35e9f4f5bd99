"""What `pawl up` opens: both stores of a data folder, and the upkeep of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path

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
from pawl.services.facts import StoreFacts
from pawl.services.ingest import Ingest, Limits
from pawl.services.maturity_pages import MaturityPages
from pawl.services.maturity_rules import Rules
from pawl.services.metering import Meter
from pawl.services.pages import ImportProgress, Pages
from pawl.services.sample import Replay
from pawl.services.served_contents import ServedContents
from pawl.services.serving import IMPORT_EVERY_S, Serving
from pawl.services.spooled import SPOOL
from pawl.services.stored_events import open_events
from pawl.store.events.store import EventsStore
from pawl.store.records.ceremonies import CeremonyRecords
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
    limits: Limits | None = None,
    alerting: Alerting | None = None,
    viewer: str | None = None,
    people: Callable[[], People] = People,
    content: ContentSettings | None = None,
) -> Serving:
    """Open the stores of a data folder and return what serves from them.

    `import_machine` reads this machine's transcripts into the spool and reports bytes done and in
    all; with `sample` the replays are loaded instead, and a history of maturity that `rules`
    judge. `settle_dead_runs` goes before each drain. `team_budgets` reads the team's budgets, and
    `machine` names this store to them. `limits` bound what senders bring. `viewer` is who looks,
    `people` reads who is who; `content` is what is kept of what was said. Raises StoreBusy.
    """
    with ExitStack() as stack:
        events = stack.enter_context(open_events(folder, url=url, events_url=events_url))
        engine = open_records(folder, records_url)
        stack.callback(engine.dispose)
        records, evidence = RunRecords(engine), EvidenceRecords(engine)
        ceremonies = CeremonyRecords(engine)
        maturity = MaturityPages(evidence, ceremonies, rules, now)
        budgets = Desk(engine, team_budgets, numbers(), PAWL, now)
        spool = folder / SPOOL
        kept = (evidence.add, ceremonies.confirmed, maturity.desk)
        said = stack.enter_context(ServedContents(folder, now, content or ContentSettings()))
        ingest = Ingest(spool, now=now, limits=limits, prices=prices, keeping=said.keeping)

        def drain() -> int:
            settle_dead_runs()
            loaded = _load(events, spool, ingest, prices)
            budgets.keep_up(events.spend, machine)
            said.tidy()
            return loaded

        def read_sample(report: Report) -> None:
            load_sample(tuple(sample or ()), spool, records, report)
            _load_sample_decisions(kept, engine, rules, now())
            budgets.observe(events.spend, machine)

        events.reprice(prices.price, prices.version)
        reads = _reader(import_machine, evidence, rules) if sample is None else read_sample
        return Serving(
            pages=Pages(StoreFacts(events, records, (prices.version, prices.as_of)), now),
            maturity=maturity,
            budgets=budgets,
            alerts=None if alerting is None else AlertServer(alerting, engine, events),
            meter=Meter(events, now),
            activity=ActivityPages(events, now, prices, viewer, people, said.pages),
            drain=drain,
            drain_every_s=events.drain_every_s,
            import_machine=reads,
            import_every_s=None if sample is not None else IMPORT_EVERY_S,
            # The sample's folder is thrown away: nothing may be acknowledged that goes there.
            ingest=None if sample is not None else ingest,
            close=stack.pop_all().close,
        )


def _load(events: EventsStore, spool: Path, ingest: Ingest, prices: PriceTable) -> int:
    with ingest.draining():
        loaded = events.drain(spool).events
    if loaded:
        events.reprice(prices.price, prices.version)
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


def _load_sample_decisions(kept: Keeping, engine: Engine, rules: Rules, now: str) -> None:
    """Write the history of maturity and the budgets of the sample into the records."""
    # Imported only here: nobody but the sample needs it.
    from pawl.services.sample_budgets import load_sample_budgets
    from pawl.services.sample_maturity import Kept, load_sample_maturity

    load_sample_maturity(Kept(*kept), rules, now, SAMPLE)
    rules.warm()
    load_sample_budgets(engine, SAMPLE, now)


def _reader(
    import_machine: Importing | None, evidence: EvidenceRecords, rules: Rules
) -> Callable[[Report], None] | None:
    """Return what reads this machine, and then prepares for questions about its maturity."""
    if import_machine is None:
        return None

    def read(report: Report) -> None:
        import_machine(lambda done, total: report(_running(done, total)))
        if evidence.subjects():
            rules.warm()

    return read


def _running(done: int, total: int) -> ImportProgress:
    return ImportProgress(state="running", bytes_done=done, bytes_total=total)
