"""Facts: everything that probes may ask about, gathered once and dated.

Each source is a section of its own, and a section that could not be looked at says why. Probes
are pure over these values; they never see a disk, a network or a clock.
"""

import msgspec

from pawl.maturity.facts.history import History
from pawl.maturity.facts.host import Host
from pawl.maturity.facts.operations import Operations
from pawl.maturity.facts.practice import Practice
from pawl.maturity.facts.reports import Reports
from pawl.maturity.facts.tree import Tree

CLAIMED = "tree:"
"""How the source of an export begins that the assessed tree itself brought along."""


def is_claimed(source: str) -> bool:
    """Say whether an export lay in the assessed tree, where the assessed can write it.

    It proves no more than the tree does: its assurance is at most `Assurance.OBSERVED`.
    """
    return source.startswith(CLAIMED)


class Absent(msgspec.Struct, frozen=True, tag=True):
    """A source that could not be looked at, with the reason and the way to provide it."""

    reason: str
    hint: str = ""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one subject at one time.

    `as_of` is the canonical time that windows are counted back from. `tree` is one commit's
    files (or a folder's), `history` its commits, `reports` exported CI results, `host` a code
    host's export, `operations` incidents, alerts and deployments, `practice` what Pawl's own
    stores tell of agents.
    """

    subject: str
    as_of: str
    tree: Tree | Absent
    history: History | Absent
    reports: Reports | Absent
    host: Host | Absent
    operations: Operations | Absent
    practice: Practice | Absent
