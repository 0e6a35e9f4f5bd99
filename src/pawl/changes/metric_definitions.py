"""What the figures about changes count, as data: each report names the version and the digest."""

from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from pawl.base.canonical import digest
from pawl.base.errors import BadFile
from pawl.base.loading import load_yaml


class Definition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one figure counts, in words."""

    id: str
    unit: str
    counts: str
    source: str


class Definitions(msgspec.Struct, frozen=True, kw_only=True, dict=True, forbid_unknown_fields=True):
    """`metrics.yaml`. `z` is the quantile of the normal distribution that the intervals take.

    Glass that is ratified more than `late_after_hours` after it was broken is ratified late.
    """

    schema: Literal["pawl.metric-definitions/1"]
    version: str
    as_of: str
    z: float
    late_after_hours: float
    metrics: tuple[Definition, ...]


class Defined(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which definitions a report counts by."""

    version: str
    digest: str


@cache
def definitions() -> Definitions:
    """Return what the figures count."""
    text = files("pawl.changes").joinpath("metrics.yaml").read_text(encoding="utf-8")
    return load_definitions(text, place="metrics.yaml")


@cache
def defined() -> Defined:
    """Return what a report says of its definitions: the digest is of what they say."""
    ours = definitions()
    return Defined(version=ours.version, digest=digest(msgspec.to_builtins(ours)))


def load_definitions(text: str, *, place: str) -> Definitions:
    """Return definitions from YAML; raises BadFile for a figure that is defined twice or not."""
    found = load_yaml(text, Definitions, place=place)
    if len({each.id for each in found.metrics}) < len(found.metrics):
        raise BadFile("defines a figure twice.", place=place)
    for each in found.metrics:
        if not each.counts.strip() or not each.source.strip():
            raise BadFile(
                f"{each.id} does not say what it counts, or why.", place=f"{place}: {each.id}"
            )
    return found
