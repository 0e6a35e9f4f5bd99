"""Put what an incident taught into the text of a gates file, and refuse whatever would loosen it.

An update is YAML of the form `pawl.gate-update/1`, or a fragment of a gates file: `gates:` with
a list, the list alone, or one gate. A gate whose id stands in the file is given by its id and only
the fields that become stricter; any other is a whole gate, and is added at the end. Whatever the
update does not touch keeps every byte, comments included. Where there is no file, its own rules are
those that come with Pawl, so the new file begins as a copy of them: an empty one would drop them.
"""

import re
from importlib.resources import files
from typing import Any, Literal

import msgspec

from pawl.base import typed
from pawl.base.canonical import canonical_json
from pawl.base.errors import BadFile, BadValue, CannotTell
from pawl.base.loading import MAX_TEXT
from pawl.base.yaml_text import compose_yaml, parse_yaml, yaml_of
from pawl.changes.gate import directions, shipped_conditions
from pawl.changes.gate_file import Gate, GateFile, Mode, load_gates, tightened
from pawl.changes.policy_files import check_gates

SCHEMA = "pawl.gate-update/1"
_FIELDS = {field.encode_name: field.name for field in msgspec.structs.fields(Gate)}


class GateUpdate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Gates to add or to tighten, each as in a file; of a known one what changes."""

    gates: tuple[dict[str, Any], ...]
    schema: Literal["pawl.gate-update/1"] = "pawl.gate-update/1"


class Merged(msgspec.Struct, frozen=True, kw_only=True):
    """The file's text. `added` and `tightened` are ids, both empty if it says nothing new."""

    text: str
    added: tuple[str, ...] = ()
    tightened: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether the file says anything that it did not say before."""
        return bool(self.added or self.tightened)


class Looser(BadValue):
    """An update would loosen a gate, or holds nothing up; the gates stay as they are."""

    code = "looser-gate"


def read_update(text: str, *, place: str) -> GateUpdate:
    """Return an update from YAML in any of its forms; raises BadFile for what is none."""
    if len(text) > MAX_TEXT:
        raise BadFile(f"larger than {MAX_TEXT:,} characters.", place=place)
    value = parse_yaml(text, place=place)
    if isinstance(value, list):
        value = {"gates": value}
    elif isinstance(value, dict) and "gates" not in value and "id" in value:
        value = {"gates": [value]}
    try:
        found = typed.convert(value, GateUpdate)
    except (msgspec.ValidationError, RecursionError) as error:
        raise BadFile(
            f"no update of gates: {error}.",
            place=place,
            hint="Write `gates:` with a list, each with its `id` and what is to be stricter.",
        ) from error
    if not found.gates:
        raise BadFile("it updates no gate.", place=place, hint="Name at least one under `gates`.")
    for each in found.gates:
        _refuse_unknown(each, place)
    ids = [each["id"] for each in found.gates]
    if len(set(ids)) != len(ids):
        raise BadFile("it has one gate twice.", place=place, hint="Put both into one.")
    return found


def merged(text: str | None, update: GateUpdate, *, place: str) -> Merged:
    """Return the text of a gates file with an update in it; None is that there is no file yet.

    Raises BadFile where either does not read, Looser where it would loosen a gate, and CannotTell
    where the file is written so that it cannot be edited without losing what people wrote.
    """
    before_text = shipped_text() if text is None else text
    before = load_gates(before_text, place=place)
    known = {gate.id: gate for gate in before.gates}
    after_text = before_text
    added: list[str] = []
    changed: list[str] = []
    for raw in update.gates:
        identity = raw["id"]
        if identity not in known:
            _whole(raw, place)
            after_text = _with_item(after_text, raw, place)
            added.append(identity)
            continue
        new = _differing(known[identity], raw, place)
        if new:
            after_text = _with_fields(after_text, identity, new, place)
            changed.append(identity)
    if not added and not changed:
        # A file that is not there need not be made for rules that stand without it.
        return Merged(text=before_text)
    after = check_gates(load_gates(after_text, place=place), shipped_conditions(), place=place)
    _must_be_meant(before, after, update, place)
    _must_be_tighter(before, after)
    return Merged(text=after_text, added=tuple(added), tightened=tuple(changed))


def shipped_text() -> str:
    """Return the text of the gates that come with Pawl."""
    return files("pawl.changes").joinpath("gates.yaml").read_text(encoding="utf-8")


def _refuse_unknown(raw: dict[str, Any], place: str) -> None:
    identity = raw.get("id")
    if not isinstance(identity, str) or not identity.strip():
        raise BadFile("a gate has no id.", place=place, hint="Name the gate under `id`.")
    unknown = sorted(str(name) for name in raw if name not in _FIELDS)
    if unknown:
        raise BadFile(
            f"a gate has no {unknown[0]!r}.",
            place=f"{place}: gates.{identity}",
            hint=f"There are: {', '.join(sorted(_FIELDS))}.",
        )


def _whole(raw: dict[str, Any], place: str) -> None:
    """Refuse a new gate that is not whole, or would hold nothing up."""
    try:
        gate = typed.convert(raw, Gate)
    except (msgspec.ValidationError, RecursionError) as error:
        raise BadFile(
            f"no gate of that id stands there, and as a new one {error}.",
            place=f"{place}: gates.{raw['id']}",
            hint="Name a gate that stands, or give id, condition, domain and source.",
        ) from error
    if gate.mode is not Mode.ENFORCE:
        raise Looser(
            f"the new gate {gate.id} is in dry-run and would hold nothing up.",
            place=place,
            hint="Leave its `mode` out.",
        )


def _differing(gate: Gate, raw: dict[str, Any], place: str) -> dict[str, Any]:
    """Return the fields that an update gives another value than they have."""
    standing = msgspec.to_builtins(gate)
    whole = {**standing, **raw}
    if isinstance(raw.get("with"), dict):
        whole["with"] = {**standing.get("with", {}), **raw["with"]}
    try:
        wanted = msgspec.to_builtins(typed.convert(whole, Gate))
    except (msgspec.ValidationError, RecursionError) as error:
        raise BadFile(f"{error}.", place=f"{place}: gates.{gate.id}") from error
    return {
        name: wanted[name]
        for name in _FIELDS
        if name in raw and _told(wanted[name]) != _told(standing[name])
    }


def _told(value: Any) -> bytes:
    return canonical_json(msgspec.json.decode(msgspec.json.encode(value)))


def _must_be_meant(before: GateFile, after: GateFile, update: GateUpdate, place: str) -> None:
    """Refuse an edit of the text that came out as anything but what the update says."""
    wanted = {gate.id: msgspec.to_builtins(gate) for gate in before.gates}
    for raw in update.gates:
        standing = wanted.get(raw["id"], {})
        whole = {**standing, **raw}
        if standing and isinstance(raw.get("with"), dict):
            whole["with"] = {**standing.get("with", {}), **raw["with"]}
        wanted[raw["id"]] = msgspec.to_builtins(typed.convert(whole, Gate))
    found = {gate.id: msgspec.to_builtins(gate) for gate in after.gates}
    if _told(found) != _told(wanted) or list(found) != list(wanted):
        raise CannotTell(
            "the file cannot be edited without losing what stands in it.",
            place=place,
            hint="Write each field of a gate on a line of its own.",
        )


def _must_be_tighter(before: GateFile, after: GateFile) -> None:
    found = tightened(before, after, directions(shipped_conditions()))
    if found.notes:
        raise Looser(
            f"it does not only tighten: {' '.join(found.notes[:5])}",
            hint="What only people can compare goes into a gate of its own: give it a new id.",
        )


def _with_item(text: str, raw: dict[str, Any], place: str) -> str:
    """Return the text with one more gate at the end of its list."""
    items = _items(text, place)
    indent = _indent(text, items[-1]) if items else 2
    end = _end(text, items[-1].end_mark.index) if items else len(text)
    if not items:
        raise CannotTell("it has no gates to add to.", place=place, hint="Write one there first.")
    return _spliced(text, end, end, _block(yaml_of([raw]), indent))


def _with_fields(text: str, identity: str, fields: dict[str, Any], place: str) -> str:
    """Return the text with some fields of one gate as given."""
    for name, value in fields.items():
        node = next(
            each
            for each in _items(text, place)
            if any(k.value == "id" and v.value == identity for k, v in each.value)
        )
        if node.flow_style:
            whole = {**_plain(text, node), name: value}
            start, end = node.start_mark.index, node.end_mark.index
            inner = _block(yaml_of(whole), node.start_mark.column).lstrip(" ")
            text = text[:start] + inner.rstrip("\n") + text[end:]
            continue
        column = node.value[0][0].start_mark.column
        lines = _block(yaml_of({name: value}), column)
        pairs = [(key.value, key, found) for key, found in node.value]
        held = next((at for at, each in enumerate(pairs) if each[0] == name), None)
        if held is None:
            end = _end(text, node.end_mark.index)
            text = _spliced(text, end, end, lines)
            continue
        start = pairs[held][1].start_mark.index
        last = held + 1 == len(pairs)
        until = node.end_mark.index if last else pairs[held + 1][1].start_mark.index
        # The field may follow the dash of its item, so only the first line begins where it stood.
        text = _spliced(text, start, _end(text, until), lines[column:])
    return text


def _plain(text: str, node: Any) -> dict[str, Any]:
    found = parse_yaml(text[node.start_mark.index : node.end_mark.index], place="a gate")
    return dict(found)


def _items(text: str, place: str) -> list[Any]:
    """Return the nodes of the gates; raises CannotTell for a list that stands in one line."""
    root = compose_yaml(text, place=place)
    for key, value in root.value:
        if key.value == "gates":
            if value.flow_style or any(each.id != "mapping" for each in value.value):
                raise CannotTell(
                    "its list of gates stands in one line.",
                    place=place,
                    hint="Begin each gate on a line of its own, with a dash.",
                )
            return list(value.value)
    return []


def _indent(text: str, node: Any) -> int:
    """Return the column of the dash before a gate."""
    line = text[text.rfind("\n", 0, node.start_mark.index) + 1 : node.start_mark.index]
    return len(line) - len(line.lstrip(" "))


def _end(text: str, index: int) -> int:
    """Return where a value ends that ends before `index`, without comments and lines after it."""
    lines = text[:index].splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n") and not lines[-1].strip(" -"):
        lines.pop()  # The indentation, and the dash, of what comes next.
    while lines and re.fullmatch(r"\s*(#.*)?\n?", lines[-1]):
        lines.pop()
    return sum(map(len, lines))


def _spliced(text: str, start: int, end: int, new: str) -> str:
    head, tail = text[:start], text[end:]
    if start == end and head and not head.endswith("\n"):
        head += "\n"
    return head + new + tail


def _block(text: str, indent: int) -> str:
    pad = " " * indent
    return "".join(
        f"{pad}{line}" if line.strip() else line for line in text.splitlines(keepends=True)
    )
