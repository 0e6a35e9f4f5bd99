"""`pawl.operations/1`: what happened in operation, one JSON object a line.

The first line is the export's own: `{"kind": "export", "schema": "pawl.operations/1",
"complete_since": TIME, "covers": ["incidents", …]}`. What `covers` names is complete from that
time on, so that no line of it means that nothing happened; what it does not name was not
exported. Each other line has `kind` (`incident`, `alert`, `deploy`, `drill`, `objective`, `shift`,
`routine`, `remediation`, `restart`, `signal`) and the fields of that thing; what a drill
exercised stands in `drill` (`rollback`, `restore`, `chaos`, `canary`, `tabletop`, `budget-burn`).
The reading is strict: an unknown field, a bad time or a kind that `covers` does not name is an
error, with its line.
"""

from typing import Any, Literal

import msgspec

from pawl.base import typed
from pawl.base.times import canonical_time
from pawl.maturity.facts.operations import (
    Action,
    Alert,
    Deploy,
    Drill,
    Incident,
    Objective,
    Operations,
    Remediation,
    Restart,
    Routine,
    Shift,
    Signal,
)
from pawl.parsing.bounds import cut, refuse, refuse_giants

SCHEMA = "pawl.operations/1"
MAX_LINES = 500_000

KINDS: dict[str, tuple[str, type[msgspec.Struct]]] = {
    "incident": ("incidents", Incident),
    "alert": ("alerts", Alert),
    "deploy": ("deploys", Deploy),
    "drill": ("drills", Drill),
    "objective": ("objectives", Objective),
    "shift": ("shifts", Shift),
    "routine": ("routines", Routine),
    "remediation": ("remediations", Remediation),
    "restart": ("restarts", Restart),
    "signal": ("signals", Signal),
}
"""What a line may be: its section and its fields."""

_TIMES = frozenset(("at", "due", "start", "end"))
_SECTIONS = Literal[
    "incidents",
    "alerts",
    "deploys",
    "drills",
    "objectives",
    "shifts",
    "routines",
    "remediations",
    "restarts",
    "signals",
]


class _Export(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kind: Literal["export"]
    schema: Literal["pawl.operations/1"]
    complete_since: str
    covers: tuple[_SECTIONS, ...]


def read(text: str, source: str) -> Operations:
    """Return an export's operations; raises BadFile naming the line."""
    refuse_giants(text, source)
    export: _Export | None = None
    found: dict[str, list[Any]] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        if number > MAX_LINES:
            refuse(f"more than {MAX_LINES:,} lines.", source, "Export a shorter time.")
        place = f"{source}:{number}"
        values = _object(line, place)
        if export is None:
            export = _header(values, place)
            found = {section: [] for section in export.covers}
            continue
        section, value = _value(values, place)
        if section not in found:
            refuse(f"`covers` of the first line does not name {section}.", place)
        found[section].append(value)
    if export is None:
        refuse("holds no line.", source, f"The first line names the schema, {SCHEMA}.")
    sections: dict[str, Any] = {section: tuple(values) for section, values in found.items()}
    return Operations(source=source, complete_since=export.complete_since, **sections)


def _object(line: str, place: str) -> dict[str, Any]:
    try:
        return typed.decode(line.encode("utf-8", "replace"), type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        refuse(f"not a JSON object: {error}.", place, "Write one object a line.")


def _header(values: dict[str, Any], place: str) -> _Export:
    try:
        return typed.convert(_canonical(values, place, {"complete_since"}), _Export)
    except (msgspec.ValidationError, RecursionError) as error:
        refuse(f"not an export's first line: {error}.", place, f"It names the schema, {SCHEMA}.")


def _value(values: dict[str, Any], place: str) -> tuple[str, Any]:
    kind = values.pop("kind", None)
    known = KINDS.get(kind) if isinstance(kind, str) else None
    if known is None:
        refuse(f"no kind is called {cut(str(kind))!r}.", place, f"Kinds: {', '.join(KINDS)}.")
    section, struct = known
    if kind == "drill":
        values["kind"] = values.pop("drill", None)
    unknown = sorted(set(values) - set(struct.__struct_fields__))
    if unknown:
        refuse(f"{kind} has no field {cut(unknown[0])!r}.", place)
    try:
        return section, typed.convert(_canonical(values, place), struct, strict=True)
    except (msgspec.ValidationError, RecursionError) as error:
        refuse(f"not a {kind}: {error}.", place)


def _canonical(
    values: dict[str, Any], place: str, more: frozenset[str] | set[str] = frozenset()
) -> dict[str, Any]:
    """Return values with every time in canonical form, those of an incident's actions too."""
    told = dict(values)
    for name, value in values.items():
        if isinstance(value, str) and (name in _TIMES or name in more or name.endswith("_at")):
            try:
                told[name] = canonical_time(value)
            except (ValueError, OverflowError):
                refuse(f"{name} is no time: {cut(value)!r}.", place)
        elif name == "actions" and isinstance(value, list):
            told[name] = [_action(each, place) for each in value]
    return told


def _action(value: Any, place: str) -> Any:
    if not isinstance(value, dict):
        return value
    unknown = sorted(set(value) - set(Action.__struct_fields__))
    if unknown:
        refuse(f"an action has no field {cut(unknown[0])!r}.", place)
    return _canonical(value, place)
