"""`pawl change`, `gate` and `exception` in a real git repository, as people give the commands."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.cli.made_shop import GATES, TERMS, Shop, made_shop

from pawl.app import now
from pawl.changes.change import Refusal
from pawl.changes.rollout import StageVerdict
from pawl.changes.verdict import Verdict


@pytest.fixture
def shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shop:
    """A repository with policy, people and keys on main, and the working folder in it."""
    return made_shop(tmp_path, monkeypatch, capsys)


# -- what a change says ---------------------------------------------------------------------------


def test_a_change_is_what_two_commits_differ_in(shop: Shop) -> None:
    """It is a draft of the person that git names, in the scope of the project."""
    change = shop.told("change", "show", shop.opened())["change"]
    assert change["state"] == "draft"
    assert change["authors"] == ["git:ada@example.com"]
    assert change["manifest"]["scope"] == "shop"
    assert change["manifest"]["parts"] == {
        "prompt/CLAUDE.md": {"type": "prompt", "text": "Be brief.\n"}
    }


def test_a_dry_run_opens_nothing(shop: Shop) -> None:
    """The manifest is shown with its digest, which is that of the change opened afterwards."""
    shop.git("checkout", "-qb", "work")
    shop.commit({"CLAUDE.md": "Be brief.\n"})
    draft = shop.told("change", "new", "--from-diff", "main..HEAD", "--dry-run")
    assert draft["schema"] == "pawl.change-draft/1"
    assert shop.told("change", "list")["changes"] == []
    opened = shop.told("change", "new", "--from-diff", "main..HEAD")
    assert opened["change"]["digest"] == draft["digest"]


def test_flags_outrank_the_plan_of_a_file(shop: Shop) -> None:
    """A plan of YAML with flags on top: stages, risk, and an experiment."""
    shop.git("checkout", "-qb", "work")
    shop.commit({"CLAUDE.md": "Be brief.\n"})
    plan = shop.place.parent / "plan.yaml"
    plan.write_text("schema: pawl.plan/1\ntitle: From the file\nwhy: Because.\n")
    told = shop.told(
        *("change", "new", "--from-diff", "main..", "--plan", str(plan), "--title", "Mine"),
        *("--risk", "medium", "--stage", "canary=0.05:1h:200", "--stage", "all=1"),
        *("--hypothesis", "Fewer ask twice.", "--metric", "asked-twice", "--exposure-max", "1"),
        *("--abort-when", "errors>0.1", "--ends", "2999-12-01"),
    )
    manifest = told["change"]["manifest"]
    assert (manifest["title"], manifest["why"]) == ("Mine", "Because.")
    assert manifest["rollout"]["stages"][0] == {
        "name": "canary", "exposure": 0.05, "hold_s": 3600.0, "min_events": 200,
    }  # fmt: skip
    assert manifest["experiment"]["abort_when"][0]["above"] == 0.1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Give --from-diff"),
        (("--from-diff", "main"), "is no range"),
        (("--from-diff", "main..nope"), "names no commit"),
        (("--from-diff", "main..main"), "0 parts"),
        (("--from-diff", "main..work", "--stage", "all"), "is no stage"),
        (("--from-diff", "main..work", "--hypothesis", "x"), "lacks --metric"),
        (("--from-diff", "main..work", "--plan", "nowhere.yaml"), "cannot be read"),
        (("--from-diff", "main..work", "--eval-set", "none"), "no eval set"),
    ],
)
def test_what_is_asked_wrongly_is_told_with_its_remedy(
    shop: Shop, arguments: tuple[str, ...], said: str
) -> None:
    """Status 2, and nothing is opened."""
    shop.git("checkout", "-qb", "work")
    shop.commit({"CLAUDE.md": "Be brief.\n"})
    shop.run("change", "new", *arguments, status=2)
    assert said in shop.err
    assert shop.told("change", "list")["changes"] == []


def test_a_component_that_is_no_file_comes_from_the_plan(shop: Shop) -> None:
    """A model is changed by what the plan says of it."""
    plan = shop.place.parent / "plan.yaml"
    plan.write_text(
        "schema: pawl.plan/1\ntitle: A larger model\nparts:\n  model/support:\n"
        "    before: {type: model, family: f, model: small}\n"
        "    after: {type: model, family: f, model: large}\n"
    )
    change = shop.told("change", "new", "--plan", str(plan))["change"]
    assert set(change["manifest"]["parts"]) == {"model/support"}


def test_somebody_whom_nobody_knows_opens_nothing(shop: Shop) -> None:
    """A name that the roster does not have is refused with the remedy; no name at all is asked."""
    shop.git("checkout", "-qb", "work")
    shop.commit({"CLAUDE.md": "Be brief.\n"})
    shop.git("config", "user.email", "mallory@example.com")
    refusal = shop.told("change", "new", "--from-diff", "main..HEAD", status=1)["refusal"]
    assert refusal["code"] == "not-allowed"
    assert "Nobody in the roster" in refusal["reasons"][0]


def test_an_edit_keeps_what_no_option_names(shop: Shop) -> None:
    """Other commits give other content; the title and who wrote it before stay."""
    change = shop.opened()
    shop.run("change", "edit", change, "--title", "Brief")
    shop.commit({"CLAUDE.md": "Be very brief.\n"}, email="coder@example.com")
    told = shop.told("change", "edit", change, "--from-diff", "main..HEAD")["change"]
    assert told["manifest"]["title"] == "Brief"
    assert told["manifest"]["parts"]["prompt/CLAUDE.md"]["text"] == "Be very brief.\n"
    assert told["authors"] == ["git:ada@example.com", "git:coder@example.com"]
    assert told["manifest"]["assisted"]


# -- the gates ------------------------------------------------------------------------------------


def test_an_unapproved_change_is_blocked_and_says_what_is_missing(shop: Shop) -> None:
    """Status 1, with the role to ask; the decision is kept and replays to the same bytes."""
    change = shop.reviewed()
    told = shop.told("gate", "check", change, status=1)
    assert (told["schema"], told["allowed"]) == ("pawl.gate/1", False)
    gates = {each["gate"]: each for each in told["decision"]["gates"]}
    assert gates["approvals"]["asks"] == ["product-lead"]
    assert gates["lint"]["requirement"] == "SATISFIED"
    replayed = shop.told("gate", "replay", told["decision_id"][:12])
    assert replayed["identical"]
    assert replayed["stored_digest"] == replayed["again_digest"]
    shop.run("change", "start", change, status=1)


def test_a_decision_reads_as_text_and_as_markdown(shop: Shop, tmp_path: Path) -> None:
    """What stands in the way comes first, and what somebody wrote does not act."""
    change = shop.opened("# <script>alert(1)</script>\n")
    shop.run("change", "edit", change, "--title", "a](http://x) <b> @all")
    text = shop.run("gate", "check", change, status=1)
    assert text.splitlines()[0].endswith("may not be approved: fail")
    out = tmp_path / "told.md"
    shop.run("gate", "check", change, "--format", "markdown", "--output", str(out), status=1)
    assert out.read_text().startswith("### ")
    assert "<b>" not in out.read_text()
    assert "may not be approved" in shop.run("gate", "explain", change, status=1)


def test_a_policy_that_does_not_read_cannot_be_told_anywhere(shop: Shop) -> None:
    """Status 3 from every command that asks it, and the file is named."""
    change = shop.reviewed()
    shop.git("checkout", "-q", "main")
    shop.commit({".pawl/gates.yaml": "gates: ["})
    for arguments in (
        ("gate", "check", change),
        ("gate", "explain", change),
        ("change", "submit", change),
        ("change", "start", change),
        ("change", "approve", change, "--digest", "0" * 12, "--ssh-key", str(shop.key("grace"))),
    ):
        shop.run(*arguments, status=3)
        assert "gates.yaml" in shop.err
    assert shop.run("change", "show", change, status=3)


def test_the_working_trees_policy_and_the_changes_own_do_not_count(shop: Shop) -> None:
    """Whoever takes a gate out is judged with it."""
    change = shop.opened()
    (shop.place / ".pawl/gates.yaml").unlink()
    shop.git("add", "-A")
    shop.git("commit", "-qm", "No gates")
    gates = shop.told("gate", "check", change, status=1)["decision"]["gates"]
    assert {each["gate"]: each["requirement"] for each in gates}["lint"] == "UNSATISFIED"


def test_another_policy_is_tried_on_past_decisions(shop: Shop) -> None:
    """The simulation tells what would newly be blocked, and keeps nothing."""
    change = shop.approved()
    shop.told("gate", "check", change, "--moment", "start")
    folder = shop.place.parent / "policy"
    folder.mkdir()
    strict = GATES + "  - {id: evals, condition: evals-hold, domain: quality, source: Ours.}\n"
    (folder / "gates.yaml").write_text(strict)
    told = shop.told("gate", "simulate", "--policy", str(folder))
    assert told["newly_blocked"] == 2
    assert all("evals" in each["gates"] for each in told["played"])
    assert shop.told("gate", "simulate")["newly_blocked"] == 0
    (folder / "gates.yaml").write_text("gates: [")
    shop.run("gate", "simulate", "--policy", str(folder), status=2)


# -- answers --------------------------------------------------------------------------------------


def test_a_signature_of_the_accountable_role_approves(shop: Shop) -> None:
    """Signed with a listed key, offline; then the gates allow the start."""
    change = shop.approved()
    assert shop.told("gate", "check", change)["allowed"]
    shown = shop.told("change", "show", change)["change"]
    assert [each["source"] for each in shown["answers"]] == ["ssh-signature"]
    assert shop.told("change", "start", change)["change"]["state"] == "rolling-out"


def test_a_name_in_git_approves_nothing(shop: Shop) -> None:
    """Without a key and without a server it is refused before anything is asked."""
    change = shop.reviewed()
    digest = shop.told("change", "show", change)["asked"]["digest"]
    shop.run("change", "approve", change, "--digest", digest[:12], status=2)
    assert "A name in git approves nothing" in shop.err


@pytest.mark.parametrize("digest", [None, "", "0" * 12, "short"])
def test_only_what_was_looked_at_is_approved(shop: Shop, digest: str | None) -> None:
    """Another digest, a part of one or none is refused, and the right one is told."""
    change = shop.reviewed()
    named = () if digest is None else ("--digest", digest)
    shop.run("change", "approve", change, *named, "--ssh-key", str(shop.key("grace")), status=2)
    assert shop.told("change", "show", change)["change"]["answers"] == []


def test_a_key_that_is_not_listed_or_holds_no_role_approves_nothing(shop: Shop) -> None:
    """A stranger's key is refused; Eve's is known, and Eve is not accountable."""
    change = shop.reviewed()
    assert shop.approve(change, "mallory", status=1)["refusal"]["code"] == "bad-signature"
    shop.approve(change, "eve", status=1)
    assert shop.told("gate", "check", change, status=1)["allowed"] is False


def test_a_statement_is_signed_here_and_recorded_elsewhere(shop: Shop, tmp_path: Path) -> None:
    """Handed over twice it is one answer; after an edit it is refused."""
    change = shop.reviewed()
    digest = shop.told("change", "show", change)["asked"]["digest"]
    statement = str(tmp_path / "yes.json")
    shop.run(
        *("change", "approve", change, "--digest", digest, "--ssh-key", str(shop.key("grace"))),
        *("--out", statement),
    )
    assert shop.told("change", "show", change)["change"]["answers"] == []
    for _ in range(2):
        told = shop.told("change", "approve", change, "--signed", statement)
        assert told["change"]["state"] == "approved"
        assert len(told["change"]["answers"]) == 1
    shop.run("change", "edit", change, "--title", "Another")
    shop.run("change", "approve", change, "--signed", statement, status=1)


def test_an_edit_makes_an_approval_stale_and_says_so(shop: Shop) -> None:
    """The approval is shown with the reason why it does not count."""
    change = shop.approved()
    shop.run("change", "edit", change, "--why", "Because.")
    shown = shop.run("change", "show", change)
    assert "does not count: It is about" in shown
    assert shop.told("gate", "check", change, status=1)["allowed"] is False


def test_a_base_that_moved_makes_an_approval_stale(shop: Shop) -> None:
    """Somebody else's change of the same file holds this one up, of another file not."""
    change = shop.approved()
    shop.git("checkout", "-q", "main")
    shop.commit({"other.py": "1\n"})
    assert shop.told("gate", "check", change)["allowed"]
    shop.commit({"CLAUDE.md": "Be honest.\n"})
    told = shop.told("gate", "check", change, status=1)
    gates = {each["gate"]: each["requirement"] for each in told["decision"]["gates"]}
    assert gates["base"] == "UNSATISFIED"


