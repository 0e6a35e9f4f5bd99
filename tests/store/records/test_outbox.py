"""The outbox: at least once, by one sender at a time, and dead ones stay to be seen."""

import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tests.alerts.made_alerts import START, a_notice, later

from pawl.governance.ledger import Actor
from pawl.store.records.check import check
from pawl.store.records.engine import Engine, open_records, writing
from pawl.store.records.outbox import DEAD, DIED, SENT, Claimed, OutboxRecords, enqueue

ANN = Actor(person="ann", source="login", assurance="observed")
LEASE, MOST = 60.0, 3


def claim(outbox: OutboxRecords, sender: str, now: str, channel: str = "hook") -> Claimed | None:
    """Claim with the lease and the bound of these tests."""
    return outbox.claim(channel, sender, now, lease_s=LEASE, most=MOST)


def test_a_notice_is_claimed_by_one_and_sent_once(engine: Engine) -> None:
    """While one sender has a notice nobody else gets it, and once sent nobody ever does."""
    outbox = OutboxRecords(engine)
    outbox.put(a_notice(), ["hook"], START)
    outbox.put(a_notice(), ["hook"], START)
    claimed = claim(outbox, "a", START)
    assert claimed is not None
    assert claimed.notice == a_notice()
    assert claim(outbox, "b", later(1)) is None
    outbox.sent(claimed, later(2))
    assert claim(outbox, "b", later(10 * LEASE)) is None
    letter = outbox.letter("notice1", "hook")
    assert letter is not None
    assert (letter.state, letter.attempts) == (SENT, 1)
    outbox.put(a_notice(), ["hook"], later(3))
    assert claim(outbox, "b", later(10 * LEASE)) is None, "the same id is the same notice"


def test_each_channel_has_its_own_copy(engine: Engine) -> None:
    """A channel that does not take a notice holds no other one back."""
    outbox = OutboxRecords(engine)
    outbox.put(a_notice(), ["hook", "mail"], START)
    hook, mail = claim(outbox, "a", START), claim(outbox, "a", START, "mail")
    assert hook is not None
    assert mail is not None
    outbox.failed(hook, "a", START, "no", None)
    outbox.sent(mail, START)
    assert outbox.counts() == {"hook": {"dead": 1}, "mail": {"sent": 1}}


def test_a_claim_runs_out(engine: Engine) -> None:
    """What a dead sender had is sent by another, and the dead one's late word changes nothing."""
    outbox = OutboxRecords(engine)
    outbox.put(a_notice(), ["hook"], START)
    first = claim(outbox, "a", START)
    second = claim(outbox, "b", later(LEASE + 1))
    assert first is not None
    assert second is not None
    assert second.attempts == 2
    outbox.failed(first, "a", later(LEASE + 2), "too late", None)
    letter = outbox.letter("notice1", "hook")
    assert letter is not None
    assert letter.state == "waiting"
    outbox.sent(second, later(LEASE + 3))
    assert outbox.counts() == {"hook": {"sent": 1}}


def test_a_failure_waits_for_its_time(engine: Engine) -> None:
    """A failed notice comes again when it is due, with what went wrong."""
    outbox = OutboxRecords(engine)
    outbox.put(a_notice(), ["hook"], START)
    claimed = claim(outbox, "a", START)
    assert claimed is not None
    outbox.failed(claimed, "a", START, "x" * 2000, later(30))
    assert claim(outbox, "a", later(29)) is None
    again = claim(outbox, "a", later(30))
    assert again is not None
    assert again.attempts == 2
    letter = outbox.letter("notice1", "hook")
    assert letter is not None
    assert len(letter.failure) == 500


def test_senders_that_die_each_time_end_in_a_dead_letter(engine: Engine) -> None:
    """A notice that kills whoever sends it is dead after as many attempts as any other."""
    outbox = OutboxRecords(engine)
    outbox.put(a_notice(), ["hook"], START)
    for attempt in range(MOST):
        assert claim(outbox, "a", later(attempt * (LEASE + 1))) is not None
    assert claim(outbox, "a", later(MOST * (LEASE + 1))) is None
    (letter,) = outbox.letters(DEAD)
    assert letter.failure == DIED


def test_a_dead_letter_is_sent_again_when_somebody_says_so(engine: Engine) -> None:
    """Sending again is in the ledger with who wanted it, each time."""
    outbox = OutboxRecords(engine)
    outbox.put(a_notice(), ["hook"], START)
    for time in (0, 100):
        claimed = claim(outbox, "a", later(time))
        assert claimed is not None
        outbox.failed(claimed, "a", later(time), "no", None)
        assert [each.id for each in outbox.letters(DEAD)] == ["notice1"]
        assert outbox.resend("notice1", "hook", ANN, later(time + 50))
        assert not outbox.resend("notice1", "hook", ANN, later(time + 50)), "it is not dead"
    claimed = claim(outbox, "a", later(200))
    assert claimed is not None
    assert claimed.attempts == 1
    report = check(engine, replay=True)
    assert (report.intact, report.entries) == (True, 2)


