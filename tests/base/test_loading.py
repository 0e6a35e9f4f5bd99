"""Configuration is read strictly and errors name the place."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.errors import BadFile
from pawl.base.loading import MAX_TEXT, load_toml, load_yaml


class Thing(msgspec.Struct, forbid_unknown_fields=True):
    """A stand-in for any configuration type."""

    name: str
    on: str = "yes"


def test_yaml_booleans_are_those_of_1_2() -> None:
    """`on` and `yes` are words; only true and false are booleans."""
    assert load_yaml("name: a\non: off", Thing, place="f.yaml") == Thing("a", "off")
    assert load_yaml("x: true\ny: no\nz: 2026-11-21", dict, place="f") == {
        "x": True,
        "y": "no",
        "z": "2026-11-21",
    }


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("name: a\nname: b", "f.yaml:2", "stands twice"),
        ("name: [", "f.yaml:1", "not readable"),
        ("a: &x 1\nb: *x", "f.yaml:2", "aliases"),
        ("nome: a", "f.yaml", "nome"),
        ("name: 5", "f.yaml", "name"),
        ("name: a\n---\nname: b", "f.yaml:2", "not readable"),
    ],
)
def test_a_yaml_mistake_names_its_place(text: str, place: str, message: str) -> None:
    """The error says which line or key is wrong."""
    with pytest.raises(BadFile, match=message) as caught:
        load_yaml(text, Thing, place="f.yaml")
    assert caught.value.place == place


def test_toml_is_as_strict() -> None:
    """Unknown keys and broken TOML are refused with the file's name."""
    assert load_toml('name = "a"', Thing, place="pawl.toml").name == "a"
    with pytest.raises(BadFile, match="unknown field"):
        load_toml('name = "a"\nnope = 1', Thing, place="pawl.toml")
    with pytest.raises(BadFile, match="not readable as TOML"):
        load_toml("name = ", Thing, place="pawl.toml")


def test_a_giant_file_is_refused_before_it_is_parsed() -> None:
    """Size is checked first."""
    with pytest.raises(BadFile, match="larger than"):
        load_yaml(" " * (MAX_TEXT + 1), Thing, place="f.yaml")


def test_deep_nesting_is_an_error_not_a_crash() -> None:
    """A file made to exhaust the parser is a bad file."""
    with pytest.raises(BadFile):
        load_yaml("[" * 100_000, Thing, place="f")
    with pytest.raises(BadFile):
        load_toml("a = " + "[" * 100_000, Thing, place="f")


@given(st.text(max_size=200))
def test_any_text_loads_or_is_a_bad_file(text: str) -> None:
    """Hostile configuration ends in BadFile and in nothing else."""
    for load in (load_yaml, load_toml):
        try:
            load(text, Thing, place="f")
        except BadFile:
            pass
