"""Leave out of facts what the assessed tree itself brought along as exports.

A report, a dump or a record of operation that lies in the tree was written by whoever writes the
tree. Whether an answer leans on it shows when the question is asked without.
"""

import msgspec

from pawl.maturity.facts import Absent, Facts, is_claimed
from pawl.maturity.facts.reports import Reports

_LISTS = ("tests", "coverage", "scans", "mutations", "sboms")


def unclaimed(facts: Facts) -> Facts:
    """Return facts without exports of the tree's own; the very same ones where there are none."""
    left: dict[str, object] = {}
    for name in ("host", "operations"):
        section = getattr(facts, name)
        # Several exports are named one behind the other; they are all the tree's or none is.
        if not isinstance(section, Absent) and is_claimed(section.source):
            left[name] = Absent(f"The only export of {name} lies in the assessed tree.")
    if isinstance(facts.reports, Reports):
        lists = {name: getattr(facts.reports, name) for name in _LISTS}
        kept = {
            name: tuple(each for each in found if not is_claimed(each.source))
            for name, found in lists.items()
        }
        if kept != lists:
            left["reports"] = msgspec.structs.replace(facts.reports, **kept)
    return msgspec.structs.replace(facts, **left) if left else facts
