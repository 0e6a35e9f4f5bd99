"""A small firm left to itself: whatever people do in whatever order, the promises hold.

People open, edit, answer, start, roll back, and somebody changes things behind everybody's back.
What must hold is checked here from the plain records, and not with the code that decides.
"""

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
)
from tests.changes.checked_figures import check_figures, figures_until
from tests.changes.made_changes import (
    POLICY,
    POLICY_DIGEST,
    ROSTER,
    answer,
    at,
    evidence,
    facts,
    manifest,
)

from pawl.changes.approval import Said
from pawl.changes.change import OUT, Change, Happened, Happening, Refusal, State, after
from pawl.changes.commands import (
    Advance,
    Command,
    ConfirmRollback,
    Edit,
    FailRollback,
    Finish,
    GiveAnswer,
    Judge,
    RevokeAnswer,
    RollBack,
    Start,
    Submit,
    Tick,
)
from pawl.changes.condition import Snapshot
from pawl.changes.facts import Drill
from pawl.changes.gate import Decision, evaluate
from pawl.changes.manifest import Manifest, Risk, changed, parts_digest
from pawl.changes.metrics import report_bytes
from pawl.changes.opening import found_unmanaged, open_change
from pawl.changes.parts import Part, Prompt
from pawl.changes.quarantine import quarantine_keys
from pawl.changes.registry import Registry, folded, registry_of
from pawl.changes.rollout import StageVerdict
from pawl.changes.transitions import decide
from pawl.changes.verdict import Verdict

COMPONENTS = ("prompt/a", "prompt/b")
TEXTS = ("one", "two", "three")
HUMANS = {"github:1": "ann", "github:2": "leo", "github:5": "lia", "github:3": "sue"}
WHO = st.sampled_from(["github:1", "github:2", "github:2", "github:5", "github:3", "github:90"])


