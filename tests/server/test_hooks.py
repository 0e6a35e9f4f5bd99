"""What machines send in over HTTP: heard without a token of ours, and only with their own proof."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from tests.changes.made_changes import evidence, manifest
from tests.server.conftest import Ask, Client

from pawl.base.errors import CannotTell
from pawl.changes.change import Refusal
from pawl.changes.evidence import Evidence
from pawl.server.site import Settings
from pawl.services.deployment_rules import MAX_BODY, Delivery, is_signed, unsigned
from pawl.services.hooks import Hooks
from pawl.services.identity import Answered

SECRET = "a secret of the webhook"
LOCKED = Settings(token="a-token-of-the-server")


class FakeHooks(Hooks):
    """Hears deliveries by their signature, remembers ids, and takes evidence of one token."""

    def __init__(self, *, configured: bool = True) -> None:
        self.heard: dict[str, bytes] = {}
        self.taken: list[tuple[str, bytes]] = []
        found: Any = object() if configured else None
        super().__init__(remembering=Nothing(), now=lambda: "", github=found)

    def delivered(self, delivery: Delivery) -> Answered | None:
        """Answer a delivery."""
        if not is_signed(delivery, SECRET):
            raise unsigned()
        if self.heard.setdefault(delivery.id, delivery.body) != delivery.body:
            return None
        return Answered(status=200, body=b'{"state":"approved"}')

    def evidence(self, id: str, token: str, statement: bytes) -> Evidence | Refusal:
        """Take evidence with the one token that counts."""
        if token == "down":
            raise CannotTell("the keys cannot be had")
        if token != "good":
            return Refusal(code="bad-token", reasons=("No.",), hint="Ask anew.")
        if statement == b"stale":
            return Refusal(code="stale", reasons=("It is about something else.",))
        self.taken.append((id, statement))
        return evidence(manifest(), "lint")


class Nothing:
    """Remembers nothing."""

    def once(self, principal: str, key: str, request: bytes, do: Any) -> Answered | None:
        """Do it."""
        raise AssertionError


def served(site: Ask, hooks: Hooks | None) -> Client:
    """Return a client of a server that is locked, with hooks."""
    client = site(settings=LOCKED)
    client.serving.hooks = hooks
    return client


def deliver(client: Client, body: bytes, id: str = "d-1", secret: str = SECRET) -> Any:
    """Send a delivery as GitHub does."""
    seal = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "X-GitHub-Delivery": id,
        "X-GitHub-Event": "deployment_protection_rule",
        "X-Hub-Signature-256": f"sha256={seal}",
        "Content-Type": "application/json",
    }
    return client.post("/api/hooks/github", content=body, headers=headers)


def test_a_signed_delivery_needs_no_token_of_ours(site: Ask) -> None:
    """A delivery counts by its signature over the raw bytes, whatever their spacing."""
    client = served(site, FakeHooks())
    answer = deliver(client, b'{ "a" : 1 }')
    assert (answer.status_code, answer.json()) == (200, {"state": "approved"})
    assert deliver(client, b'{ "a" : 1 }').status_code == 200
    again = deliver(client, b'{"a": 1}')
    assert again.status_code == 409
    assert again.json()["error"]["code"] == "conflict"


def test_who_cannot_prove_themselves_is_refused(site: Ask) -> None:
    """Another secret is refused, too much is not read, and without a webhook there is none."""
    client = served(site, FakeHooks())
    assert deliver(client, b"{}", secret="another secret").status_code == 403
    assert client.post("/api/hooks/github", content=b"{}").status_code == 403
    assert deliver(client, b"x" * (MAX_BODY + 1)).status_code == 413
    assert deliver(served(site, FakeHooks(configured=False)), b"{}").status_code == 404
    assert deliver(served(site, None), b"{}").status_code == 404


@pytest.mark.parametrize(
    ("header", "body", "status"),
    [
        ("Bearer good", b"{}", 200),
        ("bearer good", b"{}", 200),
        ("Bearer bad", b"{}", 401),
        ("Bearer a-token-of-the-server", b"{}", 401),
        ("Basic good", b"{}", 401),
        ("", b"{}", 401),
        ("Bearer " + "x" * 20_000, b"{}", 401),
        ("Bearer good", b"stale", 422),
        ("Bearer down", b"{}", 503),
    ],
)
def test_a_job_hands_over_evidence_with_its_own_token(
    site: Ask, header: str, body: bytes, status: int
) -> None:
    """A job's token opens this address and no other; the server's own token does not."""
    hooks = FakeHooks()
    client = served(site, hooks)
    headers = {"Authorization": header} if header else {}
    answer = client.post("/api/hooks/ci-evidence/chg-1", content=body, headers=headers)
    assert answer.status_code == status
    assert hooks.taken == ([("chg-1", b"{}")] if status == 200 else [])
    if status != 200:
        assert json.loads(answer.content)["error"]["message"]
    assert client.get("/api/runs", headers={"Authorization": "Bearer good"}).status_code == 401
