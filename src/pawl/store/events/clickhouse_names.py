"""Names in statements of ClickHouse: told by digests, because the engine keeps statements."""

import os
from collections.abc import Iterable
from hashlib import sha256

from pawl.governance.forgetting import FORGOTTEN
from pawl.store.events.clickhouse_schema import Personal
from pawl.store.events.forgetting import OWN_ATTRIBUTES


class Spellings:
    """Names as they are spelt in rows, which statements know by their digests alone."""

    def __init__(self, names: Iterable[str]) -> None:
        self._salt = os.urandom(16).hex()
        told = (sha256(f"{self._salt}{name}".encode()).hexdigest() for name in sorted(names))
        self._digests = ", ".join(f"'{digest}'" for digest in told)

    def match(self, column: str) -> str:
        """Return the condition that a column of names holds one of them."""
        told = f"lower(hex(SHA256(concat('{self._salt}', ifNull({column}, '')))))"
        return f"{told} IN ({self._digests})"

    def of_row(self, table: Personal) -> str:
        """Return the condition that a row of a table names one of them."""
        if table.packed:
            return f"arrayExists(name -> {self.match('name')}, developer)"
        return self.match("developer")

    def mutation(self, table: Personal) -> str:
        """Return the statement that takes them out of a table's rows on one server."""
        if table.packed:
            sets = [
                f"developer = arrayMap(name -> if({self.match('name')}, '{FORGOTTEN}', name),"
                " developer)"
            ]
        else:
            sets = [f"developer = '{FORGOTTEN}'"]
            sets += ["machine = NULL"] if table.machine else []
            sets += [f"attributes = {_own_left_out('developer')}"] if table.attributes else []
        return (
            f"ALTER TABLE {table.rows} UPDATE {', '.join(sets)} WHERE {self.of_row(table)}"
            " SETTINGS mutations_sync = 0"
        )

    def left_out(self, person: str) -> dict[str, str]:
        """Return what stands in the place of columns of events; `person` holds who it was."""
        told = self.match(person)
        return {
            "developer": f"if({told}, '{FORGOTTEN}', {person})",
            "machine": f"if({told}, NULL, machine)",
            "attributes": f"if({told}, {_own_left_out(person)}, attributes)",
        }


def _own_left_out(person: str) -> str:
    """Return the attributes of an event without those that tell of the person in a column."""
    own = ", ".join(f"'{name}'" for name in OWN_ATTRIBUTES)
    plain = "lowerUTF8(trimBoth(ifNull({}, '')))"
    return (
        f"mapFilter((k, v) -> k NOT IN ({own})"
        f" AND {plain.format('v')} != {plain.format(person)}, attributes)"
    )
