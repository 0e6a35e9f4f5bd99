"""Wiring of the commands about changes: whose desk, who asks, and what files and commits tell."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pawl.base.errors import BadFile, BadValue, PawlError

if TYPE_CHECKING:
    from pawl.app.change_drafts import Draft
    from pawl.changes.change import Change
    from pawl.changes.drafting import Plan
    from pawl.changes.evidence import Evidence
    from pawl.changes.policy import Policy
    from pawl.services.change_terms import By
    from pawl.services.changes import ChangeDesk

MAX_FILE = 32 * 1024 * 1024


class Here(NamedTuple):
    """A desk, who commands here, and where; `remote` is a team's server instead of this machine."""

    desk: ChangeDesk
    by: By
    place: Path
    folder: Path
    remote: bool


def here(data: str | None, *, command: bool = True) -> Here:
    """Return the desk that commands go to: a team's server where one is named, else our own.

    With `command` somebody must be known who gives it: raises BadValue where git knows no address.
    """
    from pawl.app import data_folder
    from pawl.app.changing import desk_of

    folder, place = data_folder(data), Path.cwd()
    remote = _remote()
    if remote is not None:
        from pawl.services.change_terms import By

        # The server knows whose token it is; what we say of ourselves does not count there.
        by = By(identity="session:", source="token", assurance="authenticated")
        return Here(remote, by, place, folder, True)
    return Here(desk_of(folder, place), local_by(place, required=command), place, folder, False)


def _remote() -> ChangeDesk | None:
    if not os.environ.get("PAWL_SERVER"):
        return None
    from pawl.app.remote_changes import remote_desk

    return remote_desk()


def local_by(place: Path, *, required: bool) -> By:
    """Return who gives a command on this machine: a name in git, which is declared."""
    from pawl.services.change_terms import By
    from pawl.world.git_identity import git_address

    address = git_address(place, os.environ)
    if address is None and required:
        raise BadValue(
            "git knows no address of yours, so nobody could be named who gave this command.",
            place="user.email",
            hint="Set it with `git config user.email`, or name a server with PAWL_SERVER.",
        )
    # A name in git opens, edits and submits. It is declared, and never approves.
    return By(identity=f"git:{address or 'nobody'}", source="git-config", assurance="declared")


def drafted(place: Path, range_: tuple[str, str], plan: Plan) -> Draft:
    """Return what is drafted of a range of commits; without a scope it is the project's."""
    from msgspec.structs import replace

    from pawl.app.change_drafts import draft

    return draft(place, *range_, replace(plan, scope=scoped(place, plan.scope)))


def scoped(place: Path, scope: str | None) -> str:
    """Return a scope as given, or the project's name."""
    from pawl.telemetry.attribution import project_of
    from pawl.world.working_tree import top_of

    if scope is not None:
        return scope
    return project_of(str(top_of(place))) or ""


def read_file(path: Path) -> bytes:
    """Return the bytes of a file that somebody named; raises BadFile."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE + 1)
    except OSError as error:
        raise BadFile(
            f"cannot be read: {error.strerror}.", place=str(path), hint="Name a file that can be."
        ) from error
    if len(content) > MAX_FILE:
        raise BadFile(f"larger than {MAX_FILE:,} bytes.", place=str(path))
    return content


def read_text(path: Path) -> str:
    """Return the text of a file that somebody named; raises BadFile."""
    try:
        return read_file(path).decode()
    except UnicodeDecodeError as error:
        raise BadFile("is no UTF-8 text.", place=str(path), hint="Save it as UTF-8.") from error


def evidence_piece(
    found: Here, change: Change, path: Path, *, form: str, kind: str, commit: str | None
) -> Evidence:
    """Return the piece of evidence that a file is about a change.

    Other forms than a statement say nothing of the content, so the commit that was run must be
    the change's very content: raises BadValue where it is not.
    """
    from pawl.app import now
    from pawl.changes.handing_over import For, form_of, piece_of

    text = read_file(path)
    digest, base_digest, _ = found.desk.asked(change.id).bound
    moment = now()
    bound = For(digest, base_digest, moment, found.by.identity)
    told = form or form_of(text, place=str(path))
    sets: dict[str, str] = {}
    if told != "statement":
        sets = _proved(found.place, change, commit or "HEAD")
    piece = piece_of(text, bound, sets, form=told, kind=kind, place=str(path))
    if piece.digest != digest:
        raise BadValue(
            f"the statement is about {piece.digest[:12]}; the change is {digest[:12]}.",
            place=str(path),
            hint="Make it of the content that the change has now.",
        )
    return piece


def hand_over_commits(
    found: Here, change: Change, draft: Draft | None, known: tuple[Evidence, ...] = ()
) -> str:
    """Record when the commits were written that a change was made of; return why it was not.

    Without a draft they are those that `known` evidence tells of. Lead time is told of it and
    nothing else, so that a change is not held up where it fails.
    """
    from pawl.app import now
    from pawl.changes.change import Refusal
    from pawl.changes.commit_times import commits_piece, commits_still
    from pawl.changes.handing_over import For

    try:
        digest, base_digest, _ = found.desk.asked(change.id).bound
        bound = For(digest, base_digest, now(), found.by.identity)
        if draft is None:
            piece = commits_still(bound, known)
        else:
            piece = commits_piece(bound, draft.written_at, base=draft.base, head=draft.head)
        if piece is None:
            return ""
        told = found.desk.add_evidence(change.id, piece, found.by)
    except PawlError as error:
        return str(error)
    return " ".join(told.reasons) if isinstance(told, Refusal) else ""


def _proved(place: Path, change: Change, commit: str) -> dict[str, str]:
    """Return the eval sets of a commit; raises BadValue where it is not a change's content."""
    from pawl.app.change_sources import RepositorySources
    from pawl.changes.drafting import sets_of
    from pawl.changes.manifest import part_digest

    sources = RepositorySources(place)
    parts, blobs = sources.parts_at(change, commit)
    wanted = change.manifest.parts
    other = sorted(
        name for name, part in parts.items() if part_digest(part) != part_digest(wanted[name])
    )
    if other:
        raise BadValue(
            f"what was run is not what the change holds: {other[0]} differs, of {len(other)}.",
            place=commit,
            hint="Check out the change's own commit, or name it with --commit.",
        )
    return sets_of(blobs)


def policy_of_folder(folder: Path, scope: str) -> tuple[Policy, tuple[str, ...]]:
    """Return the policy that a folder such as `.pawl` holds, and its notes; raises BadFile."""
    from pawl.app.change_sources import is_policy, policy_text
    from pawl.changes.policy_files import read_policy
    from pawl.world.policy_folder import yaml_files

    if not folder.is_dir():
        raise BadValue(
            "there is no such folder.", place=str(folder), hint="Name one such as .pawl."
        )
    texts = {
        name: policy_text(name, content, str(folder))
        for name, content in yaml_files(folder).items()
        if is_policy(name)
    }
    read = read_policy(texts, scope)
    return read.policy, read.notes
