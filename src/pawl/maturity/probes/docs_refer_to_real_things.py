"""Docs refer to real things: what README and agent files name is there.

Looks at: README and CONTRIBUTING files and files for agents; the paths, links into the repository,
scripts and targets of make, just and npm that they name, held against the same commit.
Fooled by: a page that names nothing, or only itself, which proves nothing; paths of a build's
output or of a machine, which no commit holds, are left out on both sides.
Yes: some of what is named is there; the share says how much. No: nothing is, or there is no such
page, or none names anything. Cannot tell: no tree was given.
"""

from pawl.base.finding import Place
from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.extracts.document import Document
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.looking.mentions import Present, Reference, references
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, not_applicable, yes


def judge(facts: Facts) -> Answer:
    """Hold what the pages name against the tree."""
    if isinstance(facts.tree, Absent):
        return cannot_tell(facts.tree)
    tree = facts.tree
    if not tree.files:
        return not_applicable("The commit holds no files.")
    pages = [
        (path, page)
        for path, page in tree.read("document", Document)
        if not page.template and _is_kept(path, page)
    ]
    present = Present(tree)
    named: list[tuple[str, Reference]] = [
        (path, each) for path, page in pages for each in references(path, page, present)
    ]
    there = sum(each.there for _, each in named)
    dangling = [(path, each) for path, each in named if not each.there]
    told = {
        "values": {
            "resolved": Share(there, len(named), census=tree.is_census("document")),
            "dangling": len(dangling),
            "pages": len(pages),
        },
        "places": tuple(Place(path, each.line) for path, each in dangling),
        "inputs": [tree.tree, len(named), there],
    }
    if not named:
        what = f"{len(pages)} pages name no" if pages else "No README or agent file names a"
        return no(f"{what} path, link or target of this repository.", Kind.TREE, **told)
    reason = f"{there} of {len(named)} things that {len(pages)} pages name are there"
    if dangling:
        reason += f"; `{dangling[0][1].text[:80]}` is not"
    if not there:
        return no(f"{reason}.", Kind.TREE, **told)
    return yes(f"{reason}.", Depth.SUBSTANTIVE, Kind.TREE, **told)


def _is_kept(path: str, page: Document) -> bool:
    name = path.rpartition("/")[2].lower()
    return page.category in ("readme", "agent") or name.startswith("contributing")


PROBE = Probe(
    claim="What README and agent files name is there.",
    area="code",
    version=1,
    kinds=(Kind.TREE,),
    depth=Depth.SUBSTANTIVE,
    values={
        "resolved": "named paths, links, scripts and targets that are there, among all",
        "dangling": "named things that are not there",
        "pages": "README, CONTRIBUTING and agent files looked at",
    },
    remedy=Remedy("Correct or delete what the pages name and the tree does not hold.", 0.5),
    judge=judge,
)
