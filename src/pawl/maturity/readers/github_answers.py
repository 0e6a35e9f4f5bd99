"""What GitHub's API answers, as far as it is read. Field names are the API's."""

import msgspec


class User(msgspec.Struct, frozen=True):
    """An account."""

    login: str = ""
    type: str = "User"

    @property
    def bot(self) -> bool:
        """Whether a program acts through it."""
        return self.type == "Bot" or self.login.endswith("[bot]")


class Ref(msgspec.Struct, frozen=True):
    """A commit and the branch it is named by."""

    sha: str | None = None
    ref: str | None = None


class Label(msgspec.Struct, frozen=True):
    """A label."""

    name: str = ""


class Pull(msgspec.Struct, frozen=True):
    """A pull request, as a list tells it or, with its size, by itself."""

    number: int
    created_at: str
    user: User | None = None
    updated_at: str | None = None
    merged_at: str | None = None
    closed_at: str | None = None
    head: Ref | None = None
    base: Ref | None = None
    merge_commit_sha: str | None = None
    merged_by: User | None = None
    additions: int | None = None
    deletions: int | None = None
    comments: int = 0
    review_comments: int = 0
    labels: tuple[Label, ...] = ()


class PullReview(msgspec.Struct, frozen=True):
    """A review of a pull request."""

    state: str
    id: int = 0
    user: User | None = None
    commit_id: str | None = None
    submitted_at: str | None = None
    body: str | None = None


class Comment(msgspec.Struct, frozen=True):
    """A comment on a line of a pull request."""

    created_at: str
    user: User | None = None
    path: str | None = None
    line: int | None = None
    original_line: int | None = None
    position: int | None = None
    original_position: int | None = None
    pull_request_review_id: int | None = None
    body: str | None = None


class PullFile(msgspec.Struct, frozen=True):
    """A file that a pull request changes."""

    filename: str
    additions: int = 0
    deletions: int = 0


class TreeOf(msgspec.Struct, frozen=True):
    """A tree by its id."""

    sha: str = ""


class CommitBody(msgspec.Struct, frozen=True):
    """What git keeps of a commit."""

    message: str = ""
    tree: TreeOf = TreeOf()


class RepositoryCommit(msgspec.Struct, frozen=True):
    """A commit."""

    sha: str
    commit: CommitBody = CommitBody()


class CheckRun(msgspec.Struct, frozen=True):
    """A check on a commit."""

    name: str
    head_sha: str | None = None
    conclusion: str | None = None
    completed_at: str | None = None


class WorkflowRun(msgspec.Struct, frozen=True):
    """A run of a workflow."""

    id: int
    created_at: str
    name: str | None = None
    path: str | None = None
    event: str = ""
    head_branch: str | None = None
    head_sha: str | None = None
    conclusion: str | None = None
    status: str | None = None
    run_attempt: int = 1
    run_started_at: str | None = None
    updated_at: str | None = None


class Asset(msgspec.Struct, frozen=True):
    """A file of a release."""

    name: str = ""


class PublishedRelease(msgspec.Struct, frozen=True):
    """A release."""

    tag_name: str
    name: str | None = None
    published_at: str | None = None
    created_at: str | None = None
    target_commitish: str | None = None
    draft: bool = False
    assets: tuple[Asset, ...] = ()


class Repository(msgspec.Struct, frozen=True):
    """The repository itself."""

    full_name: str = ""
    default_branch: str = "main"
    updated_at: str | None = None
    pushed_at: str | None = None


class Activity(msgspec.Struct, frozen=True):
    """A push, a merge or the like."""

    activity_type: str
    after: str = ""
    ref: str = ""


class RuleSuite(msgspec.Struct, frozen=True):
    """How the rules judged one push."""

    after_sha: str = ""
    result: str | None = None
