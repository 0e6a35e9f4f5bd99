"""Risk: rules as data, the higher of declared and computed, and the unknown is not harmless."""

from importlib.resources import files
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.changes.made_changes import manifest
from tests.changes.made_manifests import manifests

from pawl.base.errors import BadFile
from pawl.changes.manifest import Manifest, Risk
from pawl.changes.parts import (
    Code,
    Data,
    EvalSet,
    Model,
    Part,
    PolicyFile,
    Prompt,
    Tool,
    kind_of,
)
from pawl.changes.plan import Rollout, Stage
from pawl.changes.risk import (
    RiskFacts,
    RiskRule,
    RiskRules,
    When,
    assess_risk,
    load_rules,
    riskiest,
    shipped_rules,
)

RULES = shipped_rules()
FINE = RiskFacts(cost_share=0.0, budget_exhausted=False, debt_open=False)
ORDER = {risk: place for place, risk in enumerate(Risk)}


def change(after: Part | None, before: Part | None = None, **other: Any) -> Manifest:
    part = after or before
    assert part is not None
    name = f"{kind_of(part)}/x"
    return manifest(parts={name: after}, base={name: before}, declared_risk=Risk.LOW, **other)


ALL_AT_ONCE = Rollout(stages=(Stage(name="all", exposure=1.0),))


CASES: list[tuple[Manifest, RiskFacts, str | None, Risk]] = [
    (change(Code(digest="a")), FINE, None, Risk.LOW),
    (change(PolicyFile(digest="a")), FINE, "policy-touched", Risk.HIGH),
    (change(None, PolicyFile(digest="a")), FINE, "policy-touched", Risk.HIGH),
    (change(EvalSet(digest="a", cases=1)), FINE, "judge-touched", Risk.HIGH),
    (change(Tool(permission="allow")), FINE, "tool-may-do-more", Risk.HIGH),
    (change(Tool(permission="deny")), FINE, None, Risk.LOW),
    (change(Model(family="f", model="m")), FINE, "other-model-family", Risk.HIGH),
    (
        change(Model(family="f", model="n"), Model(family="f", model="m")),
        FINE,
        "model-touched",
        Risk.MEDIUM,
    ),
    (change(Data(classes=("a",))), FINE, "data-class-added", Risk.HIGH),
    (change(Data(classes=()), Data(classes=("a",))), FINE, None, Risk.LOW),
    (change(Prompt(text="x")), FINE, "prompt-touched", Risk.MEDIUM),
    (change(Prompt(text="x"), rollout=ALL_AT_ONCE), FINE, "wide-first-step", Risk.HIGH),
    (change(Code(digest="a"), rollout=ALL_AT_ONCE), FINE, None, Risk.LOW),
    (
        change(Prompt(text="x")),
        msgspec.structs.replace(FINE, cost_share=0.21),
        "dearer",
        Risk.HIGH,
    ),
    (
        change(Code(digest="a")),
        msgspec.structs.replace(FINE, budget_exhausted=True),
        "budget-exhausted",
        Risk.HIGH,
    ),
    (
        change(Code(digest="a")),
        msgspec.structs.replace(FINE, debt_open=True),
        "debt-open",
        Risk.HIGH,
    ),
]


@pytest.mark.parametrize(("plan", "facts", "rule", "risk"), CASES)
def test_each_rule_holds_where_it_says(
    plan: Manifest, facts: RiskFacts, rule: str | None, risk: Risk
) -> None:
    """The riskiest rule that holds gives the risk, and is named."""
    found = assess_risk(plan, RULES, facts)
    assert found.risk is risk
    assert (found.hits[0].rule if found.hits else None) == rule


def test_every_rule_of_ours_has_been_seen_to_hold() -> None:
    """No rule stands in the file that the cases above do not know."""
    seen = {rule for _, _, rule, _ in CASES}
    assert {rule.id for rule in RULES.rules} == seen - {None}


FACTS = st.builds(
    RiskFacts,
    cost_share=st.none() | st.floats(-1, 1),
    budget_exhausted=st.none() | st.booleans(),
    debt_open=st.none() | st.booleans(),
)


