"""More than one person knows the code that changes most.

Claims: files changed often lately were changed by two people or more.

Looks at: the hot files of 90 days, by commits; for each the people who changed it: with a host
export over those days the accounts that opened merged changes of it, else authors of commits.

Fooled by: agents and bots (not people), one person under two addresses (the mailmap and the
host's private addresses are folded), invented co-authors (with the host's record an author must
have opened a change; a co-author counts beside), a mass rename (left out).

Yes: at least one hot file is known to two people; `spread` says how many. With commits alone the
proof is weaker, because names there are claims. No: every hot file has one person. Cannot tell:
no history over 90 days, or no file that changed often.
"""

from pawl.base.finding import Place
from pawl.maturity.evidence import Assurance, Depth, Kind, Share
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.looking.hot_files import HotFile, hot_files
from pawl.maturity.looking.identities import people
from pawl.maturity.looking.merges import merged_changes
from pawl.maturity.looking.recent import WINDOW_DAYS, days_before
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes


def _judge(facts: Facts) -> Answer:
    history = facts.history
    if isinstance(history, Absent):
        return cannot_tell(history)
    start = days_before(facts.as_of, WINDOW_DAYS)
    if history.complete_since > start:
        return cannot_tell(
            f"The history reaches back to {history.complete_since[:10]} only; {WINDOW_DAYS} days "
            "are needed."
        )
    hot = hot_files(history, facts.as_of)
    if not hot:
        return cannot_tell(f"No file changed often in {WINDOW_DAYS} days.")
    vouched = _vouched(facts, hot)
    known = vouched or {file.path: file.people for file in hot}
    lonely = [file.path for file in hot if known[file.path] < 2]
    spread = len(hot) - len(lonely)
    whole = history.files_since is None or history.files_since <= start
    told = {
        "values": {"spread": Share(spread, len(hot), census=whole), "hot_files": len(hot)},
        "assurance": Assurance.PROVIDER if vouched else Assurance.OBSERVED,
        "places": tuple(Place(path) for path in lonely),
        "claimed_at": history.commits[0].committed_at,
        "inputs": [[file.path, file.commits, known[file.path]] for file in hot],
    }
    kinds = (Kind.HISTORY, Kind.HOST) if vouched else (Kind.HISTORY,)
    reason = (
        f"{spread} of {len(hot)} files that changed most in {WINDOW_DAYS} days are known to two "
        f"people or more{'' if vouched else ', by the names in commits'}."
    )
    if not spread:
        return no(reason, *kinds, **told)
    return yes(reason, Depth.RUNS if vouched else Depth.SUBSTANTIVE, *kinds, **told)


def _vouched(facts: Facts, hot: tuple[HotFile, ...]) -> dict[str, int] | None:
    """Return how many people opened merged changes of each hot file, by the host's record.

    None where the host tells of none of these files: then it does not speak about them.
    """
    changes = merged_changes(facts)
    if isinstance(changes, Answer):
        return None
    found: dict[str, set[str]] = {file.path: set() for file in hot}
    for change in changes:
        for path in found.keys() & set(change.files):
            found[path].add(change.author)
            found[path].update(change.co_authors)
    if not any(found.values()):
        return None
    return {path: len(people(accounts)) for path, accounts in found.items()}


PROBE = Probe(
    claim="Knowledge is spread",
    area="culture",
    version=1,
    kinds=(Kind.HISTORY, Kind.HOST),
    depth=Depth.RUNS,
    values={
        "spread": "share of hot files that two people or more changed",
        "hot_files": "files that changed most in the window",
    },
    remedy=Remedy(
        "Let a second person take the next change of each file that one person alone knows.", 5.0
    ),
    judge=_judge,
)
