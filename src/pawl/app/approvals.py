"""Wiring of approvals: what answers bind to here, and reviews on a code host."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from pawl.base.errors import BadFile, BadValue, CannotTell
from pawl.base.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pawl.changes.approval import Said
    from pawl.changes.change import Change, Refusal
    from pawl.changes.parts import Part
    from pawl.changes.reviews import Asked as Bound
    from pawl.changes.signed_statement import SignedApproval
    from pawl.services.approvals import Brought
    from pawl.services.change_terms import Asked
    from pawl.services.changes import ChangeDesk
    from pawl.services.signed_approvals import Signers, TakeSigned
    from pawl.world.host.reviews import GitHubReviews, GitLabReviews

_PULL = regex(r"(github):([^\s#!]{1,300})#([1-9]\d{0,9})|(gitlab):([^\s#!]{1,600})!([1-9]\d{0,9})")


def sign(desk: ChangeDesk, id: str, said: Said, key: Path, note: str = "") -> SignedApproval:
    """Return a statement on what is asked now, signed with an SSH key; nothing is recorded.

    Raises BadValue for a key that does not sign, CannotTell without ssh-keygen.
    """
    from pawl.app import now
    from pawl.changes.signed_statement import Statement
    from pawl.services import signed_approvals
    from pawl.world.ssh_keygen import SshKeygen

    asked = desk.asked(id)
    statement = Statement(
        change=asked.change.id,
        digest=asked.digest,
        base_digest=asked.base_digest,
        policy_digest=asked.policy_digest,
        said=said,
        at=now(),
        note=note,
    )
    return signed_approvals.sign(statement, key, SshKeygen())


def bring_signed(
    desk: ChangeDesk, place: Path, id: str, signed: SignedApproval, branch: str | None = None
) -> Change | Refusal:
    """Verify a signed statement against the protected branch's keys, and record its answer."""
    from pawl.app import now
    from pawl.changes.change import Refusal
    from pawl.services.approvals import answer
    from pawl.services.change_remote import RemoteChangeDesk
    from pawl.services.change_terms import By
    from pawl.services.signed_approvals import verify_signed
    from pawl.world.ssh_keygen import SshKeygen

    if isinstance(desk, RemoteChangeDesk):
        return desk.bring_signed(id, signed)
    asked = desk.asked(id)
    found = verify_signed(
        signed,
        signers_of(place, branch),
        bound(desk, place, asked, branch),
        asked.change.answers,
        SshKeygen(),
        now=now(),
        skew_s=desk.sources.policy(asked.change.manifest.scope).policy.terms.skew_s,
    )
    if isinstance(found, Refusal):
        return found
    by = By(identity=found.identity, source=found.source.value, assurance="authenticated")
    return answer(found, desk, by)


def take_signed(folder: Path) -> TakeSigned | None:
    """Return what takes signed answers for a server; None where it was told of no repository."""
    from pawl.app.contents import machine_settings

    named = machine_settings(folder).changes.repository
    if named is None:
        return None
    place = folder / named
    return lambda desk, which, signed: bring_signed(desk, place, which, signed)


def bring_reviews(
    desk: ChangeDesk,
    place: Path,
    id: str,
    pull: str,
    *,
    url: str | None = None,
    branch: str | None = None,
    told: Callable[[float, str], None] = lambda seconds, why: None,
    environment: Mapping[str, str] | None = None,
) -> Brought:
    """Read the reviews of a pull request (`github:OWNER/REPO#7`), and record what they say.

    Raises CannotTell where the host does not tell all of it: nothing is recorded then.
    """
    from pawl.app import now
    from pawl.app.change_sources import RepositorySources
    from pawl.services.approvals import bring, read_pull_request, read_reviews
    from pawl.services.change_terms import PAWL_ITSELF

    host = review_host(pull, url, environment)
    try:
        read = read_pull_request(host, now(), sleep=time.sleep, told=told)
    finally:
        host.telling.close()
    asked = desk.asked(id)
    target = RepositorySources(place, branch=branch).committed().place.removeprefix("origin/")
    readout = read_reviews(
        asked.change,
        read,
        bound(desk, place, asked, branch),
        branch=target,
        rebuild=lambda commit: rebuilt(place, commit, branch),
    )
    return bring(readout, asked.change.id, desk, PAWL_ITSELF)


def review_host(
    pull: str, url: str | None, environment: Mapping[str, str] | None = None
) -> GitHubReviews | GitLabReviews:
    """Return the host of a pull request that somebody named; raises BadValue."""
    from pawl.app.collecting import access
    from pawl.world.host import github, gitlab
    from pawl.world.host.reviews import GitHubReviews, GitLabReviews

    match = _PULL.fullmatch(pull)
    if match is None:
        raise BadValue(
            f"{pull[:100]!r} is no pull request.",
            place="--pull-request",
            hint="Write github:OWNER/REPO#7 or gitlab:GROUP/PROJECT!7.",
        )
    if match[1]:
        token, address = access("github", url, environment)
        return GitHubReviews(token, match[2], int(match[3]), address or github.URL)
    token, address = access("gitlab", url, environment)
    return GitLabReviews(token, match[5], int(match[6]), address or gitlab.URL)


