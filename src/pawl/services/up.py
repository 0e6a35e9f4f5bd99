"""What `pawl up` opens: both stores of a data folder, and the upkeep of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path

from pawl.alerts.budget_people import People
from pawl.governance.ledger import Actor
from pawl.services.activity_pages import ActivityPages
from pawl.services.facts import StoreFacts
from pawl.services.maturity_pages import MaturityPages
from pawl.services.maturity_rules import Rules
from pawl.services.metering import Meter
from pawl.services.pages import ImportProgress, Pages
from pawl.services.sample import Replay
from pawl.services.serving import IMPORT_EVERY_S, Serving
from pawl.services.spooled import SPOOL
from pawl.services.stored_events import open_events
from pawl.store.records.ceremonies import CeremonyRecords
from pawl.store.records.engine import open_records
from pawl.store.records.evidence import EvidenceRecords
from pawl.store.records.runs import RunRecords
from pawl.store.spool import SpoolWriter
from pawl.telemetry.pricing import PriceTable

Report = Callable[[ImportProgress], None]
SAMPLE = Actor(person="sample", source="sample", assurance="declared")


def open_serving(
    folder: Path,
    *,
    url: str,
    now: Callable[[], str],
    prices: PriceTable,
    rules: Rules,
    records_url: str | None = None,
    settle_dead_runs: Callable[[], object] = lambda: None,
    import_machine: Callable[[Callable[[int, int], None]], object] | None = None,
    sample: Iterable[Replay] | None = None,
    viewer: str | None = None,
    people: Callable[[], People] = People,
) -> Serving:
    """Open the stores of a data folder and return what serves from them.

    `import_machine` reads this machine's transcripts into the spool and reports bytes done and in
    all; with `sample` the replays are loaded instead, and a history of maturity that `rules`
    judge. `settle_dead_runs` writes the ending of runs whose supervisor was killed; it is called
    before each drain. `viewer` is who looks, by their own word, and `people` reads who is who.
    Raises StoreBusy when another process owns the events store.
    """
    with ExitStack() as stack:
        events = stack.enter_context(open_events(folder, url=url))
        engine = open_records(folder, records_url)
        stack.callback(engine.dispose)
        records = RunRecords(engine)
        evidence, ceremonies = EvidenceRecords(engine), CeremonyRecords(engine)
        maturity = MaturityPages(evidence, ceremonies, rules, now)
        spool = folder / SPOOL

        def drain() -> int:
            settle_dead_runs()
            loaded = events.drain(spool).events
            if loaded:
                events.reprice(prices.price, prices.version)
            return loaded

        def read_machine(report: Report) -> None:
            assert import_machine is not None
            import_machine(lambda done, total: report(_running(done, total)))
            if evidence.subjects():
                rules.warm()

        def read_sample(report: Report) -> None:
            load_sample(tuple(sample or ()), spool, records, report)
            # Imported only here: nobody but the sample needs it.
            from pawl.services.sample_maturity import Kept, load_sample_maturity

            kept = Kept(evidence.add, ceremonies.confirmed, maturity.desk)
            load_sample_maturity(kept, rules, now(), SAMPLE)
            rules.warm()

        events.reprice(prices.price, prices.version)
        facts = StoreFacts(events, records, (prices.version, prices.as_of))
        reads = read_sample if sample is not None else read_machine if import_machine else None
        return Serving(
            pages=Pages(facts, now),
            maturity=maturity,
            activity=ActivityPages(events, now, prices, viewer=viewer, people=people),
            meter=Meter(events, now),
            drain=drain,
            import_machine=reads,
            import_every_s=None if sample is not None else IMPORT_EVERY_S,
            close=stack.pop_all().close,
        )


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


def _running(done: int, total: int) -> ImportProgress:
    return ImportProgress(state="running", bytes_done=done, bytes_total=total)