def test_a_no_ends_a_review(shop: Shop) -> None:
    """Rejecting takes a reason, and the change cannot start."""
    change = shop.reviewed()
    shop.run("change", "reject", change, status=2)
    told = shop.told("change", "reject", change, "--reason", "Too brief.", status=1)
    assert told["refusal"]["code"] == "not-allowed"  # Ada is not accountable for it.
    shop.approve(change, "grace", "--say", "reject", "--note", "Too brief.")
    assert shop.told("gate", "check", change, status=1)["allowed"] is False


def test_a_human_owns_what_an_agent_wrote(shop: Shop) -> None:
    """By a key, since a name that was typed vouches for nobody."""
    change = shop.opened()
    shop.told("change", "attest", change, status=1)
    told = shop.told("change", "attest", change, "--ssh-key", str(shop.key("grace")))
    assert told["attested"]["digest"] == told["change"]["digest"]


# -- out, and back --------------------------------------------------------------------------------


def test_going_back_asks_no_gate(shop: Shop) -> None:
    """Also where the policy does not read; before it is out there is nothing to take back."""
    change = shop.approved()
    shop.run("change", "rollback", change, "--reason", "No.", status=1)
    shop.run("change", "start", change)
    shop.git("checkout", "-q", "main")
    shop.commit({".pawl/gates.yaml": "gates: ["})
    told = shop.told("change", "rollback", change, "--reason", "It harms.")
    assert told["change"]["state"] == "rolling-back"


