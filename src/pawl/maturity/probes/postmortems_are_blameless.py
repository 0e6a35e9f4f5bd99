"""Postmortems speak of systems, not of whose fault it was.

Claims: no postmortem puts the fault on a person.

Looks at: postmortems of the tree, line by line, for sentences that put the fault on somebody and
for "human error" as a cause. Nothing but counts and lines is kept.

Fooled by: thanks by name (fine, left out), a pronoun or a role in place of the name (found), an
accusation in other words (not found: this is a note for readers, in no criterion of any model).

Yes: at least one postmortem is without blame; `blameless` says how many. No: each one blames.
Cannot tell: no tree, or no postmortem.
"""

from pawl.base.finding import Place
from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.extracts.blame import Blame
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes


def _judge(facts: Facts) -> Answer:
    tree = facts.tree
    if isinstance(tree, Absent):
        return cannot_tell(tree)
    pages = dict(tree.read("blame", Blame))
    if not pages:
        return cannot_tell("There is no postmortem to read.")
    blaming = {path: page for path, page in pages.items() if page.count}
    blameless = len(pages) - len(blaming)
    told = {
        "values": {"blameless": Share(blameless, len(pages), census=tree.is_census("blame"))},
        "places": tuple(Place(path, page.lines[0]) for path, page in blaming.items()),
        "inputs": sorted([path, page.count] for path, page in pages.items()),
    }
    reason = f"{blameless} of {len(pages)} postmortems put the fault on nobody."
    if not blameless:
        return no(reason, Kind.TREE, **told)
    return yes(reason, Depth.SUBSTANTIVE, Kind.TREE, **told)


PROBE = Probe(
    claim="Postmortems are blameless",
    area="culture",
    version=1,
    kinds=(Kind.TREE,),
    depth=Depth.SUBSTANTIVE,
    values={"blameless": "share of postmortems without a line that puts the fault on a person"},
    remedy=Remedy("Rewrite the lines named: what let it happen, in place of who did it.", 0.5),
    judge=_judge,
)