class Firm(RuleBasedStateMachine):
    """The firm, its two prompts as they really are, and everything that was recorded."""

    changes = Bundle("changes")

    @initialize()
    def begin(self) -> None:
        """Begin with two prompts that stood there before anything was recorded."""
        self.hour = 0.0
        self.seq = 0
        self.events: list[Happened] = []
        self.known: dict[str, Change] = {}
        self.registry = Registry()
        self.decisions: dict[str, Decision] = {}
        self.reported: list[tuple[str, bytes]] = []
        self.rolled_back: list[tuple[str, tuple[str, ...]]] = []
        self.world: dict[str, Part | None] = {name: Prompt(text="zero") for name in COMPONENTS}

    @property
    def now(self) -> str:
        """The time, a second later for each event."""
        return at(self.hour + len(self.events) / 3600)

    def plan(self, components: list[str], text: str, high: bool) -> Manifest:
        return manifest(
            declared_risk=Risk.HIGH if high else Risk.LOW,
            parts={name: Prompt(text=text) for name in components},
            base={name: self.world[name] for name in components},
        )

    def record(self, event: Happened) -> None:
        """Put an event on record: as JSON, as it would come from the store."""
        stored = msgspec.json.decode(msgspec.json.encode(event), type=Happened)
        change = after(self.known.get(event.change), stored)
        self.known[event.change] = change
        self.registry = folded(self.registry, change, stored)
        self.events.append(stored)
        if stored.type is Happening.ROLLED_BACK:
            self.rolled_back.append((stored.at, quarantine_keys(change.manifest)))

    def do(self, identity: str, command: Command) -> bool:
        """Give a command; say whether it did anything."""
        found = decide(self.known[identity], command, self.now)
        if isinstance(found, Refusal):
            assert found.reasons
            return False
        for event in found:
            self.record(event)
        return bool(found)

    def snapshot(self, change: Change, moment: Any) -> Snapshot:
        """Return what is known now, with evidence that is always in order."""
        plan = change.manifest
        now = max(self.now, change.changed_at)
        base = parts_digest({name: self.world[name] for name in plan.base})
        return Snapshot(
            moment=moment,
            now=now,
            change=change,
            policy=POLICY,
            roster=ROSTER,
            facts=facts(
                plan,
                base_digest=base,
                rolling=self.registry.rolling,
                quarantine=self.registry.quarantine,
                drills=(Drill(id="d", component="prompt", at=at(-1), succeeded=True),),
            ),
            evidence=tuple(
                evidence(plan, kind, base_digest=base, produced_at=now, recorded_at=now)
                for kind in ("evals", "lint", "cost")
            ),
        )

    @rule(
        target=changes,
        components=st.lists(st.sampled_from(COMPONENTS), min_size=1, max_size=2, unique=True),
        text=st.sampled_from(TEXTS),
        high=st.booleans(),
    )
    def open(self, components: list[str], text: str, high: bool) -> str:
        """Somebody opens a change of what is there now."""
        return self.opened(components, text, high)

    def opened(self, components: list[str], text: str, high: bool, author: str = "github:1") -> str:
        """Open a change and return its id."""
        identity = f"chg-{len(self.known)}"
        plan = self.plan(components, text, high)
        self.record(open_change(identity, plan, (), self.now, by=author))
        return identity

    @rule(target=changes, text=st.sampled_from(TEXTS), high=st.booleans())
    def hurry(self, text: str, high: bool) -> str:
        """A change goes as far as it gets when everybody does their part at once."""
        identity = self.opened([COMPONENTS[0]], text, high)
        self.submit(identity)
        self.answer(identity, "github:2", Said.APPROVE)
        self.judge(identity)
        self.start(identity)
        return identity

    @rule(change=changes, text=st.sampled_from(TEXTS), by=WHO)
    def edit(self, change: str, text: str, by: str) -> None:
        """Somebody edits it, onto what is there now."""
        names = [*self.known[change].manifest.parts]
        high = self.known[change].manifest.declared_risk is Risk.HIGH
        self.do(change, Edit(by=by, manifest=self.plan(names, text, high)))

    @rule(change=changes)
    def submit(self, change: str) -> None:
        """Somebody asks for a review."""
        self.do(change, Submit(by="github:1"))

    @rule(change=changes, who=WHO, said=st.sampled_from([Said.APPROVE, Said.APPROVE, Said.REJECT]))
    def answer(self, change: str, who: str, said: Said) -> None:
        """Somebody, the author and an agent among them, answers what they see."""
        self.seq += 1
        plan = self.known[change].manifest
        made = answer(
            plan, who, self.seq, change=change, said=said, recorded_at=self.now, claimed_at=self.now
        )
        base = parts_digest({name: self.world[name] for name in plan.base})
        command = GiveAnswer(answer=made, base_digest=base, policy_digest=POLICY_DIGEST)
        self.do(change, command)

    @rule(change=changes, number=st.integers(0, 3))
    def revoke(self, change: str, number: int) -> None:
        """Somebody takes an answer back."""
        answers = self.known[change].answers
        if number < len(answers):
            self.do(change, RevokeAnswer(by="github:2", answer=answers[number].id))

    @rule(change=changes)
    def judge(self, change: str) -> None:
        """The gate is asked whether it is approved."""
        known = self.known[change]
        self.do(change, Judge(by="pawl", snapshot=self.snapshot(known, "approve")))

    @rule(change=changes)
    def start(self, change: str) -> None:
        """Somebody starts it; what it moves, moves."""
        known = self.known[change]
        others = [each for each in self.known.values() if each.id != change]
        asked = self.snapshot(known, "start")
        if self.do(change, Start(by="token:deployer", snapshot=asked)):
            self.decisions[self.known[change].decision] = evaluate(asked)
            self.check_start(known, others)
            self.world |= known.manifest.parts

    @rule(change=changes, said=st.sampled_from([Verdict.PASS, Verdict.PASS, Verdict.INCONCLUSIVE]))
    def go_on(self, change: str, said: Verdict) -> None:
        """Telemetry says something of a stage, and the rollout goes on if it may."""
        known = self.known[change]
        self.hour += 1
        verdict = StageVerdict(
            id="v", stage=known.stage, digest=known.digest, verdict=said, at=self.now, events=100
        )
        read = parts_digest({name: self.world[name] for name in known.manifest.parts})
        on = self.do(change, Advance(by="pawl", verdicts=(verdict,)))
        live = self.do(change, Finish(by="pawl", verdicts=(verdict,), read_back=read))
        assert said is Verdict.PASS or not (on or live)
        if live:
            for name, part in known.manifest.parts.items():
                assert self.world[name] == part

    @rule(change=changes)
    def roll_back(self, change: str) -> None:
        """Somebody goes back: that works exactly where something is out."""
        known = self.known[change]
        command = RollBack(by="github:4", reason="Complaints.", trigger_at=self.now)
        assert self.do(change, command) == (known.state in OUT)

    @rule()
    def see_through(self) -> None:
        """Everything that rolls out passes its stages and goes live."""
        for identity, change in sorted(self.known.items()):
            if change.state is State.ROLLING_OUT:
                for _ in change.manifest.rollout.stages:
                    self.go_on(identity, Verdict.PASS)

    @rule()
    def undo(self) -> None:
        """The newest that is out goes back, all the way."""
        out = [each for each in self.known.values() if each.state in OUT]
        if out:
            newest = max(out, key=lambda each: (each.changed_at, each.id))
            self.roll_back(newest.id)
            self.take_out(newest.id, works=True)

    @rule()
    def try_again(self) -> None:
        """What was rolled back is submitted and started again, as if nothing had happened."""
        back = [each for each in self.known.values() if each.state is State.ROLLED_BACK]
        for change in back[-1:]:
            self.submit(change.id)
            self.judge(change.id)
            self.start(change.id)

    @rule(target=changes, name=st.sampled_from(COMPONENTS))
    def overtake(self, name: str) -> str:
        """While a harmless change waits for its start, somebody moves what it starts from."""
        identity = self.opened([name], "three", False)
        self.submit(identity)
        self.judge(identity)
        self.meddle(name)
        self.start(identity)
        return identity

    @rule()
    def insist(self) -> None:
        """What has just been taken back is brought out again at once."""
        self.undo()
        self.try_again()

    @rule(
        target=changes,
        author=st.sampled_from(["github:1", "github:2"]),
        who=st.sampled_from(["github:2", "github:90", "github:5"]),
        edited=st.booleans(),
    )
    def sneak(self, author: str, who: str, edited: bool) -> str:
        """Somebody has one thing approved, by whoever is at hand, and may start another."""
        identity = self.opened([COMPONENTS[1]], "one", True, author)
        self.submit(identity)
        self.answer(identity, who, Said.APPROVE)
        if edited:
            self.edit(identity, "two", author)
            self.submit(identity)
        self.judge(identity)
        self.start(identity)
        return identity

    @rule(change=changes, works=st.booleans())
    def take_out(self, change: str, works: bool) -> None:
        """The executor puts back what stood before, or cannot."""
        known = self.known[change]
        if known.state is not State.ROLLING_BACK:
            return
        if not works:
            self.do(change, FailRollback(by="pawl", reason="Unreachable."))
            return
        self.world |= known.manifest.base
        read = parts_digest({name: self.world[name] for name in known.manifest.base})
        assert self.do(change, ConfirmRollback(by="pawl", read_back=read))

    @rule(target=changes, name=st.sampled_from(COMPONENTS))
    def meddle(self, name: str) -> str:
        """Somebody changes a prompt behind everybody's back, and that is found."""
        plan = self.plan([name], "meddled", high=True)
        self.world[name] = Prompt(text="meddled")
        identity = f"chg-{len(self.known)}"
        self.record(found_unmanaged(identity, plan, self.now, by="pawl"))
        return identity

    @rule(change=changes, hours=st.sampled_from([1.0, 30.0, 100.0]))
    def wait(self, change: str, hours: float) -> None:
        """Time goes by."""
        self.hour += hours
        self.do(change, Tick(by="pawl", approval_hours=72))

    def check_start(self, change: Change, others: list[Change]) -> None:
        """Look at the plain records of a change that has just been let out."""
        names = {*changed(change.manifest)}
        for other in others:
            moving = other.state in (State.ROLLING_OUT, State.ROLLING_BACK, State.ROLLBACK_FAILED)
            assert not (moving and names & {*changed(other.manifest)}), "two at once"
        good = {
            HUMANS[each.identity]
            for each in change.answers
            if each.said is Said.APPROVE
            and each.digest == change.digest
            and each.revoked_at is None
            and each.identity in ("github:2", "github:5")
            and each.identity not in change.authors
        }
        failed = [
            when for when, keys in self.rolled_back if {*keys} & {*quarantine_keys(change.manifest)}
        ]
        if change.manifest.declared_risk is Risk.HIGH or failed:
            assert good, "out without an approval"
        if failed:
            assert any(
                each.recorded_at > max(failed) for each in change.answers if each.revoked_at is None
            ), "out again on the old approval"
        for name in names:
            assert self.world[name] == change.manifest.base[name], "out on another base"

    @invariant()
    def a_component_is_moved_by_one_change_at_most(self) -> None:
        """What is rolling, out or back, never meets another on the same component."""
        seen: dict[str, str] = {}
        for change in self.known.values():
            if change.state is State.ROLLING_OUT:
                for name in changed(change.manifest):
                    assert seen.setdefault(name, change.id) == change.id

    @rule()
    def report(self) -> None:
        """Somebody keeps a report of all the time until now."""
        if len(self.reported) < 5:
            self.reported.append(
                (self.now, report_bytes(figures_until(self.events, self.decisions, self.now)))
            )

    @invariant()
    def history_goes_forward(self) -> None:
        """Events are in the order of time, and a change has one version for each of them."""
        times: dict[str, list[str]] = {}
        for event in self.events:
            times.setdefault(event.change, []).append(event.at)
        for change in self.known.values():
            assert change.version == len(times[change.id])
            assert times[change.id] == sorted(times[change.id])

    def teardown(self) -> None:
        """Replaying what was recorded gives the same changes, registry and reports."""
        replayed: dict[str, Change] = {}
        for event in self.events:
            replayed[event.change] = after(replayed.get(event.change), event)
        assert replayed == self.known
        assert registry_of(self.events) == self.registry
        check_figures(self.events, self.decisions, self.reported, at(self.hour + 999))
        for change in self.known.values():
            if change.state is State.LIVE:
                assert change.decision


Firm.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


class TestFirm(Firm.TestCase):  # type: ignore[misc, valid-type]
    """Whatever a firm does: no risky change without approval, one at a time, always a way back."""
