"""A change of a risky path ships only after its named approver said yes.

Claims: merged changes that touch CI, deployment, authentication, schemas, policy or a path with
owners were approved by an owner of those paths before the merge.

Looks at: the code host's record of 90 days; the frozen list in `pawl.maturity.looking.risky_paths`
and the paths that CODEOWNERS covers say which changes are risky; owners come from CODEOWNERS, teams
from the host's member lists, and accountable roles from `.pawl/raci.yaml`.

Fooled by: CODEOWNERS that nothing enforces (without the host's rule the proof is that approvals
happened, not that anything stops their lack), an approval by somebody who owns nothing there, by
the author, a machine, after the merge or of an earlier version, a merge past the rules. A team
whose members were not exported approves nothing that can be told.

Yes: at least one risky change, and one that its named approver approved; `approved` says how many.
No: risky changes were merged and none was approved so. Cannot tell: no host export of 90 days, no
tree, no risky change, or owners are all teams without members.
"""

import msgspec

from pawl.maturity.evidence import Assurance, Depth, Kind
from pawl.maturity.extracts.codeowners import CodeOwners, in_force
from pawl.maturity.extracts.roles import Roles
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.host import ChangeRequest, Host, Ruleset
from pawl.maturity.facts.tree import Tree
from pawl.maturity.looking.identities import is_among
from pawl.maturity.looking.merges import approval_of, authors_of, merged_changes
from pawl.maturity.looking.owners import Members
from pawl.maturity.looking.recent import WINDOW_DAYS, newest, share_of
from pawl.maturity.looking.risky_paths import VERSION, is_risky
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes
from pawl.parsing.owned_paths import owners_of


class _Weighed(msgspec.Struct, frozen=True):
    """A risky change; `approved` is None when a team's members are not known."""

    change: ChangeRequest
    approved: bool | None


class _Approvers:
    """Who may approve a path: its owners, and those accountable for everything."""

    def __init__(self, tree: Tree, host: Host) -> None:
        self.members = Members(host)
        found = in_force(tree.read("codeowners", CodeOwners), host.product)
        self.owners = found[1] if found else None
        self.accountable = _accountable(tree)
        self._known: dict[str, tuple[str, ...]] = {}

    def of(self, path: str) -> tuple[str, ...]:
        if self.owners is None:
            return ()
        if path not in self._known:
            self._known[path] = owners_of(path, self.owners.rules, self.owners.dialect)
        return self._known[path]

    def approve(self, path: str, approvers: tuple[str, ...]) -> bool | None:
        """Say whether one of the approvers may approve this path; None when it is unknown."""
        if any(is_among(each, self.accountable) for each in approvers):
            return True
        unknown = False
        for owner in self.of(path):
            people = self.members.of(owner)
            if people is None:
                unknown = True
            elif any(is_among(each, people) for each in approvers):
                return True
        return None if unknown and approvers else False


def _accountable(tree: Tree) -> tuple[str, ...]:
    found: list[str] = []
    for _, file in tree.read("roles", Roles):
        names = {name.lower() for duty in file.duties for name in duty.accountable}
        for role in file.roles:
            if file.source == "raci" and role.name.lower() in names:
                found.extend(role.members)
    return tuple(found)


def _judge(facts: Facts) -> Answer:
    tree = facts.tree
    if isinstance(tree, Absent):
        return cannot_tell(tree)
    changes = merged_changes(facts, "reviews", "files")
    if isinstance(changes, Answer):
        return changes
    assert not isinstance(facts.host, Absent)
    approvers = _Approvers(tree, facts.host)
    weighed = [each for change in changes if (each := _weigh(change, approvers, facts)) is not None]
    if not weighed:
        return cannot_tell(f"No change of a risky path was merged in {WINDOW_DAYS} days.")
    known = [each for each in weighed if each.approved is not None]
    if not known:
        return cannot_tell(
            f"{len(weighed)} risky changes have only teams as owners whose members were not "
            "exported; export them with the host."
        )
    approved = sum(bool(each.approved) for each in known)
    enforced = _enforces(facts.host.ruleset)
    told = {
        "values": {
            "approved": share_of(approved, len(known), whole=len(known) == len(weighed)),
            "changes": len(weighed),
            "enforced": enforced,
        },
        "assurance": Assurance.PROVIDER,
        "claimed_at": newest(each.change.merged_at for each in weighed),
        "inputs": [
            VERSION,
            sorted([each.change.number, each.change.head or ""] for each in weighed),
        ],
    }
    reason = (
        f"{approved} of {len(known)} changes of risky paths merged in {WINDOW_DAYS} days were "
        f"approved by a named approver; the host {'stops' if enforced else 'does not stop'} others."
    )
    if not approved:
        return no(reason, Kind.HOST, Kind.TREE, **told)
    return yes(reason, Depth.BITES if enforced else Depth.RUNS, Kind.HOST, Kind.TREE, **told)


def _weigh(change: ChangeRequest, approvers: _Approvers, facts: Facts) -> _Weighed | None:
    """Return a change with whether each of its risky paths was approved, or None if none is."""
    paths = [path for path in change.files if is_risky(path) or approvers.of(path)]
    if not paths:
        return None
    if change.bypassed:
        return _Weighed(change, False)
    assert not isinstance(facts.host, Absent)
    approval = approval_of(change, authors_of(change, facts.history), facts.host.product)
    answers = [approvers.approve(path, approval.by) for path in paths]
    if False in answers:
        return _Weighed(change, False)
    return _Weighed(change, None if None in answers else True)


def _enforces(ruleset: Ruleset | None) -> bool:
    """Say whether the host keeps out what no owner approved, for everybody."""
    return (
        ruleset is not None
        and ruleset.requires_code_owners is True
        and ruleset.applies_to_admins is not False
        and not ruleset.bypass_actors
    )


PROBE = Probe(
    claim="Changes of risky paths are approved by a named approver",
    area="security",
    version=1,
    kinds=(Kind.HOST, Kind.TREE),
    depth=Depth.BITES,
    values={
        "approved": "share of merged changes of risky paths that a named approver approved",
        "changes": "merged changes of risky paths",
        "enforced": "whether the host refuses a merge without an owner's approval",
    },
    remedy=Remedy(
        "Give every risky path an owner in CODEOWNERS and require code owners' reviews, for "
        "administrators too.",
        2.0,
    ),
    judge=_judge,
)
