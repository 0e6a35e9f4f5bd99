"""A code host for tests: speaks GitHub's and GitLab's API, with pages, ETags, limits and faults.

It answers over HTTP (`serving`) or straight (`reply`); both go through the same code.
"""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

NOW = "2026-11-21T00:00:00.000000Z"
LATER = "2026-11-22T00:00:00.000000Z"
SINCE = "2026-08-23T00:00:00.000000Z"
ADA = {"login": "ada", "type": "User", "avatar_url": "https://example.org/ada"}
BOB = {"login": "bob", "type": "User"}
BOT = {"login": "helper[bot]", "type": "Bot"}


class Sent(msgspec.Struct):
    """What the host sends."""

    status: int
    headers: dict[str, str]
    body: bytes
    length: int | None = None


Fault = Callable[[int, str], Sent | None]


def told(value: Any, status: int = 200, **headers: str) -> Sent:
    """Return a reply with JSON in it."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    body = json.dumps(value).encode()
    return Sent(status, {"Content-Type": "application/json", **named}, body)


def limited(status: int = 429, **headers: str) -> Sent:
    """Return the reply of a host that wants to be left alone."""
    return told({"message": "API rate limit exceeded"}, status, **headers)


class FakeHost:
    """Answers from `answers` (path → list, object, or Sent); lists come in pages of `page`."""

    def __init__(self, answers: dict[str, Any], *, base: str, paged_by: str, page: int = 2) -> None:
        self.answers = answers
        self.base = base
        self.paged_by = paged_by
        self.page = page
        self.keys: dict[str, str] = {}
        self.fault: Fault = lambda number, path: None
        self.log: list[tuple[str, dict[str, str], int]] = []
        self.origin = "https://host.example"

    @property
    def paths(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [path for path, _, _ in self.log]

    def get(self, target: str, headers: dict[str, str]) -> Sent:
        """Return the reply to a request."""
        parts = urlsplit(target)
        path = parts.path.removeprefix(self.base)
        sent = self.fault(len(self.log), path) or self._found(path, parts.query)
        etag = headers.get("if-none-match")
        if sent.status == 200 and etag and etag == sent.headers.get("ETag"):
            sent = Sent(304, {"ETag": etag}, b"")
        self.log.append((path, headers, sent.status))
        return sent

    def _found(self, path: str, query: str) -> Sent:
        found = self.answers.get(path)
        if found is None:
            return told({"message": "Not Found", "status": "404"}, 404)
        if isinstance(found, Sent):
            return found
        key = self.keys.get(path, "")
        headers = {}
        if isinstance(found, list):
            asked = dict(parse_qsl(query))
            number = int(asked.get("page", "1"))
            start = (number - 1) * self.page
            if start + self.page < len(found):
                if self.paged_by == "link":
                    following = urlencode({**asked, "page": number + 1})
                    url = f"{self.origin}{self.base}{path}?{following}"
                    headers["Link"] = f'<https://x.example/1>; rel="prev", <{url}>; rel="next"'
                else:
                    headers["X-Next-Page"] = str(number + 1)
            found = found[start : start + self.page]
            found = {"total_count": 9, key: found} if key else found
        sent = told(found)
        headers["ETag"] = '"' + hashlib.sha256(sent.body).hexdigest()[:12] + '"'
        return msgspec.structs.replace(sent, headers={**sent.headers, **headers})


@contextmanager
def serving(host: FakeHost) -> Iterator[str]:
    """Serve a host on this machine and give the base address of its API."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {name.lower(): text for name, text in self.headers.items()}
            sent = host.get(self.path, headers)
            self.send_response(sent.status)
            for name, text in sent.headers.items():
                self.send_header(name, text)
            length = len(sent.body) if sent.length is None else sent.length
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(sent.body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    host.origin = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield f"{host.origin}{host.base}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def sha(number: int) -> str:
    """Return a commit's id."""
    return f"{number:040x}"


def github(pulls: int = 5) -> FakeHost:
    """Return a GitHub with one repository, its newest pull request first."""
    path = "/repos/acme/shop"
    answers: dict[str, Any] = {
        path: {
            "full_name": "acme/shop",
            "default_branch": "main",
            "updated_at": "2026-11-20T00:00:00Z",
            "owner": {"login": "acme", "type": "Organization"},
            "permissions": {"admin": True},
        },
        f"{path}/branches/main": {
            "name": "main",
            "protected": True,
            "protection": {"enabled": True},
        },
        f"{path}/branches/main/protection": {
            "url": "https://example.org",
            "required_pull_request_reviews": {"required_approving_review_count": 1},
            "enforce_admins": {"enabled": True},
            "allow_force_pushes": {"enabled": False},
        },
        f"{path}/rules/branches/main": [
            {
                "type": "required_status_checks",
                "ruleset_id": 8,
                "parameters": {"required_status_checks": [{"context": "test"}]},
            },
        ],
        f"{path}/rulesets/8": {"id": 8, "enforcement": "active", "bypass_actors": [{"a": 1}]},
        f"{path}/rulesets/rule-suites": [{"id": 1, "after_sha": sha(203), "result": "bypass"}],
        f"{path}/activity": [
            {
                "activity_type": "push",
                "after": sha(900),
                "ref": "refs/heads/main",
                "timestamp": "2026-11-02T00:00:00Z",
            },
            {
                "activity_type": "push",
                "after": sha(901),
                "ref": "refs/heads/main",
                "timestamp": "2026-08-01T00:00:00Z",
            },
        ],
        f"{path}/releases": [
            {"tag_name": f"v{n}", "published_at": f"2026-1{n % 2}-03T00:00:00Z", "assets": []}
            for n in range(3)
        ],
        f"{path}/teams": [{"slug": "core"}, {"slug": "../../etc"}],
        "/orgs/acme/teams/core/members": [ADA, BOB],
        f"{path}/commits": [
            {"sha": sha(201 + n), "commit": {"message": "m", "tree": {"sha": sha(301 + n)}}}
            for n in range(pulls)
        ],
        f"{path}/actions/runs": [
            {
                "id": 50 + n,
                "name": "CI",
                "event": "push",
                "status": "completed",
                "conclusion": "success",
                "created_at": f"2026-11-{20 - n:02}T00:00:00Z",
            }
            for n in range(5)
        ]
        + [{"id": 1, "created_at": "2026-08-01T00:00:00Z"}],
    }
    listed = []
    for number in range(pulls, 0, -1):
        pull = _pull(number)
        listed.append(pull)
        _details(answers, path, number, pull)
    # One that was merged before the window and talked about since, and one long left alone.
    listed.append(_pull(90, merged="2026-08-20T00:00:00Z", updated="2026-10-01T00:00:00Z"))
    listed.append(_pull(91, merged="2026-08-01T00:00:00Z", updated="2026-08-02T00:00:00Z"))
    answers[f"{path}/pulls"] = listed
    host = FakeHost(answers, base="/api/v3", paged_by="link")
    host.keys = {f"{path}/actions/runs": "workflow_runs"}
    for number in range(1, pulls + 1):
        host.keys[f"{path}/commits/{sha(100 + number)}/check-runs"] = "check_runs"
        host.keys[f"{path}/commits/{sha(100 + number)}/status"] = "statuses"
    return host


def _pull(number: int, merged: str = "", updated: str = "") -> dict[str, Any]:
    merged = merged or f"2026-11-{number:02}T10:00:00Z"
    return {
        "number": number,
        "title": "not kept",
        "user": ADA,
        "created_at": "2026-10-30T10:00:00Z",
        "updated_at": updated or f"2026-11-{number:02}T11:00:00Z",
        "merged_at": merged,
        "closed_at": merged,
        "head": {"sha": sha(100 + number), "ref": "side"},
        "base": {"ref": "main"},
        "merge_commit_sha": sha(200 + number),
        "labels": [{"name": "fix", "color": "red"}],
    }


def _details(answers: dict[str, Any], path: str, number: int, pull: dict[str, Any]) -> None:
    below = f"{path}/pulls/{number}"
    answers[below] = pull | {"additions": 3, "deletions": 1, "merged_by": ADA, "comments": 1}
    answers[f"{below}/reviews"] = [
        {
            "id": 1,
            "user": BOB,
            "state": "APPROVED",
            "commit_id": sha(100 + number),
            "submitted_at": f"2026-11-{number:02}T09:00:00Z",
            "body": "looks right",
        }
    ]
    answers[f"{below}/files"] = [
        {"filename": f"{name}.py", "additions": 1, "deletions": 0, "patch": "+SECRET"}
        for name in "abc"
    ]
    answers[f"{below}/commits"] = [
        {"sha": sha(100 + number), "commit": {"message": "x", "tree": {"sha": sha(300 + number)}}}
    ]
    answers[f"{below}/comments"] = [
        {
            "user": BOT,
            "created_at": f"2026-11-{number:02}T08:00:00Z",
            "path": "a.py",
            "original_position": 4,
            "body": "is this safe?",
        }
    ]
    head = f"{path}/commits/{sha(100 + number)}"
    answers[f"{head}/check-runs"] = [
        {"name": "test", "head_sha": sha(100 + number), "conclusion": "success"}
    ]
    answers[f"{head}/status"] = [
        {"context": "ci/outside", "state": "error", "updated_at": f"2026-11-{number:02}T08:30:00Z"}
    ]


def gitlab(requests: int = 5) -> FakeHost:
    """Return a GitLab with one project."""
    path = "/projects/7"
    people = {"username": "ada", "name": "not kept"}
    answers: dict[str, Any] = {
        "/projects/acme%2Fshop": {
            "id": 7,
            "path_with_namespace": "acme/shop",
            "default_branch": "main",
            "only_allow_merge_if_pipeline_succeeds": True,
        },
        f"{path}/protected_branches": [
            {"name": "main", "push_access_levels": [{"access_level": 0, "x": 1}]}
        ],
        f"{path}/approval_rules": [{"approvals_required": 1}],
        f"{path}/push_rule": {"member_check": True},
        f"{path}/pipelines": [
            {
                "id": 60 + n,
                "status": "success",
                "ref": "main",
                "created_at": f"2026-11-{20 - n:02}T00:00:00Z",
            }
            for n in range(5)
        ],
        f"{path}/releases": [
            {"tag_name": "v1", "released_at": "2026-11-03T00:00:00Z", "commit": {"id": sha(1)}}
        ],
        f"{path}/groups": [{"id": 3, "full_path": "acme"}, {"id": 4, "full_path": "acme/core"}],
        "/groups/3/members": [people],
        "/groups/4/members": [people, {"username": "bob"}],
    }
    listed = []
    for number in range(requests, 0, -1):
        day = f"2026-11-{number:02}"
        listed.append(
            {
                "iid": number,
                "author": people,
                "created_at": f"{day}T08:00:00Z",
                "updated_at": f"{day}T11:00:00Z",
                "merged_at": f"{day}T10:00:00Z",
                "target_branch": "main",
                "sha": sha(100 + number),
                "merge_commit_sha": sha(200 + number),
                "merged_by": people,
                "labels": ["fix"],
            }
        )
        below = f"{path}/merge_requests/{number}"
        answers[f"{below}/approvals"] = {
            "approved_by": [{"user": {"username": "bob"}, "approved_at": f"{day}T09:00:00Z"}]
        }
        answers[f"{below}/discussions"] = [
            {
                "notes": [
                    {
                        "author": {"username": "group_1_bot_f00d"},
                        "created_at": f"{day}T08:30:00Z",
                        "body": "is this safe?",
                        "position": {"new_path": "a.py", "new_line": 2},
                    }
                ]
            }
        ]
        answers[f"{below}/diffs"] = [
            {"new_path": f"{name}.py", "diff": "@@ -1 +1 @@\n-old SECRET\n+new\n+++i\n"}
            for name in "abc"
        ]
        answers[f"{below}/commits"] = [
            {"id": sha(100 + number), "message": "x\n\nCo-authored-by: C <c@x.org>"}
        ]
        answers[f"{below}/pipelines"] = [{"id": number, "status": "success"}]
    answers[f"{path}/merge_requests"] = listed
    return FakeHost(answers, base="/api/v4", paged_by="header")
