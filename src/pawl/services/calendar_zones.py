"""Time zones as calendars name them: IANA names, those of Windows, and names with a path before."""

from collections.abc import Callable
from datetime import tzinfo

_PARTS_MAX = 4


def calendar_zone(name: str, known: Callable[[str], tzinfo | None]) -> tzinfo | None:
    """Return the zone that a calendar means by a TZID; None for one that nobody knows.

    `known` knows the IANA names. Some programs write `/example.org/2026/Europe/Berlin`.
    """
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    plain = name.strip().strip('"')[:200]
    parts = plain.strip("/").split("/")
    tails = ("/".join(parts[-count:]) for count in range(_PARTS_MAX - 1, 0, -1))
    for each in (plain, WINDOWS_TO_OLSON.get(plain, ""), *tails):
        found = known(each) if each else None
        if found is not None:
            return found
    return None
