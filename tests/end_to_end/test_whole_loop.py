"""The whole loop with a real agent: a prompt makes it run in circles, and can never do so again.

The alert declares, a human takes command, the investigation names the change, which goes back; the
lesson is a case that fails on the very run and a gate; the same change is held up by both, and the
fix, which finishes what is left to do, is released. Only the model is made up.
"""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.end_to_end.change_rig import until
from tests.end_to_end.loop_firm import BAD, FIXED, GOOD, PROMPT, LoopFirm, obedient
from tests.end_to_end.rig import AgentHome, claude_missing
from tests.end_to_end.served import Served

from pawl.base.times import format_time, parse_time
from pawl.world.confinement import why_not

_MISSING = claude_missing() or why_not()
pytestmark = [
    pytest.mark.agents,
    pytest.mark.heavy,
    pytest.mark.skipif(bool(_MISSING), reason=_MISSING or ""),
]
_BEFORE = "2026-11-02T09:00:00Z"


@pytest.fixture
def firm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopFirm]:
    """A firm that has been at it for weeks, its server up, and a model that obeys its prompt."""
    with obedient() as model:
        with monkeypatch.context() as lately:
            for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
                lately.setenv(name, _BEFORE)
            found = LoopFirm(tmp_path / "firm", AgentHome(tmp_path / "agent", model.url))
            found.deploy()
        with Served(tmp_path / "firm") as server:
            found.url = server.url
            yield found


def test_the_whole_loop(firm: LoopFirm) -> None:
    """From the run that goes wrong to the fix that is released, each step through the command."""
    assert firm.work() == 0, firm.run_told
    bad = firm.proposed(BAD, "bad")
    assert firm.approve(bad, "grace")["change"]["state"] == "approved"
    firm.told("change", "start", bad)
    until(lambda: firm.deployed.read_text() == BAD)
    assert firm.work() == 6, firm.run_told
    incident = commanded(firm, firm.run_told["run_id"])
    taken_back(firm, incident, bad)
    work = taught(firm, incident)
    blocked(firm)
    released(firm, work)
    ended(firm, incident, work)


def commanded(firm: LoopFirm, run: str) -> str:
    """The alert declares the incident, with the run linked; Eve takes command of it."""
    until(lambda: firm.told("incident", "list")["incidents"])
    (found,) = firm.told("incident", "list")["incidents"]
    assert found["declared_by"] == "pawl"
    assert "run-stopped" in found["title"]
    assert {"kind": "run", "id": run, "suspected": False} in found["links"]
    firm.as_("eve")
    assert firm.told("incident", "accept")["incident"]["state"] == "commanded"
    return str(found["id"])


def taken_back(firm: LoopFirm, incident: str, bad: str) -> None:
    """The change is the first explanation and cites evidence that is there; it goes back."""
    found = firm.told("incident", "investigate", incident)
    first = found["hypotheses"][0]
    assert (first["kind"], first["change"]) == ("change", bad)
    known = {each["id"]: each for each in found["evidence"]}
    assert [known[each]["values"]["id"] for each in first["evidence"]] == [bad]
    firm.told("change", "rollback", bad, "--reason", "It runs in circles.")
    until(lambda: firm.told("change", "show", bad)["change"]["state"] == "rolled-back")
    assert firm.deployed.read_text() == GOOD
    assert firm.work() == 0, firm.run_told
    assert firm.told("incident", "mitigate", incident)["incident"]["state"] == "mitigated"
    assert firm.told("incident", "resolve", incident)["incident"]["state"] == "resolved"


def taught(firm: LoopFirm, incident: str) -> dict[str, str]:
    """The lesson is one change, live on main; return the actions by their kind of work."""
    firm.as_("")
    firm.git("checkout", "-q", "-B", "lesson", "main")
    lesson = firm.lesson(incident)
    firm.as_("grace")
    firm.published(incident, lesson)
    firm.as_("")
    done = firm.told("incident", "learn", incident, "--file", str(lesson), "--branch", "lesson")
    assert done["learnt"]["left"] == []
    again = firm.told("incident", "learn", incident, "--file", str(lesson), "--branch", "lesson")
    assert again["commit"] == done["commit"]
    firm.proved("one-check")
    actions = firm.told("action", "list", "--incident", incident)["actions"]
    work = {each["work"]: str(each["id"]) for each in actions}
    assert {each["component"] for each in actions} == {PROMPT}
    assert set(work) == {"eval-case", "gate", "code"}
    change = firm.opened("main..lesson", "--closes", work["gate"])
    assert firm.approve(change, "grace")["change"]["state"] == "approved"
    firm.told("change", "start", change)
    firm.git("checkout", "-q", "main")
    firm.git("merge", "-q", "lesson")
    gates = firm.place / ".pawl" / "gates.yaml"
    seen_done(firm, work["gate"], "main:.pawl/gates.yaml", gates)
    return work


