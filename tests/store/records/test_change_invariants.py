"""The small firm again, this time on stored records: whatever happens, what is kept stays right.

The core's own machine shows that what is decided is right. Here every command goes through the
desk and the store, and what must hold is looked up in the plain rows.
"""

import re
from functools import partial
from importlib.resources import files
from itertools import combinations
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from tests.changes.made_changes import evidence, manifest
from tests.services.made_desk import ANN, CI, CODER, DEPLOYER, LEO, LIA, PIA, SUE, Made, source_of

from pawl.changes.approval import Said
from pawl.changes.change import OUT, Change, Happened, Refusal, State
from pawl.changes.manifest import Manifest, Risk, changed, parts_digest
from pawl.changes.metrics import figures, report_bytes
from pawl.changes.parts import Part, Prompt
from pawl.changes.quarantine import quarantine_keys
from pawl.changes.registry import registry_of
from pawl.changes.releases import past_of
from pawl.changes.verdict import Verdict
from pawl.services.change_figures import figures_of, first_commit_in
from pawl.services.change_terms import PAWL_ITSELF, By
from pawl.store.records.check import check
from pawl.store.records.connection import Engine
from pawl.store.records.engine import reading, writing

COMPONENTS = ("prompt/a", "prompt/b")
NAMES = st.sampled_from(COMPONENTS)
TEXTS = st.sampled_from(["one", "two"])
WHO = st.sampled_from([ANN, LEO, LEO, LIA, SUE, CODER])
KEYS = st.sampled_from(["", "", "k1", "k2"])
SCHEMA = files("pawl.store.records").joinpath("schema.sql").read_text(encoding="utf-8")
TABLES = sorted({*re.findall(r"CREATE TABLE (\w+)", SCHEMA)} - {"alembic_version"})