@settings(max_examples=40)
@given(manifests(), FACTS, st.sampled_from(Risk))
def test_authors_may_raise_the_risk_and_never_lower_it(
    plan: Manifest, facts: RiskFacts, declared: Risk
) -> None:
    """The risk is the higher of both, whatever is declared; what is computed is not moved by it."""
    found = assess_risk(msgspec.structs.replace(plan, declared_risk=declared), RULES, facts)
    low = assess_risk(msgspec.structs.replace(plan, declared_risk=Risk.LOW), RULES, facts)
    assert found.computed is low.computed
    assert found.risk is riskiest((declared, low.computed))


@settings(max_examples=40)
@given(manifests(), FACTS)
def test_knowing_less_never_lowers_the_risk(plan: Manifest, facts: RiskFacts) -> None:
    """Hiding a measurement makes a change no safer: what nobody knows counts as the worst of it."""
    known = assess_risk(plan, RULES, facts)
    for name in RiskFacts.__struct_fields__:
        hidden = assess_risk(plan, RULES, msgspec.structs.replace(facts, **{name: None}))
        assert ORDER[hidden.risk] >= ORDER[known.risk]


def own(*rules: RiskRule, **other: Any) -> str:
    sources = {rule.id: "ours" for rule in rules}
    fields: dict[str, Any] = {
        "schema": "pawl.risk-rules/1",
        "version": "t",
        "as_of": "2026-11-21",
        "rules": rules,
        "sources": sources,
    }
    return msgspec.json.encode(RiskRules(**{**fields, **other})).decode()


EXTRA = RiskRule(id="code", risk=Risk.HIGH, when=When(kinds=("code",)), why="Ours.")


@settings(max_examples=40)
@given(manifests(), FACTS)
def test_a_teams_rules_only_add(plan: Manifest, facts: RiskFacts) -> None:
    """A team's file on top of ours finds every change at least as risky."""
    rules = load_rules(own(EXTRA), place="risk.yaml")
    added = assess_risk(plan, rules, facts)
    assert ORDER[added.risk] >= ORDER[assess_risk(plan, RULES, facts).risk]


def test_a_rule_that_is_not_firm_can_be_left_out_with_a_reason() -> None:
    """What a team does without is said in its file, and no firm rule is among it."""
    rules = load_rules(own(without={"wide-first-step": "We have one stage."}), place="r")
    assert "wide-first-step" not in {rule.id for rule in rules.rules}


@pytest.mark.parametrize(
    "text",
    [
        own(msgspec.structs.replace(EXTRA, id="policy-touched")),
        own(EXTRA, EXTRA),
        own(msgspec.structs.replace(EXTRA, when=When())),
        own(EXTRA, sources={}),
        own(without={"policy-touched": "It is in our way."}),
        own(without={"wide-first-step": " "}),
        own(without={"nothing": "x"}),
        "rules: [",
    ],
)
def test_rules_that_would_loosen_ours_do_not_load(text: str) -> None:
    """Neither another rule under our id nor a firm one left out, nor a rule without a source."""
    with pytest.raises(BadFile):
        load_rules(text, place="risk.yaml")


def test_an_unknown_that_may_be_ignored_says_so_itself() -> None:
    """A rule decides on its own what not knowing means; silence means that it holds."""
    ignoring = msgspec.structs.replace(
        EXTRA, when=When(cost_share_above=0.1), if_unknown="ignore", id="mild"
    )
    plan = change(Code(digest="a"))
    only = msgspec.structs.replace(RULES, rules=(ignoring,))
    assert assess_risk(plan, only, RiskFacts()).risk is Risk.LOW
    holding = msgspec.structs.replace(ignoring, if_unknown="hold")
    only = msgspec.structs.replace(RULES, rules=(holding,))
    (hit,) = assess_risk(plan, only, RiskFacts()).hits
    assert not hit.known
    assert "Nobody can tell" in hit.why


def test_the_shipped_file_is_what_loads() -> None:
    """The rules come from the file beside the module, each with its source."""
    text = files("pawl.changes").joinpath("risk.yaml").read_text()
    assert set(RULES.sources) == {rule.id for rule in RULES.rules}
    assert all(f"id: {rule.id}" in text for rule in RULES.rules)
