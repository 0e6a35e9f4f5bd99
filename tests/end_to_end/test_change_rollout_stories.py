"""Rollouts through the real `pawl change tick` and a program that serves: errors never pass, and
what is moved by hand comes to light."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from tests.end_to_end.change_rig import Firm, firm

from pawl.app import now
from pawl.app.changing import desk_of
from pawl.changes.change import Refusal
from pawl.changes.manifest import parts_digest
from pawl.changes.rollout import StageVerdict
from pawl.changes.verdict import Verdict
from pawl.services.change_terms import PAWL_ITSELF

pytestmark = pytest.mark.heavy

CLOSED = "clickhouse://nobody:none@127.0.0.1:9/pawl"


def started(shop: Firm) -> str:
    """Start a change of the prompt that a program brings out, with one stage for all."""
    shop.git("checkout", "-q", "-B", "work", "main")
    shop.commit({"CLAUDE.md": "Be brief.\n"})
    new = ("change", "new", "--from-diff", "main..HEAD", "--stage", "all=1", "--back-by", "command")
    change = str(shop.told(*new)["change"]["id"])
    shop.lint(change)
    shop.told("change", "submit", change)
    assert shop.approve(change, "grace")["change"]["state"] == "approved"
    assert shop.told("change", "start", change)["change"]["state"] == "rolling-out"
    return change


def ticked(shop: Firm, *statuses: int) -> Any:
    """Tick once, which must end with one of some statuses, and return what it tells."""
    process = shop.begin("change", "tick", "--json")
    out, err = process.communicate(timeout=120)
    assert process.returncode in statuses, f"{process.returncode}\n{out}\n{err}"
    return json.loads(out) if out else {"err": err}


def measured(shop: Firm, change: str) -> None:
    """Say what telemetry would say of a stage that went well."""
    desk = desk_of(shop.data, shop.place)
    try:
        found = desk.get(change)
        said = StageVerdict(
            id="v1", stage=0, digest=found.digest, verdict=Verdict.PASS, at=now(), events=100
        )
        told = desk.finish(change, (said,), parts_digest(found.manifest.parts), PAWL_ITSELF)
        assert not isinstance(told, Refusal), told
    finally:
        desk.close()


def test_what_cannot_be_measured_never_goes_on(tmp_path: Path) -> None:
    """Nothing was served, or telemetry is not to be had: it stays where it is, and tells why."""
    shop = firm(tmp_path)
    served = shop.serve()
    change = started(shop)
    told = ticked(shop, 0, 1)
    assert json.loads(served.read_text())["prompt/CLAUDE.md"]["text"] == "Be brief.\n"
    for _ in range(2):
        told = ticked(shop, 0, 1)
        assert shop.told("change", "show", change)["change"]["state"] == "rolling-out"
    assert {each["what"] for each in told["did"] if each["change"] == change} <= {"hold", "ask"}
    shop.more["PAWL_EVENTS_URL"] = CLOSED
    ticked(shop, 3)
    del shop.more["PAWL_EVENTS_URL"]
    shop.run("change", "finish", change, status=1)
    assert shop.told("change", "show", change)["change"]["state"] == "rolling-out"


def test_what_is_moved_outside_comes_to_light(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is on record as unmanaged, as a release that lacks its approval, and as a bypass."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("PAWL_RECORDS_URL", "PAWL_SERVER", "PAWL_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    shop = firm(tmp_path)
    served = shop.serve()
    change = started(shop)
    ticked(shop, 0, 1)
    measured(shop, change)
    assert shop.told("change", "show", change)["change"]["state"] == "live"
    before = shop.told("change", "figures")
    assert before["gate_coverage"]["value"] == 1.0

    moved = {"prompt/CLAUDE.md": {"type": "prompt", "text": "Be rude.\n"}}
    new = served.with_suffix(".new")
    new.write_text(json.dumps(moved))
    os.replace(new, served)
    for _ in range(2):
        ticked(shop, 0, 1)
    listed = shop.told("change", "list", "--state", "unmanaged")["changes"]
    assert len(listed) == 1, "on record once"
    found = listed[0]["id"]
    live = shop.told("change", "show", "--live", "prompt/CLAUDE.md", status=0)
    assert (live["live"]["change"], live["live"]["managed"]) == (found, False)
    checked = shop.gates(found, status=1)
    assert checked["approvals"] == "BYPASSED"
    after = shop.told("change", "figures")
    assert (after["releases"], after["unmanaged"]) == (2, 1)
    assert after["gate_coverage"]["value"] == 0.5
    missing = after["missing_approvals"]
    assert (missing["numerator"], missing["denominator"]) == (1, 2)
    key = ("--ssh-key", str(shop.key("grace")))
    digest = shop.told("change", "show", found)["asked"]["digest"][:12]
    shop.run("change", "approve", found, "--digest", digest, *key, status=1)

    assert shop.told("change", "rollback", found, "--reason", "Nobody approved it.")
    for _ in range(2):
        told = ticked(shop, 0, 1)
    assert json.loads(served.read_text())["prompt/CLAUDE.md"]["text"] == "Be brief.\n", told
    assert shop.told("change", "show", found)["change"]["state"] == "rolled-back"
