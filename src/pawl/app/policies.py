"""Wiring of `pawl raci` and of what `pawl doctor` says about policy and people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pawl.base.errors import BadFile, CannotTell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pawl.app.change_sources import Committed
    from pawl.base.finding import Finding
    from pawl.changes.answering import Answering, Authored
    from pawl.governance.raci import Work


class Answers(NamedTuple):
    """Who answers for works in a scope, by which version, and who wrote the change asked about."""

    branch: str
    commit: str
    scope: str
    answering: tuple[Answering, ...]
    authored: Authored | None
    files: dict[str, str]


def who_answers(
    place: Path,
    works: Sequence[Work],
    paths: Sequence[str],
    scope: str,
    *,
    range_: tuple[str, str] | None = None,
    authors: Sequence[str] = (),
    branch: str | None = None,
) -> Answers:
    """Return who answers for works, for what paths are, and for what a range of commits changes.

    Without any of them it is about every work. Raises BadFile and CannotTell for a policy that
    cannot be read, and BadValue for a range that is none.
    """
    from pawl.app import now
    from pawl.app.change_sources import RepositorySources
    from pawl.changes.answering import answering, authored
    from pawl.changes.components import kind_of_file
    from pawl.changes.parts import WORK_OF
    from pawl.governance.raci import Work

    committed = RepositorySources(place, branch=branch).committed()
    policy, roster = committed.policy(scope).policy, committed.roster()
    kinds = committed.kinds()
    by_kind = {str(part.__struct_config__.tag): work for part, work in WORK_OF.items()}
    files = {path: kind_of_file(path, kinds) for path in paths}
    asked = {*works, *(by_kind[kind] for kind in files.values())}
    wrote = list(authors)
    if range_ is not None:
        changed, more = _of_range(place, range_, branch)
        asked |= changed
        wrote += more
    known = authored(wrote, roster) if wrote else None
    return Answers(
        branch=committed.place,
        commit=committed.commit,
        scope=scope,
        answering=answering(asked or set(Work), scope, policy, roster, now(), authors=known),
        authored=known,
        files={path: by_kind[kind].value for path, kind in files.items()},
    )


def _of_range(
    place: Path, range_: tuple[str, str], branch: str | None
) -> tuple[frozenset[Work], tuple[str, ...]]:
    from pawl.app.change_drafts import draft
    from pawl.changes.drafting import Plan
    from pawl.changes.manifest import works_of

    found = draft(place, *range_, Plan(), branch=branch)
    return works_of(found.manifest), found.authors


def policy_findings_here(place: Path, now: str) -> list[Finding]:
    """Return what is wrong with the policy and the people of the repository around a place.

    Nothing outside of a repository, and where nobody has written a policy.
    """
    from pawl.world.repository import git_folders

    if git_folders(place.absolute()) is None:
        return []
    committed, found = _committed(place)
    if committed is not None:
        found += _of_commit(committed, now)
    return found + _being_written(place, committed)


def _committed(place: Path) -> tuple[Committed | None, list[Finding]]:
    from pawl.app.change_sources import RepositorySources
    from pawl.changes.health import unread

    try:
        return RepositorySources(place).committed(), []
    except BadFile as error:
        return None, [unread(error)]
    except CannotTell:
        return None, []  # A repository without a commit or a main branch has no policy yet.


def _of_commit(committed: Committed, now: str) -> list[Finding]:
    from pawl.changes.health import ROSTER, no_roster, policy_findings

    found = list(policy_findings(committed.texts, now, place=committed.place))
    if not committed.texts:
        return []
    return found if ROSTER in committed.texts else [*found, no_roster(committed.place)]


def _being_written(place: Path, committed: Committed | None) -> list[Finding]:
    """Return what does not read of the working tree's files, where they are not the committed."""
    from pawl.app.change_sources import is_policy, policy_text
    from pawl.changes.health import policy_findings, unread
    from pawl.world.policy_folder import policy_folder

    known = {} if committed is None else committed.texts
    texts: dict[str, str] = {}
    found: list[Finding] = []
    for name, content in policy_folder(place).items():
        if not is_policy(name):
            continue
        try:
            texts[name] = policy_text(name, content)
        except BadFile as error:
            found.append(unread(error))
    if texts == known:
        return found
    told = policy_findings(texts, "", place="the working tree", satisfied=False)
    return [*found, *(each for each in told if each.id == "policy-can-be-read")]
