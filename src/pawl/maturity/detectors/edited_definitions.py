"""What is assessed edits the rules that it is assessed by.

Notices models, overlays and the register of exemptions that differ between the base version and
the version assessed. They never judge themselves: the base version's do, and the edit takes effect
once it is part of the base.

Innocent: a rule needed mending. Remedy: run the old and the new side by side and publish both.
Removes: nothing by itself, since the edit has no effect; it is a note.
"""

from pawl.base.finding import Place
from pawl.maturity.detector import Detector, Look
from pawl.maturity.looking.noticing import Voice
from pawl.maturity.verdict import Hit

_VOICE = Voice(
    "G13",
    "A rule needed mending.",
    "Assess by the old and by the new rules, and publish both.",
)


def look(look: Look) -> list[Hit]:
    """Return at most one hit, naming the definitions that were edited."""
    if not look.edited:
        return []
    return [
        _VOICE.hit(
            f"{len(look.edited)} definitions are edited by what is assessed; the base version's "
            "judged.",
            "medium",
            "note",
            places=[Place(path) for path in sorted(look.edited)],
        )
    ]


DETECTOR = Detector(
    code="G13",
    name="Edited definitions",
    what="What is assessed edits the rules that it is assessed by.",
    innocent=_VOICE.innocent,
    remedy=_VOICE.remedy,
    look=look,
)
