"""Wiring of `pawl change new`: the manifest of what two commits differ in, and who wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from pawl.changes.components import KindRules
    from pawl.changes.drafting import Plan
    from pawl.changes.manifest import Manifest
    from pawl.changes.parts import Part
    from pawl.governance.roster import Roster
    from pawl.world.git_range import GitRange


class Draft(NamedTuple):
    """A manifest, the identities of everybody who wrote any of it, and the commits it is of.

    `written_at` is when each of them was written, as git has it.
    """

    manifest: Manifest
    authors: tuple[str, ...]
    base: str
    head: str
    written_at: tuple[str, ...]


def draft(place: Path, base: str, head: str, plan: Plan, *, branch: str | None = None) -> Draft:
    """Return what is drafted of a range of commits and a plan.

    What a file is, the protected branch's own rules say. Raises BadValue for an unsound plan or
    range, BadFile for a policy file that does not read, CannotTell where git cannot tell it all.
    """
    from msgspec.structs import replace

    from pawl.app.change_sources import RepositorySources
    from pawl.changes.authorship import authors_of
    from pawl.changes.drafting import EVALS, drafted, sets_of
    from pawl.world.git_range import git_range

    committed = RepositorySources(place, branch=branch).committed()
    kinds, roster = committed.kinds(), committed.roster()
    with git_range(place, base, head) as found:
        after, before = parts_of_range(found, kinds, f"{base}..{head}")
        blobs = found.after.blobs_below(EVALS)
        title = plan.title or _title(found)
        manifest = drafted(
            replace(plan, title=title),
            after,
            before,
            sets_of(blobs),
            assisted=_is_assisted(found, roster),
        )
        return Draft(
            manifest,
            authors_of(found.commits),
            found.base,
            found.head,
            tuple(each.written_at for each in found.commits),
        )


def parts_of_range(
    found: GitRange, kinds: KindRules | None, place: str
) -> tuple[dict[str, Part | None], dict[str, Part | None]]:
    """Return the components that a range of commits changes, as after it and as before it.

    Raises BadValue for too many of them; `place` is the range in messages.
    """
    from pawl.base.errors import BadValue
    from pawl.changes.components import kind_of_file
    from pawl.changes.drafting import parts_by_name
    from pawl.changes.manifest import MAX_PARTS
    from pawl.world.git_tree import changed_paths

    # A link that makes code of a file tells nothing new; one that makes a prompt of it does.
    paths = changed_paths(
        found.before,
        found.after,
        MAX_PARTS,
        matters=lambda name: kind_of_file(name, kinds) != "code",
    )
    if len(paths) > MAX_PARTS:
        raise BadValue(
            f"it changes more than {MAX_PARTS:,} files.",
            place=place,
            hint="Make several changes of it.",
        )
    after = parts_by_name(found.after.contents(paths), kinds)
    return after, parts_by_name(found.before.contents(paths), kinds)


def draft_of_plan(plan: Plan) -> Manifest:
    """Return the manifest of a plan alone, whose components no file of the repository is."""
    from pawl.changes.drafting import drafted

    none: dict[str, Part | None] = {}
    return drafted(plan, none, none, {}, assisted=False)


def _title(found: GitRange) -> str:
    if not found.commits:
        return ""
    first = found.commits[0].message.partition("\n")[0]
    return "".join(each if each.isprintable() else " " for each in first).strip()[:300]


def _is_assisted(found: GitRange, roster: Roster) -> bool:
    """Say whether an agent wrote some of it: by its messages, its accounts, or the roster."""
    from pawl.changes.authorship import authors_of, says_assisted
    from pawl.governance.roster import Kind, by_identity
    from pawl.maturity.looking.identities import is_agent

    if says_assisted(found.commits):
        return True
    known = by_identity(roster)
    return any(
        (person is not None and person.kind is Kind.AGENT) or is_agent(author.partition(":")[2])
        for author in authors_of(found.commits)
        for person in (known.get(author),)
    )
