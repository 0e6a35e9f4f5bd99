"""The gate's numbers of judgement, as a frozen value read from a versioned file.

What ships is `gate.yaml` beside this module; a team may bring a file of its own of the same
form, where each number needs a source of its own too.
"""

from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from pawl.base.canonical import digest
from pawl.base.errors import BadFile
from pawl.base.loading import load_yaml
from pawl.evals.counts import Plan

_NOT_NUMBERS = {"schema", "version", "as_of", "sources"}


class GatePolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many trials, how sure, and how much may be missing; shares and chances are of one.

    `k`, `confirm` and `pool` are the trials of a case. `screening_p` makes a suspect of a case,
    `case_alpha` is shared by all cases, `suite_alpha` belongs to the test over the suite.
    `confidence` is of intervals and bounds, `power` of the drop called detectable. `margin` is
    how far the mean rate may fall where a change must show that it is no worse.
    """

    schema: Literal["pawl.eval-gate-policy/1"]
    version: str
    as_of: str
    k: int
    confirm: int
    pool: int
    screening_p: float
    case_alpha: float
    suite_alpha: float
    confidence: float
    power: float
    margin: float
    infra_share_max: float
    stale_max: int
    draws: int
    sources: dict[str, str]

    @property
    def plan(self) -> Plan:
        """The trials of a case that has no plan of its own."""
        return Plan(self.k, self.confirm, self.pool)

    @property
    def digest(self) -> str:
        """The digest of the file's content, whatever its spacing."""
        return digest(msgspec.to_builtins(self))


def load_policy(text: str, *, place: str) -> GatePolicy:
    """Return a policy from YAML; raises BadFile for a number out of range or without a source."""
    policy = load_yaml(text, GatePolicy, place=place)
    numbers = set(GatePolicy.__struct_fields__) - _NOT_NUMBERS
    unexplained = sorted(name for name in numbers if not policy.sources.get(name, "").strip())
    if unexplained or not set(policy.sources) <= numbers:
        odd = unexplained or sorted(set(policy.sources) - numbers)
        raise BadFile(
            f"numbers and sources do not match: {', '.join(odd)}.",
            place=f"{place}: sources",
            hint="Say for each number, and only for those, where it comes from.",
        )
    for name, low, high in _RANGES:
        if not low <= getattr(policy, name) <= high:
            raise BadFile(
                f"{name} is {getattr(policy, name)}.",
                place=f"{place}: {name}",
                hint=f"Take a number from {low} to {high}.",
            )
    return policy


_RANGES = (
    ("k", 1, 1000),
    ("confirm", 0, 1000),
    ("pool", 1, 1000),
    ("screening_p", 0.001, 1),
    ("case_alpha", 0.0001, 0.2),
    ("suite_alpha", 0.0001, 0.2),
    ("confidence", 0.5, 0.9999),
    ("power", 0.5, 0.9999),
    ("margin", 0, 1),
    ("infra_share_max", 0, 1),
    ("stale_max", 0, 10_000),
    ("draws", 1_000, 100_000),
)


@cache
def shipped_policy() -> GatePolicy:
    """Return the policy that comes with Pawl."""
    text = files("pawl.evals").joinpath("gate.yaml").read_text(encoding="utf-8")
    return load_policy(text, place="gate.yaml")
