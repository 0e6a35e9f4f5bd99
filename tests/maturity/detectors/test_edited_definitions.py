"""Whoever is assessed does not write the rules; an edit is told of."""

from tests.maturity.detectors.looking import hits, look, one

CODE = "G13"


def test_an_edited_definition_is_noted() -> None:
    """The note names the files and removes nothing: the base version judged."""
    hit = one(CODE, look(edited=(".pawl/models/eng.yaml", ".pawl/exemptions.yaml")))
    assert hit.action == "note"
    assert [str(place) for place in hit.places] == [
        ".pawl/exemptions.yaml",
        ".pawl/models/eng.yaml",
    ]


def test_definitions_left_alone_are_not() -> None:
    """No edit, no hit."""
    assert hits(CODE, look()) == []


def test_a_rule_that_needed_mending_is_explained() -> None:
    """The innocent explanation and the remedy stand in the hit."""
    hit = one(CODE, look(edited=(".pawl/models/eng.yaml",)))
    assert "mending" in hit.innocent
    assert "old" in hit.remedy
