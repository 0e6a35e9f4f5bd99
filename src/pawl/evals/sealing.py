"""The stored form of a trial record: content-addressed, scrubbed, and refused once it is altered.

Lines of JSON. The first names the form and the record's address; the second the SHA-256 of each
part; then each part is one line of RFC 8785 JSON. The address is the SHA-256 of the second line.
Every byte is covered, so one that differs is found and its part named. Somebody who rewrites
a record and its digests makes another record, with another address: whoever refers to a record
keeps its address and hands it in.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from pawl.base.canonical import canonical_json, sha256_hex
from pawl.base.errors import BadValue, CannotTell
from pawl.base.redaction import redact
from pawl.base.typed import decode, decoder
from pawl.evals.canaries import found_in, masked
from pawl.evals.record import SCHEMA, CommandExit, KeptFile, Text, Trial, Workspace

PARTS = Trial.__struct_fields__
_DECODERS: dict[str, msgspec.json.Decoder[Any]] = {
    field.name: decoder(field.type) for field in msgspec.structs.fields(Trial)
}
MAX_BYTES = 64 * 1024 * 1024
"""Bytes of a stored record; larger ones are refused unread."""


class TamperedRecord(CannotTell):
    """A trial record is not what its digests say; it proves nothing."""

    code = "tampered-record"


class Sealed(NamedTuple):
    """A record's address and its bytes."""

    address: str
    data: bytes


def scrubbed(trial: Trial, tokens: Mapping[str, str]) -> Trial:
    """Return a record without secrets; `tokens` are those of its canaries, by name.

    The canaries are looked for first: what looks like a secret is taken out together with what
    stands beside it.
    """
    events = tuple(
        msgspec.structs.replace(
            event,
            attributes={key: _clean(value, tokens) for key, value in event.attributes.items()},
        )
        for event in trial.events
    )
    return msgspec.structs.replace(
        trial,
        events=events,
        texts=tuple(_text(each, tokens) for each in trial.texts),
        workspace=Workspace(
            changes=tuple(
                msgspec.structs.replace(each, path=masked(each.path, tokens))
                for each in trial.workspace.changes
            ),
            kept=tuple(_kept(each, tokens) for each in trial.workspace.kept),
        ),
        commands=tuple(_command(each, tokens) for each in trial.commands),
        network=tuple(
            msgspec.structs.replace(each, host=masked(each.host, tokens)) for each in trial.network
        ),
        judgements=tuple(
            msgspec.structs.replace(each, reason=_clean(each.reason, tokens))
            for each in trial.judgements
        ),
        manifest=msgspec.structs.replace(
            trial.manifest,
            canaries=tuple(sorted({*trial.manifest.canaries, *tokens})),
            ending=msgspec.structs.replace(
                trial.manifest.ending, infra=_clean(trial.manifest.ending.infra, tokens)
            ),
        ),
    )


def seal(trial: Trial, tokens: Mapping[str, str]) -> Sealed:
    """Return the stored form of a record, scrubbed; `tokens` are those of its canaries, by name.

    Raises BadValue for what JSON cannot hold.
    """
    values = msgspec.to_builtins(scrubbed(trial, tokens))
    try:
        lines = {part: canonical_json(values[part]) for part in PARTS}
    except (ValueError, RecursionError) as error:
        raise BadValue(f"The record cannot be stored: {error}.") from error
    listed = _listed(lines)
    address = sha256_hex(listed)
    return Sealed(address, b"\n".join([_first(address), listed, *lines.values(), b""]))


def open_record(data: bytes, address: str | None = None) -> Trial:
    """Return the record that stored bytes hold.

    Raises TamperedRecord, which names the part that differs, where the bytes are not those that
    were sealed, or not those of the `address` that somebody kept.
    """
    if len(data) > MAX_BYTES:
        raise TamperedRecord(f"The record is larger than {MAX_BYTES:,} bytes.")
    lines = data.split(b"\n")
    if len(lines) != len(PARTS) + 3 or lines[-1]:
        raise TamperedRecord(
            f"The record has {len(lines) - 1} lines and not {len(PARTS) + 2}.",
            hint="Record the trial again.",
        )
    parts = dict(zip(PARTS, lines[2:-1], strict=True))
    listed = _listed(parts)
    found = sha256_hex(listed)
    if listed != lines[1]:
        raise TamperedRecord(
            f"The record's {_differing(lines[1], parts)} is not what its digest says.",
            hint="Record the trial again.",
        )
    if lines[0] != _first(found):
        raise TamperedRecord("The record's first line does not name its own address.")
    if address is not None and address != found:
        raise TamperedRecord(
            f"The record is another one: its address is {found[:12]}, not {address[:12]}."
        )
    return _decoded(parts)


def _decoded(parts: dict[str, bytes]) -> Trial:
    values: dict[str, Any] = {}
    for part in PARTS:
        try:
            values[part] = _DECODERS[part].decode(parts[part])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise TamperedRecord(f"The record's {part} does not read: {error}.") from error
    return Trial(**values)


def _listed(lines: Mapping[str, bytes]) -> bytes:
    return canonical_json({part: sha256_hex(lines[part]) for part in PARTS})


def _first(address: str) -> bytes:
    return canonical_json({"address": address, "schema": SCHEMA})


def _differing(claimed: bytes, parts: Mapping[str, bytes]) -> str:
    """Return the names of the parts whose digests are not those claimed."""
    try:
        digests = decode(claimed, type=dict[str, str])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "list of digests"
    names = [part for part in PARTS if digests.get(part) != sha256_hex(parts[part])]
    return " and ".join(names) or "list of digests"


def _clean(text: str, tokens: Mapping[str, str]) -> str:
    return redact(masked(text, tokens)).encode("utf-8", "replace").decode()


def _text(text: Text, tokens: Mapping[str, str]) -> Text:
    bare = masked(text.text, tokens)
    clean = _clean(bare, {})
    names = {*text.canaries, *found_in(text.text, tokens)}
    redacted = text.redacted or clean != bare
    return msgspec.structs.replace(
        text, text=clean, redacted=redacted, canaries=tuple(sorted(names))
    )


def _kept(file: KeptFile, tokens: Mapping[str, str]) -> KeptFile:
    if file.text is None:
        return file
    bare = masked(file.text, tokens)
    clean = _clean(bare, {})
    return msgspec.structs.replace(file, text=clean, redacted=file.redacted or clean != bare)


def _command(command: CommandExit, tokens: Mapping[str, str]) -> CommandExit:
    return msgspec.structs.replace(
        command, command=_clean(command.command, tokens), output=_clean(command.output, tokens)
    )
