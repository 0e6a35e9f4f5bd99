"""Who answers for a work, and who may approve it."""

import pytest

from pawl.changes.answering import Authored, answering, authored
from pawl.changes.health import policy_findings, scopes_of
from pawl.changes.policy import shipped_policy
from pawl.governance.raci import Work
from pawl.governance.roster import load_roster

NOW = "2026-11-21T12:00:00.000000Z"
ROSTER = """\
schema: pawl.roster/1
people:
  - {id: ada, identities: ["git:ada@x"]}
  - {id: grace, identities: ["git:grace@x"]}
  - {id: coder, kind: agent, sponsor: grace, identities: ["git:coder@x"]}
grants:
  - {person: ada, role: product-lead}
  - {person: grace, role: product-lead, scope: shop}
  - {person: ada, role: security-lead, ends: 2026-11-30}
  - {person: grace, role: security-lead}
"""
PEOPLE = load_roster(ROSTER, place="r")


@pytest.mark.parametrize(
    ("scope", "authors", "may"),
    [
        ("", (), ("ada",)),
        ("shop/search", (), ("ada", "grace")),
        ("shop", ("git:ADA@x",), ("grace",)),
        ("shop", ("git:coder@x",), ("ada",)),
        ("shop", ("git:ada@x", "git:grace@x"), ()),
    ],
)
def test_whoever_holds_the_role_there_and_wrote_none_of_it_may(
    scope: str, authors: tuple[str, ...], may: tuple[str, ...]
) -> None:
    """Sponsors wrote what their agents did, and a scope is held from above."""
    wrote = authored(authors, PEOPLE)
    (found,) = answering([Work.PROMPT], scope, shipped_policy(), PEOPLE, NOW, authors=wrote)
    assert found.may_approve == may
    assert found.can_be_approved is bool(may)


def test_a_work_without_a_row_is_judged_as_another() -> None:
    """The answer says as which."""
    (found,) = answering([Work.CODE], "", shipped_policy(), PEOPLE, NOW)
    assert (found.judged_as, found.accountable.role) == (Work.PROMPT, "product-lead")


def test_an_author_whom_nobody_claims_is_told() -> None:
    """It may be anybody."""
    assert authored(["git:who@x"], PEOPLE) == Authored(unknown=("git:who@x",))


def test_rules_are_tried_in_every_scope_that_is_named() -> None:
    """A role that ends within a month is told, and so is one that one person alone holds."""
    found = policy_findings({"roster.yaml": ROSTER}, NOW)
    told = " ".join(each.message for each in found)
    assert "security-lead" in told
    assert "From 2026-11-30" in told
    assert scopes_of({"gates/shop.yaml": "", "gates.yaml": ""}) == ("", "shop")


def test_a_file_that_does_not_read_is_one_finding() -> None:
    """However many scopes rest on it; without a roster nothing is said of people."""
    texts = {"risk.yaml": "[", "gates/a.yaml": "schema: pawl.gates/1", "roster.yaml": "people: 1"}
    found = policy_findings(texts, NOW, place="main")
    assert {each.id for each in found} == {"policy-can-be-read"}
    places = [str(each.place) for each in found]
    assert len(places) == len(set(places))
    assert all("of main" in place for place in places)
    assert policy_findings({}, NOW) == ()
