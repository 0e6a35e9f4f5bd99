"""Who answers for a piece of work, and who may approve it: the responsibility table with names."""

from collections.abc import Iterable

import msgspec

from pawl.changes.policy import Policy
from pawl.changes.policy_files import quorum_of
from pawl.governance.raci import Raci, Work, row_of
from pawl.governance.roster import Roster, behind, by_identity, holders


class Named(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A role and the people who hold it now in a scope."""

    role: str
    people: tuple[str, ...]


class Answering(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who answers for a work in a scope.

    `judged_as` is the work whose row counts. `may_approve` holds the accountable role and wrote
    none of it; `quorum` of them are needed where the risk is high.
    """

    work: Work
    scope: str
    judged_as: Work
    responsible: Named
    accountable: Named
    consulted: tuple[Named, ...]
    informed: tuple[Named, ...]
    may_approve: tuple[str, ...]
    quorum: int

    @property
    def can_be_approved(self) -> bool:
        """Whether enough people may approve it."""
        return len(self.may_approve) >= self.quorum


class Authored(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The people behind the authors, and the identities that nobody in the roster claims."""

    people: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def authored(authors: Iterable[str], roster: Roster) -> Authored:
    """Return who is behind the identities of authors."""
    found = behind(authors, by_identity(roster))
    return Authored(people=tuple(sorted(found.people)), unknown=found.unknown)


def answering(
    works: Iterable[Work],
    scope: str,
    policy: Policy,
    roster: Roster,
    now: str,
    *,
    authors: Authored | None = None,
) -> tuple[Answering, ...]:
    """Return who answers for each work in a scope, and who but its authors may approve it."""
    wrote = frozenset(() if authors is None else authors.people)
    quorum = quorum_of(policy)
    found = []
    for work in sorted(works):
        row = row_of(policy.raci, work, scope)
        assert row is not None  # A table that was checked has one for each work.
        accountable = _named(row.accountable, scope, roster, now)
        found.append(
            Answering(
                work=work,
                scope=scope,
                judged_as=_judged_as(policy.raci, work, scope),
                responsible=_named(row.responsible, scope, roster, now),
                accountable=accountable,
                consulted=tuple(_named(role, scope, roster, now) for role in row.consulted),
                informed=tuple(_named(role, scope, roster, now) for role in row.informed),
                may_approve=tuple(each for each in accountable.people if each not in wrote),
                quorum=quorum,
            )
        )
    return tuple(found)


def _judged_as(raci: Raci, work: Work, scope: str) -> Work:
    row = row_of(raci, work, scope)
    return work if row is None else row.work


def _named(role: str, scope: str, roster: Roster, now: str) -> Named:
    return Named(role=role, people=holders(roster, role, scope, now))
