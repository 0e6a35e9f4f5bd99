"""Runbooks tell what to do, not only that there is a runbook.

Claims: the repository's runbooks have steps, a command or a link to act on, an owner, a way back
and a date of last review, and are not hollow.

Looks at: pages in folders or with names such as `runbooks`, `playbook`, `sop`; templates are left
out. Hollow is: under 40 words of content, more than 5 % placeholders, alike by 0.85 to a template
or another page, or without any command, link, owner or date. A review counts for 365 days.

Fooled by: nine pages saying "to be written" (placeholders count), one page copied for each service
(copies count once), words repeated or hidden in comments (not counted), a review date in the
future (not a review), paths that do not exist (a runbook all of whose paths dangle is not one).

Yes: at least one runbook has substance; `substantive` says how many. No: there is none, or none
has. Cannot tell: the files were not looked at. How good the advice is, no probe can see.
"""

import posixpath

from pawl.base.finding import Place
from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.extracts.document import Document
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.tree import Tree
from pawl.maturity.looking.hollow import hollow
from pawl.maturity.looking.recent import days_before
from pawl.maturity.looking.runbooks import runbooks_of
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

REVIEWED_DAYS = 365
"""Days that a review of a page counts: what evidence of level 2 lasts, in the engine's table."""


def _judge(facts: Facts) -> Answer:
    tree = facts.tree
    if isinstance(tree, Absent):
        return cannot_tell(tree)
    runbooks = runbooks_of(tree)
    if not runbooks:
        return no(
            "No runbook was found.",
            Kind.TREE,
            values={"runbooks": 0, "substantive": Share(0, 0), "hollow": 0},
        )
    empty = hollow(runbooks)
    standing = _Standing(tree)
    since, today = days_before(facts.as_of, REVIEWED_DAYS)[:10], facts.as_of[:10]
    weak = {
        path: reason
        for path, page in runbooks.items()
        if (reason := empty.get(path) or _lacks(path, page, standing, since, today))
    }
    good = len(runbooks) - len(weak)
    told = {
        "values": {
            "runbooks": len(runbooks),
            "substantive": Share(good, len(runbooks), tree.is_census("document")),
            "hollow": len(empty),
        },
        "places": tuple(Place(path, 1) for path in sorted(weak, key=lambda p: (p not in empty, p))),
        "inputs": tree.blobs_of(runbooks),
    }
    reason = f"{good} of {len(runbooks)} runbooks have substance"
    if weak:
        path = min(weak, key=lambda each: (each not in empty, each))
        reason += f"; {path} has none: {weak[path]}"
    if not good:
        return no(f"{reason}.", Kind.TREE, **told)
    reviewed = max((page.reviewed or "" for page in runbooks.values()), default="")
    claimed = f"{reviewed}T00:00:00.000000Z" if reviewed and reviewed <= today else None
    return yes(f"{reason}.", Depth.SUBSTANTIVE, Kind.TREE, claimed_at=claimed, **told)


def _lacks(path: str, page: Document, standing: "_Standing", since: str, today: str) -> str | None:
    """Return what a runbook lacks, or None when it has all a reader on call needs."""
    if not (page.steps >= 2 or len(page.commands) >= 2):
        return "no steps"
    if not page.commands and not page.links:
        return "no command or link to act on"
    if not page.owners:
        return "no owner"
    if not page.rollback:
        return "no way back"
    if page.reviewed is None or not since <= page.reviewed <= today:
        return f"no review within {REVIEWED_DAYS} days"
    named = {each.text for each in page.paths if "/" in each.text}
    if named and not any(standing.has(path, name) for name in named):
        return "none of the paths it names exists"
    return None


class _Standing:
    """The files and folders of a tree, to look up what a page names."""

    def __init__(self, tree: Tree) -> None:
        self.paths = set(tree.paths)
        self.ends: dict[str, list[str]] = {}
        for path in list(self.paths):
            folder = path
            while "/" in folder:
                folder = folder.rpartition("/")[0]
                if folder in self.paths:
                    break
                self.paths.add(folder)
        for path in self.paths:
            self.ends.setdefault(path.rpartition("/")[2], []).append(path)

    def has(self, page: str, name: str) -> bool:
        """Say whether a name is a path from the root, from the page, or the end of one."""
        plain = name.rstrip("/")
        beside = posixpath.normpath(posixpath.join(posixpath.dirname(page), plain))
        plain = plain.removeprefix("./")
        ends = self.ends.get(plain.rpartition("/")[2], ())
        return beside in self.paths or any(f"/{path}".endswith(f"/{plain}") for path in ends)


PROBE = Probe(
    claim="Runbooks have substance",
    area="reliability",
    version=1,
    kinds=(Kind.TREE,),
    depth=Depth.SUBSTANTIVE,
    values={
        "runbooks": "runbooks in the tree",
        "substantive": "share of them with steps, a command, an owner, a way back and a review",
        "hollow": "runbooks that say next to nothing",
    },
    remedy=Remedy(
        "Write for each service what to do when its alert fires: steps with commands, the owner, "
        "the way back and the day it was last reviewed.",
        2.0,
    ),
    judge=_judge,
)
