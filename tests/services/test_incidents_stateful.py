"""The desk of incidents is the pure core, whatever is asked of it, and the ledger makes its rows.

Every command goes to the core and to the desk, to the desk twice with the same key; after each both
have the same incident, to the last field. The invariants of the core's own test hold all the while.
"""

import tempfile
from pathlib import Path

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import rule
from tests.incidents.made_incidents import TERMS, at, published
from tests.incidents.test_stateful import Team
from tests.services.made_incident_desk import MadeIncidents

from pawl.incidents.action import Action, Proof, Work
from pawl.incidents.action import State as ActionState
from pawl.incidents.closing import unmet
from pawl.incidents.commands import (
    Accept,
    BeginPostmortem,
    Claim,
    Close,
    Command,
    Decline,
    Merge,
    Mitigate,
    Offer,
    PublishPostmortem,
    Reopen,
    Resolve,
    TakeOver,
    Tick,
)
from pawl.incidents.declaring import Said, holder_of, signalled
from pawl.incidents.event import Happened, Refusal, after, plain
from pawl.incidents.incident import Incident
from pawl.incidents.paging import pending
from pawl.incidents.postmortem import Postmortem
from pawl.incidents.transitions import decide
from pawl.services.change_terms import PAWL_ITSELF, By
from pawl.services.incident_ground import actor_of
from pawl.services.incident_terms import Declared
from pawl.store.records.check import check
from pawl.store.records.engine import open_records

SAID = "Search answers nothing"


def by_of(command: Command) -> By:
    """Return whoever gives a command: known for certain, unless the command says otherwise."""
    sure = getattr(command, "proved", True)
    return By(
        identity=command.by,
        source="session" if sure else "git-config",
        assurance="authenticated" if sure else "declared",
    )


class DeskTeam(Team):
    """The team of the core's test, every command of which a desk carries out as well."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.made = MadeIncidents(open_records(Path(self.folder.name)))
        self.desk = self.made.desk
        self.desk._now = lambda: at(self.clock)
        self.count = 0

    def teardown(self) -> None:
        """The rows are what the ledger makes of them."""
        report = check(self.made.engine, replay=True)
        assert report.intact
        assert report.difference is None, report.difference
        self.made.engine.dispose()
        self.folder.cleanup()

    def _key(self) -> str:
        self.count += 1
        return f"k{self.count}"

    def _same(self, name: str) -> None:
        assert self.desk.get(name) == self.incidents[name]

    def _model(self, name: str, command: Command) -> None:
        super()._do(name, command)

    def _do(self, name: str, command: Command) -> None:
        refused = isinstance(decide(self.incidents[name], command, at(self.clock)), Refusal)
        self._model(name, command)
        if isinstance(command, Reopen) and not refused:
            self._model(name, Tick(by=PAWL_ITSELF.identity))
        key = self._key()
        first = self._told(name, command, key)
        assert isinstance(first, Refusal) == refused
        again = self._told(name, command, key)
        assert refused or again == first
        self._same(name)

    def _told(self, name: str, command: Command, key: str) -> Incident | Refusal:
        desk, by = self.desk, by_of(command)
        match command:
            case Accept():
                return desk.accept(name, by, key=key)
            case Offer(to=to):
                return desk.offer(name, to, by, key=key)
            case TakeOver(reason=reason):
                return desk.take_over(name, reason, by, key=key)
            case Mitigate(at=when):
                return desk.mitigate(name, by, when, key=key)
            case Resolve(at=when, mitigated_at=before):
                return desk.resolve(name, by, when, before, key=key)
            case Claim(milestone=milestone, at=when):
                return desk.claim(name, milestone, when, by, key=key)
            case Decline(reason=reason):
                return desk.decline(name, reason, by, key=key)
            case Merge(target=target):
                return desk.merge(name, target.id, by, key=key)
            case Reopen(reason=reason):
                return desk.reopen(name, reason, by, key=key)
            case Close():
                return desk.close(name, by, key=key)
            case BeginPostmortem() | PublishPostmortem():
                word = command.__struct_config__.tag
                return desk._tell(name, str(word), by, lambda book, incident: command, key=key)
            case _:
                raise AssertionError(command)

    @rule(target=Team.names, key=st.sampled_from(("", "a", "b")), twice=st.booleans())
    def declare(self, key: str, twice: bool) -> str:
        """Declare something; what is open already hears it once more."""
        said, command_key = Said(title=SAID, key=key), self._key()
        by = By(identity="github:1", source="git-config", assurance="declared")
        holder = holder_of(key, self.incidents.values())
        if holder is None:
            name = str(super().declare(key))
            self.made.count = len(self.incidents) - 1
            self.desk._new_id = lambda prefix: name
            self._model(name, Tick(by=PAWL_ITSELF.identity))
        else:
            name = holder.id
            again = signalled(holder, said, at(self.clock), by=by.identity)
            assert not isinstance(again, Refusal)
            self.incidents[name] = after(holder, again[0])
            self.ledger[name].append(again[0])
        for _ in range(1 + twice):
            done = self.desk.declare(said, by, key=command_key)
            assert isinstance(done, Declared)
            assert done.incident == self.incidents[name]
        if name == "inc-1" and holder is None:
            paper = published()
            begun = Happened(
                type="postmortem.begun",
                subject=paper.id,
                at=at(self.clock),
                by="x",
                sets=plain(paper),
            )
            with self.made.records.writing() as book:
                book.begin(Postmortem, begun, actor_of(PAWL_ITSELF))
        return name

    @rule()
    def tick(self) -> None:
        """The ticker comes by, once or after a long time, and a second one right behind it."""
        for name, each in list(self.incidents.items()):
            if any(it.due_at <= at(self.clock) for it in pending(each)):
                self._model(name, Tick(by=PAWL_ITSELF.identity))
        self.desk.tick()
        assert self.desk.tick() == ()
        for name in self.incidents:
            self._same(name)
        waits = [it.due_at for each in self.incidents.values() for it in pending(each)]
        assert self.desk.next_due() == min(waits, default=None)
        assert self.desk.last_tick() == at(self.clock)

    @rule(name=Team.names, done=st.booleans())
    def act(self, name: str, done: bool) -> None:
        """An incident leaves an action behind, and somebody may do it."""
        by = By(identity="github:1", source="session", assurance="authenticated")
        told = self.desk.open_action(
            name, "Try it", "ann", "2026-12-24", Work.CODE, "prompt/a", by, key=self._key()
        )
        if isinstance(told, Refusal) or not done:
            if isinstance(told, Action):
                self.actions.setdefault(name, told.state)
            return
        self.desk.claim_action(told.id, by, key=self._key())
        other = msgspec.structs.replace(by, identity="github:2")
        self.desk.verify_action(told.id, Proof(place="x", digest="y"), other, key=self._key())
        self.actions[name] = self.desk.action(told.id).state
        assert self.actions[name] is ActionState.VERIFIED

    @rule(name=Team.names)
    def close(self, name: str) -> None:
        """Somebody tries to close it; what stands in the way is told beforehand."""
        paper = published() if name == "inc-1" else None
        own = self.desk.actions(incident=name)
        told = unmet(self.incidents[name], paper, own, TERMS, None)
        assert self.desk.unmet(name) == told
        self._do(name, Close(by="github:1", actions=own, terms=TERMS, postmortem=paper))


TestDeskTeam = DeskTeam.TestCase
TestDeskTeam.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
