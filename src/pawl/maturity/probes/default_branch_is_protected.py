"""The host keeps direct pushes off the default branch, and changes come through requests.

Looks at the host's rules for the default branch, and at the branch's own commits of the last 90
days: each must be the merge commit or the head of a change request that the host recorded. A
request that was rebased brings several commits at one instant, ending in its merge commit.

What would fool it: a rule that everybody may bypass. The commits tell: when most of them came
past the rule, the rule protects nothing.

Yes: the host demands a change request. `through_change` says how many commits came through one.
No: it does not, or most commits came past it. Cannot tell: without a host's export, or when the
export does not show the rules and the commits show no push past them.
"""

from pawl.base.times import seconds_between
from pawl.maturity.evidence import Assurance, Depth, Kind, Share, Value
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.history import Commit
from pawl.maturity.facts.host import Host
from pawl.maturity.looking.recent import share_of, within
from pawl.maturity.looking.windows import host_of, reaches
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

SAME_MERGE_SECONDS = 5
"""A host writes all commits of one rebased request within seconds of each other."""


def _through(commits: list[Commit], host: Host) -> set[str]:
    """Return the commits that a recorded change brought."""
    merged = [change for change in host.changes if change.merged_at is not None]
    known = {change.merge_commit for change in merged} | {change.head for change in merged}
    found: set[str] = set()
    previous: Commit | None = None
    for commit in commits:  # newest first
        rebased = (
            previous is not None
            and previous.id in found
            and len(previous.parents) == 1
            and commit.id == previous.parents[0]
            and abs(seconds_between(commit.committed_at, previous.committed_at))
            <= SAME_MERGE_SECONDS
        )
        if commit.id in known or rebased:
            found.add(commit.id)
        previous = commit
    return found


def _values(facts: Facts, host: Host) -> dict[str, Value]:
    """Return how many commits came through a change, as far as they can be compared."""
    values: dict[str, Value] = {}
    if host.direct_pushes is not None:
        values["direct_pushes"] = len(host.direct_pushes)
    if isinstance(facts.history, Absent) or "changes" in host.missing:
        return values
    since = max(host.complete_since, facts.history.complete_since)
    commits = [
        commit
        for commit in facts.history.commits
        if commit.first_parent
        and within(commit.committed_at, facts.as_of)
        and since <= commit.committed_at <= host.exported_at
    ]
    if not commits:
        return values
    through = _through(commits, host)
    pushed = set(host.direct_pushes or ()) & {commit.id for commit in commits}
    whole = reaches(since, facts.as_of)
    hits = len(through - pushed)
    values["through_change"] = share_of(hits, len(commits), whole=whole)
    values.setdefault("direct_pushes", len(commits) - hits)
    return values


def judge(facts: Facts) -> Answer:
    """Judge the rules by what got past them."""
    host = host_of(facts)
    if isinstance(host, str):
        return cannot_tell(host)
    values = _values(facts, host)
    share = values.get("through_change")
    ratio = share.ratio if isinstance(share, Share) else None
    rules = host.ruleset
    asked = rules.requires_change_request if rules else None
    inputs = {"repository": host.repository, "exported": host.exported_at}
    told = {"assurance": Assurance.PROVIDER, "claimed_at": host.exported_at, "inputs": inputs}
    kinds = (Kind.HOST, Kind.HISTORY) if ratio is not None else (Kind.HOST,)
    said = ""
    if isinstance(share, Share):
        said = f" {share.hits} of {share.of} commits came through one."
    if asked is None:
        if ratio is None or ratio == 1:
            return cannot_tell(
                "The host's export does not show the branch's rules. Export with a token that may"
                " read them.",
                values=values,
            )
        values["protected"] = False
        return no(f"Commits reach the default branch without a change request.{said}", *kinds,
                  values=values, **told)  # fmt: skip
    protected = asked and rules is not None and rules.blocks_force_push is not False
    values["protected"] = bool(protected)
    if not protected:
        why = "rewrite it by force" if asked else "push to it directly"
        return no(f"The host lets people {why}.{said}", *kinds, values=values, **told)
    if ratio is not None and ratio < 0.5:
        return no(f"The rule is there, and most commits came past it.{said}", *kinds,
                  values=values, **told)  # fmt: skip
    depth = Depth.SUBSTANTIVE if ratio is None else Depth.RUNS
    return yes(f"The host demands a change request for the default branch.{said}", depth, *kinds,
               values=values, **told)  # fmt: skip


PROBE = Probe(
    claim="The default branch is protected, and changes come through requests.",
    area="delivery",
    version=1,
    kinds=(Kind.HOST, Kind.HISTORY),
    depth=Depth.RUNS,
    values={
        "protected": "whether the host demands a change request and refuses forced pushes",
        "through_change": "share of the branch's commits in 90 days that a change request brought",
        "direct_pushes": "commits in 90 days that no change request brought",
    },
    remedy=Remedy(
        "Demand a change request for the default branch in the host's rules, without bypass.", 0.5
    ),
    judge=judge,
)
