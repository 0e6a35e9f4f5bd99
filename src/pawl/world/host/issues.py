"""Issues on GitHub and GitLab: how each is asked for them, and how each is told.

Every request is a value, so that whoever sends it decides about waiting and sending again. What a
host answers is read field by field; anything of another form is left out.
"""

from typing import Any, Literal

from pawl.maturity.goal_issue import LABEL, Comment, Issue, Project, Request
from pawl.world.host import github, gitlab
from pawl.world.host.asking import paged
from pawl.world.host.sender import GitHubSender, GitLabSender


class GitHubIssues(GitHubSender):
    """Issues of a GitHub repository; pull requests are none."""

    def project(self, repository: str) -> Request:
        """Ask for a repository; raises BadValue for a name that is none."""
        return Request(address=github.address_of(repository, "--sync", "github:OWNER/REPO"))

    def read_project(self, value: Any) -> Project | None:
        """Return the repository; it may go by another name since it was renamed."""
        found = _object(value)
        name = _text(found.get("full_name"))
        if not github.REPOSITORY.fullmatch(name):
            return None
        closed = "it is archived" if found.get("archived") is True else ""
        if found.get("has_issues") is False:
            closed = "its issues are switched off"
        private = "private" if found.get("private") is True else "public"
        return Project(
            path=f"/repos/{name}",
            name=name,
            visibility=_text(found.get("visibility")) or private,
            closed=closed,
        )

    def issues(self, project: Project, own: str) -> tuple[Request, ...]:
        """Ask for every issue with our label, and for every one that the account opened."""
        whose = [{"labels": LABEL}, *([{"creator": own}] if own else [])]
        common = {"state": "all", "sort": "created", "direction": "asc"}
        return tuple(
            Request(address=paged(f"{project.path}/issues", **each, **common)) for each in whose
        )

    def issue(self, project: Project, number: int) -> Request:
        """Ask for one issue."""
        return Request(address=f"{project.path}/issues/{number}")

    def read_issue(self, value: Any) -> Issue | None:
        """Return an issue, or None for what is none."""
        found = _object(value)
        number = _number(found.get("number"))
        if not number or "pull_request" in found:
            return None
        labels = found.get("labels")
        return Issue(
            number=number,
            body=_text(found.get("body")),
            open=found.get("state") == "open",
            labelled=isinstance(labels, list)
            and any(LABEL in (each, _object(each).get("name")) for each in labels),
            author=_text(_object(found.get("user")).get("login")),
        )

    def comments(self, project: Project, number: int) -> Request:
        """Ask for an issue's comments, oldest first."""
        return Request(address=paged(f"{project.path}/issues/{number}/comments"))

    def read_comment(self, value: Any) -> Comment | None:
        """Return a comment."""
        found = _object(value)
        author = _text(_object(found.get("user")).get("login"))
        return Comment(body=_text(found.get("body")), author=author)

    def create(self, project: Project, title: str, body: str) -> Request:
        """Make an issue; sent twice it makes two."""
        told = {"title": title, "body": body, "labels": [LABEL]}
        return Request(method="POST", address=f"{project.path}/issues", body=told, repeatable=False)

    def comment(self, project: Project, number: int, text: str) -> Request:
        """Comment on an issue; sent twice it does so twice."""
        return Request(
            method="POST",
            address=f"{project.path}/issues/{number}/comments",
            body={"body": text},
            repeatable=False,
        )

    def change(
        self,
        project: Project,
        number: int,
        *,
        body: str | None,
        state: Literal["", "open", "closed"],
        relabel: bool,
    ) -> tuple[Request, ...]:
        """Give an issue a text, a state and our label; nothing else of it changes."""
        below = f"{project.path}/issues/{number}"
        told: dict[str, Any] = {} if body is None else {"body": body}
        if state:
            told["state"] = state
            told["state_reason"] = "completed" if state == "closed" else "reopened"
        found = [Request(method="PATCH", address=below, body=told)] if told else []
        if relabel:
            label = {"labels": [LABEL]}
            found.append(Request(method="POST", address=f"{below}/labels", body=label))
        return tuple(found)


class GitLabIssues(GitLabSender):
    """Issues of a GitLab project."""

    def project(self, repository: str) -> Request:
        """Ask for a project; raises BadValue for a name that is none."""
        return Request(address=gitlab.address_of(repository, "--sync", "gitlab:GROUP/PROJECT"))

    def read_project(self, value: Any) -> Project | None:
        """Return the project, from here on by its number."""
        found = _object(value)
        number = _number(found.get("id"))
        if not number:
            return None
        closed = "it is archived" if found.get("archived") is True else ""
        if found.get("issues_enabled") is False or found.get("issues_access_level") == "disabled":
            closed = "its issues are switched off"
        return Project(
            path=f"/projects/{number}",
            name=_text(found.get("path_with_namespace")),
            visibility=_text(found.get("visibility")) or "unknown",
            closed=closed,
        )

    def issues(self, project: Project, own: str) -> tuple[Request, ...]:
        """Ask for every issue with our label, and for every one that the account opened."""
        whose = [{"labels": LABEL}, *([{"author_username": own}] if own else [])]
        common = {"state": "all", "scope": "all", "order_by": "created_at", "sort": "asc"}
        return tuple(
            Request(address=paged(f"{project.path}/issues", **each, **common)) for each in whose
        )

    def issue(self, project: Project, number: int) -> Request:
        """Ask for one issue."""
        return Request(address=f"{project.path}/issues/{number}")

    def read_issue(self, value: Any) -> Issue | None:
        """Return an issue, or None for what is none."""
        found = _object(value)
        number = _number(found.get("iid"))
        if not number:
            return None
        labels = found.get("labels")
        return Issue(
            number=number,
            body=_text(found.get("description")),
            open=found.get("state") == "opened",
            labelled=isinstance(labels, list) and LABEL in labels,
            author=_text(_object(found.get("author")).get("username")),
        )

    def comments(self, project: Project, number: int) -> Request:
        """Ask for an issue's comments, oldest first."""
        path = f"{project.path}/issues/{number}/notes"
        return Request(address=paged(path, order_by="created_at", sort="asc"))

    def read_comment(self, value: Any) -> Comment | None:
        """Return a comment, or None for what GitLab says by itself."""
        found = _object(value)
        if found.get("system") is True:
            return None
        author = _text(_object(found.get("author")).get("username"))
        return Comment(body=_text(found.get("body")), author=author)

    def create(self, project: Project, title: str, body: str) -> Request:
        """Make an issue; sent twice it makes two."""
        told = {"title": title, "description": body, "labels": LABEL}
        return Request(method="POST", address=f"{project.path}/issues", body=told, repeatable=False)

    def comment(self, project: Project, number: int, text: str) -> Request:
        """Comment on an issue; sent twice it does so twice."""
        return Request(
            method="POST",
            address=f"{project.path}/issues/{number}/notes",
            body={"body": text},
            repeatable=False,
        )

    def change(
        self,
        project: Project,
        number: int,
        *,
        body: str | None,
        state: Literal["", "open", "closed"],
        relabel: bool,
    ) -> tuple[Request, ...]:
        """Give an issue a text, a state and our label; nothing else of it changes."""
        told: dict[str, Any] = {} if body is None else {"description": body}
        if state:
            told["state_event"] = "close" if state == "closed" else "reopen"
        if relabel:
            told["add_labels"] = LABEL
        if not told:
            return ()
        return (Request(method="PUT", address=f"{project.path}/issues/{number}", body=told),)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