def test_a_change_is_taken_back_by_its_author(shop: Shop) -> None:
    """Before it is out, with a reason."""
    change = shop.reviewed()
    told = shop.told("change", "withdraw", change, "--reason", "Not now.")
    assert (told["change"]["state"], told["change"]["why"]) == ("withdrawn", "Not now.")
    listed = shop.told("change", "list", "--state", "withdrawn")
    assert [each["id"] for each in listed["changes"]] == [change]
    assert listed["counts"]["withdrawn"] == 1
    assert shop.told("change", "list", "--state", "live")["changes"] == []


def test_what_no_change_ever_set_is_not_known(shop: Shop) -> None:
    """Status 1; a change and a component are not asked for at once."""
    told = shop.told("change", "show", "--live", "prompt/CLAUDE.md", status=1)
    assert (told["schema"], told["live"]) == ("pawl.live/1", None)
    shop.run("change", "show", status=2)
    shop.run("change", "show", "chg_none", status=2)


def stage(shop: Shop, change: str) -> None:
    """Bring a change live as its executor and telemetry would, and close the desk."""
    from pawl.app.changing import desk_of
    from pawl.changes.manifest import parts_digest
    from pawl.services.change_terms import PAWL_ITSELF

    desk = desk_of(Path(os.environ["PAWL_DATA"]), shop.place)
    try:
        found = desk.get(change)
        said = StageVerdict(
            id="v1", stage=0, digest=found.digest, verdict=Verdict.PASS, at=now(), events=100
        )
        runs = parts_digest(found.manifest.parts)
        told = desk.finish(found.id, (said,), runs, PAWL_ITSELF)
        assert not isinstance(told, Refusal), told
    finally:
        desk.close()


