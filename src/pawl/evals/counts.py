"""What the gate is told of each case: whole counts, never rates.

Infra failures and skipped trials are counted apart: a machine that fell over says nothing of the
agent, so they enter no rate, and a trial that did not run is not one that passed.
"""

from datetime import date
from enum import StrEnum

import msgspec

from pawl.base.errors import BadValue

TRIALS_MOST = 10_000
"""Trials of one case and side; more would cost the exact tests seconds and prove nothing new."""


class CaseClass(StrEnum):
    """What a case asks for."""

    GUARD = "guard"
    """It must never happen: one violation is one too many."""
    BEHAVIOUR = "behaviour"
    """It has a rate, which must not fall."""
    CAPABILITY = "capability"
    """It is tracked and never stops a change."""


class Tally(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Trials that passed, of all that ended in pass or fail."""

    passes: int = 0
    n: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.passes <= self.n <= TRIALS_MOST:
            raise BadValue(
                f"{self.passes} passes of {self.n} trials cannot be.",
                hint=f"Passes are at most the trials, and those at most {TRIALS_MOST:,}.",
            )


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many trials a case gets: `k` first, `confirm` more if suspect, `pool` as baseline."""

    k: int
    confirm: int
    pool: int

    def __post_init__(self) -> None:
        if not (1 <= self.k <= 1000 and 0 <= self.confirm <= 1000 and 1 <= self.pool <= 1000):
            raise BadValue(
                f"k {self.k}, confirm {self.confirm} and pool {self.pool} are no plan.",
                hint="Take k and pool from 1 and confirm from 0, each to 1,000.",
            )

    @property
    def whole(self) -> int:
        """Trials of a case whose drop was confirmed or cleared."""
        return self.k + self.confirm


class Quarantine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A case set aside for a while: who answers for it, and the last day it is so."""

    owner: str
    expires: date
    reason: str = ""

    def __post_init__(self) -> None:
        if not self.owner.strip():
            raise BadValue("a quarantine has no owner.", hint="Name who answers for the case.")


class CaseCounts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One case as it was counted.

    `cluster` names what it shares with other cases; empty, it stands alone. `baseline` are the
    pooled trials of the blessed version, `trials` all of the version in question, reruns among
    them. `stale` says that the records are of other assets than those in question. `plan`
    replaces the policy's.
    """

    id: str
    kind: CaseClass = msgspec.field(name="class")
    cluster: str = ""
    baseline: Tally = Tally()
    trials: Tally = Tally()
    infra: int = 0
    skipped: int = 0
    stale: bool = False
    quarantine: Quarantine | None = None
    plan: Plan | None = None

    def __post_init__(self) -> None:
        if not self.id:
            raise BadValue("a case has no id.", hint="Give each case its id.")
        if not (0 <= self.infra <= TRIALS_MOST and 0 <= self.skipped <= TRIALS_MOST):
            raise BadValue(
                f"{self.infra} infra failures and {self.skipped} skipped trials cannot be.",
                place=self.id,
                hint=f"Both are from 0 to {TRIALS_MOST:,}.",
            )
