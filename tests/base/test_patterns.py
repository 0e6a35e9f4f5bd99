"""Patterns that are compiled when they are first used do all that compiled ones do."""

import gc
import importlib
import pkgutil
import re

import pytest

import pawl.maturity
from pawl.base.patterns import regex


def test_it_answers_as_a_compiled_pattern_does() -> None:
    """Each method gives what the standard library's gives, flags included."""
    text = "One two ONE"
    late, plain = regex(r"(?P<word>one)\b", re.IGNORECASE), re.compile(r"(?P<word>one)\b", re.I)
    assert late.findall(text) == plain.findall(text) == ["One", "ONE"]
    assert [match.span() for match in late.finditer(text)] == [(0, 3), (8, 11)]
    assert late.sub("x", text) == "x two x"
    assert late.match(text, 4) is None
    assert late.fullmatch("oNe") is not None
    assert (late.pattern, late.flags, late.groups) == (plain.pattern, plain.flags, plain.groups)


def test_it_is_compiled_at_the_first_use_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Holding a pattern costs nothing; using it twice compiles it once."""
    compiled: list[str] = []
    real = re.compile

    def counted(text: str, flags: int) -> re.Pattern[str]:
        compiled.append(text)
        return real(text, flags)

    monkeypatch.setattr(re, "compile", counted)
    late = regex("a+")
    assert compiled == []
    assert late.search("baa") is not None
    assert late.fullmatch("aa") is not None
    assert compiled == ["a+"]


def test_what_is_wrong_shows_at_the_first_use() -> None:
    """A text that is no pattern raises when it is asked for, as the standard library does."""
    late = regex("(")
    with pytest.raises(re.error):
        late.search("")


def test_every_pattern_that_a_module_holds_compiles() -> None:
    """None waits for a user to find out that it is no pattern."""
    for module in pkgutil.walk_packages(pawl.maturity.__path__, "pawl.maturity."):
        importlib.import_module(module.name)
    gc.collect()  # The wrong one of the test above is not a module's.
    kind = type(regex(""))
    held = [each for each in gc.get_objects() if type(each) is kind]
    assert len(held) > 200
    for each in held:
        assert isinstance(each.flags, int)
