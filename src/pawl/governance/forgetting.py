"""Take a person's names out of what was recorded, and leave everything else as it was.

A name is looked for where records name people: as the whole value of a field such as `developer`
or `owner`, whatever its case. Text that people wrote is not searched: `Ada` is a name, a project
and a language.
"""

from collections.abc import Iterable
from typing import Any

from pawl.base.canonical import sha256_hex

FORGOTTEN = "forgotten"
"""What stands in the place of a name. One word for everybody: two people cannot be told apart."""

PERSON_FIELDS = frozenset(
    {"approver", "by", "commander", "developer", "owner", "owners", "person", "who"}
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


def _without(value: Any, names: frozenset[str], *, named: bool) -> Any:
    if isinstance(value, dict):
        # A budget's scope says whether its name is a person's.
        own = PERSON_FIELDS | {"of"} if value.get("scope") == "developer" else PERSON_FIELDS
        found = {
            key: _unlisted(part, names)
            if key == "identities"
            else _without(part, names, named=key in own)
            for key, part in value.items()
        }
        if value.get("who") != found.get("who") and isinstance(value.get("text"), str):
            # A notice says in our own words whose budget it was.
            found["text"] = value["text"].replace(str(value["who"]), FORGOTTEN)
        return found
    if isinstance(value, list):
        return [_without(part, names, named=named) for part in value]
    if named and isinstance(value, str) and normal(value) in names:
        return FORGOTTEN
    return value


def _unlisted(identities: Any, names: frozenset[str]) -> Any:
    """Return who is known by which names, without the person: several names of one are no more."""
    if not isinstance(identities, dict):
        return identities
    return {
        person: [alias for alias in aliases if normal(str(alias)) not in names]
        for person, aliases in identities.items()
        if normal(person) not in names
    }
