"""Read the list of cases that are set aside for a while: each with an owner and a last day."""

from datetime import date
from typing import Any

import msgspec

from pawl.base.errors import BadFile, BadValue
from pawl.base.loading import load_yaml
from pawl.evals.counts import Quarantine

MAX_REASON = 1000


class _Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    case: str
    owner: str
    expires: date
    reason: str


def read_quarantine(text: str, *, place: str) -> dict[str, Quarantine]:
    """Return who set which case aside, by its id; raises BadFile for a line without its parts."""
    found: dict[str, Quarantine] = {}
    kind: Any = tuple[_Line, ...] | None
    lines: tuple[_Line, ...] | None = load_yaml(text, kind, place=place)
    for at, line in enumerate(lines or ()):
        where = f"{place}: [{at}]"
        if line.case in found:
            raise BadFile(f"{line.case!r} stands twice.", place=where)
        if not line.reason.strip() or len(line.reason) > MAX_REASON:
            raise BadFile(
                "a quarantine has no reason.",
                place=where,
                hint=f"Say in at most {MAX_REASON:,} characters what is known to be wrong.",
            )
        try:
            held = Quarantine(owner=line.owner, expires=line.expires, reason=line.reason)
        except BadValue as error:
            raise BadFile(error.message, place=where, hint=error.hint) from error
        found[line.case] = held
    return found
