"""Who stands behind an owner."""

from pawl.maturity.facts.host import Host
from pawl.maturity.looking.owners import Members

HOST = Host(
    product="github",
    repository="acme/shop",
    exported_at="2026-11-20T00:00:00.000000Z",
    complete_since="2026-01-01T00:00:00.000000Z",
    default_branch="main",
    members={"Acme/Core": ("ann", "ben"), "ops": ("cat",)},
)


def test_a_team_is_its_members_and_a_person_themselves() -> None:
    """Lists name a team with its organisation or without, in any case."""
    members = Members(HOST)
    assert members.of("@acme/core") == ("ann", "ben")
    assert members.of("@acme/ops") == ("cat",)
    assert members.of("@dan") == ("@dan",)


def test_a_team_without_a_list_is_a_black_box() -> None:
    """Nobody can be told from a team's name, nor from a role of the host's own."""
    assert Members(HOST).of("@acme/unknown") is None
    assert Members(None).of("@acme/core") is None
    assert Members(None).of("@@maintainers") is None
