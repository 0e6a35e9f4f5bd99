"""Who is who: one person under all their names, and the human behind each agent."""

import pytest

from pawl.base.errors import BadFile
from pawl.governance.roster import (
    Grant,
    Kind,
    Person,
    Roster,
    behind,
    by_identity,
    check_roster,
    covers,
    holders,
    holds,
    is_active,
    load_roster,
    newly_granted,
    plain_identity,
)

NOW = "2026-11-21T12:00:00.000000Z"
TEXT = """
schema: pawl.roster/1
people:
  - {id: ada, identities: ["github:583231", "git:Ada@Example.com ", "ssh:SHA256:AbC"]}
  - {id: eve, active_to: 2026-11-21}
  - {id: coder, kind: agent, sponsor: ada, identities: ["git:coder@example.com"]}
grants:
  - {person: ada, role: lead, scope: shop, starts: 2026-01-01, ends: 2026-12-01, granted_by: eve}
  - {person: eve, role: lead}
  - {person: coder, role: lead}
"""


def roster() -> Roster:
    return load_roster(TEXT, place="roster.yaml")


def test_all_identities_lead_to_one_person() -> None:
    """A person is found by each of their names, however a mail address is typed."""
    known = by_identity(roster())
    for name in ("github:583231", "git:ada@example.com", "GIT: ADA@example.com", "ssh:SHA256:AbC"):
        assert known[plain_identity(name)].id == "ada"
    assert plain_identity("ssh:SHA256:abc") not in known


def test_an_agent_leads_to_its_sponsor() -> None:
    """Whoever answers for an agent stands behind what it writes; a stranger may be anybody."""
    found = behind(["git:coder@example.com", "git:who@example.com"], by_identity(roster()))
    assert found.people == {"coder", "ada"}
    assert found.unknown == ("git:who@example.com",)


def test_a_role_has_a_scope_and_a_time() -> None:
    """A grant counts within its scope, from its first instant to just before its end."""
    people = roster()
    assert holds(people, "ada", "lead", "shop", NOW)
    assert holds(people, "ada", "lead", "shop/search", NOW)
    assert not holds(people, "ada", "lead", "shopping", NOW)
    assert not holds(people, "ada", "lead", "", NOW)
    assert holds(people, "ada", "lead", "shop", "2026-01-01T00:00:00.000000Z")
    assert not holds(people, "ada", "lead", "shop", "2025-12-31T23:59:59.999999Z")
    assert not holds(people, "ada", "lead", "shop", "2026-12-01T00:00:00.000000Z")
    assert not holds(people, "ada", "", "shop", NOW)


def test_holders_are_humans_who_are_here() -> None:
    """An agent never holds a role that counts, and whoever left holds none."""
    assert holders(roster(), "lead", "shop", NOW) == ("ada",)
    assert holders(roster(), "lead", "shop", "2026-11-20T00:00:00.000000Z") == ("ada", "eve")
    eve = next(each for each in roster().people if each.id == "eve")
    assert not is_active(eve, "2026-11-21T00:00:00.000000Z")


def test_scopes_are_paths() -> None:
    """The empty scope holds everything, a scope holds itself and what is below it."""
    assert covers("", "shop")
    assert covers("shop", "shop")
    assert covers("shop", "shop/search")
    assert not covers("shop", "")
    assert not covers("shop/search", "shop")


@pytest.mark.parametrize(
    ("people", "grants", "words"),
    [
        ([Person(id="a"), Person(id="A")], [], "stands twice"),
        (
            [Person(id="a", identities=("git:X",)), Person(id="b", identities=("git:x",))],
            [],
            "both",
        ),
        ([Person(id="a", identities=("nobody",))], [], "no identity"),
        ([Person(id="a", identities=("person:b",))], [], "no identity"),
        ([Person(id=" ")], [], "no id"),
        ([Person(id="a", kind=Kind.AGENT)], [], "no sponsor"),
        ([Person(id="a", kind=Kind.AGENT, sponsor="b")], [], "no human"),
        (
            [Person(id="a", kind=Kind.AGENT, sponsor="b"), Person(id="b", kind=Kind.SERVICE)],
            [],
            "no human",
        ),
        ([Person(id="a")], [Grant(person="b", role="lead")], "not in this roster"),
        ([Person(id="a")], [Grant(person="a", role=" ")], "no role"),
        (
            [Person(id="a")],
            [Grant(person="a", role="r", starts="2026-02-01", ends="2026-02-01")],
            "ends before",
        ),
        ([Person(id="a", active_from="soon")], [], "not a time"),
    ],
)
def test_a_roster_that_is_not_clear_is_refused(
    people: list[Person], grants: list[Grant], words: str
) -> None:
    """Doubles, strangers and agents that nobody answers for do not load."""
    with pytest.raises(BadFile, match=words):
        check_roster(Roster(people=tuple(people), grants=tuple(grants)), place="roster.yaml")


def test_a_text_without_bytes_is_refused() -> None:
    """Half a character is no name: it could not be hashed."""
    with pytest.raises(BadFile, match="no reader agrees"):
        check_roster(Roster(people=(Person(id="a\ud800"),)), place="roster.yaml")


def test_the_digest_is_of_what_it_says() -> None:
    """Another person, or another end of a role, is another roster."""
    one = roster()
    assert one.digest == load_roster("# So.\n" + TEXT, place="r").digest
    assert one.digest != load_roster(TEXT.replace("2026-12-01", "2026-12-02"), place="r").digest


def test_a_role_that_is_given_newly_is_told() -> None:
    """A longer end is a new grant; a role taken away, or another word on who gave it, is none."""
    old, longer = (Grant(person="a", role="r", ends=each) for each in (None, "2027-01-01"))
    reworded = Grant(person="a", role="r", granted_by="b")
    other = Grant(person="c", role="r")
    assert newly_granted(Roster(grants=(old,)), Roster(grants=(longer, other))) == (longer, other)
    assert newly_granted(Roster(grants=(old, other)), Roster(grants=(reworded,))) == ()
