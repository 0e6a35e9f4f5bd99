"""A code host that keeps issues, for tests: GitHub's and GitLab's API over real HTTP, with faults.

A fault is asked before each request. It may answer in the host's place, or say `lost`: then the
host does what it is told, and its answer gets lost.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec
from tests.world.host.fake_host import Sent, told
from tests.world.host.serving import serving

Fault = Callable[[int, str, str], "Sent | Literal['lost'] | None"]
BASE = {"github": "/api/v3", "gitlab": "/api/v4"}
PATH = {"github": "/repos/acme/shop", "gitlab": "/projects/7"}


class Said(msgspec.Struct):
    """A comment."""

    body: str
    author: str


class Kept(msgspec.Struct):
    """An issue as the host keeps it."""

    number: int
    title: str
    body: str
    author: str
    labels: list[str] = []
    open: bool = True
    pull: bool = False
    comments: list[Said] = []


class FakeIssues:
    """One repository's issues, in pages of two; `own` is whose the token is, None refuses to say.

    `may_label` says whether labels given with a new issue are taken.
    """

    def __init__(self, kind: Literal["github", "gitlab"]) -> None:
        self.kind = kind
        self.own: str | None = "robot"
        self.may_label = True
        self.project: dict[str, Any] = {"full_name": "acme/shop", "visibility": "private"}
        if kind == "gitlab":
            self.project = {"id": 7, "path_with_namespace": "acme/shop", "visibility": "private"}
        self.issues: list[Kept] = []
        self.fault: Fault = lambda number, method, path: None
        self.log: list[tuple[str, str, dict[str, str], Any]] = []
        self.origin = ""

    @property
    def writes(self) -> list[tuple[str, str]]:
        """What was written, as method and path."""
        return [(method, path) for method, path, _, _ in self.log if method != "GET"]

    def put(self, title: str, body: str, author: str, *labels: str, open: bool = True) -> Kept:
        """Keep an issue that somebody wrote."""
        number = len(self.issues) + 1
        kept = Kept(number, title, body, author, list(labels), open)
        self.issues.append(kept)
        return kept

    def answer(self, method: str, target: str, headers: dict[str, str], content: Any) -> Sent:
        """Return the reply to a request."""
        parts = urlsplit(target)
        path = parts.path.removeprefix(BASE[self.kind])
        fault = self.fault(len(self.log), method, path)
        self.log.append((method, path, headers, content))
        if isinstance(fault, Sent):
            return fault
        sent = self._found(method, path, dict(parse_qsl(parts.query)), content)
        return told({"message": "Bad Gateway"}, 502) if fault == "lost" else sent

    def _found(self, method: str, path: str, query: dict[str, str], content: Any) -> Sent:
        if path == "/user":
            name = "login" if self.kind == "github" else "username"
            return told({name: self.own}) if self.own else told({"message": "no"}, 403)
        if path in ("/repos/acme/shop", "/projects/acme%2Fshop"):
            return told(self.project)
        below = path.removeprefix(f"{PATH[self.kind]}/issues")
        if below == path:
            return told({"message": "Not Found"}, 404)
        if not below:
            return self._all(query) if method == "GET" else self._made(content)
        number, _, part = below.strip("/").partition("/")
        kept = self.issues[int(number) - 1]
        if part in ("comments", "notes"):
            return self._comments(kept, method, content, query)
        if part == "labels":
            kept.labels += content["labels"]
            return told([])
        return told(self.told(kept)) if method == "GET" else self._changed(kept, content)

    def _all(self, query: dict[str, str]) -> Sent:
        author = query.get("creator") or query.get("author_username")
        found = [
            issue
            for issue in self.issues
            if ("labels" not in query or query["labels"] in issue.labels)
            and (author is None or issue.author == author)
        ]
        assert query["state"] == "all"
        return self._page([self.told(issue) for issue in found], "issues", query)

    def _page(self, items: list[Any], below: str, query: dict[str, str]) -> Sent:
        number = int(query.get("page", "1"))
        more = number * 2 < len(items)
        headers: dict[str, str] = {}
        if more and self.kind == "gitlab":
            headers["X-Next-Page"] = str(number + 1)
        elif more:
            following = urlencode({**query, "page": number + 1})
            url = f"{self.origin}{BASE[self.kind]}{PATH[self.kind]}/{below}?{following}"
            headers["Link"] = f'<{url}>; rel="next"'
        sent = told(items[number * 2 - 2 : number * 2])
        return msgspec.structs.replace(sent, headers={**sent.headers, **headers})

    def _made(self, content: dict[str, Any]) -> Sent:
        assert self.own or self.kind == "github"
        labels = content["labels"]
        labels = labels if isinstance(labels, list) else labels.split(",")
        body = str(content.get("body", content.get("description")))
        author = self.own or "github-actions[bot]"
        made = self.put(content["title"], body, author, *(labels if self.may_label else []))
        return told(self.told(made), 201)

    def _comments(self, kept: Kept, method: str, content: Any, query: dict[str, str]) -> Sent:
        if method == "POST":
            kept.comments.append(Said(content["body"], self.own or "github-actions[bot]"))
            return told({"id": 1}, 201)
        if self.kind == "github":
            listed = [{"body": c.body, "user": {"login": c.author}} for c in kept.comments]
            return self._page(listed, f"issues/{kept.number}/comments", query)
        notes = [{"body": c.body, "author": {"username": c.author}} for c in kept.comments]
        return self._page([{"system": True, "body": "x"}, *notes], "", query)

    def _changed(self, kept: Kept, content: dict[str, Any]) -> Sent:
        known = {"body", "description", "state", "state_reason", "state_event", "add_labels"}
        assert not content.keys() - known, content
        kept.body = content.get("body", content.get("description", kept.body))
        state = content.get("state") or content.get("state_event")
        if state:
            kept.open = state in ("open", "reopen")
        if "add_labels" in content:
            kept.labels.append(content["add_labels"])
        return told(self.told(kept))

    def told(self, kept: Kept) -> dict[str, Any]:
        """Return an issue as the host tells it."""
        if self.kind == "github":
            pull = {"pull_request": {"url": "x"}} if kept.pull else {}
            return {
                "number": kept.number,
                "title": kept.title,
                "body": kept.body or None,
                "state": "open" if kept.open else "closed",
                "labels": [{"name": name} for name in kept.labels],
                "user": {"login": kept.author},
                **pull,
            }
        return {
            "iid": kept.number,
            "title": kept.title,
            "description": kept.body or None,
            "state": "opened" if kept.open else "closed",
            "labels": kept.labels,
            "author": {"username": kept.author},
        }


@contextmanager
def serving_issues(host: FakeIssues) -> Iterator[str]:
    """Serve a host on this machine and give the base address of its API."""

    with serving(host) as origin:
        yield f"{origin}{BASE[host.kind]}"
