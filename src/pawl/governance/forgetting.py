"""Take a person's names out of what was recorded, and leave everything else as it was.

A name is looked for where records name people: as the whole value of a field such as `developer`
or `owner`, whatever its case. Text that people wrote is not searched: `Ada` is a name, a project
and a language.
"""

import re
from collections.abc import Iterable
from typing import Any

from pawl.base.canonical import sha256_hex

FORGOTTEN = "forgotten"
"""What stands in the place of a name. One word for everybody: two people cannot be told apart."""

PERSON_FIELDS = frozenset(
    {
        *("approved_by", "approver", "authors", "by", "commander", "developer", "granted_by"),
        *("identity", "owner", "owners", "person", "producer", "ratified_by", "requested_by"),
        *("sponsor", "who", "declared_by", "offered_to", "responders", "claimed_by"),
        *("verified_by", "written_by", "signed_by", "from", "to"),
    }
)
"""The fields of our records that hold people."""


def normal(name: str) -> str:
    """Return a name as it is compared: without spaces around it, in lower case."""
    return name.strip().lower()


def fingerprint(salt: str, name: str) -> str:
    """Return what is kept of a forgotten name, so that it is not taken in again.

    SHA-256 over a salt of the store and the name: whoever has the store and guesses the name can
    tell that it was forgotten here, nobody can read it.
    """
    return sha256_hex(f"{salt}\n{normal(name)}".encode())


def without_person(value: Any, names: Iterable[str]) -> Any:
    """Return a JSON value in which the names are replaced, wherever a field names people."""
    return _without(value, frozenset(map(normal, names)), named=False)


def known_as(roster: Any, names: Iterable[str]) -> frozenset[str]:
    """Return the names, and all others that a roster gives to the same people."""
    found = frozenset(map(normal, names))
    for person in roster.get("people", ()) if isinstance(roster, dict) else ():
        own = {normal(str(each)) for each in (person["id"], *person.get("identities", ()))}
        if own & found:
            found |= own
    return found - {FORGOTTEN}


def unworded(value: Any, names: Iterable[str]) -> Any:
    """Return a decision without the names in the sentences that we wrote into it."""
    words = sorted((re.escape(name) for name in names if name), key=len, reverse=True)
    if not words:
        return value
    said = re.compile(rf"(?<![\w/-])(?:{'|'.join(words)})(?![\w/-])", re.IGNORECASE)
    return _reworded(value, said, spoken=False)


def _reworded(value: Any, said: re.Pattern[str], *, spoken: bool) -> Any:
    if isinstance(value, dict):
        return {key: _reworded(part, said, spoken=key in _SENTENCES) for key, part in value.items()}
    if isinstance(value, list):
        return [_reworded(part, said, spoken=spoken) for part in value]
    return said.sub(FORGOTTEN, value) if spoken and isinstance(value, str) else value


_SENTENCES = frozenset({"reason", "why", "hint"})


def _without(value: Any, names: frozenset[str], *, named: bool) -> Any:
    if isinstance(value, dict):
        # A budget's scope says whether its name is a person's.
        own = PERSON_FIELDS | {"of"} if value.get("scope") == "developer" else PERSON_FIELDS
        if isinstance(value.get("identities"), list):
            own = own | {"id"}  # Somebody in a roster.
        found = {
            key: _unlisted(part, names)
            if key == "identities"
            else _without(part, names, named=key in own)
            for key, part in value.items()
        }
        if value.get("who") != found.get("who") and isinstance(value.get("text"), str):
            # A notice says in our own words whose budget it was.
            found["text"] = value["text"].replace(str(value["who"]), FORGOTTEN)
        for person in _scoped(value, names):
            for key in _OF_SCOPE & found.keys():
                found[key] = _unworded(found[key], person)
        return found
    if isinstance(value, list):
        return [_without(part, names, named=named) for part in value]
    if named and isinstance(value, str) and normal(value) in names:
        return FORGOTTEN
    return value


_OF_SCOPE = frozenset({"scope", "group", "summary", "title"})
"""What an alert or a notice says in our own words of the scope that it is about."""


def _scoped(value: dict[str, Any], names: frozenset[str]) -> list[str]:
    """Return the people that the scope of an alert names, or those of a notice's alerts."""
    alerts = value.get("alerts")
    found = []
    for each in (value, *(alerts if isinstance(alerts, list) else ())):
        scope = each.get("scope") if isinstance(each, dict) else None
        for pair in scope if isinstance(scope, list) else ():
            if isinstance(pair, list) and len(pair) == 2 and pair[0] in PERSON_FIELDS:
                found += [pair[1]] if normal(str(pair[1])) in names else []
    return found


def _unworded(part: Any, person: str) -> Any:
    """Return a text, or the pairs of a scope, without a person."""
    if isinstance(part, list):
        return [[pair[0], FORGOTTEN] if pair[1:] == [person] else pair for pair in part]
    return part.replace(person, FORGOTTEN) if isinstance(part, str) else part


def _unlisted(identities: Any, names: frozenset[str]) -> Any:
    """Return who is known by which names, without the person: several names of one are no more."""
    if isinstance(identities, list):
        return _without(identities, names, named=True)
    if not isinstance(identities, dict):
        return identities
    return {
        person: [alias for alias in aliases if normal(str(alias)) not in names]
        for person, aliases in identities.items()
        if normal(person) not in names
    }
