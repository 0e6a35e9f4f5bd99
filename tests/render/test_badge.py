"""The badge: the weakest dimension of one model, said aloud to screen readers too."""

from xml.etree import ElementTree

import msgspec
from hypothesis import given
from tests.render.hostile import hostile, made_of, plain_assessment

from pawl.render.badge import badge

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    """Return what a badge shows, parsed as XML."""
    return [each.text or "" for each in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_it_says_the_weakest() -> None:
    """Of a dimension at level 1 and one at level 2 the badge shows level 1, and names it."""
    found, _ = plain_assessment()
    svg = badge(found.models[0], found.as_of)
    assert [each.measured for each in found.models[0].dimensions] == [1, 2]
    assert texts(svg) == ["eng", "L1"]
    label = ElementTree.fromstring(svg).attrib["aria-label"]
    assert label == "Engineering: weakest is one at level 1 of 5, level 1, on 2026-11-21"


def test_without_a_level_it_is_not_known() -> None:
    """An incomplete assessment shows no level."""
    found, _ = plain_assessment()
    assert texts(badge(msgspec.structs.replace(found.models[0], complete=False), "")) == [
        "eng",
        "not known",
    ]


def test_exempt_criteria_are_marked() -> None:
    """A level that leans on exemptions says how many."""
    found, _ = plain_assessment()
    first, second = found.models[0].dimensions
    leaning = msgspec.structs.replace(first, exempt=2)
    model = msgspec.structs.replace(found.models[0], dimensions=(leaning, second))
    assert texts(badge(model, found.as_of))[1] == "L1 (2 exempt)"


@given(hostile)
def test_hostile_text_stays_text(text: str) -> None:
    """It is well-formed XML of the same few elements, whatever the names are."""
    found, _, _ = made_of(text)
    model = msgspec.structs.replace(found.models[0], model=text)
    root = ElementTree.fromstring(badge(model, text))
    assert {each.tag for each in root.iter()} == {
        f"{SVG}{name}" for name in ("svg", "title", "rect", "g", "text")
    }
    assert root.attrib["role"] == "img"
