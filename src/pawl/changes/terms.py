"""Numbers of judgement about changes, each with its source."""

from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from pawl.base.errors import BadFile
from pawl.base.loading import load_yaml

_NOT_NUMBERS = {"schema", "version", "as_of", "sources"}


class Terms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long approvals hold, how sure they must be, how far an experiment may go.

    `skew_s` is how far a clock may run ahead, in seconds. `mismatch_z` is how many standard
    deviations a group's share may be off before the experiment itself is not believed.
    """

    schema: Literal["pawl.change-terms/1"]
    version: str
    as_of: str
    approval_hours: float
    approval_hours_high_risk: float
    assurance_high_risk: int
    skew_s: float
    experiment_exposure_start: float
    experiment_days_max: float
    mismatch_z: float
    consulted_hours: float
    sources: dict[str, str]


def load_terms(text: str, *, place: str) -> Terms:
    """Return terms from YAML; raises BadFile for a number without a source or below zero."""
    terms = load_yaml(text, Terms, place=place)
    for name in sorted(set(Terms.__struct_fields__) - _NOT_NUMBERS):
        if not terms.sources.get(name, "").strip():
            raise BadFile(f"{name} has no source.", place=f"{place}: sources", hint="Say why.")
        if not 0 <= getattr(terms, name) < float("inf"):
            raise BadFile(f"{name} is {getattr(terms, name)}.", place=f"{place}: {name}")
    return terms


@cache
def shipped_terms() -> Terms:
    """Return the terms that come with Pawl."""
    text = files("pawl.changes").joinpath("terms.yaml").read_text(encoding="utf-8")
    return load_terms(text, place="terms.yaml")
