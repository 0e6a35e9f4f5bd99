"""What operation recorded, of two sources: exports that were handed over, and Pawl's own records.

A kind that both tell of is taken from both: whoever keeps incidents in two places cannot choose
the better one. What has the same id, or is the same in every field, is one thing, and of two with
the same id our own record counts.
"""

from collections.abc import Callable

import msgspec

from pawl.base.errors import PawlError
from pawl.maturity.facts import Absent
from pawl.maturity.facts.operations import Operations

KINDS = tuple(
    name
    for name in Operations.__struct_fields__
    if name not in ("source", "complete_since", "began")
)
"""Every kind of thing that operation records, as facts call them."""


def joined(exported: Operations | Absent, own: Operations | None) -> Operations | Absent:
    """Return both as one. Each kind is complete from where the one that reaches further begins."""
    if own is None:
        return exported
    if isinstance(exported, Absent):
        return own
    found: dict[str, tuple[object, ...]] = {}
    began: dict[str, str] = {}
    for kind in KINDS:
        mine, theirs = getattr(own, kind), getattr(exported, kind)
        if mine is None:
            continue
        since = own.since(kind)
        began[kind] = since if theirs is None else min(since, exported.since(kind))
        known = {each.id for each in mine if hasattr(each, "id")}
        others = (
            each
            for each in theirs or ()
            if getattr(each, "id", None) not in known and each not in mine
        )
        found[kind] = (*mine, *others)
    return msgspec.structs.replace(
        exported,
        source=f"{exported.source}, {own.source}",
        began={**exported.began, **began},
        **found,
    )


def asked(ask: Callable[[], Operations | None] | None) -> tuple[Operations | None, str]:
    """Return what Pawl's own records tell, and what to note where they could not be read."""
    if ask is None:
        return None, ""
    try:
        return ask(), ""
    except PawlError as error:
        return None, f"Pawl's own records of operation could not be read: {error.message}"
