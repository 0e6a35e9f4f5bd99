"""A group stands where its weakest repository stands, and nothing is averaged."""

from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.fleet import Row, fleet
from pawl.render.fleet_text import fleet_text

NOW = "2026-11-21T00:00:00.000000Z"
DIMENSIONS = {"eng": ("code", "security")}


def _row(path: str, code: int | None, security: int | None = 3, team: str = "a") -> Row:
    levels = None if code is None or security is None else {"code": code, "security": security}
    return Row(path=path, team=team, subject=f"repo:{path}", levels={"eng": levels})


def test_the_weakest_is_named() -> None:
    """One repository at level 1 holds its team and the organisation at level 1, by name."""
    found = fleet("acme", [_row("x", 3), _row("y", 1), _row("z", 2, team="b")], DIMENSIONS, NOW)
    code = found.organisation.lowest[0]
    assert (code.level, code.members) == (1, ("y",))
    assert [(team.name, team.lowest[0].level) for team in found.teams] == [("a", 1), ("b", 2)]
    assert "Held there by\n  eng.code: y\n" in fleet_text(found)


def test_one_that_could_not_be_assessed_makes_the_level_unknown() -> None:
    """A missing level is a question mark for the whole team, and the others keep theirs."""
    rows = [
        _row("x", 3),
        Row(path="y", team="a", subject=None, levels={}, problem="No such folder."),
    ]
    found = fleet("acme", [*rows, _row("z", 2, team="b")], DIMENSIONS, NOW)
    assert found.teams[0].lowest[0].level is None
    assert found.teams[0].lowest[0].members == ("y",)
    assert found.teams[1].lowest[0].level == 2
    assert found.organisation.lowest[0].level is None
    assert "y: No such folder." in fleet_text(found)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=8))
def test_a_group_is_never_above_any_member(levels: list[int]) -> None:
    """Whatever the members' levels, the group's is the lowest, and adding one never raises it."""
    rows = [_row(f"r{number}", level) for number, level in enumerate(levels)]
    whole = fleet("acme", rows, DIMENSIONS, NOW).organisation.lowest[0].level
    assert whole == min(levels)
    fewer = fleet("acme", rows[1:], DIMENSIONS, NOW).organisation.lowest[0].level
    assert fewer is None or whole <= fewer
