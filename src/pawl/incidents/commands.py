"""What can be asked of an incident. `by` is an identity; people are looked up in the roster."""

import msgspec

from pawl.governance.priority import Domain
from pawl.incidents.action import Action
from pawl.incidents.incident import Incident, LinkKind, Milestone, Paging
from pawl.incidents.people import People
from pawl.incidents.postmortem import Postmortem
from pawl.incidents.terms import Severity, Terms


class Accept(msgspec.Struct, frozen=True, kw_only=True, tag="accept"):
    """Take command: of what nobody commands, or of what was offered.

    Without `proved` nobody knows for certain that it is this person: people go on being paged.
    """

    by: str
    people: People
    proved: bool = True


class Offer(msgspec.Struct, frozen=True, kw_only=True, tag="offer"):
    """Offer command to a person; who commands goes on until the other one accepts."""

    by: str
    to: str
    people: People


class TakeOver(msgspec.Struct, frozen=True, kw_only=True, tag="take-over"):
    """Relieve a commander who cannot go on, and why; only for who answers for the domain."""

    by: str
    reason: str
    people: People


class Join(msgspec.Struct, frozen=True, kw_only=True, tag="join"):
    """Be one of those who fix it."""

    by: str
    people: People


class Leave(msgspec.Struct, frozen=True, kw_only=True, tag="leave"):
    """Be no longer one of those who fix it."""

    by: str
    people: People


class Note(msgspec.Struct, frozen=True, kw_only=True, tag="note"):
    """Put something on the timeline."""

    by: str
    text: str


class Update(msgspec.Struct, frozen=True, kw_only=True, tag="update"):
    """Tell everybody how it stands. When the next one is due follows from the severity."""

    by: str
    facts: str
    impact: str
    status: str
    terms: Terms


class Attach(msgspec.Struct, frozen=True, kw_only=True, tag="attach"):
    """Link something with it."""

    by: str
    kind: LinkKind
    id: str
    suspected: bool = False


class Reclassify(msgspec.Struct, frozen=True, kw_only=True, tag="reclassify"):
    """Say how bad it is, or of which domain, and why."""

    by: str
    reason: str
    severity: Severity | None = None
    domain: Domain | None = None


class Claim(msgspec.Struct, frozen=True, kw_only=True, tag="claim"):
    """Say when it started or was detected, now that it is known."""

    by: str
    milestone: Milestone
    at: str


class Mitigate(msgspec.Struct, frozen=True, kw_only=True, tag="mitigate"):
    """It no longer hurts. Without `at` since now."""

    by: str
    at: str = ""


class Resolve(msgspec.Struct, frozen=True, kw_only=True, tag="resolve"):
    """It is mended. What was never called mitigated needs `mitigated_at` as well."""

    by: str
    at: str = ""
    mitigated_at: str = ""


class BeginPostmortem(msgspec.Struct, frozen=True, kw_only=True, tag="begin-postmortem"):
    """Begin to write down what can be learned."""

    by: str


class PublishPostmortem(msgspec.Struct, frozen=True, kw_only=True, tag="publish-postmortem"):
    """Go on to the actions; the postmortem of this incident is published."""

    by: str
    postmortem: Postmortem


class Close(msgspec.Struct, frozen=True, kw_only=True, tag="close"):
    """End it. `actions` are all of its own, `budget_used` is of four weeks' error budget."""

    by: str
    actions: tuple[Action, ...]
    terms: Terms
    postmortem: Postmortem | None = None
    budget_used: float | None = None


class Reopen(msgspec.Struct, frozen=True, kw_only=True, tag="reopen"):
    """It is back. `paging` is made anew; `holder` is the ongoing incident with its key, if any."""

    by: str
    reason: str
    paging: Paging
    holder: str = ""


class Decline(msgspec.Struct, frozen=True, kw_only=True, tag="decline"):
    """It is no incident, and why."""

    by: str
    reason: str


class Merge(msgspec.Struct, frozen=True, kw_only=True, tag="merge"):
    """It is the same ongoing event as another incident."""

    by: str
    target: Incident


class ConfirmRepeat(msgspec.Struct, frozen=True, kw_only=True, tag="confirm-repeat"):
    """It has the cause of an earlier one, which was resolved before: a human says so."""

    by: str
    earlier: Incident
    people: People


class DismissRepeat(msgspec.Struct, frozen=True, kw_only=True, tag="dismiss-repeat"):
    """It has not the cause of another one, whatever looks alike: a human says so.

    What was confirmed takes somebody who is accountable, and a reason, to be taken back.
    """

    by: str
    earlier: str
    people: People
    reason: str = ""


class Tick(msgspec.Struct, frozen=True, kw_only=True, tag="tick"):
    """Let time do what is due: people are paged, a promise is broken."""

    by: str


Command = (
    Accept | Offer | TakeOver | Join | Leave | Note | Update | Attach | Reclassify | Claim
    | Mitigate | Resolve | BeginPostmortem | PublishPostmortem | Close | Reopen | Decline | Merge
    | ConfirmRepeat | DismissRepeat | Tick
)  # fmt: skip
COMMANDS: tuple[type[Command], ...] = (
    Accept, Offer, TakeOver, Join, Leave, Note, Update, Attach, Reclassify, Claim, Mitigate,
    Resolve, BeginPostmortem, PublishPostmortem, Close, Reopen, Decline, Merge, ConfirmRepeat,
    DismissRepeat, Tick,
)  # fmt: skip
"""Every command there is."""
