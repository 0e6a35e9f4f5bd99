"""The receiver of notices does not answer for a while.

Causes: notices are put into the real outbox, and a made-up receiver refuses all of them for
`down_minutes` of made-up time; with `gone` it says that it never will take any again. With
`dies_after_taking` the sender dies once after the receiver took a notice, before it noted that.

Measures: notices that never arrived, that arrived under another id or beside others twice, and how
long after the receiver's return the last one arrived.
"""

from collections import Counter

from pawl.alerts.alert import Notice, NoticeKind
from pawl.alerts.delivery import NotDelivered, numbers
from pawl.alerts.reading import Level
from pawl.base.times import seconds_between
from pawl.services.drill_fault import FaultKind, Measure, Parameter
from pawl.services.drill_sandbox import Clock, Parameters, Sandbox
from pawl.services.outbox import Delivery
from pawl.store.records.outbox import OutboxRecords

_CHANNEL = "receiver"
_STEP_S = 30.0
_LONGEST_S = 48 * 3_600.0


class _Receiver:
    """Refuses until a time, then takes; counts what it took by id."""

    def __init__(self, clock: Clock, back_at: str, *, gone: bool) -> None:
        self.taken: Counter[str] = Counter()
        self.last_at = ""
        self.refused = 0
        self._clock, self._back_at, self._gone = clock, back_at, gone

    def send(self, notice: Notice, now: str) -> None:
        """Take a notice, or raise NotDelivered."""
        if self._gone or self._clock() < self._back_at:
            self.refused += 1
            raise NotDelivered("the receiver does not answer.", final=self._gone)
        self.taken[notice.id] += 1
        self.last_at = now


def _cause(sandbox: Sandbox, parameters: Parameters) -> None:
    clock, count = sandbox.clock(), int(parameters["notices"])
    down_s = float(parameters["down_minutes"]) * 60
    back = sandbox.clock()
    back.wind(down_s)
    receiver = _Receiver(clock, back(), gone=bool(parameters["gone"]))
    outbox = OutboxRecords(sandbox.engine())
    delivery = Delivery(
        outbox,
        {_CHANNEL: receiver},
        now=clock,
        chance=lambda: 0.5,
        sender="drill",
        numbers=numbers(),
    )
    for number in range(count):
        outbox.put(_notice(number, clock()), (_CHANNEL,), clock())
    sandbox.note(f"{count} notices wait; the receiver is away for {down_s / 60:g} minutes.")
    if parameters["dies_after_taking"]:
        _die_after_taking(outbox, receiver, clock)
        sandbox.note("A sender took one, died, and left its claim behind.")
    waited = 0.0
    while waited < _LONGEST_S and outbox.counts().get(_CHANNEL, {}).get("waiting"):
        sandbox.check()
        while delivery.deliver_one(_CHANNEL):
            pass
        clock.wind(_STEP_S)
        waited += _STEP_S
    _told(sandbox, receiver, count, back())


def _told(sandbox: Sandbox, receiver: _Receiver, count: int, back_at: str) -> None:
    sandbox.note(
        f"The receiver refused {receiver.refused} times and took {receiver.taken.total()}."
    )
    if count == 0:
        sandbox.cannot_tell("there was no notice to send", "lost", "twice", "after_return_s")
        return
    sandbox.measure("lost", count - len(receiver.taken))
    sandbox.measure("twice", sum(times - 1 for times in receiver.taken.values()))
    if receiver.last_at:
        late = max(0.0, seconds_between(back_at, receiver.last_at))
        sandbox.measure("after_return_s", late)
    else:
        sandbox.cannot_tell("nothing ever arrived", "after_return_s")


def _die_after_taking(outbox: OutboxRecords, receiver: _Receiver, clock: Clock) -> None:
    found = numbers()
    claimed = outbox.claim(
        _CHANNEL, "dead", clock(), lease_s=found.lease_s, most=found.attempts_max
    )
    if claimed is not None:
        receiver.taken[claimed.notice.id] += 1


def _notice(number: int, now: str) -> Notice:
    return Notice(
        id=f"drill-notice-{number}",
        kind=NoticeKind.FIRING,
        route=_CHANNEL,
        level=Level.WARNING,
        at=now,
        title=f"Notice {number} of a drill",
    )


FAULT = FaultKind(
    title="A receiver of notices that is away",
    parameters={
        "notices": Parameter(default=5, at_most=200, says="notices that wait"),
        "down_minutes": Parameter(default=60.0, at_most=2_000, says="how long it is away"),
        "gone": Parameter(default=False, says="whether it never comes back"),
        "dies_after_taking": Parameter(default=False, says="whether a sender dies in between"),
    },
    measures={
        "lost": Measure(unit="notices", says="notices that never arrived"),
        "twice": Measure(unit="notices", says="arrivals of a notice that was there already"),
        "after_return_s": Measure(unit="s", says="from the receiver's return to the last arrival"),
    },
    cause=_cause,
)
