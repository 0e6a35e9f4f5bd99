"""What is known of failures, measures and changes in general, as data with its source."""

import re
from functools import cache, cached_property
from importlib.resources import files
from typing import Literal

import msgspec

from pawl.base.errors import BadFile
from pawl.base.loading import load_yaml


class Measure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of measure, by words of its name. `bad` is the way in which it hurts.

    `least` is how far it must move at all, in its own unit. `affinity` is by how much a moved one
    makes a kind of change likelier.
    """

    id: str
    words: tuple[str, ...]
    bad: Literal["rises", "falls", "either"]
    is_symptom: bool
    least: float = 0
    affinity: dict[str, float] = {}


class FailureClass(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A way of failing, by what errors say. `patterns` are regular expressions, lower case.

    `own`: the error is its own explanation and needs no change, such as an expired certificate.
    `load`: it is what too much work looks like. `outside`: something else does not answer.
    `affinity` is by how much it makes a kind of change likelier. `check` is how to look closer.
    """

    id: str
    says: str
    patterns: tuple[str, ...]
    own: bool = False
    load: bool = False
    outside: bool = False
    affinity: dict[str, float] = {}
    check: str


class Touch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a changed path is of. `inert` is what cannot break anything that runs."""

    id: str
    says: str
    patterns: tuple[str, ...]
    inert: bool = False


class Remedy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An action that is proposed for a kind of cause. `text` may name `{what}` and `{place}`."""

    id: str
    text: str
    action: Literal["informational", "reversible", "irreversible"]


class Knowledge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """Lists in the order in which they are tried."""

    schema: Literal["pawl.investigation-knowledge/1"]
    version: str
    as_of: str
    source: str
    measures: tuple[Measure, ...]
    failures: tuple[FailureClass, ...]
    touches: tuple[Touch, ...]
    starts: tuple[str, ...]
    orders: tuple[str, ...]
    remedies: dict[str, tuple[Remedy, ...]]

    @cached_property
    def _failures(self) -> tuple[tuple[re.Pattern[str], FailureClass], ...]:
        return tuple((re.compile("|".join(each.patterns)), each) for each in self.failures)

    @cached_property
    def _touches(self) -> tuple[tuple[re.Pattern[str], Touch], ...]:
        return tuple((re.compile("|".join(each.patterns)), each) for each in self.touches)

    @cached_property
    def _starts(self) -> re.Pattern[str]:
        return re.compile("|".join(self.starts))

    @cached_property
    def order_pattern(self) -> re.Pattern[str]:
        """What gives an order to whoever reads, beyond what hides in comments."""
        return re.compile("|".join(self.orders), re.IGNORECASE)

    def classes(self, text: str) -> tuple[FailureClass, ...]:
        """Return every way of failing that an error speaks of."""
        lower = text.lower()
        return tuple(each for pattern, each in self._failures if pattern.search(lower))

    def touched(self, path: str) -> Touch | None:
        """Return what a path is of; None for plain code."""
        lower = path.lower()
        return next((each for pattern, each in self._touches if pattern.search(lower)), None)

    def starts_work(self, text: str) -> bool:
        """Say whether a line tells of the beginning of a job."""
        return self._starts.search(text.lower()) is not None


def load_knowledge(text: str, *, place: str) -> Knowledge:
    """Return the lists from YAML; raises BadFile for a pattern that is none or an unknown name."""
    found = load_yaml(text, Knowledge, place=place)
    patterns = [pattern for each in found.failures for pattern in each.patterns]
    patterns += [pattern for each in found.touches for pattern in each.patterns]
    for pattern in (*patterns, *found.starts, *found.orders):
        try:
            re.compile(pattern)
        except re.error as error:
            raise BadFile(f"{pattern!r} is no pattern: {error}.", place=place) from error
    kinds = {each.id for each in found.touches} | {"code", "flag", "shift", "deploy"}
    named = {kind for each in found.failures for kind in each.affinity}
    named |= {kind for each in found.measures for kind in each.affinity}
    if named - kinds:
        raise BadFile(f"no change is of {', '.join(sorted(named - kinds))}.", place=place)
    return found


@cache
def shipped_knowledge() -> Knowledge:
    """Return the lists that come with Pawl."""
    text = files("pawl.investigation").joinpath("knowledge.yaml").read_text(encoding="utf-8")
    return load_knowledge(text, place="knowledge.yaml")
