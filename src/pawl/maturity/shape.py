"""What a model may ask of a probe: how deep it proves, from which kinds, and its values' types."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from pawl.base.loading import load_yaml
from pawl.maturity.evidence import Depth, Kind
from pawl.maturity.probe import Probe

ValueType = Literal["share", "number", "flag", "text"]


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """One probe, as far as a model depends on it. A value of unknown type takes any threshold."""

    depth: Depth
    kinds: tuple[Kind, ...]
    values: dict[str, ValueType | None]


class ValueTypes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`value_types.yaml`: the type of each value, by probe."""

    schema: Literal["pawl.probe-values/1"]
    values: dict[str, dict[str, ValueType]]


def load_value_types(text: str, *, place: str) -> ValueTypes:
    """Return the types of probes' values; raises BadFile."""
    return load_yaml(text, ValueTypes, place=place)


def shapes(probes: Mapping[str, Probe], types: ValueTypes) -> dict[str, Shape]:
    """Return what models may ask of these probes."""
    return {
        name: Shape(
            depth=probe.depth,
            kinds=probe.kinds,
            values={value: types.values.get(name, {}).get(value) for value in probe.values},
        )
        for name, probe in probes.items()
    }