class Firm(RuleBasedStateMachine):
    """The firm on one engine; each example begins with empty tables."""

    engine: Engine
    changes = Bundle("changes")

    @initialize()
    def begin(self) -> None:
        """Begin with two prompts and empty records."""
        with writing(self.engine) as connection:
            for table in TABLES:
                connection.execute(f"DELETE FROM {table}")
        self.world: dict[str, Part | None] = {name: Prompt(text="zero") for name in COMPONENTS}
        self.back: list[tuple[str, tuple[str, ...]]] = []
        self.made = Made(self.engine, alongside=(self.seen,))
        self.desk = self.made.desk

    def seen(self, connection: object, change: Change, happened: Happened) -> None:
        """Look at every event in its transaction."""
        assert change.changed_at == happened.at

    def plan(self, name: str, text: str, high: bool) -> Manifest:
        return manifest(
            declared_risk=Risk.HIGH if high else Risk.LOW,
            parts={name: Prompt(text=text)},
            base={name: self.world[name]},
        )

    def facts(self, identity: str) -> Change:
        """Let the world say what the parts of a change really are now, and return it."""
        known = self.desk.get(identity)
        base = parts_digest({name: self.world[name] for name in known.manifest.base})
        self.made.world.around = {"base_digest": base}
        return known

    @rule(
        target=changes, name=st.sampled_from(COMPONENTS), text=TEXTS, high=st.booleans(), key=KEYS
    )
    def open(self, name: str, text: str, high: bool, key: str) -> str:
        """Somebody opens a change, perhaps again with a key that was used."""
        return self.opened(name, text, high, key)

    def opened(self, name: str, text: str, high: bool, key: str = "") -> str:
        """Open a change and return its id."""
        told = self.desk.open(self.plan(name, text, high), (), ANN, key=key)
        assert isinstance(told, Change)
        return told.id

    @rule(change=changes, text=TEXTS, by=WHO)
    def edit(self, change: str, text: str, by: By) -> None:
        """Somebody edits it, onto what is there now."""
        (name,) = self.desk.get(change).manifest.parts
        high = self.desk.get(change).manifest.declared_risk is Risk.HIGH
        self.desk.edit(change, self.plan(name, text, high), (), by)

    @rule(change=changes, said=st.sampled_from([Verdict.PASS] * 4 + [Verdict.FAIL]))
    def prove(self, change: str, said: Verdict) -> None:
        """Evidence comes in."""
        known = self.facts(change)
        for kind in ("evals", "lint", "cost"):
            base = parts_digest({name: self.world[name] for name in known.manifest.base})
            made = evidence(
                known.manifest, kind, said, base_digest=base, produced_at=self.made.clock()
            )
            self.desk.add_evidence(change, made, CI)
        written = {"first_at": "2026-10-01T08:00:00Z", "seen": self.made.clock()}
        self.desk.add_evidence(change, evidence(known.manifest, "commits", payload=written), CI)

    @rule(change=changes, key=KEYS)
    def submit(self, change: str, key: str) -> None:
        """Somebody asks for a review."""
        self.facts(change)
        self.desk.submit(change, ANN, key=key)

    @rule(change=changes, by=WHO, said=st.sampled_from([Said.APPROVE, Said.APPROVE, Said.REJECT]))
    def answer(self, change: str, by: By, said: Said) -> None:
        """Somebody, the author and an agent among them, answers what they see."""
        self.facts(change)
        asked = self.desk.asked(change)
        self.desk.answer(change, said, asked.bound, by, source_of(by))

    @rule(change=changes, number=st.integers(0, 2))
    def revoke(self, change: str, number: int) -> None:
        """Somebody takes an answer back."""
        answers = self.facts(change).answers
        if number < len(answers):
            self.desk.revoke(change, answers[number].id, LEO)

    @rule(change=changes, key=KEYS)
    def start(self, change: str, key: str) -> None:
        """Somebody starts it; what it moves, moves."""
        before = self.facts(change)
        told = self.desk.start(change, DEPLOYER, key=key)
        if isinstance(told, Change) and told.version > before.version:
            self.look_at_start(before)
            self.world |= before.manifest.parts

    @rule(target=changes, name=NAMES, text=TEXTS, high=st.booleans())
    def hurry(self, name: str, text: str, high: bool) -> str:
        """A change goes as far as it gets when everybody does their part at once."""
        identity = self.opened(name, text, high)
        self.prove(identity, Verdict.PASS)
        self.submit(identity, "")
        self.answer(identity, LEO, Said.APPROVE)
        self.start(identity, "")
        return identity

    @rule(change=changes)
    def go_on(self, change: str) -> None:
        """Telemetry is content, and the rollout goes on as far as it goes."""
        known = self.desk.get(change)
        for number in range(known.stage, len(known.manifest.rollout.stages)):
            if number < 0:
                continue
            self.made.clock.wind(hours=1)
            read = parts_digest({name: self.world[name] for name in known.manifest.parts})
            verdicts = (self.made.verdict(known, number),)
            self.desk.advance(change, verdicts, DEPLOYER)
            told = self.desk.finish(change, verdicts, read, DEPLOYER)
            if isinstance(told, Change) and told.state is State.LIVE:
                for name, part in known.manifest.parts.items():
                    assert self.world[name] == part, "I20: live is what was read back"

    @rule(change=changes, works=st.booleans())
    def roll_back(self, change: str, works: bool) -> None:
        """Somebody goes back: that works exactly where something is out (I17)."""
        known = self.desk.get(change)
        told = self.desk.roll_back(change, "Complaints.", PIA)
        assert isinstance(told, Change) == (known.state in OUT)
        if isinstance(told, Refusal):
            return
        if not works:
            self.desk.fail_rollback(change, "Unreachable.", PAWL_ITSELF)
            return
        self.world |= known.manifest.base
        read = parts_digest({name: self.world[name] for name in known.manifest.base})
        done = self.desk.confirm(change, read, PAWL_ITSELF)
        assert isinstance(done, Change)
        self.back.append((done.changed_at, quarantine_keys(known.manifest)))

    @rule(hours=st.sampled_from([1.0, 80.0]))
    def wait(self, hours: float) -> None:
        """Time goes by."""
        self.made.clock.wind(hours=hours)
        self.desk.tick(PAWL_ITSELF)

    def look_at_start(self, change: Change) -> None:
        """Look at a change that was let out just now: I1, I2, I5, I7, I18, I19."""
        names = {*changed(change.manifest)}
        moving = (State.ROLLING_OUT, State.ROLLING_BACK, State.ROLLBACK_FAILED)
        for other in self.desk.list(moving):
            if other.id != change.id:
                assert not names & {*changed(other.manifest)}, "two at once"
        good = [
            each
            for each in change.answers
            if each.said is Said.APPROVE
            and each.digest == change.digest
            and each.revoked_at is None
            and each.identity in ("github:2", "github:5")
            and each.identity not in change.authors
        ]
        keys = {*quarantine_keys(change.manifest)}
        failed = [when for when, own in self.back if keys & {*own}]
        if change.manifest.declared_risk is Risk.HIGH or failed:
            assert good, "out without an approval"
        if failed:
            assert max(each.recorded_at for each in good) > max(failed), "out on the old approval"
        for name in names:
            assert self.world[name] == change.manifest.base[name], "out on another base"

    @invariant()
    def rows_are_what_changes_are(self) -> None:
        """Each row agrees with the change in it, and one change at most moves a component."""
        if not hasattr(self, "made"):
            return
        seen: dict[str, str] = {}
        for known in self.desk.list((State.ROLLING_OUT,)):
            for name in changed(known.manifest):
                assert seen.setdefault(name, known.id) == known.id

    def teardown(self) -> None:
        """I14, I32: the ledger makes the tables, and every decision is what it was."""
        if not hasattr(self, "made"):
            return
        report = check(self.engine, replay=True)
        assert report.difference is None, report.difference
        assert self.desk.registry() == registry_of(self.made.records.happened("9999"))
        figures_are_the_plain_fold(self.made)
        for known in self.desk.list():
            for kept in self.desk.decisions_of(known.id):
                assert self.desk.replay(kept.decision_id).identical
            if known.state in (State.ROLLING_OUT, State.LIVE):
                assert self.desk.decision(known.decision).allowed
        with reading(self.engine) as connection:
            rows = connection.execute("SELECT COUNT(DISTINCT idempotency_key) AS n FROM ledger")
        assert rows[0]["n"] == report.entries