def test_what_is_live_says_who_approved_it_and_what_to_go_back_to(shop: Shop) -> None:
    """The words themselves, the approval, the evidence, and what stood before."""
    change = shop.approved()
    shop.run("change", "start", change)
    stage(shop, change)
    told = shop.told("change", "show", "--live", "prompt/CLAUDE.md")
    assert told["live"]["approved_by"] == ["grace"]
    assert told["live"]["change"] == change
    assert told["live"]["evidence"]
    assert told["content"] == {"type": "prompt", "text": "Be brief.\n"}
    assert told["goes_back_to"] == {"type": "prompt", "text": "Be kind.\n"}
    shown = shop.run("change", "show", "--live", "prompt/CLAUDE.md")
    assert "approved by: grace" in shown


# -- evidence -------------------------------------------------------------------------------------

JUNIT = (
    '<testsuite name="t" tests="2" failures="{0}"><testcase name="a"/>'
    '<testcase name="b">{1}</testcase></testsuite>'
)
SARIF = {
    "version": "2.1.0",
    "runs": [{"tool": {"driver": {"name": "t", "rules": [{"id": "r"}]}}, "results": []}],
}
RESULTS: dict[str, tuple[str, str, str]] = {
    "sarif": (json.dumps(SARIF), "policy-checks", "pass"),
    "junit": (JUNIT.format(1, '<failure message="x"/>'), "tests", "fail"),
    "conftest": (json.dumps([{"filename": "a", "successes": 2}]), "policy-checks", "pass"),
}


