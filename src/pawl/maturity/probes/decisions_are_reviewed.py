"""Decisions name the options, the figure that judges them and a day of review, and are reviewed.

Claims: decision records are complete, and those whose day has come were looked at again.

Looks at: decision records of the tree (`docs/adr`, `docs/decisions` and the like), without
templates; when each was first seen in the history.

Fooled by: copies and pages of placeholders (hollow ones are not complete), a record written
afterwards (one dated a week or more before it was first seen is not complete), a review dated in
the future (not counted), moving the day of review without a review (`reviewed` asks for both).

Yes: at least one record is complete; `complete` and `reviewed` say how many. With a history that
shows when they came, the records were lived; without one their content holds up. No: there is no
decision record, or none is complete. Cannot tell: no tree.
"""

import re

from pawl.base.finding import Place
from pawl.base.patterns import regex
from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.extracts.document import Document
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.history import History
from pawl.maturity.looking.hollow import hollow
from pawl.maturity.looking.recent import days_between
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

AFTERWARDS_DAYS = 7
"""A record dated so long before it was first seen was written afterwards."""
_OPTIONS = regex(r"\b(?:options?|alternatives?|considered|rejected|trade-?offs?)\b", re.I)
_FIGURE = regex(
    r"\b(?:metrics?|measures?|measured|figures?|indicators?|success criteri\w+|criteria|kpis?"
    r"|how we (?:will )?know|evaluation|target)\b",
    re.I,
)
_DATES = ("date", "decided", "decided on", "decision date", "accepted")


def _judge(facts: Facts) -> Answer:
    tree = facts.tree
    if isinstance(tree, Absent):
        return cannot_tell(tree)
    records = {
        path: page
        for path, page in tree.read("document", Document)
        if page.category == "adr" and not page.template and not _is_index(path)
    }
    if not records:
        return no("There is no decision record.", Kind.TREE, values={"decisions": 0})
    empty = hollow(records)
    late = _late(records, facts.history)
    complete = [
        path
        for path, page in records.items()
        if path not in empty and path not in late and _says_all(page)
    ]
    today = facts.as_of[:10]
    due = {path: held for path, page in records.items() if (held := _held(page, today)) is not None}
    reviewed = sum(due.values())
    whole = tree.is_census("document")
    lived = not isinstance(facts.history, Absent) and bool(due)
    poor = sorted(set(records) - set(complete))
    told = {
        "values": {
            "decisions": len(records),
            "complete": Share(len(complete), len(records), census=whole),
            "reviewed": Share(reviewed, len(due), census=whole),
            "late": len(late),
        },
        "places": tuple(Place(path, 1) for path in poor),
        "inputs": sorted(records),
    }
    reason = (
        f"{len(complete)} of {len(records)} decision records name options, a figure and a day of "
        f"review; {reviewed} of {len(due)} that came due were reviewed"
        f"{f'; {len(late)} were written afterwards' if late else ''}."
    )
    kinds = (Kind.TREE, Kind.HISTORY) if lived else (Kind.TREE,)
    if not complete:
        return no(reason, *kinds, **told)
    return yes(reason, Depth.RUNS if lived else Depth.SUBSTANTIVE, *kinds, **told)


def _is_index(path: str) -> bool:
    return path.lower().rpartition("/")[2].partition(".")[0] in ("index", "readme", "template")


def _says_all(page: Document) -> bool:
    """Say whether a record names options, a figure that judges it, and a day of review."""
    if page.review_due is None:
        return False
    told = [heading.text for heading in page.headings if heading.words]
    told += [label for label, value in page.fields.items() if value]
    return all(any(rule.search(each) for each in told) for rule in (_OPTIONS, _FIGURE))


def _held(page: Document, today: str) -> bool | None:
    """Say whether a record was reviewed when it was to be; None when its first day is to come."""
    if page.review_due is None:
        return None
    reviewed = page.reviewed if page.reviewed and page.reviewed <= today else None
    if page.review_due > today:
        # Moved on: only a review moves the day.
        return True if reviewed else None
    return reviewed is not None and reviewed >= page.review_due


def _late(records: dict[str, Document], history: History | Absent) -> set[str]:
    """Return the records that were first seen well after the day that they claim."""
    if isinstance(history, Absent):
        return set()
    first: dict[str, tuple[str, bool]] = {}
    for commit in history.commits:
        for change in commit.files:
            if change.path in records:
                # Newest first: the oldest commit's word stays.
                first[change.path] = (commit.committed_at, change.removed == 0)
    late = set()
    for path, (seen, came) in first.items():
        claimed = _claimed(records[path])
        if came and claimed and days_between(f"{claimed}T00:00:00Z", seen) >= AFTERWARDS_DAYS:
            late.add(path)
    return late


def _claimed(page: Document) -> str | None:
    """Return the day that a record says it was decided on."""
    days = [
        day
        for label in _DATES
        for day in re.findall(r"\d{4}-\d\d-\d\d", page.fields.get(label, ""))
    ]
    return next((day for day in days if day in page.dates), None)


PROBE = Probe(
    claim="Decisions are reviewed",
    area="culture",
    version=1,
    kinds=(Kind.TREE, Kind.HISTORY),
    depth=Depth.RUNS,
    values={
        "decisions": "decision records of the tree",
        "complete": "share of them that name options, a figure and a day of review",
        "reviewed": "share of those whose day came that were reviewed",
        "late": "records first seen a week or more after the day they claim",
    },
    remedy=Remedy(
        "Write the options, the figure that will judge the decision and a `Review by:` day into "
        "each record, and hold the review.",
        2.0,
    ),
    judge=_judge,
)
