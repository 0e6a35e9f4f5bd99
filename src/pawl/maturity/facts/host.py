"""What a code host (GitHub, GitLab) enforced and recorded, in one shape for both."""

from typing import Literal

import msgspec


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """One review. `author` is the host's account, used to compare and count, never shown."""

    author: str
    bot: bool = False
    state: Literal["approved", "changes_requested", "commented", "dismissed", "pending"]
    commit: str | None = None
    at: str | None = None
    comments: int = 0
    words: int = 0


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One required or optional check of a change."""

    name: str
    required: bool = False
    conclusion: str | None = None
    commit: str | None = None
    tree: str | None = None
    completed_at: str | None = None


class AgentComment(msgspec.Struct, frozen=True, kw_only=True):
    """One comment of an agent on a change, and whether the lines it is about changed after it.

    `addressed` is None when the export does not tell.
    """

    at: str
    path: str | None = None
    line: int | None = None
    addressed: bool | None = None


class ChangeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A pull or merge request. `additions` and `deletions` are lines."""

    number: int
    author: str
    author_bot: bool = False
    opened_at: str
    merged_at: str | None = None
    closed_at: str | None = None
    head: str | None = None
    merge_commit: str | None = None
    head_tree: str | None = None
    merge_tree: str | None = None
    merged_by: str | None = None
    bypassed: bool = False
    additions: int = 0
    deletions: int = 0
    files: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    co_authors: tuple[str, ...] = ()
    reviews: tuple[Review, ...] = ()
    checks: tuple[Check, ...] = ()
    comments: int = 0
    agent_comments: tuple[AgentComment, ...] = ()


class CiRun(msgspec.Struct, frozen=True, kw_only=True):
    """One finished or running pipeline."""

    id: str
    workflow: str
    path: str | None = None
    event: str = ""
    branch: str | None = None
    commit: str | None = None
    conclusion: str | None = None
    attempt: int = 1
    started_at: str
    finished_at: str | None = None


class Ruleset(msgspec.Struct, frozen=True, kw_only=True):
    """What the host enforces on the default branch. None: the export does not tell."""

    requires_change_request: bool | None = None
    required_approvals: int | None = None
    dismisses_stale: bool | None = None
    requires_code_owners: bool | None = None
    required_checks: tuple[str, ...] | None = None
    blocks_force_push: bool | None = None
    applies_to_admins: bool | None = None
    bypass_actors: int | None = None


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """A published release and its files' names."""

    name: str
    tag: str
    at: str
    commit: str | None = None
    assets: tuple[str, ...] = ()
    verified_signature: bool | None = None


class Host(msgspec.Struct, frozen=True, kw_only=True):
    """A code host's export. `complete_since` is from when on every change request is here.

    `source` names the export (see `facts.is_claimed`).

    `missing` names the parts that could not be fetched, with the reason; a probe that needs one
    cannot tell.
    """

    product: Literal["github", "gitlab"]
    repository: str
    exported_at: str
    complete_since: str
    default_branch: str
    ruleset: Ruleset | None = None
    changes: tuple[ChangeRequest, ...] = ()
    runs: tuple[CiRun, ...] = ()
    releases: tuple[Release, ...] = ()
    direct_pushes: tuple[str, ...] | None = None
    members: dict[str, tuple[str, ...]] | None = None
    missing: dict[str, str] = {}
    source: str = ""
