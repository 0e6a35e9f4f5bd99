"""Say of each record in an explanation which entry of the ledger binds it."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from pawl.maturity.explain import EvidenceNode, Explanation

T = TypeVar("T", bound=msgspec.Struct)


def with_entries(explanation: Explanation, entries: Mapping[str, int]) -> Explanation:
    """Return the explanation with ledger entries filled in; `entries` are by record id."""

    def evidence(node: EvidenceNode) -> EvidenceNode:
        return msgspec.structs.replace(node, ledger_entry=entries.get(node.record.id))

    needs = _each("evidence", evidence)
    criteria = _each("needs", needs)
    levels = _each("criteria", criteria)
    return _each("dimensions", _each("levels", levels))(explanation)


def _each(field: str, change: Callable[[Any], Any]) -> Callable[[T], T]:
    """Return what changes every member of one field of a struct."""

    def changed(node: T) -> T:
        members = tuple(change(each) for each in getattr(node, field))
        return msgspec.structs.replace(node, **{field: members})

    return changed
