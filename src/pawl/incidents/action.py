"""An action: an owned, dated piece of work that an incident left behind.

Whoever says that it is done has claimed it; it is done when somebody else has looked at evidence.
"""

from enum import StrEnum

import msgspec

from pawl.base.canonical import digest
from pawl.governance.priority import Domain
from pawl.incidents.terms import Severity


class Work(StrEnum):
    """What kind of thing is to be made better."""

    EVAL_CASE = "eval-case"
    GATE = "gate"
    RUNBOOK = "runbook"
    CODE = "code"
    POLICY = "policy"


class State(StrEnum):
    """Where an action stands. That it is overdue is a matter of the clock and no state."""

    OPEN = "open"
    IN_PROGRESS = "in-progress"
    CLAIMED = "claimed"
    VERIFIED = "verified"
    WONT_DO = "wont-do"


DONE = frozenset({State.VERIFIED, State.WONT_DO})


class Proof(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a verifier looked at, by its place and digest.

    Of an eval case it says whether the case failed on the digest that was bad and passes on the one
    that is mended; None is not tried. `checked` names what of all this we saw ourselves; the rest
    is the verifier's word.
    """

    place: str
    digest: str
    fails_on_bad: bool | None = None
    passes_on_fixed: bool | None = None
    checked: tuple[str, ...] = ()

    @property
    def declared(self) -> tuple[str, ...]:
        """What rests on the verifier's word alone."""
        told = ["digest"]
        told += ["fails-on-bad"] if self.fails_on_bad else []
        told += ["passes-on-fixed"] if self.passes_on_fixed else []
        return tuple(each for each in told if each not in self.checked)


class Action(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One action. `owner` is a roster id. `blocker` says that releases of the component wait.

    `first_due_at` is the date that was promised first: figures count by that one.
    """

    id: str
    incident: str
    component: str
    title: str
    owner: str
    due_at: str
    first_due_at: str
    work: Work
    severity: Severity
    domain: Domain
    changed_at: str
    opened_at: str
    scope: str = ""
    blocker: bool = True
    state: State = State.OPEN
    version: int = 1
    claimed_by: str = ""
    verified_by: str = ""
    done_at: str | None = None
    proof: Proof | None = None
    why: str = ""


def action_id(incident: str, work: Work, title: str) -> str:
    """Return the id of an action: of the same incident, kind and title it is the same."""
    return f"act_{digest([incident, work, title.strip()])[:26]}"


def is_overdue(action: Action, now: str) -> bool:
    """Say whether an action should have been done by now."""
    return action.state not in DONE and action.due_at <= now
