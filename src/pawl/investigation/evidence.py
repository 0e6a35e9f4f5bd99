"""Evidence, and the claims that cite it: nothing is said of an incident without an id behind it."""

from enum import StrEnum
from typing import Any

import msgspec

from pawl.base.canonical import digest


class Kind(StrEnum):
    """What a piece of evidence is of."""

    COMMIT = "commit"
    DEPLOY = "deploy"
    FLAG = "flag"
    CHANGE = "change"
    SHIFT = "shift"
    """A value that is seen where another was seen before, such as the model that answers."""
    ALERT = "alert"
    LOG = "log"
    METRIC = "metric"
    TRACE = "trace"
    QUIRK = "quirk"
    INCIDENT = "incident"


class Tag(StrEnum):
    """What a claim is. Only an observation can be looked up; the others are ours."""

    OBSERVATION = "observation"
    CORRELATION = "correlation"
    HYPOTHESIS = "hypothesis"
    RECOMMENDATION = "recommendation"


class Evidence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that was seen.

    `at` and `until` are canonical times, empty where unknown. `place` is where it can be looked up
    again. `digest` is of everything but the id. `flagged` says why the text may be an attempt to
    give orders to whoever reads it; empty where nothing looks like one.
    """

    id: str
    source: str
    kind: Kind
    at: str
    until: str = ""
    what: str
    place: str
    digest: str
    values: dict[str, str | float] = {}
    flagged: str = ""


class Claim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One sentence, what it is, and the ids of the evidence that it stands on."""

    tag: Tag
    text: str
    evidence: tuple[str, ...]


def evidence(
    kind: Kind,
    source: str,
    what: str,
    *,
    at: str,
    place: str,
    until: str = "",
    values: dict[str, str | float] | None = None,
    flagged: str = "",
) -> Evidence:
    """Return a piece of evidence; its id is made of its content, so that it is stable."""
    told: dict[str, Any] = {
        "source": source,
        "kind": kind.value,
        "at": at,
        "until": until,
        "what": what,
        "place": place,
        "values": values or {},
        "flagged": flagged,
    }
    found = digest(told)
    return Evidence(
        id=f"{kind.value}-{found[:10]}",
        source=source,
        kind=kind,
        at=at,
        until=until,
        what=what,
        place=place,
        digest=found,
        values=values or {},
        flagged=flagged,
    )
