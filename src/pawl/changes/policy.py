"""The policy that judges a change: roles, gates, risk rules, limits of exceptions, terms.

It is the policy of the change's *base*: a change that edits a policy is judged by the version
before it, and so cannot weaken the rules it must meet. Approvals bind to its digest. Who holds
which role is not in it: people come and go, and every answer is judged by the roster of the day.
"""

from functools import cached_property
from typing import Literal

import msgspec

from pawl.base.canonical import digest
from pawl.changes.gate_file import GateFile, shipped_gates
from pawl.changes.risk import RiskRules, shipped_rules
from pawl.changes.terms import Terms, shipped_terms
from pawl.governance.exceptions import Limits, shipped_limits
from pawl.governance.raci import Raci, shipped_raci


class Policy(msgspec.Struct, frozen=True, kw_only=True, dict=True, forbid_unknown_fields=True):
    """All rules by which a change is judged."""

    schema: Literal["pawl.change-policy/1"] = "pawl.change-policy/1"
    raci: Raci
    gates: GateFile
    risk: RiskRules
    limits: Limits
    terms: Terms

    @cached_property
    def digest(self) -> str:
        """The digest that approvals and decisions bind to; worked out once for each value."""
        return digest(msgspec.to_builtins(self))


def shipped_policy() -> Policy:
    """Return the policy of a repository that says nothing of its own."""
    return Policy(
        raci=shipped_raci(),
        gates=shipped_gates(),
        risk=shipped_rules(),
        limits=shipped_limits(),
        terms=shipped_terms(),
    )
