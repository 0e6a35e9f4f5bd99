"""The code that changes has owners, and they are there.

Claims: files changed lately are owned by somebody who takes part in this repository.

Looks at: CODEOWNERS in the place that the host reads, else OWNERS and MAINTAINERS files; own code
changed in 90 days, all own code where nothing tells what changed; who opened, reviewed or merged
changes at the code host in that time, or who committed where there is no host export.

Fooled by: owners who cannot exist or a template's words (count as nobody), lines without owners
(take ownership away), owners who never appear, teams as a black box (without their member list
they count neither way), a line for everything owned by somebody gone (`covered` counts only files
with an owner who is active).

Yes: at least one file has an active owner; `covered` and `active` say how many. With the host's
record the proof is that owners act, with commits alone that the file holds up. No: there is no
file of owners, or no owner is active. Cannot tell: no tree, neither host export nor history of 90
days, or nobody can be told from a team's name.
"""

from heapq import nsmallest
from operator import attrgetter
from typing import Any

import msgspec

from pawl.base.finding import Place
from pawl.maturity.evidence import Assurance, Depth, Kind
from pawl.maturity.extracts.codeowners import CodeOwners, in_force
from pawl.maturity.extracts.roles import Roles
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.history import History
from pawl.maturity.facts.tree import Tree
from pawl.maturity.looking.identities import is_machine, normal
from pawl.maturity.looking.merges import host_of
from pawl.maturity.looking.owners import Members
from pawl.maturity.looking.recent import WINDOW_DAYS, days_before, share_of
from pawl.maturity.probe import Answer, Probe, Remedy, Share, cannot_tell, no, yes
from pawl.parsing.languages import SOURCE, SUPPORT, TEST, is_own_code
from pawl.parsing.owned_paths import OwnerRule, owners_of

MAX_PATHS = 2000
"""Paths that are matched with owners; of more, a fixed sample by object id."""


class _Presence:
    """Who took part lately; answers for an owner yes, no, or None where nobody can tell."""

    def __init__(self, facts: Facts) -> None:
        host = host_of(facts, "changes")
        self.host = None if isinstance(host, Answer) else host
        self.members = Members(self.host)
        start = days_before(facts.as_of, WINDOW_DAYS)
        self._history = _covering(facts.history, start)
        self.told = self.host is not None or self._history is not None
        accounts: set[str] = set()
        if self.host is not None:
            for change in self.host.changes:
                if start <= (change.merged_at or change.opened_at) <= facts.as_of:
                    accounts |= {change.author, change.merged_by or ""}
                    accounts |= {each.author for each in change.reviews if not each.bot}
        addresses: set[str] = set()
        for commit in self._history.commits if self._history else ():
            if start <= commit.committed_at <= facts.as_of:
                beside = (text for key, text in commit.trailers if key.lower() == "co-authored-by")
                addresses |= {commit.author, commit.committer, *beside}
        self._accounts = {normal(each) for each in accounts if each and not is_machine(each)}
        self._addresses = {normal(each) for each in addresses if each and not is_machine(each)}
        self._first_parts = {each.partition("@")[0] for each in self._addresses}

    def of(self, owner: str) -> bool | None:
        people = self.members.of(owner)
        if people is None:
            return None
        answers = [self._person(normal(each)) for each in people]
        if True in answers:
            return True
        return None if None in answers else False

    def _person(self, name: str) -> bool | None:
        if name in self._accounts or name in self._addresses:
            return True
        if "@" in name:
            return False if self._history is not None else None
        if self.host is not None:
            return False
        # A handle may stand behind any address; only an equal first part tells.
        return True if name in self._first_parts else None


class _Owned(msgspec.Struct, frozen=True):
    """The rules in force and where they stand."""

    path: str
    owners: CodeOwners


def _judge(facts: Facts) -> Answer:
    tree = facts.tree
    if isinstance(tree, Absent):
        return cannot_tell(tree)
    presence = _Presence(facts)
    owned = _owned(tree, presence.host.product if presence.host else "")
    if owned is None:
        return no("No file says who owns what.", Kind.TREE, values={"owners": 0})
    rules = owned.owners.rules
    owners = sorted({normal(each): each for rule in rules for each in rule.owners}.values())
    if not owners:
        reason = "The file of owners names nobody who could exist."
        places = tuple(Place(owned.path, line) for line in owned.owners.impossible)
        values = {"owners": 0, "impossible": len(owned.owners.impossible)}
        return no(reason, Kind.TREE, values=values, places=places)
    if not presence.told:
        return cannot_tell(
            f"{len(owners)} owners are named; neither the host's record nor commits of "
            f"{WINDOW_DAYS} days tell whether they are there.",
            values={"owners": len(owners)},
        )
    return _answer(facts, tree, presence, owned, owners)