def listed(shop: Shop, change: str) -> Any:
    """Return the evidence about a change."""
    return shop.told("change", "evidence", "list", change)["evidence"]


def test_the_times_of_its_commits_are_evidence(shop: Shop) -> None:
    """As the author's git has them, the oldest first; another plan around them keeps them."""
    shop.git("checkout", "-qb", "work")
    for day, text in ((20, "Be brief.\n"), (18, "Be very brief.\n")):
        (shop.place / "CLAUDE.md").write_text(text)
        shop.git("commit", "-qam", "x", f"--date=2026-11-{day}T12:00:00+02:00")
    change = shop.told("change", "new", "--from-diff", "main..HEAD")["change"]
    (piece,) = listed(shop, change["id"])
    assert (piece["kind"], piece["digest"]) == ("commits", change["digest"])
    assert piece["payload"]["first_at"] == "2026-11-18T10:00:00.000000Z"
    assert piece["payload"]["last_at"] == "2026-11-20T10:00:00.000000Z"
    assert piece["payload"]["head"] == shop.git("rev-parse", "HEAD")
    edited = shop.told("change", "edit", change["id"], "--title", "Another")["change"]
    (kept,) = listed(shop, change["id"])
    assert (kept["digest"], kept["payload"]) == (edited["digest"], piece["payload"])


def test_lead_time_counts_from_the_first_commit(shop: Shop) -> None:
    """A change of one commit that went live has a known first commit in the figures."""
    day = now()[:10]
    change = shop.approved()
    shop.told("change", "start", change)
    stage(shop, change)
    told = shop.told("change", "figures", "--since", day, "--until", now()[:10])
    assert (told["commit_lead_time"]["ended"], told["unknown_first_commits"]) == (1, 0)


@pytest.mark.parametrize("form", sorted(RESULTS))
def test_other_tools_results_are_evidence_of_the_commit_that_was_run(
    shop: Shop, tmp_path: Path, form: str
) -> None:
    """Told apart by what they look like; handed over twice they are one piece."""
    change = shop.opened()
    text, kind, verdict = RESULTS[form]
    file = tmp_path / "result"
    file.write_text(text)
    (piece,) = shop.told("change", "evidence", "add", change, str(file))["evidence"]
    assert (piece["kind"], piece["verdict"]) == (kind, verdict)
    assert piece["producer"] == "git:ada@example.com"
    shop.git("checkout", "-q", "main")
    shop.run("change", "evidence", "add", change, str(file), status=2)
    assert "what was run is not what the change holds" in shop.err
    assert [each["kind"] for each in listed(shop, change)] == ["commits", kind]
    assert shop.told("change", "evidence", "add", change, str(file), "--commit", "work")


def test_a_statement_says_itself_what_it_is_about(shop: Shop, tmp_path: Path) -> None:
    """One about another content is no evidence of this one."""
    change = shop.opened()
    asked = shop.told("change", "show", change)["asked"]

    def statement(digest: str) -> Path:
        path = tmp_path / "statement.json"
        said: dict[str, Any] = {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": "change", "digest": {"sha256": digest}}],
            "predicateType": "urn:pawl:evidence:1",
            "predicate": {
                "kind": "lint", "base": asked["base_digest"], "verdict": "pass",
                "producedAt": "2026-11-21T00:00:00Z", "producer": "ci:me", "events": 3,
                "payload": {},
            },
        }  # fmt: skip
        path.write_text(json.dumps(said))
        return path

    told = shop.told("change", "evidence", "add", change, str(statement(asked["digest"])))
    assert told["evidence"][0]["producer"] == "git:ada@example.com"
    shop.run("change", "evidence", "add", change, str(statement("0" * 64)), status=2)
    assert "the statement is about" in shop.err


