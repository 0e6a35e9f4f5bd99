"""Two approve and one edits at once, each a real command, on one store of either kind."""

import json
from pathlib import Path

import pytest
from tests.cli.made_shop import GATES
from tests.end_to_end.change_rig import Firm, firm
from tests.store.records.conftest import postgres_url

pytestmark = pytest.mark.heavy

__all__ = ["postgres_url"]
ROUNDS = 2
QUORUM = """\
  - {id: approvals, condition: approvals-are-given, domain: security, applies: {risk: [high]},
     firm: true, with: {quorum: 2}, source: Two of us read what customers get.}
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Firm:
    """Return a firm where two must approve, with records in a file or in PostgreSQL."""
    url = ""
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    return firm(tmp_path, gates=GATES + QUORUM, records=url)


def test_two_approvers_and_an_editor_in_three_processes(shop: Firm) -> None:
    """Approved is only what both approved as it was; whoever comes late is told so."""
    for number in range(ROUNDS):
        shop.git("checkout", "-q", "-B", f"work{number}", "main")
        shop.commit({"CLAUDE.md": f"Be brief {number}.\n"})
        new = ("change", "new", "--from-diff", "main..HEAD")
        change = str(shop.told(*new)["change"]["id"])
        shop.lint(change)
        shop.told("change", "submit", change)
        digest = shop.told("change", "show", change)["asked"]["digest"]
        shop.commit({"CLAUDE.md": f"Be very brief {number}.\n"})
        approve = ("change", "approve", change, "--digest", digest[:12], "--json", "--ssh-key")
        running = [
            shop.begin(*approve, str(shop.key("grace"))),
            shop.begin(*approve, str(shop.key("eve"))),
            shop.begin("change", "edit", change, "--from-diff", "main..HEAD", "--json"),
        ]
        ended = [(*each.communicate(timeout=120), each.returncode) for each in running]
        for out, err, status in ended[:2]:
            # 1: the desk found another content; 2: the command saw it before it signed.
            assert status in (0, 1, 2), err
            assert (status == 1) == bool(out and json.loads(out)["refusal"]), out
        assert ended[2][2] == 0, ended[2][1]
        _look_at(shop, change, digest, sum(status == 0 for _, _, status in ended[:2]))
    shop.run("ledger", "verify")


def _look_at(shop: Firm, change: str, digest: str, approved: int) -> None:
    """From what is shown: no answer is of the new content, none got lost, none starts it."""
    shown = shop.told("change", "show", change)
    known = shown["change"]
    assert known["state"] == "draft", "an edit makes it a draft, whoever came first"
    assert known["digest"] != digest
    assert {each["digest"] for each in known["answers"]} <= {digest}
    assert len(known["answers"]) == approved
    types = [each["type"] for each in shown["timeline"]]
    assert types.count("change.approved") <= approved // 2, "by both or not at all"
    shop.run("change", "start", change, status=1)
    checked = shop.told("gate", "check", change, status=1)
    assert checked["allowed"] is False
    assert all(each["state"] != "counts" for each in checked["decision"]["answers"])
