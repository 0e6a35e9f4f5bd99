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
        with monkeypatch.context() as lately:
            for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
                lately.setenv(name, "2026-11-02T09:00:00Z")
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
    assert {"kind": "run", "id": run, "suspected": False} in incident["links"]
    firm.as_("eve")
    firm.run("incident", "accept")
    found = firm.told("incident", "investigate", inc)
    print(json.dumps(found)[:1500])
    firm.run("change", "rollback", change, "--reason", "It goes in circles.")
    until(lambda: firm.told("change", "show", change)["change"]["state"] == "rolled-back")
    assert deployed.read_text() == GOOD
    assert firm.work() == 0
    firm.run("incident", "mitigate", inc)
    firm.run("incident", "resolve", inc)
    firm.as_("")
    firm.git("checkout", "-q", "-B", "lesson", "main")
    print(firm.run("eval", "new", "--from-run", run, "--owner", "shop", "--id", "one-check",
      "--incident", inc, "--covers", "CLAUDE.md", "--prompt", "Check the shop."))
    print(firm.err)
    assert "cannot be read" not in firm.err
    case = firm.place / ".pawl/evals/one-check.yaml"
    drafted = case.read_text()
    whole = drafted.replace("class: behaviour", "class: guard").replace(
        "setup:\n", "setup:\n  workspace: shop\n").replace("assert:\n",
        """trials: {k: 1, confirm: 1, pool: 1}
assert:
- contains: the check fails
  ignore_case: true
""").replace("run:\n", "run:\n  arguments: [--allowedTools, Bash]\n").replace("turns: 6", "turns: 9").replace("usd: 0.0006", "usd: 0.1")
    case.write_text(whole)
    (case.parent / "shop").mkdir()
    (case.parent / "shop/check.sh").write_text("#!/bin/sh\necho '1 failed: test_add'\nexit 1\n")
    (case.parent / "shop/check.sh").chmod(0o755)
    print(whole)
    lesson = firm.place.parent / "learning.json"
    lesson.write_text(json.dumps({
        "incidentId": inc, "rootCause": "nothing tried the prompt before it went out",
        "newEvalCases": [".pawl/evals/one-check.yaml"],
        "gateUpdates": ["{id: evals, condition: evals-hold, domain: quality, applies: {works: [prompt]}, several: newest, source: The incident.}"],
        "owner": "ada"}))
    firm.as_("grace")
    text = firm.run("incident", "postmortem", inc, "--owner", "grace")
    paper = firm.place.parent / "paper.md"
    for head, body in (("## Impact", "Nobody outside was hurt."), ("## Which control failed", "No gate asked for evals."),):
        text = text.replace(f"{head}\n", f"{head}\n\n{body}\n")
    for head, body in (("Class", "prompt"), ("Component", "prompt/CLAUDE.md"), ("Trigger", "change"), ("Missing control", "an eval case")):
        text = text.replace(f"- {head}:", f"- {head}: {body}")
    paper.write_text(text + "\n```json\n" + lesson.read_text() + "\n```\n")
    print(firm.run("incident", "postmortem", inc, "--edit", str(paper), "--ask-review", "--publish"))
    print(firm.err)
    firm.as_("")
    print(firm.run("incident", "learn", inc, "--file", str(lesson), "--branch", "lesson"))
    print(firm.git("status", "--short"))
    print(firm.run("eval", "record", "one-check", "--null"))
    address = firm.told("eval", "record", "one-check", "-n", "1")["trials"][0]["address"]
    firm.run("eval", "record", "one-check", "--oracle", address)
    print(firm.begin("eval", "grade").communicate())
    print(firm.run("eval", "bless", "--reason", "It checks once."))
    print(firm.begin("eval", "grade").communicate())
    firm.commit({})
    print(firm.git("status", "--short"), firm.git("log", "--oneline"))
    actions = firm.told("action", "list", "--incident", inc)["actions"]
    print(json.dumps(actions, indent=0))
    work = {each["work"]: each["id"] for each in actions}
    plan = ("--stage", "all=1", "--executor", "command", "--back-by", "command")
    taught = firm.told("change", "new", "--from-diff", "main..lesson", "--title", "Learn", "--closes", work["gate"], *plan)["change"]["id"]
    firm.lint(taught)
    firm.told("change", "submit", taught)
    firm.approve(taught, "grace")
    firm.told("change", "start", taught)
    firm.git("checkout", "-q", "main"); firm.git("merge", "-q", "lesson")
    print("MERGED")
    again = firm.proposed(BAD, "again")
    print(firm.begin("eval", "run", "--json").communicate()[1])
    ran = firm.begin("eval", "run", "--json"); out, err = ran.communicate(); print("EVAL", ran.returncode, out[:3000], err)
    ev = firm.place.parent / "evals.json"; ev.write_text(out)
    print(firm.begin("change", "evidence", "add", again, str(ev)).communicate())
    print(firm.approve(again, "grace")["change"]["state"])
    print(firm.begin("gate", "check", again).communicate()[0])
    print(firm.begin("change", "start", again).communicate())
    firm.git("clean", "-fdq", ".pawl"); firm.git("checkout", "-q", "--", ".")
    firm.git("checkout", "-q", "main")
    firm.as_("ada")
    firm.told("action", "done", work["gate"], "--note", "It is on main.")
    firm.as_("eve")
    firm.told("action", "verify", work["gate"], "--place", ".pawl/gates.yaml on main", "--digest", "ab" * 32)
    firm.as_("")
    fix = firm.proposed(FIXED, "fix", "--closes", work["eval-case"], "--closes", work["code"])
    ran = firm.begin("eval", "run", "--json"); out, err = ran.communicate(); print("EVAL", ran.returncode, out[:3000], err)
    ev.write_text(out)
    print(firm.begin("change", "evidence", "add", fix, str(ev)).communicate())
    print(firm.approve(fix, "grace")["change"]["state"])
    print(firm.begin("gate", "check", fix).communicate()[0])
    print(firm.begin("change", "start", fix).communicate())
    until(lambda: deployed.read_text() == FIXED)
    firm.work()
    firm.git("clean", "-fdq", ".pawl"); firm.git("checkout", "-q", "--", ".")
    for each in (work["eval-case"], work["code"]):
        firm.as_("ada")
        print(firm.begin("action", "done", each, "--note", "Merged.").communicate())
        firm.as_("eve")
        more = ("--failed-on-bad", "--passed-on-fixed") if each == work["eval-case"] else ()
        print(firm.begin("action", "verify", each, "--place", ".pawl/evals/one-check.yaml", "--digest", "ab"*32, *more).communicate())
    print(firm.begin("incident", "close", inc).communicate())
    firm.as_("")
    print(firm.begin("ledger", "verify", "--replay").communicate())
    print(firm.begin("assess", "--model", "ops").communicate())