@pytest.mark.parametrize("text", ["", "{", "[1]", "<a", '{"schema": "pawl.lint/1"}', "\x00" * 10])
def test_what_is_no_result_is_refused_with_its_place(shop: Shop, tmp_path: Path, text: str) -> None:
    """Status 2, and nothing is recorded."""
    change = shop.opened()
    file = tmp_path / "odd"
    file.write_text(text)
    shop.run("change", "evidence", "add", change, str(file), status=2)
    assert str(file) in shop.err
    assert [each["kind"] for each in listed(shop, change)] == ["commits"]


# -- exceptions -----------------------------------------------------------------------------------


def test_an_exception_is_asked_for_given_by_somebody_else_and_revoked(shop: Shop) -> None:
    """While it lasts the gate is overridden, and the decision says by which."""
    change = shop.opened()
    asked = shop.told(
        *("exception", "request", change, "--gate", "lint", "--reason", "The linter is down."),
        *("--compensating-control", "Two people read it.", "--hours", "4", "--owner", "grace"),
    )["exception"]
    lines = shop.told("exception", "list", change)["exceptions"]
    assert lines[0]["standing"]["status"] == "requested"
    shop.told("exception", "approve", asked["id"], status=1)
    key = ("--ssh-key", str(shop.key("grace")))
    given = shop.told("exception", "approve", asked["id"], *key)["exception"]
    assert given["approved_by"] == "grace"
    gates = shop.told("gate", "check", change, status=1)["decision"]["gates"]
    assert {each["gate"]: each["requirement"] for each in gates}["lint"] == "OVERRIDDEN"
    shop.told("exception", "revoke", asked["id"], *key)
    gates = shop.told("gate", "check", change, status=1)["decision"]["gates"]
    assert {each["gate"]: each["requirement"] for each in gates}["lint"] == "UNSATISFIED"
    assert "The linter is down." in shop.run("exception", "list")


def test_glass_is_not_broken_without_an_incident(shop: Shop) -> None:
    """Nobody commands what was never declared."""
    change = shop.opened()
    shop.told(
        *("exception", "break-glass", change, "--gate", "lint", "--incident", "inc-1"),
        *("--reason", "Fire.", "--compensating-control", "Eyes.", "--hours", "1"),
        *("--ssh-key", str(shop.key("grace"))),
        status=1,
    )
    assert shop.told("exception", "list")["exceptions"] == []
    shop.run("exception", "approve", "exc_none", status=2)


# -- the command as it is typed -------------------------------------------------------------------


@pytest.mark.heavy
def test_the_real_command_in_a_folder_of_the_repository(shop: Shop) -> None:
    """Started as a program, below the top, with hostile git configuration that nothing obeys."""
    change = shop.approved()
    below = shop.place / "docs"
    below.mkdir()
    trap = shop.place.parent / "trap"
    shop.git("config", "core.fsmonitor", f"touch {trap}")
    shop.git("config", "diff.external", f"touch {trap}")
    shop.git("config", "core.pager", f"touch {trap}")
    command = (sys.executable, "-m", "pawl", "gate", "check", change, "--json")
    ran = subprocess.run(command, cwd=below, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["allowed"] is True
    assert not trap.exists()
    without = {name: value for name, value in os.environ.items() if name != "HOME"}
    gone = subprocess.run(
        command,
        cwd=shop.place.parent,
        env={**without, "HOME": str(shop.place.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert gone.returncode == 3
    assert "no git repository" in gone.stderr


def test_people_change_without_making_an_approval_stale(shop: Shop) -> None:
    """Terms are policy and stale it; who is who is of the day, and a leaver no longer counts."""
    change = shop.approved()
    shop.git("checkout", "-q", "main")
    roster = shop.roster() + "  - {person: eve, role: platform-eng}\n"
    shop.commit({".pawl/roster.yaml": roster})
    assert shop.told("gate", "check", change)["allowed"]
    shop.commit({".pawl/roster.yaml": roster.replace("grace, role: product-lead", "eve, role: x")})
    assert shop.told("gate", "check", change, status=1)["allowed"] is False
    terms = TERMS.read_text().replace("approval_hours: 336", "approval_hours: 300")
    shop.commit({".pawl/roster.yaml": roster, ".pawl/change-terms.yaml": terms})
    told = shop.told("gate", "check", change, status=1)["decision"]
    assert [each["state"] for each in told["answers"]] == ["policy-changed"]
