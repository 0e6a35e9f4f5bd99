"""The whole loop, with a real agent: it goes wrong, and the same can never go out again."""
import json, os
from pathlib import Path
import pytest
from tests.end_to_end.change_rig import until
from tests.end_to_end.loop_firm import BAD, FIXED, GOOD, LoopFirm, obedient
from tests.end_to_end.rig import AgentHome
from tests.end_to_end.served import Served
from tests.world.notify.receivers import http_receiver

pytestmark = pytest.mark.heavy
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_the_whole_loop(tmp_path: Path, monkeypatch) -> None:
    """x"""
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    with obedient() as model, http_receiver() as hook:
        home = AgentHome(tmp_path / "agent", model.url, {})
        firm = LoopFirm(tmp_path / "firm", home)
        deployed = firm.deploy(hook.url)
        server = Served(tmp_path / "firm")
        with server:
            firm.url = server.url
            try:
                story(firm, deployed, hook, model, server)
            finally:
                (tmp_path / "said").write_text(server.said)


def story(firm, deployed, hook, model, server):
    assert firm.work() == 0, firm.run_told
    print(firm.run_told)
    change = firm.proposed(BAD, "bad")
    assert firm.approve(change, "grace")["change"]["state"] == "approved"
    firm.told("change", "start", change)
    until(lambda: deployed.read_text() == BAD)
    assert firm.work() == 6, firm.run_told
    run = firm.run_told["run_id"]
    until(lambda: firm.told("incident", "list")["incidents"])
    (incident,) = firm.told("incident", "list")["incidents"]
    inc = incident["id"]
    paged = incident["spells"][0] if "spells" in incident else None
    print("LINKS", incident["links"], incident["components"])
    firm.as_("eve")
    print(firm.run("incident", "accept"))
    for who in ("", "eve"):
        firm.as_(who)
        print(firm.run("incident", "investigate", inc))
    firm.as_("eve")
    print(firm.run("change", "rollback", change, "--reason", "It goes in circles."))
    until(lambda: firm.told("change", "show", change)["change"]["state"] == "rolled-back")
    assert deployed.read_text() == GOOD
    assert firm.work() == 0
    print(firm.run("incident", "mitigate", inc))
    print(firm.run("incident", "resolve", inc))
    print(firm.run("incident", "postmortem", inc, "--owner", "grace"))
    firm.as_("")
    print(firm.begin("eval", "new", "--from-run", run, "--owner", "shop", "--id", "one-check",
      "--incident", inc, "--covers", "CLAUDE.md", "--prompt", "Check the shop.").communicate())
