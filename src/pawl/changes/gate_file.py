"""`.pawl/gates.yaml`: which conditions a change must meet, when, and on how much evidence.

What comes with Pawl is `gates.yaml` beside this module. Gates that are `firm` there stand in every
policy: a file of a team, and of a scope within it, may add gates and tighten them, and where it
would loosen one the wider rule stays, with a note that says so.
"""

from collections import Counter
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import msgspec

from pawl.base.durations import parse_duration
from pawl.base.errors import BadFile, BadValue
from pawl.base.loading import load_yaml
from pawl.changes.facts import Where
from pawl.changes.manifest import Risk
from pawl.governance.priority import Domain, highest
from pawl.governance.raci import Work

MAX_GATES = 200


class Mode(StrEnum):
    """Whether a gate decides, or only says what it would have decided."""

    ENFORCE = "enforce"
    DRY_RUN = "dry-run"


class Applies(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which changes a gate is about; what is empty is all."""

    risk: tuple[Risk, ...] = ()
    works: tuple[Work, ...] = ()


class Gate(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"given": "with"}
):
    """One gate: a condition, with what it is given.

    `max_age` is a duration such as 24h beyond which a pass is too old; `several` says whether the
    newest verdict counts or whether all must pass. `producers` are whose evidence is believed, all
    when empty.
    """

    id: str
    condition: str
    domain: Domain
    source: str
    applies: Applies = Applies()
    mode: Mode = Mode.ENFORCE
    moments: tuple[Where, ...] = ("approve", "start")
    max_age: str = ""
    min_events: int = 0
    must_have_data: bool = True
    several: Literal["all", "newest"] = "all"
    producers: tuple[str, ...] = ()
    exceptable: bool = True
    firm: bool = False
    given: dict[str, Any] = {}

    @property
    def max_age_s(self) -> float | None:
        """The age in seconds beyond which a pass is too old, None where none is."""
        return parse_duration(self.max_age, place=f"gates.{self.id}") if self.max_age else None


class GateFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All gates of a policy."""

    schema: Literal["pawl.gates/1"]
    version: str
    as_of: str
    gates: tuple[Gate, ...]


class Tightened(msgspec.Struct, frozen=True, kw_only=True):
    """The gates that count, and where a narrower file tried to loosen a wider one."""

    gates: GateFile
    notes: tuple[str, ...]


def load_gates(text: str, *, place: str) -> GateFile:
    """Return the gates of one file as it says; raises BadFile. `tightened` puts files together."""
    found = load_yaml(text, GateFile, place=place)
    if len(found.gates) > MAX_GATES:
        raise BadFile(f"has {len(found.gates)} gates; {MAX_GATES} may be.", place=place)
    for identity, times in Counter(gate.id for gate in found.gates).items():
        if times > 1:
            raise BadFile(f"the gate {identity!r} stands twice.", place=f"{place}: gates")
    for gate in found.gates:
        where = f"{place}: gates.{gate.id}"
        if not gate.id.strip() or not gate.source.strip():
            raise BadFile("a gate has no id, or no source.", place=where, hint="Say why it stands.")
        if not gate.moments or gate.min_events < 0:
            raise BadFile("it is never asked, or asks for less than nothing.", place=where)
        try:
            _ = gate.max_age_s
        except BadValue as error:
            raise BadFile(error.message, place=where, hint=error.hint) from error
    return found


def tightened(wider: GateFile, narrower: GateFile, directions: "Directions") -> Tightened:
    """Return the narrower file's gates on top of the wider one's, none of them looser.

    `directions` says of a condition's arguments which way is stricter.
    """
    notes: list[str] = []
    own = {gate.id: gate for gate in narrower.gates}
    gates = [
        _stricter(gate, own.pop(gate.id), directions, notes) if gate.id in own else gate
        for gate in wider.gates
    ]
    gates += own.values()
    return Tightened(
        gates=msgspec.structs.replace(narrower, gates=tuple(gates)), notes=tuple(notes)
    )


def firm_gates() -> GateFile:
    """Return only the gates that stand in every policy."""
    ours = shipped_gates()
    return msgspec.structs.replace(ours, gates=tuple(gate for gate in ours.gates if gate.firm))


@cache
def shipped_gates() -> GateFile:
    """Return the gates that come with Pawl."""
    text = files("pawl.changes").joinpath("gates.yaml").read_text(encoding="utf-8")
    return load_gates(text, place="gates.yaml")


Directions = dict[str, dict[str, Literal["more", "less"]]]
"""By condition and argument: whether more of it is stricter, or less."""


def _stricter(wide: Gate, own: Gate, directions: Directions, notes: list[str]) -> Gate:
    """Return the stricter of two gates of one id, field by field."""

    def refused(name: str) -> None:
        said = "with" if name == "given" else name
        notes.append(f"{wide.id}: {said} would be looser, so the wider rule stays.")

    if own.condition != wide.condition:
        refused("condition")
        return wide
    taken: dict[str, Any] = {
        "applies": _wider_applies(wide.applies, own.applies),
        "mode": Mode.ENFORCE if Mode.ENFORCE in (wide.mode, own.mode) else Mode.DRY_RUN,
        "moments": tuple(each for each in _MOMENTS if each in (*wide.moments, *own.moments)),
        "max_age": _shorter(wide, own),
        "min_events": max(wide.min_events, own.min_events),
        "must_have_data": wide.must_have_data or own.must_have_data,
        "several": "all" if "all" in (wide.several, own.several) else "newest",
        "producers": _fewer(wide.producers, own.producers),
        "exceptable": wide.exceptable and own.exceptable,
        "firm": wide.firm or own.firm,
        "domain": highest((wide.domain, own.domain)),
        "given": _given(wide, own, directions.get(wide.condition, {})),
    }
    for name, value in taken.items():
        if _unordered(value) != _unordered(getattr(own, name)) and name != "firm":
            refused(name)
    return msgspec.structs.replace(own, **taken)


def _unordered(value: Any) -> Any:
    if isinstance(value, Applies):
        return frozenset(value.risk), frozenset(value.works)
    return frozenset(value) if isinstance(value, tuple) else value


_MOMENTS: tuple[Where, ...] = ("approve", "start")


def _wider_applies(wide: Applies, own: Applies) -> Applies:
    """Return to what both apply together, never to less than the wider rule does."""

    def both(one: tuple[Any, ...], other: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(dict.fromkeys((*one, *other))) if one and other else ()

    return Applies(risk=both(wide.risk, own.risk), works=both(wide.works, own.works))


def _shorter(wide: Gate, own: Gate) -> str:
    if not own.max_age or not wide.max_age:
        return own.max_age or wide.max_age
    return own.max_age if (own.max_age_s or 0) <= (wide.max_age_s or 0) else wide.max_age


def _fewer(wide: tuple[str, ...], own: tuple[str, ...]) -> tuple[str, ...]:
    if not wide or not own:
        return own or wide
    both = tuple(each for each in own if each in wide)
    # With nobody in common nobody would be believed, and an empty list would mean everybody.
    return both or wide


def _given(wide: Gate, own: Gate, directions: dict[str, Literal["more", "less"]]) -> dict[str, Any]:
    """Return the arguments of both, the stricter where that can be told, else the wider's."""
    taken = dict(wide.given)
    for name, value in own.given.items():
        way = directions.get(name)
        if way is None or not _is_number(value):
            continue
        base = taken.get(name)
        # What the wider gate leaves to the condition's default is compared nowhere: it stays.
        if _is_number(base):
            taken[name] = max(value, base) if way == "more" else min(value, base)
    return taken


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
