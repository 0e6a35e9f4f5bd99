"""Of what commits a change was made, as evidence of the kind `commits`: git's word, not ours.

Lead time counts from `first_at` of the payload. It is the date that the author's git wrote into the
commit, which an amended or rebased commit keeps.
"""

from collections.abc import Iterable
from contextlib import suppress

import msgspec

from pawl.base.times import canonical_time
from pawl.changes.evidence import Evidence, newest_last, sealed
from pawl.changes.handing_over import For
from pawl.changes.verdict import Verdict

COMMITS = "commits"
"""The kind of evidence that tells of what commits a change was made."""


def commits_piece(
    bound: For, written_at: Iterable[str], *, base: str, head: str
) -> Evidence | None:
    """Return what the times of the commits of a range are evidence of; None where none is told.

    Times that are none are left out. `base` and `head` are ids of commits.
    """
    told = []
    for each in written_at:
        with suppress(ValueError, OverflowError):
            told.append(canonical_time(each))
    if not told:
        return None
    return sealed(
        Evidence(
            id="",
            kind=COMMITS,
            digest=bound.digest,
            base_digest=bound.base_digest,
            # Nothing was judged: it only says when.
            verdict=Verdict.NOT_APPLICABLE,
            produced_at=bound.at,
            recorded_at=bound.at,
            producer=bound.producer,
            payload_digest="",
            payload={
                "first_at": min(told),
                "last_at": max(told),
                "commits": len(told),
                "base": base,
                "head": head,
            },
            events=len(told),
        )
    )


def commits_still(bound: For, known: Iterable[Evidence]) -> Evidence | None:
    """Return the newest evidence of commits for a content that was edited without other commits."""
    pieces = [each for each in newest_last(known) if each.kind == COMMITS]
    if not pieces:
        return None
    return sealed(
        msgspec.structs.replace(
            pieces[-1],
            digest=bound.digest,
            base_digest=bound.base_digest,
            produced_at=bound.at,
            producer=bound.producer,
        )
    )
