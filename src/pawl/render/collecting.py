"""What a collection brought, as text for people and as `pawl.collect/1` JSON for programs."""

from typing import Any

import msgspec

from pawl.base.durations import format_duration
from pawl.maturity.collected import Collected

SCHEMA = "pawl.collect/1"


def collect_json(done: Collected) -> dict[str, Any]:
    """Return the `pawl.collect/1` object: every field of `Collected`, and whether it is whole."""
    told: dict[str, Any] = msgspec.to_builtins(done)
    return {"schema": SCHEMA, **told, "complete": is_complete(done)}


def is_complete(done: Collected) -> bool:
    """Say whether everything that the host would tell somebody is there."""
    return not done.missing and not done.stopped


def collect_text(done: Collected) -> str:
    """Return a collection for people: what there is, what is not, and what to do next."""
    lines = [
        f"{_plain(done.repository)} on {done.product}, as of {done.began[:16].replace('T', ' ')}: "
        f"{done.changes:,} changes since {done.complete_since[:10]}.",
        f"{done.files:,} files, {done.kept:,} of them kept from before; {done.requests:,} requests,"
        f" {done.unchanged:,} of them unchanged; waited {format_duration(done.waited_s)}.",
    ]
    lines += [f"missing  {part}: {_plain(why)}" for part, why in sorted(done.missing.items())]
    lines += [f"untold   {part}: {_plain(why)}" for part, why in sorted(done.untold.items())]
    if done.stopped:
        lines.append(f"Stopped: {_plain(done.stopped)}. Run the same command again to go on.")
    lines.append(f"Assess with it: pawl assess --evidence {_quoted(done.into)}")
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _quoted(path: str) -> str:
    plain = path.replace("/", "").replace("-", "").replace(".", "").replace("_", "")
    return path if plain.isalnum() else "'" + _plain(path).replace("'", "'\\''") + "'"
