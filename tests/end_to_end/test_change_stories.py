"""Stories of changes and gates through the real command, as an auditor would try them.

Each story is told once. Where another test tells it through the same commands, it stands here by
name:

1. Edited after approval: tests/cli/test_change.py,
   `test_an_edit_makes_an_approval_stale_and_says_so`.
2. The author approves by a second account, as a co-author, by an agent: here.
3. An exception that ended is none, for the command, the server and a replay:
   tests/end_to_end/test_change_exceptions_ended.py.
4. An analysis that only errs is no pass: tests/services/test_rollouts.py,
   `test_an_analysis_that_only_errs_is_never_a_pass`, and with the real `tick`:
   tests/end_to_end/test_change_rollout_stories.py.
5. The base moved: tests/cli/test_change.py, `test_a_base_that_moved_makes_an_approval_stale`.
6. A label moved outside: tests/services/test_rollouts.py,
   `test_a_label_moved_outside_is_found_and_can_be_taken_back`; with the real `tick`, the gates and
   the figures: tests/end_to_end/test_change_rollout_stories.py.
7. Two approve while one edits, three processes: tests/store/records/test_change_racing.py,
   `test_two_approvers_and_an_editor_in_three_processes`; with the real command:
   tests/end_to_end/test_change_race.py.
8. Declared without a commander, and 10, 11: incidents, which are not kept yet.
9. A truncated ledger: tests/cli/test_ledger.py, `test_a_checkpoint_excludes_truncation` and
   `test_an_intact_ledger_is_a_yes_that_admits_what_it_cannot_know`.
12. Twenty changes of prompts in a week, and the figures: tests/end_to_end/test_change_week.py.
13. A team of one: here.
14. Killed while a rollout starts: tests/crash/test_rollout_kill9.py,
   `test_kill_9_leaves_no_half_transition`, and tests/crash/test_change_kill9.py.
15. Clocks that change: tests/governance/test_cadence.py,
   `test_nine_stays_nine_in_the_weeks_when_the_clocks_change`; a freeze over it:
   tests/changes/conditions/test_freeze_clocks.py.
"""

from pathlib import Path

import pytest
from tests.end_to_end.change_rig import Firm, firm

pytestmark = pytest.mark.heavy


def proposed(shop: Firm, message: str = "Brief", *, email: str = "ada@example.com") -> str:
    """Open a change of the prompt by one commit, and submit it with clean files."""
    shop.git("checkout", "-q", "-B", "work", "main")
    (shop.place / "CLAUDE.md").write_text("Be brief.\n")
    shop.git("commit", "-qam", message, email=email)
    change = shop.told("change", "new", "--from-diff", "main..HEAD")["change"]["id"]
    shop.lint(change)
    assert shop.told("change", "submit", change)["change"]["state"] == "in-review"
    return str(change)


@pytest.mark.parametrize(
    ("email", "message"),
    [
        ("grace@private.example", "Brief"),
        ("ada@example.com", "Brief\n\nCo-authored-by: Grace <GRACE@example.com>"),
        ("coder@example.com", "Brief"),
    ],
    ids=["second account", "co-author", "own agent"],
)
def test_nobody_approves_what_they_wrote(tmp_path: Path, email: str, message: str) -> None:
    """By a second account, as a co-author or by an agent of theirs: Grace wrote it; Eve may."""
    own = ("git:grace@example.com", "git:grace@private.example")
    shop = firm(
        tmp_path,
        people={"ada": ("git:ada@example.com",), "grace": own, "eve": ()},
        agents={"coder": "grace"},
    )
    change = proposed(shop, message, email=email)
    told = shop.approve(change, "grace")
    assert told["change"]["state"] == "in-review"
    assert shop.gates(change, status=1)["approvals"] == "UNSATISFIED"
    assert shop.counted(change) == {"grace": "author"}
    assert shop.approve(change, "eve")["change"]["state"] == "approved"


def test_an_author_without_a_name_in_the_roster_is_nobody_else(tmp_path: Path) -> None:
    """Whose account it is nobody knows, so it may be the approver's: the gates cannot tell."""
    shop = firm(tmp_path)
    change = proposed(shop, email="ghost@example.com")
    shop.approve(change, "grace")
    assert shop.told("change", "show", change)["change"]["state"] == "in-review"


def test_a_team_of_one_has_a_way_out_that_somebody_answers_for(tmp_path: Path) -> None:
    """The doctor says what to do; glass breaks for the commander alone; then nothing else ships."""
    shop = firm(
        tmp_path,
        people={"ada": ("git:ada@example.com",)},
        grants={"ada": ("product-eng", "product-lead", "security-lead", "platform-lead")},
    )
    change = proposed(shop)
    assert shop.approve(change, "ada")["change"]["state"] == "in-review"
    doctor = shop.run("doctor", status=1)
    assert "One person cannot approve their own change" in " ".join(doctor.split())
    assert "pawl exception declare-emergency" in " ".join(doctor.split())

    key = ("--ssh-key", str(shop.key("ada")))
    declare = ("exception", "declare-emergency", change, "--severity", "1", "--why", "It swears.")
    assert shop.told(*declare, status=1)["refusal"]["code"] == "weak-source"
    refused = shop.told(*declare, *key, status=1)["refusal"]
    assert "incident-commander" in refused["hint"]

    # A file of the change's own branch grants nothing and declares nothing.
    trusted = {**shop.grants, "ada": (*shop.grants["ada"], "incident-commander")}
    shop.grants = trusted
    shop.commit({".pawl/roster.yaml": shop.roster(), ".pawl/emergencies.yaml": "- id: emg_1\n"})
    shop.told(*declare, *key, status=1)
    shop.git("checkout", "-q", "main")
    shop.commit({".pawl/roster.yaml": shop.roster()})

    incident = shop.told(*declare, *key)["declared"]["emergency"]["id"]
    glass = (
        *("--reason", "Nobody else is awake.", "--compensating-control", "I read all answers."),
        *("--hours", "2", *key),
    )
    broken = ("exception", "break-glass", change, "--gate", "approvals", *glass)
    shop.told(*broken, "--incident", "emg_none", status=1)
    given = shop.told(*broken, "--incident", incident)["exception"]
    assert (given["approved_by"], given["incident"]) == ("ada", incident)
    assert shop.told("change", "show", change)["change"]["state"] == "approved"
    assert shop.gates(change, "start", status=0)["approvals"] == "OVERRIDDEN"
    assert shop.told("change", "start", change)["change"]["state"] == "rolling-out"
    assert incident in shop.run("exception", "emergencies")
    shop.told("exception", "end-emergency", incident, *key)
    shop.told(*broken, "--incident", incident, status=1)
    own = shop.told("exception", "ratify", given["id"], *key, status=1)["refusal"]
    assert "broke the glass" in " ".join(own["reasons"])
    listed = shop.told("exception", "list")["exceptions"]
    assert [each["standing"]["status"] for each in listed] == ["used"]
    said = [each["type"] for each in shop.entries()]
    for name in ("emergency.declared", "exception.glass-broken", "emergency.ended"):
        assert said.count(name) == 1, said
    assert shop.run("ledger", "verify")
