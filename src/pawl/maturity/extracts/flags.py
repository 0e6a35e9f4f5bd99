"""Feature flags as files: each flag with its owner, its end or its review date.

Reads `flags.yaml`, `feature-flags.json` and the like: a mapping of flags by name, or a list of
flags with a name, at the top or below `flags`, `features` or `toggles`.
"""

import re
from typing import Any

import msgspec

from pawl.base.errors import BadFile
from pawl.base.patterns import regex
from pawl.maturity.extract import Extract
from pawl.maturity.facts.tree import TreeFile
from pawl.parsing.lined_yaml import PathKey, read_lined

MAX_FLAGS = 500
FILE = regex(r"^(?:feature[-_]?)?(?:flags?|toggles?)\.(?:ya?ml|json)$", re.I)
DAY = regex(r"^(\d{4}-\d{2}-\d{2})")
ENDS = (
    "expires", "expiry", "expires_at", "expires_on", "expiration", "end", "ends", "end_date",
    "remove_by", "remove_on", "removal_date", "sunset", "valid_until", "expirydate", "due",
)  # fmt: skip
REVIEWS = ("review", "review_by", "review_date", "next_review", "revisit")
PERMANENT = frozenset(
    {"permanent", "kill_switch", "kill-switch", "killswitch", "ops", "long_lived"}
)


class Flag(msgspec.Struct, frozen=True, kw_only=True):
    """One flag. `end` and `review` are ISO days. `permanent` says that it is typed to stay."""

    name: str
    line: int | None = None
    owned: bool = False
    end: str | None = None
    review: str | None = None
    permanent: bool = False


class Flags(msgspec.Struct, frozen=True, kw_only=True):
    """The flags of one file."""

    flags: tuple[Flag, ...] = ()
    problem: str | None = None


def wants(file: TreeFile) -> bool:
    """Say whether a path is a file of flags."""
    if not file.path.endswith((".yaml", ".yml", ".json")) or "node_modules/" in file.path:
        return False
    return FILE.match(file.path.rpartition("/")[2]) is not None


def _day(entry: dict[str, Any], names: tuple[str, ...]) -> str | None:
    for key, value in entry.items():
        found = DAY.match(str(value)) if key.lower().replace("-", "_") in names else None
        if found:
            return found.group(1)
    return None


def _flag(name: str, entry: dict[str, Any], line: int | None) -> Flag:
    kind = str(entry.get("type") or entry.get("kind") or "").lower()
    return Flag(
        name=name[:100],
        line=line,
        owned=bool(entry.get("owner") or entry.get("owners") or entry.get("team")),
        end=_day(entry, ENDS),
        review=_day(entry, REVIEWS),
        permanent=kind in PERMANENT or entry.get("permanent") is True,
    )


def read(path: str, text: str) -> Flags | None:
    """Return the flags of a file, or None when it has none."""
    try:
        lined = read_lined(text, place=path)
    except BadFile as error:
        return Flags(problem=str(error)[:200])
    value, at = lined.value, ()
    prefix: PathKey = at
    if isinstance(value, dict):
        for key in ("flags", "features", "toggles"):
            if isinstance(value.get(key), dict | list):
                value, prefix = value[key], (key,)
                break
    entries: list[tuple[str, dict[str, Any], str | int]] = []
    if isinstance(value, dict):
        entries = [(key, each, key) for key, each in value.items() if isinstance(each, dict)]
    elif isinstance(value, list):
        named = [(each, number) for number, each in enumerate(value) if isinstance(each, dict)]
        entries = [
            (str(each.get("name") or each.get("key") or ""), each, number) for each, number in named
        ]
    found = [
        _flag(name, each, lined.line(*prefix, key))
        for name, each, key in entries[:MAX_FLAGS]
        if name
    ]
    return Flags(flags=tuple(found)) if found else None


EXTRACT = Extract(
    version=1, kind=Flags, wants=wants, read=read, suffixes=frozenset({".yaml", ".yml", ".json"})
)
