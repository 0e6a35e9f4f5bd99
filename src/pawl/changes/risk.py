"""How risky a change is: the higher of what its author declares and what the rules compute.

Rules are data (`risk.yaml`). Authors may raise the risk and never lower it, and what nobody knows
is not harmless: a rule that cannot be decided holds, unless the rule itself says otherwise.
"""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from pawl.base.errors import BadFile
from pawl.base.loading import load_yaml
from pawl.changes.manifest import Manifest, Risk, changed
from pawl.changes.parts import Data, Model, Part, kind_of, widened


class When(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a rule asks; all that is named must hold. Shares are of one."""

    kinds: tuple[str, ...] = ()
    permission: Literal["widened"] | None = None
    model_family: Literal["new"] | None = None
    data_class: Literal["added"] | None = None
    cost_share_above: float | None = None
    budget: Literal["exhausted"] | None = None
    debt: Literal["open"] | None = None
    exposure_above: float | None = None


class RiskRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule: when it holds the change is at least this risky, and why.

    A `firm` rule of ours cannot be left out: without it nothing would be high.
    """

    id: str
    risk: Risk
    when: When
    why: str
    if_unknown: Literal["hold", "ignore"] = "hold"
    firm: bool = False


class RiskRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All rules. `without` are rules of ours that a team leaves out, with its reason."""

    schema: Literal["pawl.risk-rules/1"]
    version: str
    as_of: str
    rules: tuple[RiskRule, ...]
    sources: dict[str, str]
    without: dict[str, str] = {}


class RiskFacts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known besides the manifest; None is unknown, which is not no.

    `cost_share` is how much dearer the change was measured to be, 0.2 for a fifth.
    """

    cost_share: float | None = None
    budget_exhausted: bool | None = None
    debt_open: bool | None = None


class Hit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule that holds. It is not `known` where it counts only because nobody can tell."""

    rule: str
    risk: Risk
    known: bool
    why: str


class RiskResult(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How risky a change is and why."""

    risk: Risk
    declared: Risk
    computed: Risk
    hits: tuple[Hit, ...]


_ORDER = {risk: place for place, risk in enumerate(Risk)}


def assess_risk(manifest: Manifest, rules: RiskRules, facts: RiskFacts) -> RiskResult:
    """Return the risk of a change with every rule that holds, the riskiest first."""
    hits = []
    pairs = [(manifest.base.get(name), manifest.parts[name]) for name in changed(manifest)]
    for rule in rules.rules:
        held = _holds(rule.when, manifest, pairs, facts)
        if held is None and rule.if_unknown == "ignore":
            continue
        if held is not False:
            why = rule.why if held else f"{rule.why} Nobody can tell, so it counts."
            hits.append(Hit(rule=rule.id, risk=rule.risk, known=held is True, why=why))
    hits.sort(key=lambda hit: (-_ORDER[hit.risk], hit.rule))
    computed = riskiest(hit.risk for hit in hits)
    return RiskResult(
        risk=riskiest((manifest.declared_risk, computed)),
        declared=manifest.declared_risk,
        computed=computed,
        hits=tuple(hits),
    )


def riskiest(risks: Iterable[Risk]) -> Risk:
    """Return the highest of some risks; low where there are none."""
    return max(risks, key=_ORDER.__getitem__, default=Risk.LOW)


def load_rules(text: str, *, place: str) -> RiskRules:
    """Return a team's rules on top of ours; raises BadFile for one of our ids, or a bare number."""
    return with_ours(_checked(load_yaml(text, RiskRules, place=place), place), place=place)


def with_ours(own: RiskRules, *, place: str) -> RiskRules:
    """Return our rules and a team's, who may leave some out but put nothing in their place."""
    ours = shipped_rules()
    ids = {rule.id: rule for rule in ours.rules}
    extra = tuple(rule for rule in own.rules if ids.get(rule.id) != rule)
    taken = sorted(rule.id for rule in extra if rule.id in ids)
    if taken:
        raise BadFile(
            f"{', '.join(taken)} is a rule of ours.",
            place=f"{place}: rules",
            hint="Add a rule under another id; ours stay.",
        )
    for name, reason in own.without.items():
        if name not in ids or ids[name].firm or not reason.strip():
            raise BadFile(
                f"{name!r} cannot be left out.",
                place=f"{place}: without",
                hint="Only a rule of ours that is not firm can be, and with a reason.",
            )
    kept = tuple(rule for rule in ours.rules if rule.id not in own.without)
    return msgspec.structs.replace(
        own, rules=(*kept, *extra), sources={**ours.sources, **own.sources}
    )


@cache
def shipped_rules() -> RiskRules:
    """Return the rules that come with Pawl."""
    text = files("pawl.changes").joinpath("risk.yaml").read_text(encoding="utf-8")
    return _checked(load_yaml(text, RiskRules, place="risk.yaml"), "risk.yaml")


def _checked(rules: RiskRules, place: str) -> RiskRules:
    ids = [rule.id for rule in rules.rules]
    for rule in rules.rules:
        if ids.count(rule.id) > 1:
            raise BadFile(f"the rule {rule.id!r} stands twice.", place=f"{place}: rules")
        if rule.when == When():
            raise BadFile(f"the rule {rule.id!r} asks nothing.", place=f"{place}: rules")
        if not rules.sources.get(rule.id, "").strip():
            raise BadFile(
                f"the rule {rule.id!r} has no source.", place=f"{place}: sources", hint="Say why."
            )
    return rules


_Pairs = list[tuple[Part | None, Part | None]]


def _holds(when: When, manifest: Manifest, pairs: _Pairs, facts: RiskFacts) -> bool | None:
    """Return whether all of it holds: no if one does not, unknown if one is, else yes."""
    said = list(_said(when, manifest, pairs, facts))
    if any(each is False for each in said):
        return False
    return None if any(each is None for each in said) else True


def _said(when: When, manifest: Manifest, pairs: _Pairs, facts: RiskFacts) -> Iterable[bool | None]:
    if when.kinds:
        yield any(
            kind_of(part) in when.kinds for pair in pairs for part in pair if part is not None
        )
    if when.permission:
        yield any(widened(*pair) for pair in pairs)
    if when.model_family:
        yield any(_other_family(*pair) for pair in pairs)
    if when.data_class:
        yield any(_more_data(*pair) for pair in pairs)
    if when.cost_share_above is not None:
        yield None if facts.cost_share is None else facts.cost_share > when.cost_share_above
    if when.budget:
        yield facts.budget_exhausted
    if when.debt:
        yield facts.debt_open
    if when.exposure_above is not None:
        yield any(stage.exposure > when.exposure_above for stage in manifest.rollout.stages[:1])


def _other_family(before: Part | None, after: Part | None) -> bool:
    return isinstance(after, Model) and not (
        isinstance(before, Model) and before.family == after.family
    )


def _more_data(before: Part | None, after: Part | None) -> bool:
    if not isinstance(after, Data):
        return False
    return not set(after.classes) <= (set(before.classes) if isinstance(before, Data) else set())
