"""What a batch that goes on must find: the same command, and the items it has results of."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from pawl.base import typed
from pawl.base.errors import BadFile, BadValue
from pawl.runs.batch_events import Begun, Event, Line
from pawl.runs.batch_item import Item
from pawl.runs.batch_result import Told

_NAMED = 3
_ANEW = "Restore it, name another file with --out, or begin anew with --anew: what is there is kept"


def read_journal(lines: Iterable[bytes], place: str) -> tuple[Begun | None, list[Event]]:
    """Return the first line and the events of a journal; raises BadFile naming the line."""
    decoder: msgspec.json.Decoder[Line] = typed.decoder(Line)  # type: ignore[arg-type]
    begun: Begun | None = None
    events: list[Event] = []
    for number, line in enumerate(lines, start=1):
        try:
            found: Line = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadFile(
                f"not a line of a batch's journal: {error}.",
                place=f"{place}:{number}",
                hint=f"{_ANEW}.",
            ) from error
        if isinstance(found, Begun) != (number == 1):
            raise BadFile(
                "a journal begins once, with its first line.",
                place=f"{place}:{number}",
                hint=f"{_ANEW}.",
            )
        if isinstance(found, Begun):
            begun = found
        else:
            events.append(found)
    return begun, events


def read_results(lines: Iterable[bytes], place: str) -> list[Told]:
    """Return what the result lines tell; raises BadFile for a line of something else."""
    decoder = typed.decoder(Told)
    found: dict[str, Told] = {}
    for number, line in enumerate(lines, start=1):
        try:
            told = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadFile(
                f"not a result line of a batch: {error}.",
                place=f"{place}:{number}",
                hint="Name another file with --out.",
            ) from error
        if told.item in found:
            raise BadFile(
                f"a second result of {told.item!r}.",
                place=f"{place}:{number}",
                hint="Remove one of the two lines.",
            )
        found[told.item] = told
    return list(found.values())


def refuse_another_command(begun: Begun | None, command_digest: str, place: str) -> None:
    """Raise BadValue where the batch was begun with another command."""
    if begun is not None and begun.command_digest != command_digest:
        raise BadValue(
            "the results are of another command: its answers and these would stand side by side.",
            place=place,
            hint="Say the same command, name another file with --out, or begin anew with --anew:"
            " what is there is kept under another name.",
        )


def refuse_changed(items: Sequence[Item], results: Iterable[Told], place: str) -> None:
    """Raise BadValue where items that have a result were edited or removed, naming the first.

    Items without a result may change, and new ones may be added.
    """
    by_id: Mapping[str, Item] = {item.id: item for item in items}
    removed: list[str] = []
    edited: list[str] = []
    for told in results:
        item = by_id.get(told.item)
        if item is None:
            removed.append(told.item)
        elif item.digest != told.item_digest:
            edited.append(f"{told.item} ({item.where})")
    for names, what in ((edited, "edited"), (removed, "removed")):
        if names:
            shown = ", ".join(names[:_NAMED])
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            raise BadValue(
                f"{len(names)} of the items that have a result were {what}: {shown}{more}.",
                place=place,
                hint=f"{_ANEW} under another name. Items without a result may change.",
            )