def read_signed_file(path: Path) -> SignedApproval:
    """Return a signed statement from a file; raises BadFile."""
    from pawl.changes.signed_statement import read_signed

    try:
        with path.open("rb") as file:
            content = file.read(1024 * 1024)
    except OSError as error:
        raise BadFile(f"cannot be read: {error.strerror}.", place=str(path)) from error
    return read_signed(content, place=str(path))


def signers_of(place: Path, branch: str | None = None) -> Signers:
    """Return which keys sign, as committed on the protected branch."""
    from pawl.app.change_sources import RepositorySources
    from pawl.services.signed_approvals import REVOKED, SIGNERS, Signers

    sources = RepositorySources(place, branch=branch)
    return Signers(
        allowed=sources.protected_file(SIGNERS) or b"",
        revoked=sources.protected_file(REVOKED) or b"",
    )


def rebuilt(
    place: Path, commit: str, branch: str | None = None
) -> tuple[dict[str, Part | None], dict[str, Part | None]]:
    """Return the parts that a commit changes, as in it and as before it.

    Of a commit of the protected branch itself, what it changes since its first parent; of another
    one, since it left the protected branch. Raises CannotTell for a commit that is not here.
    """
    from pawl.app.change_drafts import parts_of_range
    from pawl.app.change_sources import RepositorySources
    from pawl.world.git_range import git_range, git_reading

    committed = RepositorySources(place, branch=branch).committed()
    kinds, base = committed.kinds(), committed.commit
    with git_reading(place) as reading:
        shared = reading.answer("merge-base", base, commit) or b""
        if shared.decode("ascii", "replace").strip() == commit:
            base = f"{commit}^1"
    try:
        with git_range(place, base, commit) as found:
            return parts_of_range(found, kinds, commit)
    except BadValue as error:
        raise CannotTell(
            f"the commit cannot be looked into: {error.message}",
            place=commit,
            hint="Fetch it, such as with `git fetch origin pull/7/head`.",
        ) from error


def deployed(place: Path, commit: str) -> tuple[dict[str, Part | None], dict[str, Part | None]]:
    """Return the parts that a commit changes, where a deployment of it brings no more than those.

    What it left must have been the protected branch's own state: a commit from within a merged
    branch may hold what was taken back before the merge. Raises CannotTell for such a one, and
    for one that is not here.
    """
    from pawl.app.change_sources import RepositorySources
    from pawl.world.git_range import git_reading, is_mainline

    base = RepositorySources(place).committed().commit
    with git_reading(place) as reading:
        shared = (reading.answer("merge-base", base, commit) or b"").split(b"\n")[0].decode("ascii")
        if shared and not is_mainline(reading, base, shared):
            raise CannotTell(
                f"it rests on {shared[:12]}, which the protected branch itself never was.",
                place=commit,
                hint="Deploy the commit that merged it.",
            )
    return rebuilt(place, commit)


def bound(desk: ChangeDesk, place: Path, asked: Asked, branch: str | None = None) -> Bound:
    """Return what an answer binds to, and from when on one may be."""
    from pawl.app import now
    from pawl.changes.manifest import Risk
    from pawl.changes.quarantine import quarantined
    from pawl.changes.reviews import Asked as Bound
    from pawl.changes.reviews import since

    manifest = asked.change.manifest
    terms = desk.sources.policy(manifest.scope).policy.terms
    high = asked.risk.risk is Risk.HIGH
    rolled_back = quarantined(manifest, desk.registry().quarantine).values()
    return Bound(
        change=asked.change.id,
        digest=asked.digest,
        base_digest=asked.base_digest,
        policy_digest=asked.policy_digest,
        since=since(
            asked.change,
            now(),
            hours=terms.approval_hours_high_risk if high else terms.approval_hours,
            later=(*rolled_back, policy_since(place, branch)),
        ),
    )


def policy_since(place: Path, branch: str | None = None) -> str | None:
    """Return when the protected branch's policy last came, None where it has none of its own.

    By the date of the commit that brought it there, which the code host sets when it merges.
    """
    from pawl.app.change_sources import RepositorySources
    from pawl.base.times import time_from_ms
    from pawl.world.git_range import git_reading

    commit = RepositorySources(place, branch=branch).committed().commit
    with git_reading(place) as reading:
        printed = reading.answer(
            *("log", "--first-parent", "--max-count=1", "--no-show-signature", "--format=%ct"),
            *(commit, "--", *_POLICY_FILES),
        )
    told = (printed or b"").strip()
    return time_from_ms(int(told) * 1000) if told.isdigit() and len(told) < 12 else None


_POLICY_FILES = tuple(
    f".pawl/{name}"
    for name in ("raci.yaml", "gates.yaml", "risk.yaml", "exceptions.yaml", "change-terms.yaml",
                 "gates")
)  # fmt: skip
"""What the digest of a policy is of. People come and go without it."""
