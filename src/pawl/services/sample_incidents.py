"""The sample's incidents: made-up people take made-up incidents through the real services.

Everything is declared, paged, commanded and learned from by the desk itself, at made-up times
before now; what comes out is whatever its rules say.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar

import msgspec

from pawl.base.times import seconds_between
from pawl.governance.priority import Domain
from pawl.incidents.action import Action, Proof, Work
from pawl.incidents.declaring import Said
from pawl.incidents.event import Refusal
from pawl.incidents.incident import Incident, Link, LinkKind, Milestone
from pawl.incidents.postmortem import Content
from pawl.incidents.similarity import Signature, fingerprint
from pawl.services.change_terms import By
from pawl.services.incidents import IncidentDesk
from pawl.services.sample_changes import INCIDENT, Clock, SampleBroken
from pawl.services.sample_postmortems import OTHER_ORDERS, PAYS_TWICE_AGAIN, PAYS_TWICE_FIRST

DAY = 24.0
MINUTE = 1 / 60
"""In hours, as the story counts."""
PAYS_TWICE = Signature(
    component="code/payouts", failure_class="duplicate", error="payout sent twice for one order"
)
KEY = "alert:payouts-doubled:shop/payouts"
T = TypeVar("T")


class Story:
    """Tells the sample to a desk whose clock it winds. `changes` are ids by title of changes.

    `call` gives the next incident its id, so that other stories of the sample can name it.
    """

    def __init__(
        self,
        desk: IncidentDesk,
        clock: Clock,
        changes: Mapping[str, str] | None = None,
        call: Callable[[str], None] = lambda identity: None,
    ) -> None:
        self._call = call
        self._desk = desk
        self._clock = clock
        self._changes = changes or {}

    def tell(self) -> None:
        """Tell all of it, oldest first."""
        self._call("INC-1987")
        first = self._pays_twice(DAY * 76)
        self._call("INC-2041")
        self._pays_twice_again(DAY * 33, first)
        self._load_test(DAY * 10)
        self._other_orders(DAY * 3)
        self._call(INCIDENT)
        self._pays_twice_once_more(3, first)
        slow = self._slow_answers(0.9)
        self._same_as(0.6, slow)
        self._waits(8 * MINUTE)
        self._clock.to(0)

    def _pays_twice(self, before: float) -> Incident:
        """One from which everything was learned, and that is closed."""
        it = self._declared(
            before,
            "Payouts are sent twice when the bank answers late",
            "katherine",
            severity=1,
            domains=(Domain.SAFETY,),
            scope="shop/payouts",
            components=("code/payouts",),
            key=KEY,
            fingerprint=fingerprint(PAYS_TWICE),
            text="Two customers report the same refund twice.",
            started=25 * MINUTE,
            detected=6 * MINUTE,
        )
        self._command(it, before - 2 * MINUTE, "katherine")
        self._fixed(it, before, "barbara", 0.8, 1.6)
        self._paper(it, before - 20, "ada", PAYS_TWICE_FIRST)
        case = self._act(it, before - 22, "A case for late answers of the bank", "ada",
                         Work.EVAL_CASE, 14)  # fmt: skip
        code = self._act(it, before - 22, "Each payout carries a key that is honoured once",
                         "barbara", Work.CODE, 10)  # fmt: skip
        self._publish(it, before - 46, "grace")
        self._done(case, before - DAY * 6, "ada", "grace", tried=True)
        self._done(code, before - DAY * 9, "barbara", "grace")
        self._clock.to(before - DAY * 9.1)
        return self._through(self._desk.close(it.id, _by("katherine")))

    def _pays_twice_again(self, before: float, first: Incident) -> None:
        """The same again: nobody commanded in time, an action is overdue, and it is a debt."""
        it = self._declared(
            before,
            "Payouts are sent twice again after the retry was changed",
            "ada",
            severity=2,
            domains=(Domain.SAFETY,),
            scope="shop/payouts",
            components=("code/payouts",),
            key=KEY,
            fingerprint=fingerprint(PAYS_TWICE),
            started=40 * MINUTE,
            detected=3 * MINUTE,
        )
        self._command(it, before - 9 * MINUTE, "katherine")
        self._fixed(it, before, "ada", 1.1, 2.5)
        self._clock.to(before - 4)
        it = self._through(self._desk.confirm_repeat(it.id, first.id, _by("katherine")))
        self._paper(it, before - 26, "barbara", PAYS_TWICE_AGAIN)
        self._act(it, before - 27, "Retries go through the one place that knows the key", "barbara",
                  Work.CODE, 24)  # fmt: skip
        gate = self._act(it, before - 27, "Changes of tools wait for the recurrence cases", "ada",
                         Work.GATE, 45)  # fmt: skip
        self._act(it, before - 27, "The runbook says how to stop payouts", "katherine",
                  Work.RUNBOOK, 60)  # fmt: skip
        self._publish(it, before - 50, "grace")
        self._clock.to(before - DAY * 20)
        self._through(self._desk.begin_action(gate.id, _by("ada")))
        self._clock.to(before - DAY * 31)
        self._through(
            self._desk.claim_action(gate.id, _by("ada"), "recurrence is in .pawl/gates.yaml.")
        )
        for debt in self._desk.debts():
            self._through(
                self._desk.plan_debt(
                    debt.id, "barbara", "One module sends payouts; all retries go through it.",
                    _by("barbara"),
                )
            )  # fmt: skip

    def _pays_twice_once_more(self, before: float, first: Incident) -> None:
        """The third time: glass was broken to stop it, and it no longer hurts."""
        it = self._declared(
            before,
            "Payouts go out twice",
            "barbara",
            severity=1,
            domains=(Domain.SAFETY,),
            scope="shop/payouts",
            components=("code/payouts",),
            fingerprint=fingerprint(PAYS_TWICE),
            started=20 * MINUTE,
            detected=5 * MINUTE,
        )
        self._command(it, before - 1 * MINUTE, "katherine")
        self._clock.to(before - 0.2)
        self._through(self._desk.join(it.id, _by("barbara")))
        stop = self._changes.get("Payouts stop until they are understood", "")
        if stop:
            self._clock.to(before - 0.5)
            self._through(self._desk.attach(it.id, LinkKind.CHANGE, stop, _by("katherine")))
        self._clock.to(before - 0.7)
        self._through(self._desk.confirm_repeat(it.id, first.id, _by("barbara")))
        self._clock.to(before - 0.9)
        self._through(self._desk.mitigate(it.id, _by("katherine")))
        self._clock.to(0.1)
        self._through(
            self._desk.update(
                it.id,
                "Three payouts went out twice after the bank answered late; none since.",
                "Sellers wait for their money; nobody else is paid twice.",
                "Payouts stand still until all retries go through the one place.",
                _by("katherine"),
            )
        )

    def _load_test(self, before: float) -> None:
        """One that was none."""
        it = self._declared(before, "Search answers slowly", "edsger", scope="shop/search")
        self._clock.to(before - 1.5 * MINUTE)
        self._through(
            self._desk.decline(it.id, "Our own load test; it ended at noon.", _by("grace"))
        )

    def _other_orders(self, before: float) -> None:
        """One whose postmortem is being written."""
        it = self._declared(
            before,
            "Summaries name orders of other customers",
            "edsger",
            severity=1,
            domains=(Domain.SECURITY, Domain.QUALITY),
            scope="shop/orders",
            components=("prompt/summaries", "model/summaries"),
            started=2.5,
            detected=12 * MINUTE,
        )
        self._command(it, before - 1.4 * MINUTE, "edsger")
        self._fixed(it, before, "grace", 0.4, 3)
        self._paper(it, before - 20, "grace", OTHER_ORDERS, review=False)
        self._act(it, before - 21, "Orders are looked up for one customer only", "ada",
                  Work.CODE, 5)  # fmt: skip

    def _slow_answers(self, before: float) -> Incident:
        """One that goes on, is commanded, and has a suspect."""
        suspect = self._changes.get("A kinder tone when something went wrong", "")
        it = self._declared(
            before,
            "Support chat answers only half of its visitors",
            "ada",
            severity=2,
            domains=(Domain.QUALITY,),
            scope="shop/chat",
            components=("prompt/chat",),
            text="Half of the chats end without an answer.",
            started=14 * MINUTE,
            detected=4 * MINUTE,
        )
        self._command(it, before - 1.7 * MINUTE, "katherine")
        self._clock.to(before - 0.1)
        self._through(self._desk.join(it.id, _by("barbara")))
        self._through(self._desk.join(it.id, _by("ada")))
        self._clock.to(before - 0.15)
        self._through(self._desk.note(it.id, "Only visitors of the canary are hurt.", _by("ada")))
        if suspect:
            self._through(
                self._desk.attach(it.id, LinkKind.CHANGE, suspect, _by("barbara"), suspected=True)
            )
        self._clock.to(before - 0.5)
        return self._through(
            self._desk.update(
                it.id,
                "Since the rollout began 52 of 100 chats end without an answer.",
                "Visitors of the support chat; orders and payouts work.",
                "We compare the canary with the rest, and take it back if it is the cause.",
                _by("katherine"),
            )
        )

    def _same_as(self, before: float, other: Incident) -> None:
        """One that is the same as another."""
        it = self._declared(before, "Chat is silent for some", "grace", scope="shop/chat")
        self._clock.to(before - 2 * MINUTE)
        self._through(self._desk.merge(it.id, other.id, _by("katherine")))

    def _waits(self, before: float) -> None:
        """One that nobody commands, past the promise."""
        self._declared(
            before,
            "Checkout refuses every card since the hour",
            "grace",
            severity=1,
            domains=(Domain.QUALITY,),
            scope="shop/checkout",
            components=("code/checkout",),
            text="No order came in since then.",
            detected=2 * MINUTE,
            links=(Link(kind=LinkKind.EVIDENCE, id="orders-an-hour.csv"),),
        )
        for minutes in (0, 2, 4, 5):
            self._clock.to(before - minutes * MINUTE)
            self._desk.tick()

    # What the chapters are told with.

    def _declared(
        self, before: float, title: str, by: str, *, started: float = 0, detected: float = 0,
        severity: int | None = None, domains: tuple[Domain, ...] = (), scope: str = "",
        components: tuple[str, ...] = (), key: str = "", fingerprint: str = "", text: str = "",
        links: tuple[Link, ...] = (),
    ) -> Incident:  # fmt: skip
        """Declare one; `started` and `detected` are hours before that."""
        times = {}
        for name, hours in (("started_at", started), ("detected_at", detected)):
            if hours:
                self._clock.to(before + hours)
                times[name] = self._clock.now
        self._clock.to(before)
        told = self._desk.declare(
            Said(
                title=title, severity=severity, domains=domains, scope=scope, components=components,
                key=key, fingerprint=fingerprint, text=text, links=links, **times,
            ),
            _by(by),
        )  # fmt: skip
        if isinstance(told, Refusal):
            raise SampleBroken(" ".join(told.reasons), hint=told.hint)
        self._desk.tick()
        return told.incident

    def _command(self, it: Incident, before: float, who: str) -> None:
        """Let somebody take command, with all that was paged before."""
        for minutes in (2, 4, 5):
            due = self._since(it) - minutes * MINUTE
            if due > before:
                self._clock.to(due)
                self._desk.tick()
        self._clock.to(before)
        self._through(self._desk.accept(it.id, _by(who)))

    def _since(self, it: Incident) -> float:
        """Return how many hours before the end it was declared."""
        declared = it.milestones[Milestone.DECLARED].recorded_at
        return seconds_between(declared, self._clock.end) / 3600

    def _fixed(
        self, it: Incident, before: float, who: str, mitigated: float, resolved: float
    ) -> None:
        """Let somebody mend it, so many hours after its declaration."""
        self._clock.to(before - 12 * MINUTE)
        self._through(self._desk.join(it.id, _by(who)))
        self._clock.to(before - mitigated)
        self._through(self._desk.mitigate(it.id, _by(who)))
        self._clock.to(before - resolved)
        self._through(self._desk.resolve(it.id, _by(who)))

    def _paper(
        self, it: Incident, before: float, owner: str, content: Content, *, review: bool = True
    ) -> None:
        self._clock.to(before)
        self._through(self._desk.begin_postmortem(it.id, owner, _by(owner)))
        if content.learning is not None:
            learning = msgspec.structs.replace(content.learning, incidentId=it.id)
            content = msgspec.structs.replace(content, learning=learning)
        drafted = self._desk.draft(it.id)
        content = msgspec.structs.replace(
            content, what_happened=content.what_happened or drafted.what_happened
        )
        self._through(self._desk.revise(it.id, content, _by(owner)))
        if review:
            self._clock.to(before - 1)
            self._through(self._desk.ask_review(it.id, _by(owner)))

    def _publish(self, it: Incident, before: float, who: str) -> None:
        self._clock.to(before)
        self._through(self._desk.publish(it.id, _by(who)))

    def _act(
        self, it: Incident, before: float, title: str, owner: str, work: Work, days: int
    ) -> Action:
        self._clock.to(before - days * DAY)
        due = self._clock.now
        self._clock.to(before)
        return self._through(
            self._desk.open_action(
                it.id, title, owner, due, work, it.components[0], _by("katherine")
            )
        )

    def _done(
        self, action: Action, before: float, owner: str, verifier: str, *, tried: bool = False
    ) -> None:
        self._clock.to(before + 5)
        self._through(self._desk.claim_action(action.id, _by(owner), "Merged and out."))
        self._clock.to(before)
        proof = Proof(
            place=f"pull request for {action.title.lower()}",
            digest="5c1f" * 10,
            fails_on_bad=True if tried else None,
            passes_on_fixed=True if tried else None,
        )
        self._through(self._desk.verify_action(action.id, proof, _by(verifier)))

    def _through(self, told: T | Refusal) -> T:
        if isinstance(told, Refusal):
            raise SampleBroken(" ".join(told.reasons), hint=told.hint)
        return told


def _by(person: str) -> By:
    return By(identity=f"session:{person}", source="session", assurance="authenticated")
