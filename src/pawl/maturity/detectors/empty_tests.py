"""More than a tenth of the tests could not fail.

Notices tests that assert nothing, compare constants, ask only whether something is there, or are
skipped, as `tests-assert` counts them. The share is judged by the lower end of its interval, so
that one such test among five says nothing. A helper that asserts is followed where the tree
defines it and believed where a package does.

Innocent: helpers with names that say nothing assert for the tests. Remedy: name them so, or say in
each hollow test what the code must return. Removes: the credit of what counts tests and their runs
is provisional, and contested where most tests are empty.
"""

from pawl.base.intervals import wilson
from pawl.maturity.detector import Detector, Look
from pawl.maturity.evidence import Share
from pawl.maturity.looking.noticing import Voice
from pawl.maturity.verdict import Hit

_VOICE = Voice(
    "G07",
    "Helper functions whose names do not tell assert on behalf of the tests.",
    "Say in each hollow test what the code must return, or name the helper `assert_…`.",
)
_PROBES = ("tests-are-present", "tests-assert", "tests-are-executed", "tests-are-stable")


def look(look: Look) -> list[Hit]:
    """Return at most one hit."""
    record = look.records.get("tests-assert")
    share = record.values.get("asserting") if record is not None else None
    if record is None or not isinstance(share, Share) or share.of == 0:
        return []
    empty = share.of - share.hits
    low, _ = wilson(empty, share.of, look.numbers["z"])
    if low <= look.numbers["share_over"]:
        return []
    most = low > look.numbers["contested_over"]
    return [
        _VOICE.hit(
            f"{empty} of {share.of} tests could not fail.",
            "strong" if most else "medium",
            "contested" if most else "provisional",
            probes=_PROBES,
            places=record.places,
        )
    ]


DETECTOR = Detector(
    code="G07",
    name="Empty tests",
    what="More than a tenth of the tests could not fail.",
    innocent=_VOICE.innocent,
    remedy=_VOICE.remedy,
    look=look,
)
