"""A code host that keeps comments under one change, for tests: GitHub's and GitLab's API, with
faults, over real HTTP.

A fault is asked before each request. It may answer in the host's place, or say `lost`: then the
host does what it is told, and its answer gets lost.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec
from tests.world.host.fake_host import Sent, told
from tests.world.host.serving import serving

Fault = Callable[[int, str, str], "Sent | Literal['lost'] | None"]
BASE = {"github": "/api/v3", "gitlab": "/api/v4"}
PATH = {
    "github": "/repos/acme/shop/issues/7/comments",
    "gitlab": "/projects/acme%2Fshop/merge_requests/7/notes",
}
ONE = {"github": "/repos/acme/shop/issues/comments/", "gitlab": f"{PATH['gitlab']}/"}


class Kept(msgspec.Struct):
    """A comment as the host keeps it."""

    id: int
    body: str
    author: str


class FakeComments:
    """The comments under change 7 of acme/shop, in pages of two.

    `own` is whose the token is; with `tells` False the host does not say so, as GitHub does not to
    a workflow's own token. `before` runs before a request of a method is answered.
    """

    def __init__(self, kind: Literal["github", "gitlab"]) -> None:
        self.kind = kind
        self.own = "robot"
        self.tells = True
        self.comments: list[Kept] = []
        self.fault: Fault = lambda number, method, path: None
        self.log: list[tuple[str, str, dict[str, str]]] = []
        self.origin = ""
        self._number = 100
        self._lock = threading.RLock()

    @property
    def writes(self) -> list[str]:
        """The methods of what was written."""
        return [method for method, _, _ in self.log if method != "GET"]

    def put(self, body: str, author: str) -> Kept:
        """Keep a comment that somebody wrote."""
        self._number += 1
        kept = Kept(self._number, body, author)
        self.comments.append(kept)
        return kept

    def answer(self, method: str, target: str, headers: dict[str, str], content: Any) -> Sent:
        """Return the reply to a request."""
        parts = urlsplit(target)
        path = parts.path.removeprefix(BASE[self.kind])
        with self._lock:
            number = len(self.log)
            self.log.append((method, path, headers))
            fault = self.fault(number, method, path)
            if isinstance(fault, Sent):
                return fault
            sent = self._found(method, path, dict(parse_qsl(parts.query)), content)
        return told({"message": "Bad Gateway"}, 502) if fault == "lost" else sent

    def _found(self, method: str, path: str, query: dict[str, str], content: Any) -> Sent:
        if path == "/user":
            name = "login" if self.kind == "github" else "username"
            refused = told({"message": "Resource not accessible by integration"}, 403)
            return told({name: self.own}) if self.tells else refused
        if path == PATH[self.kind]:
            if method == "GET":
                return self._page(query)
            return told(self._told(self.put(content["body"], self.own)), 201)
        number = path.removeprefix(ONE[self.kind])
        kept = next((each for each in self.comments if str(each.id) == number), None)
        if kept is None:
            return told({"message": "Not Found"}, 404)
        if method == "DELETE":
            self.comments.remove(kept)
            return Sent(204, {}, b"")
        assert method == {"github": "PATCH", "gitlab": "PUT"}[self.kind]
        kept.body = content["body"]
        return told(self._told(kept))

    def _page(self, query: dict[str, str]) -> Sent:
        number = int(query.get("page", "1"))
        items: list[Any] = [self._told(each) for each in self.comments]
        if self.kind == "gitlab":
            items.insert(0, {"id": 1, "system": True, "body": "x", "author": {"username": "robot"}})
        headers: dict[str, str] = {}
        if number * 2 < len(items) and self.kind == "gitlab":
            headers["X-Next-Page"] = str(number + 1)
        elif number * 2 < len(items):
            following = urlencode({**query, "page": number + 1})
            url = f"{self.origin}{BASE[self.kind]}{PATH[self.kind]}?{following}"
            headers["Link"] = f'<{url}>; rel="next"'
        sent = told(items[number * 2 - 2 : number * 2])
        return msgspec.structs.replace(sent, headers={**sent.headers, **headers})

    def _told(self, kept: Kept) -> dict[str, Any]:
        if self.kind == "github":
            return {"id": kept.id, "body": kept.body, "user": {"login": kept.author}}
        return {"id": kept.id, "body": kept.body, "author": {"username": kept.author}}


@contextmanager
def serving_comments(host: FakeComments) -> Iterator[str]:
    """Serve a host on this machine and give the base address of its API."""

    with serving(host) as origin:
        yield f"{origin}{BASE[host.kind]}"
