"""The cadence over time, out of the ledger: which one was adopted when, and what was recorded."""

import msgspec

from pawl.base import typed
from pawl.governance.cadence import Cadence
from pawl.governance.cadence_keeping import Record
from pawl.governance.ledger import EntryType
from pawl.store.records.cadence import CadenceBook
from pawl.store.records.connection import Engine
from pawl.store.records.engine import reading

_ADOPTED = """
SELECT recorded_at, body FROM ledger WHERE type = :type AND recorded_at < :until ORDER BY seq
"""


class CadenceHistory(msgspec.Struct, frozen=True, kw_only=True):
    """Every cadence that was adopted, with when, and the records of a window by occurrence."""

    adoptions: tuple[tuple[Cadence, str], ...]
    records: dict[str, Record]


def cadence_history(engine: Engine, since: str, until: str) -> CadenceHistory:
    """Return the cadences adopted before a time, and what was recorded by then of
    what was due in the window."""
    asked = {"type": EntryType.CADENCE_ADOPTED.value, "until": until}
    with reading(engine) as connection:
        rows = connection.execute(_ADOPTED, asked)
        records = CadenceBook(connection).due(since, until)
    return CadenceHistory(
        adoptions=tuple(
            (typed.decode(row["body"], type=Cadence), str(row["recorded_at"])) for row in rows
        ),
        records={name: each for name, each in records.items() if each.at < until},
    )
