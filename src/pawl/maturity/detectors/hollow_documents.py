"""Most documents of one kind say nothing: few words, placeholders, copies, nothing to act on.

Notices runbooks, decisions, postmortems and files for agents of which more than half are hollow
(`pawl.maturity.looking.hollow`): fewer words than it takes to say something, too many
placeholders, text alike to a template or a sibling, or no command, link, owner or date.
A page that only points at another is judged by its target; templates are left out.

Innocent: a page that points elsewhere, or work in progress. Remedy: follow the link, fill the
pages or delete them. Removes: the credit of the probes that rest on such pages is provisional.
"""

from collections import defaultdict

from pawl.base.finding import Place
from pawl.maturity.detector import Detector, Look
from pawl.maturity.extracts.document import Category, Document
from pawl.maturity.facts import Absent
from pawl.maturity.looking.hollow import Limits, hollow
from pawl.maturity.looking.noticing import PAGES_BEHIND, Voice
from pawl.maturity.verdict import Hit

_VOICE = Voice(
    "G06",
    "The pages point at others that are kept elsewhere, or have only been begun.",
    "Say in each page what to do, with what, and who owns it; delete those nobody will fill.",
)
_KINDS: frozenset[Category] = frozenset({"runbook", "adr", "postmortem", "agent"})


def look(look: Look) -> list[Hit]:
    """Return one hit for each kind of page that is mostly hollow."""
    if isinstance(look.facts.tree, Absent):
        return []
    numbers = look.numbers
    pages = dict(look.facts.tree.read("document", Document))
    limits = Limits(
        words=numbers["words"], placeholders=numbers["placeholders"], alike=numbers["alike"]
    )
    reasons = hollow(pages, limits)
    by: dict[Category, list[str]] = defaultdict(list)
    for path, page in pages.items():
        if page.category in _KINDS and not page.template:
            by[page.category].append(path)
    hits = []
    for category, paths in sorted(by.items()):
        empty = [path for path in sorted(paths) if path in reasons]
        if len(empty) < numbers["pages_min"] or len(empty) <= numbers["share_over"] * len(paths):
            continue
        hits.append(
            _VOICE.hit(
                f"{len(empty)} of {len(paths)} pages of the kind {category} are hollow; the first "
                f"has {reasons[empty[0]]}.".replace("has alike", "is alike"),
                "strong" if len(empty) == len(paths) else "medium",
                "provisional",
                probes=PAGES_BEHIND[category],
                places=[Place(path) for path in empty],
            )
        )
    return hits


DETECTOR = Detector(
    code="G06",
    name="Hollow documents",
    what="Most documents of one kind say nothing.",
    innocent=_VOICE.innocent,
    remedy=_VOICE.remedy,
    look=look,
)