_BEGINNING, _END = "2000-01-01T00:00:00.000000Z", "2100-01-01T00:00:00.000000Z"


def figures_are_the_plain_fold(made: Made) -> None:
    """What is read by index gives the same bytes as all events there ever were."""
    events = made.records.happened("9999")
    times = sorted({each.at for each in events})
    cuts = [_BEGINNING, *times[:: max(1, len(times) // 3)], _END]
    for since, until in combinations(cuts, 2):
        for scope in ("", "elsewhere"):
            told = past_of(
                events,
                until,
                decision=made.records.decision_by,
                first_commit=partial(_first_commit, made, until=until),
                exceptions=sorted(made.records.given_exceptions(), key=lambda each: each.id),
                since=since,
                scope=scope,
            )
            plain = figures(told.releases, told.recoveries, since, until, told.exceptions)
            found = figures_of(made.records, since, until, scope=scope)
            assert report_bytes(found) == report_bytes(plain)


def _first_commit(made: Made, digest: str, *, until: str) -> str | None:
    with made.records.reading() as book:
        return first_commit_in(book.evidence(digest), until)


def test_whatever_a_firm_does_its_records_stay_right(engine: Engine) -> None:
    """Commands in any order, told twice or not, on both engines."""
    firm: Any = type("FirmHere", (Firm,), {"engine": engine})
    run_state_machine_as_test(
        firm, settings=settings(max_examples=12, stateful_step_count=20, deadline=None)
    )


def test_the_order_of_keys_changes_no_digest(engine: Engine) -> None:
    """I4: the same manifest written in another order is the same content, stored or not."""
    made = Made(engine)
    plan = manifest()
    turned = msgspec.structs.replace(
        plan, parts=dict(reversed(plan.parts.items())), base=dict(reversed(plan.base.items()))
    )
    assert made.opened(plan).digest == made.opened(turned).digest
