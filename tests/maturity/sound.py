"""A small model that is sound in every way, to be spoiled one way at a time; and its probes."""

from copy import deepcopy
from typing import Any

import msgspec

from pawl.maturity.evidence import Depth, Kind
from pawl.maturity.model import Model
from pawl.maturity.shape import Shape

SHAPES = {
    "doors-are-locked": Shape(
        depth=Depth.BITES,
        kinds=(Kind.TREE, Kind.HOST),
        values={"locked": "share", "doors": "number", "alarm": "flag", "maker": "text"},
    ),
    "somebody-says-so": Shape(
        depth=Depth.RUNS, kinds=(Kind.ATTESTATION,), values={"said": "number", "odd": None}
    ),
}

_SOUND: dict[str, Any] = {
    "id": "house",
    "version": "1.0.0",
    "name": "House",
    "purpose": "Say how safe a house is.",
    "source": {"title": "A book", "as_of": "2026-11-21"},
    "rates": "team",
    "forbidden_uses": ["pay"],
    "dimensions": [{"id": "doors", "name": "Doors"}],
    "levels": [
        {
            "ordinal": 1,
            "id": "house.L1",
            "name": "open",
            "description": "Open doors",
            "entry": True,
            "min_depth": "E1",
        },
        {
            "ordinal": 2,
            "id": "house.L2",
            "name": "shut",
            "description": "Shut doors",
            "fresh_for": "180d",
        },
        {
            "ordinal": 3,
            "id": "house.L3",
            "name": "locked",
            "description": "Locked doors",
            "min_depth": "E3",
            "fresh_for": "90d",
            "recheck": "90d",
        },
    ],
    "descriptors": [
        {
            "id": "house.L1.open",
            "level": 1,
            "dimension": "doors",
            "text": "Doors stand open",
            "carried_by": "It names a lack.",
        },
        {"id": "house.L2.shut", "level": 2, "dimension": "doors", "text": "Doors are shut"},
    ],
    "empty_cells": [{"level": 3, "dimension": "doors", "treatment": "authored"}],
    "criteria": [
        {
            "id": "house.doors.L2.shut",
            "dimension": "doors",
            "level": 2,
            "origin": "seed",
            "statement": "Doors are shut.",
            "descriptors": ["house.L2.shut"],
            "needs": {
                "shut": {"probe": "doors-are-locked", "where": {"locked": {"at_least": 0.5}}}
            },
            "indicator": "Share of doors shut (0 to 1)",
        },
        {
            "id": "house.doors.L3.locked",
            "dimension": "doors",
            "level": 3,
            "origin": "authored",
            "statement": "Doors are locked.",
            "needs": {
                "locked": {
                    "probe": "doors-are-locked",
                    "fresh_for": "30d",
                    "where": {
                        "locked": {"at_least": 0.9},
                        "doors": {"at_least": 1, "at_most": 100},
                        "alarm": {"equals": True},
                    },
                }
            },
            "min_kinds": 2,
            "hold_for": "28d",
            "pairs": ["mttr-reopened"],
            "exemptible": False,
            "indicator": "Share of doors locked (0 to 1)",
        },
    ],
    "max_step": None,
    "baseline": 2,
}


def content() -> dict[str, Any]:
    """Return the sound model as plain values, to be changed."""
    return deepcopy(_SOUND)


def model(said: dict[str, Any] | None = None) -> Model:
    """Return plain values as a model; the sound one when none are given."""
    return msgspec.convert(content() if said is None else said, Model)
