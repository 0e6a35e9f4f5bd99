"""What each ledger entry about a change makes of its row and of components, also in replay.

A component has one row: which changes move it, which of its parts were rolled back, and what it
was, newest last. An event is folded into the rows of what its change alters and into no others.
"""

from collections.abc import Iterable, Mapping

import msgspec

from pawl.base import typed
from pawl.changes.change import Change, Happened, Happening, after
from pawl.changes.manifest import changed
from pawl.changes.registry import Live, Registry, folded
from pawl.governance.ledger import Difference, Entry
from pawl.store.records.connection import Connection, Row, insert
from pawl.store.records.ledger import entries

PREFIX = "change."
_COLUMNS = "id, scope, state, digest, version, title, opened_at, changed_at, body"
_CHANGES = f"SELECT {_COLUMNS} FROM changes"  # noqa: S608
_COMPONENTS = "SELECT component, rolling, quarantine, history FROM change_components"
_KEEP = """
INSERT INTO change_components (component, rolling, quarantine, history)
VALUES (:component, :rolling, :quarantine, :history)
ON CONFLICT (component) DO UPDATE
SET rolling = :rolling, quarantine = :quarantine, history = :history
"""


class Component(msgspec.Struct, frozen=True, kw_only=True):
    """One component as the registry knows it. `quarantine` is by the digest of its part."""

    rolling: tuple[str, ...] = ()
    quarantine: dict[str, str] = {}
    history: tuple[Live, ...] = ()


NOTHING = Component()


def happened_in(entry: Entry) -> Happened:
    """Return the event in an entry; raises msgspec.ValidationError for one that holds none."""
    body = msgspec.json.decode(entry.body)
    return Happened(
        type=Happening(entry.type),
        change=entry.subject,
        at=entry.recorded_at,
        by=str(body["by"]),
        sets=body["sets"],
    )


def change_row(change: Change) -> Row:
    """Return a change as its row."""
    return {
        "id": change.id,
        "scope": change.manifest.scope,
        "state": change.state.value,
        "digest": change.digest,
        "version": change.version,
        "title": change.manifest.title,
        "opened_at": change.opened_at,
        "changed_at": change.changed_at,
        "body": msgspec.json.encode(change, order="deterministic").decode(),
    }


def read_change(body: str) -> Change:
    """Return the change in a row's body."""
    return typed.decode(body, type=Change)


def moved(
    known: Mapping[str, Component], change: Change, happened: Happened
) -> dict[str, Component]:
    """Return the components that an event alters, as they are after it.

    `known` holds at least those that the change alters, where there is anything to know of them.
    """
    names = changed(change.manifest)
    before = registry_of(names, known)
    later = folded(before, change, happened)
    if later is before:
        return {}
    found = {name: component_in(later, name) for name in names}
    return {name: each for name, each in found.items() if each != known.get(name, NOTHING)}


def registry_of(names: Iterable[str], known: Mapping[str, Component]) -> Registry:
    """Return the registry of some components."""
    own = {name: known[name] for name in names if name in known}
    return Registry(
        history={name: each.history for name, each in own.items() if each.history},
        rolling={name: each.rolling for name, each in own.items() if each.rolling},
        quarantine={
            f"{name}@{part}": since
            for name, each in own.items()
            for part, since in each.quarantine.items()
        },
    )


def component_in(registry: Registry, name: str) -> Component:
    """Return one component of a registry."""
    start = f"{name}@"
    return Component(
        rolling=registry.rolling.get(name, ()),
        quarantine={
            key[len(start) :]: since
            for key, since in registry.quarantine.items()
            if key.startswith(start) and "@" not in key[len(start) :]
        },
        history=registry.history.get(name, ()),
    )


def read_component(row: Row) -> Component:
    """Return the component in a row."""
    return Component(
        rolling=typed.decode(row["rolling"], type=tuple[str, ...]),
        quarantine=typed.decode(row["quarantine"], type=dict[str, str]),
        history=typed.decode(row["history"], type=tuple[Live, ...]),
    )


def component_row(name: str, component: Component) -> Row:
    """Return a component as its row."""
    return {
        "component": name,
        "rolling": _text(component.rolling),
        "quarantine": _text(component.quarantine),
        "history": _text(component.history),
    }


def keep_components(connection: Connection, found: Mapping[str, Component]) -> None:
    """Keep components as they are now."""
    rows = [component_row(name, each) for name, each in found.items()]
    if rows:
        connection.execute_many(_KEEP, rows)


def remade(connection: Connection) -> tuple[dict[str, Row], dict[str, Row]]:
    """Return the rows of changes and of components that the entries make.

    Raises ValueError for an entry that cannot follow what was before it.
    """
    changes: dict[str, Change] = {}
    components: dict[str, Component] = {}
    for entry in entries(connection, PREFIX):
        try:
            happened = happened_in(entry)
            if (happened.change in changes) == (happened.type in _FIRST):
                raise ValueError("it does not follow")
            change = after(changes.get(happened.change), happened)
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"entry {entry.seq}: {entry.type}: {error}") from error
        changes[happened.change] = change
        components |= moved(components, change, happened)
    return (
        {identity: change_row(change) for identity, change in changes.items()},
        {name: component_row(name, each) for name, each in components.items()},
    )


def remake(connection: Connection) -> None:
    """Make the tables anew of the entries."""
    changes, components = remade(connection)
    connection.execute("DELETE FROM changes")
    connection.execute("DELETE FROM change_components")
    if changes:
        insert(connection, "changes", *changes.values())
    if components:
        insert(connection, "change_components", *components.values())


def difference(connection: Connection) -> Difference | None:
    """Return the first change or component that is not what its entries make of it."""
    try:
        changes, components = remade(connection)
    except ValueError as error:
        return Difference(
            kind="table", place="changes", expected="entries that follow", found=str(error)[:300]
        )
    found = {row["id"]: row for row in connection.execute(_CHANGES)}
    rows = {row["component"]: row for row in connection.execute(_COMPONENTS)}
    return first_difference("changes", changes, found) or first_difference(
        "change_components", components, rows
    )


def first_difference(
    table: str, wanted: Mapping[str, Row], found: Mapping[str, Row]
) -> Difference | None:
    """Return the first row, by its key, that is not as it is wanted."""
    for key in sorted(wanted.keys() | found.keys()):
        if found.get(key) != wanted.get(key):
            return Difference(
                kind="table",
                place=f"{table} {key}",
                expected="a row" if key in wanted else "no row",
                found="another row" if key in found else "none",
            )
    return None


def _text(value: object) -> str:
    return msgspec.json.encode(value, order="deterministic").decode()


_FIRST = frozenset({Happening.OPENED, Happening.FOUND})
"""Events that begin a change."""
