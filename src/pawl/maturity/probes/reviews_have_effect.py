"""What agents say in reviews leads to changes.

Claims: lines that an agent commented on were changed after its comment.

Looks at: agents' comments on change requests of 90 days in the host's export, and whether the lines
they are about changed later in the same change request.

Fooled by: comments on what was already being mended (a change before the comment does not count),
comments after the merge (nothing can follow them), comments of bots that are no agents (the export
tells them apart).

Yes: at least one comment was acted on; `acted` says how many. No: none was, or there is no comment.
Cannot tell: no export of change requests that covers 90 days, or more than a tenth of the comments
does not tell.
"""

from pawl.maturity.evidence import Assurance, Depth, Kind, Share
from pawl.maturity.facts import Facts
from pawl.maturity.facts.host import AgentComment, ChangeRequest
from pawl.maturity.looking.merges import host_of
from pawl.maturity.looking.recent import WINDOW_DAYS, newest, within
from pawl.maturity.looking.windows import mostly_known
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes


def _judge(facts: Facts) -> Answer:
    host = host_of(facts, "changes", "agent_comments")
    if isinstance(host, Answer):
        return host
    comments = [
        (change, each)
        for change in host.changes
        for each in change.agent_comments
        if within(each.at, facts.as_of)
    ]
    known = [(change, each) for change, each in comments if each.addressed is not None]
    values = {"comments": len(comments)}
    if not comments:
        return no(
            f"No agent commented on a change request in {WINDOW_DAYS} days.",
            Kind.HOST,
            values={**values, "acted": Share(0, 0)},
        )
    if not mostly_known(known, comments):
        return cannot_tell(
            f"{len(comments) - len(known)} of {len(comments)} comments do not tell what followed; "
            "export again with the changes' lines.",
            values=values,
        )
    acted = sum(_acted(change, each) for change, each in known)
    told = {
        "values": {**values, "acted": Share(acted, len(known), census=len(known) == len(comments))},
        "assurance": Assurance.PROVIDER,
        "claimed_at": newest(each.at for _, each in comments),
        "inputs": sorted((change.number, each.at) for change, each in comments),
    }
    reason = f"{acted} of {len(known)} comments of agents in {WINDOW_DAYS} days led to a change."
    if not acted:
        return no(reason, Kind.HOST, **told)
    return yes(reason, Depth.PAYS, Kind.HOST, **told)


def _acted(change: ChangeRequest, comment: AgentComment) -> bool:
    ended = change.merged_at or change.closed_at
    return bool(comment.addressed) and not (ended and comment.at > ended)


PROBE = Probe(
    claim="Reviews have effect",
    area="adoption",
    version=1,
    kinds=(Kind.HOST,),
    depth=Depth.PAYS,
    values={
        "acted": "share of agents' comments after which the lines they are about changed",
        "comments": "comments of agents within the window",
    },
    remedy=Remedy(
        "Cut comments that nobody acts on: narrow what the reviewing agent looks for.", 1.0
    ),
    judge=_judge,
)
