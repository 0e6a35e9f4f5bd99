"""Evidence: what a probe found, when we first saw it, and how much it can prove.

A record is immutable and named by its content: the same finding from the same inputs at the same
time has the same id wherever it is made. A new observation is a new record, never an overwrite.
"""

from enum import StrEnum
from typing import Literal

import msgspec

from pawl.base.canonical import canonical_json, digest, sha256_hex
from pawl.base.finding import Outcome, Place


class Depth(StrEnum):
    """How deep a proof goes; the values sort from shallow to deep."""

    EXISTS = "E1"
    """The named object is there."""
    SUBSTANTIVE = "E2"
    """Its content holds up and refers to real things."""
    RUNS = "E3"
    """It ran within the window, told by something the assessed team cannot edit."""
    BITES = "E4"
    """It was shown to stop bad input."""
    PAYS = "E5"
    """The outcome it is there for moved, or a lesson came back as a control."""


class Assurance(StrEnum):
    """Who vouches for a fact; the values sort from weak to strong."""

    DECLARED = "A0"
    """Typed by somebody, or told by git names and dates."""
    OBSERVED = "A1"
    """Read by Pawl from the content itself, or in a session that was logged in."""
    SIGNED = "A2"
    """Signed by a key that a protected branch lists."""
    PROVIDER = "A3"
    """Read by Pawl from the provider that enforced it."""


class Kind(StrEnum):
    """Where a fact comes from. Kinds are independent: none can be edited through another."""

    TREE = "tree"
    """Files of a commit."""
    HISTORY = "history"
    """Commits and their order."""
    CI = "ci"
    """What a CI provider ran: test reports, coverage, scans, workflow runs."""
    HOST = "host"
    """What a code host enforced or recorded: reviews, rules, deployments, releases."""
    TELEMETRY = "telemetry"
    """What supervised runs and sessions did."""
    INCIDENT = "incident"
    """Incidents, alerts, drills and on-call as they happened."""
    DECISION = "decision"
    """Entries of the ledger."""
    ATTESTATION = "attestation"
    """A person's word. Never enough above level 2."""


class Share(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`hits` of `of`. A census looked at all there is; a sample is judged by its interval."""

    hits: int
    of: int
    census: bool = True

    @property
    def ratio(self) -> float | None:
        """The share from 0 to 1, or None of nothing."""
        return self.hits / self.of if self.of else None


Value = bool | int | float | str | Share
"""One named result of a probe. A missing name is unknown, never zero."""


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One answer of one probe about one subject.

    `claimed_at` is the source's own date, `observed_at` our clock at first sight; both canonical
    times. `depth` is how deep the proof reached, whatever was asked. `inputs` is the digest of
    what the probe looked at.
    """

    id: str = ""
    probe: str
    probe_version: int
    subject: str
    outcome: Outcome
    depth: Depth
    kinds: tuple[Kind, ...]
    assurance: Assurance
    values: dict[str, Value] = {}
    places: tuple[Place, ...] = ()
    reason: str = ""
    claimed_at: str | None = None
    observed_at: str
    valid_to: str | None = None
    inputs: str = ""
    collector: str = "pawl"


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """Records handed over together, as a file."""

    schema: Literal["pawl.evidence/1"] = "pawl.evidence/1"
    records: tuple[Record, ...] = ()


def sealed(record: Record) -> Record:
    """Return the record with its id: the digest of everything else it says."""
    return msgspec.structs.replace(record, id=content_digest(record))


def is_whole(record: Record) -> bool:
    """Say whether a record's content is still what its id names."""
    return content_digest(record) == record.id


def content_digest(record: Record) -> str:
    """Return the SHA-256 of what a record says, its id apart, as RFC 8785 writes it.

    Raises as `canonical_json` does, for numbers that JSON cannot carry exactly.
    """
    values = _plainly_written(record)
    if values is None:
        content = msgspec.to_builtins(record)
        content.pop("id", None)
        return digest(content)
    said = {name: getattr(record, name) for name in _SAID}
    said["values"] = values
    return sha256_hex(_SORTED.encode(said))


_SAID = tuple(name for name in Record.__struct_fields__ if name != "id")
_SORTED = msgspec.json.Encoder(order="sorted")
"""Twelve times as fast as the general encoder, and the same bytes as RFC 8785 for ASCII keys,
text, and integers that a double holds exactly; a property test compares them."""
_EXACT_MAX = 2**53 - 1


def _plainly_written(record: Record) -> dict[str, object] | None:
    """Return the values as the fast encoder may write them, or None where it may not."""
    values: dict[str, object] = {}
    for name, value in record.values.items():
        kind = type(value)
        if not name.isascii():
            return None
        if kind is float:
            # The one kind of number whose text differs.
            values[name] = msgspec.Raw(canonical_json(value))
        elif kind is str or kind is bool or _is_exact(value) or _is_exact_share(value):
            values[name] = value
        else:
            return None
    lines = (place.line for place in record.places)
    if not all(line is None or _is_exact(line) for line in lines):
        return None
    return values if _is_exact(record.probe_version) else None


def _is_exact(number: object) -> bool:
    return type(number) is int and -_EXACT_MAX <= number <= _EXACT_MAX


def _is_exact_share(value: object) -> bool:
    return isinstance(value, Share) and _is_exact(value.hits) and _is_exact(value.of)