def test_a_notice_is_there_only_if_its_transaction_is(engine: Engine) -> None:
    """What a failed transaction wanted to tell is not told."""
    outbox = OutboxRecords(engine)
    try:
        with writing(engine) as connection:
            enqueue(connection, a_notice(), ["hook"], START)
            raise ZeroDivisionError
    except ZeroDivisionError:
        pass
    assert outbox.counts() == {}


def test_only_what_was_sent_is_forgotten(engine: Engine) -> None:
    """Pruning leaves what waits and what is dead."""
    outbox = OutboxRecords(engine)
    for name in "123":
        outbox.put(a_notice(name), ["hook"], START)
    first, second = claim(outbox, "a", START), claim(outbox, "a", START)
    assert first is not None
    assert second is not None
    outbox.sent(first, START)
    outbox.failed(second, "a", START, "no", None)
    outbox.prune(later(1))
    assert outbox.counts() == {"hook": {"dead": 1, "waiting": 1}}


def test_many_senders_at_once_never_have_the_same_notice(opened: Callable[[], Engine]) -> None:
    """Eight threads of four servers get thirty notices, each exactly once."""
    engines = [opened() for _ in range(4)]
    for number in range(30):
        OutboxRecords(engines[0]).put(a_notice(str(number)), ["hook"], START)

    def take(sender: int) -> list[str]:
        outbox, taken = OutboxRecords(engines[sender % 4]), []
        while (claimed := claim(outbox, f"s{sender}", later(1))) is not None:
            taken.append(claimed.notice.id)
            outbox.sent(claimed, later(2))
        return taken

    with ThreadPoolExecutor(8) as pool:
        taken = [identity for each in pool.map(take, range(8)) for identity in each]
    assert len(taken) == len(set(taken)) == 30


class Outbox(RuleBasedStateMachine):
    """Senders that succeed, fail, die before sending and die after it, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="pawl-outbox-")
        self.engine = open_records(Path(self.folder.name))
        self.outbox = OutboxRecords(self.engine)
        self.now = 0.0
        self.put_in: set[str] = set()
        self.taken: dict[str, int] = {}
        self.told_sent: set[str] = set()
        self.excused: dict[str, int] = {}

    def teardown(self) -> None:
        """End with live senders: whatever is left is sent or dead."""
        self.now += LEASE + 1
        for _ in range(200):
            if not self._one("last", "sent"):
                counts = self.outbox.counts().get("hook", {})
                if not counts.get("waiting"):
                    break
                self.now += LEASE + 1
        counts = self.outbox.counts().get("hook", {})
        dead = {letter.id for letter in self.outbox.letters(DEAD)}
        assert counts.get("waiting", 0) == 0
        assert self.put_in <= set(self.taken) | dead, "a notice was lost"
        self.engine.dispose()
        self.folder.cleanup()

    @rule(name=st.sampled_from("abcd"))
    def put(self, name: str) -> None:
        """Put a notice in, again perhaps."""
        self.outbox.put(a_notice(name), ["hook"], later(self.now))
        self.put_in.add(f"notice{name}")

    @rule(sender=st.sampled_from("xy"), fate=st.sampled_from(
        ["sent", "fails", "ends", "dies before", "dies after"]))  # fmt: skip
    def send(self, sender: str, fate: str) -> None:
        """One attempt, and what becomes of it."""
        self._one(sender, fate)

    @rule(passed=st.sampled_from([1.0, 30.0, LEASE + 1]))
    def wait(self, passed: float) -> None:
        """Let time pass."""
        self.now += passed

    @rule(name=st.sampled_from("abcd"))
    def resend(self, name: str) -> None:
        """Send a dead one again."""
        if self.outbox.resend(f"notice{name}", "hook", ANN, later(self.now)):
            self.excused[f"notice{name}"] = self.excused.get(f"notice{name}", 0) + MOST

    @invariant()
    def sent_once_but_for_the_dead(self) -> None:
        """A notice is taken twice only where a sender died, or a person asked, in between."""
        for name, times in self.taken.items():
            assert times <= 1 + self.excused.get(name, 0)

    def _one(self, sender: str, fate: str) -> bool:
        claimed = claim(self.outbox, sender, later(self.now))
        if claimed is None:
            return False
        name = claimed.notice.id
        assert name not in self.told_sent, "what was noted as sent came again"
        assert claimed.attempts <= MOST
        if fate in ("sent", "dies after"):
            self.taken[name] = self.taken.get(name, 0) + 1
        if fate == "sent":
            self.outbox.sent(claimed, later(self.now))
            self.told_sent.add(name)
        elif fate == "dies after":
            self.excused[name] = self.excused.get(name, 0) + 1
        elif fate == "fails":
            again = None if claimed.attempts >= MOST else later(self.now + 5)
            self.outbox.failed(claimed, sender, later(self.now), "no", again)
        elif fate == "ends":
            self.outbox.failed(claimed, sender, later(self.now), "no", None)
        return True


TestOutbox = Outbox.TestCase
TestOutbox.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
