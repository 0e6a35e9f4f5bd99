"""A fault: a failure that can be caused in a sandbox, and what is measured of it.

One small file each in `pawl.services.faults`, which exposes one `FAULT`. The id is the file's name.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from pawl.base.errors import BadFile
from pawl.incidents.drill import Drill
from pawl.services.drill_sandbox import Parameters, Sandbox

Value = bool | int | float | str


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """Something that can be set. `at_least` and `at_most` bound a number."""

    default: Value
    says: str
    at_least: float = 0
    at_most: float = 10_000
    one_of: tuple[str, ...] = ()


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is measured, in a unit."""

    unit: str
    says: str


class FaultKind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of failure.

    `cause` causes it, and tells the sandbox each measure, or that nobody could tell and why. It may
    act on nothing but the sandbox.
    """

    title: str
    parameters: Mapping[str, Parameter]
    measures: Mapping[str, Measure]
    cause: Callable[[Sandbox, Parameters], None]


def parameters_of(drill: Drill, kinds: Mapping[str, FaultKind]) -> dict[str, Any]:
    """Return every parameter of a drill's fault; raises BadFile for what it does not have."""
    kind = kinds.get(drill.fault.plugin)
    place = f"drill {drill.id}"
    if kind is None:
        raise BadFile(
            f"no fault is called {drill.fault.plugin[:80]!r}.",
            place=f"{place}: fault.plugin",
            hint=f"There are: {', '.join(sorted(kinds))}.",
        )
    for each in drill.expectations:
        measure = kind.measures.get(each.measure)
        where = f"{place}: expectations.{each.id}"
        if measure is None:
            raise BadFile(
                f"{drill.fault.plugin} does not measure {each.measure[:80]!r}.",
                place=f"{where}.measure",
                hint=f"It measures: {', '.join(sorted(kind.measures))}.",
            )
        if measure.unit != each.unit:
            raise BadFile(
                f"{each.measure} is in {measure.unit}, not {each.unit[:40]!r}.",
                place=f"{where}.unit",
            )
    given = drill.fault.parameters
    for name, value in given.items():
        _check(name, value, kind, f"{place}: fault.parameters.{name[:80]}")
    return {name: given.get(name, known.default) for name, known in kind.parameters.items()}


def _check(name: str, value: Value, kind: FaultKind, place: str) -> None:
    known = kind.parameters.get(name)
    if known is None:
        raise BadFile(
            "the fault has no such parameter.",
            place=place,
            hint=f"It has: {', '.join(sorted(kind.parameters))}.",
        )
    default = known.default
    if isinstance(default, bool) or isinstance(value, bool):
        fits = isinstance(default, bool) and isinstance(value, bool)
    elif isinstance(default, str) or isinstance(value, str):
        fits = isinstance(default, str) and isinstance(value, str)
        fits = fits and (not known.one_of or value in known.one_of)
    else:
        fits = known.at_least <= value <= known.at_most
        fits = fits and not (isinstance(default, int) and isinstance(value, float))
    if not fits:
        allowed = ", ".join(known.one_of) or f"{known.at_least:g} to {known.at_most:g}"
        if isinstance(default, bool):
            allowed = "true, false"
        raise BadFile(f"{value!r} does not fit.", place=place, hint=f"It takes {allowed}.")
