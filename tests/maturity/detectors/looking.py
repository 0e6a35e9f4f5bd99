"""Looks out of what a test writes down: facts as told, records by their days of age."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from tests.maturity.told import AS_OF, facts

import pawl.maturity
import pawl.maturity.detectors
from pawl.base.catalogue import discover
from pawl.base.finding import Outcome, Place
from pawl.base.loading import load_yaml
from pawl.base.times import format_time, parse_time
from pawl.maturity.detector import Detector, Look
from pawl.maturity.evidence import Assurance, Depth, Kind, Record, sealed
from pawl.maturity.verdict import Hit
from pawl.services.assessing import Thresholds

SUBJECT = "repo:example"


@cache
def thresholds() -> Thresholds:
    """The numbers that come with Pawl."""
    path = Path(pawl.maturity.__file__).with_name("thresholds.yaml")
    return load_yaml(path.read_text(), Thresholds, place=path.name)


@cache
def detectors() -> dict[str, Detector]:
    """Every detector, by code."""
    found = discover(pawl.maturity.detectors, "DETECTOR", Detector)
    return {each.code: each for each in found.values()}


def ago(days: float) -> str:
    """Return the canonical time so many days before the facts' own."""
    return format_time(parse_time(AS_OF) - timedelta(days=days))


def record(
    probe: str,
    outcome: str = "pass",
    *,
    days: float = 0,
    depth: str = "E3",
    kinds: tuple[str, ...] = ("ci",),
    assurance: str = "A1",
    inputs: str = "i",
    claimed: float | None = None,
    places: tuple[str, ...] = (),
    subject: str = SUBJECT,
    collector: str = "pawl",
    reason: str = "It is so.",
    **values: Any,
) -> Record:
    """Return one record, first seen so many days ago."""
    return sealed(
        Record(
            probe=probe,
            probe_version=1,
            subject=subject,
            outcome=Outcome(outcome),
            depth=Depth(depth),
            kinds=tuple(Kind(each) for each in kinds),
            assurance=Assurance(assurance),
            observed_at=ago(days),
            claimed_at=None if claimed is None else ago(claimed),
            inputs=inputs,
            places=tuple(Place(path) for path in places),
            collector=collector,
            reason=reason,
            values=values,
        )
    )


def look(
    *records: Record,
    files: Mapping[str, str] | None = None,
    sections: Mapping[str, Any] | None = None,
    past: tuple[Record, ...] = (),
    **fields: Any,
) -> Look:
    """Return a look without numbers at these facts and records."""
    return Look(
        facts=facts(files, **(sections or {})),
        records={each.probe: each for each in records},
        past=past,
        numbers={},
        **fields,
    )


def hits(code: str, seen: Look, **other: Any) -> list[Hit]:
    """Return what a detector notices, by its own numbers or with some replaced."""
    numbers = {**thresholds().detectors[code], **other}
    assert set(other) <= set(thresholds().detectors[code])
    fields = {name: getattr(seen, name) for name in seen.__struct_fields__} | {"numbers": numbers}
    return detectors()[code].look(Look(**fields))


def one(code: str, seen: Look, **other: Any) -> Hit:
    """Return the only thing that a detector notices."""
    (hit,) = hits(code, seen, **other)
    return hit
