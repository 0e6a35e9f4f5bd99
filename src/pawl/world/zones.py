"""Time zones by name, from the machine's own tables of them."""

from collections.abc import Iterable
from datetime import tzinfo
from zoneinfo import ZoneInfo

from pawl.base.errors import BadFile


def zone(name: str) -> tzinfo | None:
    """Return a zone such as `Europe/Berlin`; None for a name that is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # A name may also lead to a folder, or out of them.
        return None


def zones(names: Iterable[str], place: str = ".pawl/oncall.yaml") -> dict[str, tzinfo]:
    """Return zones by name; raises BadFile for one that there is not."""
    found: dict[str, tzinfo] = {}
    for name in names:
        known = zone(name)
        if known is None:
            raise BadFile(
                f"there is no time zone {name[:60]!r}.",
                place=f"{place}: time_zone",
                hint="Write one of the IANA names, such as Europe/Berlin or UTC.",
            )
        found[name] = known
    return found
