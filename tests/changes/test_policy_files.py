"""A policy out of a repository's files, scope by scope, and what it asks of people."""

import pytest
from tests.changes.made_changes import NOW, ROSTER

from pawl.base.errors import BadFile
from pawl.changes.firm import loosened
from pawl.changes.policy import shipped_policy
from pawl.changes.policy_files import needs_of, read_policy
from pawl.governance.roster import Grant, Person, Roster
from pawl.governance.satisfiable import unsatisfiable

HEAD = 'schema: pawl.gates/1\nversion: "1"\nas_of: 2026-11-21\ngates:\n'
TWO = HEAD + (
    "  - {id: approvals, condition: approvals-are-given, domain: security, source: ours,\n"
    "     applies: {risk: [high]}, with: {quorum: 2}}\n"
)
ONE = TWO.replace("quorum: 2", "quorum: 1")
LOOSE = TWO.replace("quorum: 2", "quorum: 2}, mode: dry-run, moments: [approve]").replace(
    "[approve]}}", "[approve]}"
)


def gates(text: str, scope: str = "", **more: str) -> dict[str, dict[str, object]]:
    texts = {"gates.yaml": text, **{name.replace("__", "/"): it for name, it in more.items()}}
    read = read_policy(texts, scope)
    return {each.id: each.given for each in read.policy.gates.gates}


def test_nothing_said_is_what_comes_with_pawl() -> None:
    """A repository without files has our policy, and no notes."""
    read = read_policy({})
    assert read.policy == shipped_policy()
    assert read.notes == ()
    assert loosened(read.policy) == ()


def test_a_file_of_ones_own_stands_on_the_firm_gates() -> None:
    """What is not firm may be left out; the firm ones are there, tightened as the file says."""
    found = gates(TWO)
    assert found["approvals"] == {"quorum": 2}
    assert "broken-glass" in found
    assert "lint" not in found


def test_a_scope_stands_on_all_above_it() -> None:
    """The file of a scope tightens what its organisation says, and cannot take it back."""
    read = read_policy({"gates.yaml": TWO, "gates/shop.yaml": ONE}, "shop/search")
    approvals = next(each for each in read.policy.gates.gates if each.id == "approvals")
    assert approvals.given == {"quorum": 2}
    assert read.notes == ("shop: approvals: with would be looser, so the wider rule stays.",)
    assert gates(ONE, "shop", **{"gates/shop.yaml": TWO})["approvals"] == {"quorum": 2}
    assert gates(ONE, "office", **{"gates/shop.yaml": TWO})["approvals"] == {"quorum": 1}


def test_loosening_a_firm_gate_is_told_and_not_done() -> None:
    """A dry run of the approvals, asked once only, stays enforced and asked twice."""
    read = read_policy({"gates.yaml": LOOSE})
    assert {note.split(": ")[1].split()[0] for note in read.notes} == {"mode", "moments"}
    assert loosened(read.policy) == ()


@pytest.mark.parametrize(
    "texts",
    [
        {"gates.yaml": "gates: ["},
        {"gates.yaml": TWO.replace("approvals-are-given", "all-is-well")},
        {"gates.yaml": TWO.replace("quorum: 2", "quorum: two")},
        {"gates.yaml": TWO.replace("quorum: 2", "number: 2")},
        {"raci.yaml": "rows: 7"},
        {"risk.yaml": ""},
        {"exceptions.yaml": "{}"},
        {"change-terms.yaml": "[]"},
    ],
)
def test_a_policy_that_does_not_read_allows_nothing(texts: dict[str, str]) -> None:
    """Whichever file it is, there is no policy then and nothing is judged by half of one."""
    with pytest.raises(BadFile, match=rf"\.pawl/{next(iter(texts))}"):
        read_policy(texts)


def test_a_policy_that_lost_a_firm_gate_is_found() -> None:
    """However it was put together, what is missing or looser is named."""
    import msgspec

    ours = shipped_policy()
    bare = msgspec.structs.replace(
        ours, gates=msgspec.structs.replace(ours.gates, gates=ours.gates.gates[1:])
    )
    assert loosened(bare) == ("approvals is missing.",)


def test_what_a_policy_asks_can_be_tried_on_people() -> None:
    """With two product leads and one of the others, only the others' own changes are stuck."""
    needs = needs_of(shipped_policy())
    assert {each.roles[0] for each in needs if each.rule.startswith("approval")} == {
        "product-lead", "security-lead", "platform-lead",
    }  # fmt: skip
    found = unsatisfiable(needs, ROSTER, NOW)
    stuck = {each.message.partition(" cannot")[0] for each in found}
    assert "approval of prompt" not in stuck
    assert {"approval of policy", "approval of routing-cost", "exception to security"} <= stuck


def test_who_must_be_heard_must_be_there() -> None:
    """Where consulted roles are asked for, an empty one is found before a change waits for it."""
    heard = TWO + (
        "  - {id: consulted, condition: consulted-were-heard, domain: quality, source: ours}\n"
    )
    for text, some in ((TWO, False), (heard, True)):
        needs = needs_of(read_policy({"gates.yaml": text}).policy)
        assert any(each.rule == "hearing on policy" for each in needs) is some


def test_a_team_of_one_is_found_by_the_policy_itself() -> None:
    """One person with every role is told that none of the rules can be kept, and what to do."""
    roles = ("product-lead", "security-lead", "platform-lead")
    alone = Roster(
        people=(Person(id="ada"),), grants=tuple(Grant(person="ada", role=role) for role in roles)
    )
    needs = needs_of(read_policy({"gates.yaml": TWO}).policy)
    assert {each.quorum for each in needs if each.rule == "approval of prompt"} == {2}
    found = unsatisfiable(needs, alone, NOW)
    assert [each.id for each in found].count("team-of-one") == 1
    assert len(found) == len(needs) + 1


def test_with_two_of_each_role_every_rule_can_be_kept() -> None:
    """For each kind of work some other person can approve, and some other can except."""
    roles = ("product-lead", "security-lead", "platform-lead")
    pair = Roster(
        people=(Person(id="ada"), Person(id="bob")),
        grants=tuple(Grant(person=who, role=role) for role in roles for who in ("ada", "bob")),
    )
    assert unsatisfiable(needs_of(shipped_policy()), pair, NOW) == ()
