"""Records of deployments, one JSON object a line, as a pipeline writes them.

    {"at": "2026-11-21T14:31:00Z", "component": "user-service", "version": "v1.2.3",
     "commits": ["abc1234"], "status": "success", "by": "ci"}

`at` and `component` must be there. A `status` of `rolled-back`, and `rollback: true`, say that it
goes back; one of `failed` says that nothing took effect.
"""

from collections.abc import Iterable

import msgspec

from pawl.base import typed
from pawl.base.times import canonical_time
from pawl.investigation.facts import Change, ChangeKind

_BACK = frozenset({"rollback", "rolled-back", "rolled_back", "reverted"})
_FAILED = frozenset({"failed", "failure", "cancelled", "canceled"})


class _Record(msgspec.Struct):
    at: str
    component: str
    version: str = ""
    commits: tuple[str, ...] = ()
    commit: str = ""
    status: str = "success"
    by: str = ""
    title: str = ""
    rollback: bool = False


def read_deploys(texts: Iterable[str], place: str) -> tuple[tuple[Change, ...], int]:
    """Return the deployments that took effect, oldest first, and how many lines do not read."""
    decoder = typed.decoder(_Record)
    found: list[Change] = []
    unread = 0
    for number, text in enumerate(texts, 1):
        if not text.strip():
            continue
        try:
            record = decoder.decode(text)
            at = canonical_time(record.at)
        except (msgspec.DecodeError, ValueError, UnicodeError):
            unread += 1
            continue
        if record.status.lower() not in _FAILED:
            found.append(_change(record, at, f"{place}:{number}"))
    found.sort(key=lambda each: each.at)
    return _with_returns(found), unread


def _change(record: _Record, at: str, place: str) -> Change:
    name = f"{record.component} {record.version}".strip()
    back = record.rollback or record.status.lower() in _BACK
    return Change(
        kind=ChangeKind.DEPLOY,
        id=name[:200],
        at=at,
        title=(record.title or f"{'Back to' if back else 'Deploy'} {name}")[:300],
        source="deploys",
        place=place,
        who=record.by[:100],
        component=record.component[:200],
        version=record.version[:200],
        commits=record.commits[:1000] or ((record.commit,) if record.commit else ()),
        undo=back,
    )


def _with_returns(deploys: list[Change]) -> tuple[Change, ...]:
    """Say of a deployment of a version that was there before that it goes back."""
    seen: dict[str, list[str]] = {}
    found = []
    for each in deploys:
        versions = seen.setdefault(each.component, [])
        back = bool(each.version) and each.version in versions[:-1]
        versions.append(each.version)
        found.append(msgspec.structs.replace(each, undo=True) if back else each)
    return tuple(found)