def seen_done(firm: LoopFirm, action: str, place: str, file: Path, *more: str) -> None:
    """Ada claims that an action is done; it is when Eve has looked, and never by Ada herself."""
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    looked = ("action", "verify", action, "--place", place, "--digest", digest)
    firm.as_("ada")
    assert firm.told("action", "done", action)["action"]["state"] == "claimed"
    firm.told(*looked, *more, status=1)
    firm.as_("eve")
    if more:
        firm.told(*looked, status=1)
    assert firm.told(*looked, *more)["action"]["state"] == "verified"
    firm.as_("")


def blocked(firm: LoopFirm) -> None:
    """The same prompt again, approved like the first time, is held up by the case and the work."""
    change = firm.proposed(BAD, "again")
    assert firm.evals(change, status=1) == "regress"
    assert firm.approve(change, "grace")["change"]["state"] == "in-review"
    gates = firm.gates(change, status=1)
    assert (gates["evals"], gates["actions"]) == ("UNSATISFIED", "UNSATISFIED")
    assert gates["approvals"] == "SATISFIED"
    firm.told("change", "start", change, status=1)
    assert firm.deployed.read_text() == GOOD
    firm.tidy()


def released(firm: LoopFirm, work: dict[str, str]) -> None:
    """The fix is exempt of what it finishes, passes the case and goes out; the agent is well."""
    held = firm.proposed(FIXED, "held")
    firm.evals(held, status=0)
    assert firm.gates(held, status=1)["actions"] == "UNSATISFIED"
    firm.told("change", "withdraw", held, "--reason", "It finishes nothing.")
    firm.tidy()
    closes = ("--closes", work["eval-case"], "--closes", work["code"])
    fix = firm.proposed(FIXED, "fix", *closes)
    assert firm.evals(fix, status=0) == "pass"
    assert firm.approve(fix, "grace")["change"]["state"] == "approved"
    assert set(firm.gates(fix, "start", status=0).values()) <= {"SATISFIED", "NOT_APPLICABLE"}
    firm.told("change", "start", fix)
    until(lambda: firm.deployed.read_text() == FIXED)
    assert firm.work() == 0, firm.run_told
    seen = firm.place.parent / "evals.json"
    seen_done(firm, work["code"], f"change:{fix}", seen)
    both = ("--failed-on-bad", "--passed-on-fixed")
    seen_done(firm, work["eval-case"], "evals.json", seen, *both)
    firm.tidy()


def ended(firm: LoopFirm, incident: str, work: dict[str, str]) -> None:
    """It closes, nobody was called by a trial, the ledger replays, and maturity sees the lesson."""
    firm.as_("eve")
    closed = firm.told("incident", "close", incident)["incident"]
    assert closed["state"] == "closed"
    firm.as_("")
    assert [each["id"] for each in firm.told("incident", "list")["incidents"]] == [incident]
    for each in work.values():
        assert firm.told("action", "show", each)["action"]["state"] == "verified"
    assert "the tables are what they make" in firm.run("ledger", "verify", "--replay")
    firm.git("checkout", "-q", "main")
    resolved = parse_time(closed["milestones"]["resolved"]["recorded_at"])
    # As of the last second in which the lesson counts, and of a quarter after the work was due.
    lesson = firm.told("assess", "--as-of", format_time(resolved + timedelta(days=180, seconds=-1)))
    assert needs(lesson, "lessons-return")["depth"] == "E2"
    done = firm.told("assess", "--as-of", format_time(resolved + timedelta(days=103)))
    # Three are too few for a verdict, which it says; all of them are seen to be done.
    assert "3 of 3" in needs(done, "actions-are-done")["reason"]


def needs(told: Any, probe: str) -> Any:
    """Return what an assessment says of the first criterion that a probe answers for."""
    for model in told["models"]:
        for dimension in model["dimensions"]:
            for criterion in dimension["criteria"]:
                for need in criterion["needs"]:
                    if need["probe"] == probe:
                        return need
    raise AssertionError(probe)
