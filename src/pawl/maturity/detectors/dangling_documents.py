"""Documents of one kind name mostly things that are no longer there, or were long not reviewed.

Notices runbooks, decisions, READMEs, pages and files for agents whose paths, links, scripts and
targets are mostly gone. What a page names and a tree can decide is counted over all pages of a
kind; a path whose file lives on elsewhere under the same name was moved, and is not gone. Whether
owners are still about is `ownership-is-real`'s question.

Also notes runbooks whose own review date lies further back than a year, or whose next review is
overdue; whether evidence is too old is the engine's question.

Innocent: files were renamed together. Remedy: follow git's renames and mend the pages. Removes:
the credit of the probes that rest on such pages is provisional; an old review date is only noted.
"""

from collections import defaultdict

from pawl.base.finding import Place
from pawl.maturity.detector import Detector, Look
from pawl.maturity.extracts.document import Category, Document
from pawl.maturity.facts import Absent
from pawl.maturity.facts.tree import Tree
from pawl.maturity.looking.mentions import Present, references
from pawl.maturity.looking.noticing import PAGES_BEHIND, Voice
from pawl.maturity.looking.recent import days_before
from pawl.maturity.verdict import Hit

_VOICE = Voice(
    "G05",
    "Files were renamed or moved together, and the pages were not yet.",
    "Follow git's renames and mend the pages named.",
)


def look(look: Look) -> list[Hit]:
    """Return one hit for each kind of page that misleads, and one for old reviews."""
    if isinstance(look.facts.tree, Absent):
        return []
    tree = look.facts.tree
    return [*_gone(look, tree), *_unreviewed(look, tree)]


def _gone(look: Look, tree: Tree) -> list[Hit]:
    present = Present(tree)
    named: dict[Category, int] = defaultdict(int)
    gone: dict[Category, list[Place]] = defaultdict(list)
    for path, page in tree.read("document", Document):
        if page.template:
            continue
        for each in references(path, page, present):
            named[page.category] += 1
            if not each.there and each.text.rpartition("/")[2] not in tree.names:
                gone[page.category].append(Place(path, each.line))
    return [
        _VOICE.hit(
            f"{len(places)} of the {named[category]} things that pages of the kind {category} name "
            "are not there.",
            "medium",
            "provisional",
            probes=PAGES_BEHIND[category],
            places=places,
        )
        for category, places in sorted(gone.items())
        if len(places) >= look.numbers["dangling_min"]
        and len(places) > look.numbers["dangling_over"] * named[category]
    ]


def _unreviewed(look: Look, tree: Tree) -> list[Hit]:
    oldest = days_before(look.facts.as_of, look.numbers["review_days"])[:10]
    today = look.facts.as_of[:10]
    old = [
        Place(path)
        for path, page in tree.read("document", Document)
        if page.category == "runbook"
        and ((page.reviewed or today) < oldest or (page.review_due or today) < today)
    ]
    if not old:
        return []
    return [
        _VOICE.hit(
            f"{len(old)} runbooks are past their review.",
            "weak",
            "note",
            probes=PAGES_BEHIND["runbook"],
            places=old,
        )
    ]


DETECTOR = Detector(
    code="G05",
    name="Stale or dangling documents",
    what="Documents name mostly things that are no longer there, or were long not reviewed.",
    innocent=_VOICE.innocent,
    remedy=_VOICE.remedy,
    look=look,
)
