"""A code host's API for tests: answers by method and path, in pages of two, with faults.

An answer is a value that is told as JSON, a reply as it is, or a function of what was sent. A fault
is asked before each request; it may answer in the host's place, or say `lost`: then the host does
what it is told, and its answer gets lost.
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


class FakeApi:
    """Answers from `answers`, keyed `GET /path`; `keys` name the list within an object's page."""

    def __init__(self, kind: Literal["github", "gitlab"]) -> None:
        self.kind = kind
        self.answers: dict[str, Any] = {}
        self.keys: dict[str, str] = {}
        self.fault: Fault = lambda number, method, path: None
        self.log: list[tuple[str, str, dict[str, str], Any]] = []
        self.origin = ""
        self._lock = threading.RLock()

    def sent(self, method: str) -> list[tuple[str, Any]]:
        """Return the paths and bodies of what was sent with a method."""
        return [(path, content) for how, path, _, content in self.log if how == method]

    def answer(self, method: str, target: str, headers: dict[str, str], content: Any) -> Sent:
        """Return the reply to a request."""
        parts = urlsplit(target)
        path = parts.path.removeprefix(BASE[self.kind])
        with self._lock:
            number = len(self.log)
            self.log.append((method, path, headers, content))
            fault = self.fault(number, method, path)
            if isinstance(fault, Sent):
                return fault
            sent = self._found(method, path, dict(parse_qsl(parts.query)), content)
        return told({"message": "Bad Gateway"}, 502) if fault == "lost" else sent

    def _found(self, method: str, path: str, query: dict[str, str], content: Any) -> Sent:
        found = self.answers.get(f"{method} {path}")
        if callable(found):
            found = found(content)
        if isinstance(found, Sent):
            return found
        if found is None:
            return told({"message": "Not Found"}, 404)
        return self._page(path, query, found) if isinstance(found, list) else told(found)

    def _page(self, path: str, query: dict[str, str], items: list[Any]) -> Sent:
        number = int(query.get("page", "1"))
        headers: dict[str, str] = {}
        if number * 2 < len(items) and self.kind == "gitlab":
            headers["X-Next-Page"] = str(number + 1)
        elif number * 2 < len(items):
            following = urlencode({**query, "page": number + 1})
            url = f"{self.origin}{BASE[self.kind]}{path}?{following}"
            headers["Link"] = f'<{url}>; rel="next"'
        page: Any = items[number * 2 - 2 : number * 2]
        if path in self.keys:
            page = {"total_count": len(items), self.keys[path]: page}
        sent = told(page)
        return msgspec.structs.replace(sent, headers={**sent.headers, **headers})


@contextmanager
def serving_api(host: FakeApi) -> Iterator[str]:
    """Serve a host on this machine and give the base address of its API."""
    with serving(host) as origin:
        yield f"{origin}{BASE[host.kind]}"
