"""What is known of the world when a change is judged. None is unknown, an empty list is none.

Gathered by whoever asks, at one time, and kept with the decision, so that it can be judged again.
"""

from typing import Literal

import msgspec

from pawl.governance.roster import Grant


class BudgetLeft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The error budget of a component; `left` is a share of it, below zero when overdrawn."""

    component: str
    objective: str
    left: float


class OpenAction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A piece of work that an incident left behind and nobody has verified yet."""

    id: str
    component: str
    incident: str
    due_at: str
    owner: str


class Debt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A root cause seen again in a component. `planned` says whether an owner has a plan."""

    id: str
    component: str
    incidents: tuple[str, ...]
    planned: bool


class Drill(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rollback of a component that was exercised."""

    id: str
    component: str
    at: str
    succeeded: bool


class Attested(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A human owner says of the content with a digest: this is mine, whoever typed it."""

    id: str
    identity: str
    digest: str
    at: str


class Facts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything besides policy, approvals and evidence.

    `base_digest` is what the components of the change are now. `grants` are the roles that the
    change newly gives in the roster it proposes; it matters only where it edits that. `rolling`
    says which changes move which component. `quarantine` says when a component's part with a
    digest, written `component@digest`, was last rolled back.
    """

    base_digest: str | None = None
    cost_share: float | None = None
    budgets: tuple[BudgetLeft, ...] | None = None
    actions: tuple[OpenAction, ...] | None = None
    debts: tuple[Debt, ...] | None = None
    drills: tuple[Drill, ...] | None = None
    attested: tuple[Attested, ...] | None = None
    grants: tuple[Grant, ...] | None = None
    rolling: dict[str, tuple[str, ...]] | None = None
    quarantine: dict[str, str] | None = None


Where = Literal["approve", "start"]
"""When a gate asks: before a change is approved, and again before it starts."""