def _answer(
    facts: Facts, tree: Tree, presence: _Presence, owned: _Owned, owners: list[str]
) -> Answer:
    known = {owner: presence.of(owner) for owner in owners}
    tellable = [each for each in known.values() if each is not None]
    if not tellable:
        return cannot_tell(
            f"None of {len(owners)} owners can be told to be there or not: export the host's "
            "record with the members of teams.",
            values={"owners": len(owners)},
        )
    paths, whole = _paths(facts, tree)
    here = {owner for owner, standing in known.items() if standing}
    gone = {owner for owner, standing in known.items() if standing is False}
    covered, dark = [], 0
    for path in paths:
        named = _of(path, owned.owners)
        if not here.isdisjoint(named):
            covered.append(path)
        elif not gone.issuperset(named):
            dark += 1
    active = sum(tellable)
    cared_for = set(covered)
    bare = [path for path in paths if path not in cared_for]
    told: dict[str, Any] = {
        "values": {
            "covered": share_of(len(covered), len(paths), whole=whole and not dark),
            "active": Share(active, len(tellable), census=len(tellable) == len(owners)),
            "owners": len(owners),
            "impossible": len(owned.owners.impossible),
        },
        "places": (
            *(Place(owned.path, line) for line in owned.owners.impossible),
            *(Place(path) for path in bare),
        ),
        "inputs": [owned.path, tree.commit, presence.host.exported_at if presence.host else None],
    }
    reason = (
        f"{active} of {len(tellable)} owners that can be told were there in {WINDOW_DAYS} days; "
        f"{len(covered)} of {len(paths)} files have one of them."
    )
    if presence.host is None:
        kinds, depth, assurance = (Kind.TREE, Kind.HISTORY), Depth.SUBSTANTIVE, Assurance.OBSERVED
    else:
        kinds, depth, assurance = (Kind.TREE, Kind.HOST), Depth.RUNS, Assurance.PROVIDER
    if not covered:
        return no(reason, *kinds, assurance=assurance, **told)
    return yes(reason, depth, *kinds, assurance=assurance, **told)


def _of(path: str, owners: CodeOwners) -> tuple[str, ...]:
    return owners_of(path, owners.rules, owners.dialect)


def _covering(history: History | Absent, start: str) -> History | None:
    if isinstance(history, Absent) or history.complete_since > start:
        return None
    return history


def _owned(tree: Tree, product: str) -> _Owned | None:
    """Return the file of owners in force; OWNERS files of folders count where there is none."""
    found = in_force(tree.read("codeowners", CodeOwners), product)
    if found is not None:
        return _Owned(*found)
    rules = []
    for path, file in tree.read("roles", Roles):
        members = tuple(each for role in file.roles for each in role.members)
        if file.source in ("owners", "maintainers") and members:
            folder = path.rpartition("/")[0]
            rules.append(OwnerRule(f"/{folder}/" if folder else "*", members, 1))
    if not rules:
        return None
    # The nearest folder's file counts: deeper ones come later.
    rules.sort(key=lambda rule: rule.pattern.count("/"))
    return _Owned("OWNERS", CodeOwners(dialect="github", rules=tuple(rules)))


def _paths(facts: Facts, tree: Tree) -> tuple[list[str], bool]:
    """Return own code changed in the window, or all of it, and whether that is all."""
    start = days_before(facts.as_of, WINDOW_DAYS)
    changed: set[str] = set()
    if not isinstance(facts.history, Absent):
        for commit in facts.history.commits:
            if start <= commit.committed_at <= facts.as_of:
                changed |= {each.path for each in commit.files}
    changed = {path for path in changed & tree.paths if is_own_code(path)}
    # By object id, which nobody picks.
    looked = tree.of_role(SOURCE + TEST + SUPPORT)
    if changed:
        looked = [file for file in looked if file.path in changed]
    lowest = nsmallest(MAX_PATHS, looked, key=attrgetter("blob", "path"))
    return sorted(file.path for file in lowest), len(looked) <= MAX_PATHS


PROBE = Probe(
    claim="Ownership is real",
    area="culture",
    version=1,
    kinds=(Kind.TREE, Kind.HOST),
    depth=Depth.RUNS,
    values={
        "covered": "share of files changed lately that have an active owner",
        "active": "share of owners, of those that can be told, who took part in 90 days",
        "owners": "different owners that are named and could exist",
        "impossible": "lines that name an owner who cannot exist",
    },
    remedy=Remedy(
        "Name owners who work here for the folders that change most, and drop those who left.", 1.0
    ),
    judge=_judge,
)
