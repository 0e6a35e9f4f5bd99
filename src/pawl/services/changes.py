"""Changes and gates: every command, in one transaction with all that follows from it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from pawl.changes.approval import Said, Source
from pawl.changes.change import Change, Refusal, State
from pawl.changes.evidence import Evidence
from pawl.changes.facts import Attested, Drill, Where
from pawl.changes.gate import Decision
from pawl.changes.manifest import Manifest
from pawl.changes.metrics import Figures
from pawl.changes.policy import Policy
from pawl.changes.registry import Live, Registry
from pawl.changes.rollout import StageVerdict
from pawl.changes.simulate import Played
from pawl.governance.exceptions import GateException
from pawl.services.change_terms import (
    Asked,
    By,
    Checked,
    Excepted,
    Kept,
    Moment,
    Replayed,
    Sources,
    Told,
)

if TYPE_CHECKING:
    from pawl.alerts.budget_letter import Mailing
    from pawl.store.records.changes import ChangeRecords


class ChangeDesk:
    """Changes of one data folder. A `key` makes a command that is told twice happen once.

    Commands return the change as it is then, or a Refusal with every reason. They raise
    NoSuchChange for an id that is none, and CannotTell where policy, roster or facts cannot be
    read: that is neither a yes nor a no.
    """

    def __init__(
        self,
        records: "ChangeRecords",
        sources: Sources,
        *,
        now: Callable[[], str],
        new_id: Callable[[str], str],
        mailing: "Callable[[], Mailing] | None" = None,
    ) -> None:
        """`new_id` makes a sortable id that begins with a text such as `chg`."""

    # What a change says, and who answers for it.

    def open(self, manifest: Manifest, authors: tuple[str, ...], by: By, *, key: str = "") -> Told:
        """Open a change; whoever opens it is one of its authors."""
        raise NotImplementedError

    def edit(
        self, id: str, manifest: Manifest, authors: tuple[str, ...], by: By, *, key: str = ""
    ) -> Told:
        """Give a change other content: all approvals of it are stale."""
        raise NotImplementedError

    def submit(self, id: str, by: By, *, key: str = "") -> Told:
        """Ask for a review; where nothing needs an approval it is approved at once."""
        raise NotImplementedError

    def answer(
        self,
        id: str,
        said: Said,
        bound: tuple[str, str, str],
        by: By,
        source: Source,
        source_ref: str = "",
        claimed_at: str = "",
        note: str = "",
        *,
        identity: str = "",
        key: str = "",
    ) -> Told:
        """Record an answer bound to (digest, base digest, policy digest), and judge the change.

        `identity` is whose answer it is where somebody else brings it, as a reader of reviews does.
        """
        raise NotImplementedError

    def revoke(self, id: str, answer_id: str, by: By, *, key: str = "") -> Told:
        """Take an answer back."""
        raise NotImplementedError

    def judge(self, id: str, by: By) -> Told:
        """Approve a change in review if its gates say so now; the change itself where not."""
        raise NotImplementedError

    def reject(self, id: str, reason: str, by: By, *, key: str = "") -> Told:
        """End a change in review with a no."""
        raise NotImplementedError

    def withdraw(self, id: str, reason: str, by: By, *, key: str = "") -> Told:
        """Take a change back before it is out."""
        raise NotImplementedError

    def found_unmanaged(self, manifest: Manifest, by: By, *, key: str = "") -> Told:
        """Record that something is live that was never a change here."""
        raise NotImplementedError

    # Out, and back.

    def start(self, id: str, by: By, *, key: str = "") -> Told:
        """Start the first stage if the gates say so at this moment."""
        raise NotImplementedError

    def advance(
        self, id: str, verdicts: tuple[StageVerdict, ...], by: By, *, key: str = ""
    ) -> Told:
        """Go on to the next stage if this one has passed."""
        raise NotImplementedError

    def finish(
        self,
        id: str,
        verdicts: tuple[StageVerdict, ...],
        read_back: str,
        by: By,
        *,
        key: str = "",
    ) -> Told:
        """Call a change live if its last stage passed and what was read back was approved."""
        raise NotImplementedError

    def roll_back(
        self,
        id: str,
        reason: str,
        by: By,
        trigger_at: str | None = None,
        automatic: bool = False,
        ended: bool = False,
        *,
        key: str = "",
    ) -> Told:
        """Begin to go back. No gate and no unreadable policy holds that up."""
        raise NotImplementedError

    def confirm(self, id: str, read_back: str, by: By, *, key: str = "") -> Told:
        """Call a change rolled back if what was read back is what stood before."""
        raise NotImplementedError

    def fail_rollback(self, id: str, reason: str, by: By, *, key: str = "") -> Told:
        """Give a rollback up."""
        raise NotImplementedError

    def tick(self, by: By) -> tuple[Change, ...]:
        """Let time do what is due; return the changes that it moved."""
        raise NotImplementedError

    # What gates say.

    def asked(self, id: str) -> Asked:
        """Return what an answer binds to now, what changes and how risky that is."""
        raise NotImplementedError

    def check(self, id: str, moment: Where, by: By) -> Checked:
        """Evaluate the gates now, and store decision and snapshot."""
        raise NotImplementedError

    def explain(self, id: str, moment: Where) -> tuple[tuple[int, str], ...]:
        """Return the lines of a decision taken now, which is not stored, with their depth."""
        raise NotImplementedError

    def replay(self, decision_id: str) -> Replayed:
        """Judge a stored decision again; `decision_id` may be shortened as far as it is clear."""
        raise NotImplementedError

    def decision(self, decision_id: str) -> Decision:
        """Return a stored decision."""
        raise NotImplementedError

    def decisions_of(self, id: str, limit: int = 50) -> tuple[Kept, ...]:
        """Return the newest decisions on a change, newest first."""
        raise NotImplementedError

    def simulate(self, policy: Policy, last: int = 50) -> tuple[Played, ...]:
        """Return what a policy would have said of the newest decisions, newest first."""
        raise NotImplementedError

    # Evidence, drills, who owns it.

    def add_evidence(self, id: str, piece: Evidence, by: By) -> Evidence | Refusal:
        """Record a piece of evidence about a change; the same piece twice is one.

        Its id, time of record and producer are ours: the producer is whoever hands it over.
        """
        raise NotImplementedError

    def evidence_of(self, id: str) -> tuple[Evidence, ...]:
        """Return all evidence about the present content of a change, oldest first."""
        raise NotImplementedError

    def attest(self, id: str, by: By) -> Attested | Refusal:
        """Record that a human owns the present content of a change, whoever typed it."""
        raise NotImplementedError

    def record_drill(
        self, component: str, succeeded: bool, by: By, *, at: str = "", ref: str = ""
    ) -> Drill | Refusal:
        """Record that going back was tried on a component, or on a kind such as `prompt`."""
        raise NotImplementedError

    # Exceptions.

    def request_exception(
        self,
        id: str,
        rule: str,
        by: By,
        *,
        reason: str,
        owner: str,
        compensating_control: str,
        hours: float,
        follow_up: str = "",
        max_uses: int = 1,
        key: str = "",
    ) -> GateException | Refusal:
        """Ask that a gate be set aside for the present content of a change."""
        raise NotImplementedError

    def approve_exception(self, exception_id: str, by: By) -> GateException | Refusal:
        """Give an exception; it lasts from now on as long as was asked."""
        raise NotImplementedError

    def revoke_exception(self, exception_id: str, by: By) -> GateException | Refusal:
        """End an exception now."""
        raise NotImplementedError

    def ratify_exception(self, exception_id: str, by: By) -> GateException | Refusal:
        """Answer for glass that somebody broke in an emergency."""
        raise NotImplementedError

    def break_glass(
        self,
        id: str,
        rule: str,
        by: By,
        *,
        incident: str,
        reason: str,
        compensating_control: str,
        hours: float,
        key: str = "",
    ) -> GateException | Refusal:
        """Set a gate aside in an emergency, as the commander of an open incident."""
        raise NotImplementedError

    def exceptions(self, id: str | None = None) -> tuple[Excepted, ...]:
        """Return exceptions with how they stand, newest first; of one change's content, or all."""
        raise NotImplementedError

    # What is known.

    def get(self, id: str) -> Change:
        """Return a change; raises NoSuchChange. An id may be shortened as far as it is clear."""
        raise NotImplementedError

    def list(
        self,
        states: tuple[State, ...] = (),
        *,
        scope: str | None = None,
        limit: int = 200,
        before: str = "",
    ) -> tuple[Change, ...]:
        """Return changes, last changed first; `before` is a `changed_at` to go on from."""
        raise NotImplementedError

    def counts(self) -> dict[State, int]:
        """Return how many changes are in which state."""
        raise NotImplementedError

    def timeline(self, id: str) -> tuple[Moment, ...]:
        """Return everything that was recorded about a change, oldest first."""
        raise NotImplementedError

    def registry(self) -> Registry:
        """Return what every component is, was, and what moves it."""
        raise NotImplementedError

    def live(self, component: str) -> Live | None:
        """Return what a component is now, who approved it, and what to go back to."""
        raise NotImplementedError

    def figures(self, since: str, until: str) -> Figures:
        """Return the figures of a window."""
        raise NotImplementedError
