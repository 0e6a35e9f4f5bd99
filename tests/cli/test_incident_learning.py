"""What incidents leave behind, in a real git repository, as people give the commands."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.cli.made_shop import GATES, Shop, made_shop
from tests.services.made_learning import BAD, CASE, GATE

from pawl.app import data_folder
from pawl.app.incidents import incident_desk
from pawl.evals.sealing import seal
from pawl.evals.shelf import packed_bytes
from pawl.incidents.debt import OperationalDebt
from pawl.services.change_terms import By
from pawl.services.incidents import IncidentDesk

GRACE = By(identity="person:grace", source="session", assurance="authenticated")
RECORD = "bad.trial.gz"


@pytest.fixture
def shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shop:
    """A repository with policy and people on main, and the working folder in it."""
    return made_shop(tmp_path, monkeypatch, capsys)


@contextmanager
def desk(shop: Shop) -> Iterator[IncidentDesk]:
    """Open the desk as somebody who is known for certain would have it."""
    found = incident_desk(data_folder(None), shop.place)
    try:
        yield found
    finally:
        found.close_desk()


def resolved(shop: Shop, title: str = "Agent forced a push") -> str:
    """Return the id of an incident that is over."""
    one = str(shop.told("incident", "declare", title, "--component", "code/a")["incident"]["id"])
    with desk(shop) as at:
        for told in (at.accept(one, GRACE), at.mitigate(one, GRACE), at.resolve(one, GRACE)):
            assert not hasattr(told, "reasons"), told
    return one


def lesson(shop: Shop, incident: str, **other: object) -> str:
    """Write a learning into the tree and return its path."""
    told = {
        "incidentId": incident,
        "rootCause": "nothing held a forced push",
        "newEvalCases": [CASE.format(id="no-push", incident=incident)],
        "gateUpdates": [GATE.format(id="push-evals")],
        "owner": "grace",
    }
    path = shop.place.parent / "learning.json"
    path.write_text(json.dumps({**told, **other}))
    return str(path)


def test_a_postmortem_is_begun_edited_and_published(shop: Shop) -> None:
    """The draft is printed, its owner begins it, it is edited and published."""
    one = resolved(shop)
    assert "## What happened" in shop.run("incident", "postmortem", one)
    assert "--owner PERSON" in shop.err
    text = shop.run("incident", "postmortem", one, "--owner", "grace")
    assert "The incident was declared by a colleague." in text
    shop.run("incident", "postmortem", one, "--ask-review")
    told = shop.told("incident", "postmortem", one, "--publish", status=1)
    assert told["refusal"]["code"] == "not-ready"
    whole = (
        text.replace("## Impact\n", "## Impact\n\nNobody was hurt. Ada forgot to look.\n")
        .replace("## Which control failed\n", "## Which control failed\n\nNo rule held it.\n")
        .replace("- Class:", "- Class: permission").replace("- Component:", "- Component: code/a")
        .replace("- Trigger:", "- Trigger: agent").replace("control:", "control: a rule")
    )  # fmt: skip
    learning = Path(lesson(shop, one)).read_text()
    file = shop.place.parent / "paper.md"
    file.write_text(f"{whole}\n```json\n{learning}\n```\n")
    shop.run("incident", "postmortem", one, "--edit", str(file))
    assert "Say why nothing noticed" in shop.err
    told = shop.told("incident", "postmortem", one, "--ask-review", "--publish")
    assert told["postmortem"]["state"] == "published"
    shown = shop.told("incident", "show", one)["incident"]
    assert (shown["state"], bool(shown["root_cause_key"])) == ("actions-open", True)
    file.write_text("no headings")
    shop.run("incident", "postmortem", one, "--edit", str(file), status=2)


def test_a_lesson_becomes_one_commit_on_a_branch_of_its_own(shop: Shop) -> None:
    """Case, record and gate are in it and nothing else; applying it again commits nothing more."""
    shop.commit(
        {".pawl/gates.yaml": GATES.replace("\n  - {id: lint,", "\n  # Lint.\n  - {id: lint,")}
    )
    one = resolved(shop)
    (shop.place / RECORD).write_bytes(packed_bytes(seal(BAD, {}).data))
    (shop.place / "CLAUDE.md").write_text("Half done.\n")
    path = lesson(shop, one)
    args = ("incident", "learn", one, "--file", path, "--record", RECORD)
    shop.run(*args, "--branch", "main", status=2)
    dry = shop.told(*args, "--dry-run")
    assert len(dry["learnt"]["left"]) == 3
    assert shop.git("status", "--porcelain", ".pawl") == ""
    done = shop.told(*args, "--branch", "lesson")
    assert done["learnt"]["left"] == []
    assert shop.git("rev-parse", "lesson") == done["commit"]
    assert shop.git("diff", "--name-only", "main..lesson").splitlines() == [
        ".pawl/evals/no-push.yaml",
        ".pawl/evals/records/no-push/origin.trial.gz",
        ".pawl/gates.yaml",
    ]
    assert "# Lint." in shop.git("show", "lesson:.pawl/gates.yaml")
    new = done["next"][0].split()
    assert new[:5] == ["pawl", "change", "new", "--from-diff", "main..lesson"]
    assert len([word for word in new if word == "--closes"]) == 2
    again = shop.told(*args, "--branch", "lesson")
    assert again["commit"] == done["commit"]
    opened = shop.told("change", "new", "--from-diff", "main..lesson", "--closes", new[-1])
    assert new[-1] in opened["change"]["manifest"]["closes"]
    actions = shop.told("action", "list", "--incident", one)["actions"]
    assert {each["owner"] for each in actions} == {"grace"}


@pytest.mark.parametrize(
    ("other", "status"),
    [
        ({"owner": ""}, 1),
        ({"owner": "nobody"}, 1),
        ({"newEvalCases": ["no case"]}, 1),
        ({"newEvalCases": ["../../secret.yaml"]}, 1),
        ({"gateUpdates": ["{id: lint, mode: dry-run}"]}, 1),
        ({"extra": 1}, 2),
    ],
)
def test_a_bad_lesson_is_told_and_writes_nothing(
    shop: Shop, other: dict[str, object], status: int
) -> None:
    """Every reason is told; a file that is not of the form is asked wrongly."""
    one = resolved(shop)
    (shop.place / RECORD).write_bytes(packed_bytes(seal(BAD, {}).data))
    shop.run("incident", "learn", one, "--file", lesson(shop, one, **other), "--record", RECORD,
             status=status)  # fmt: skip
    assert shop.git("status", "--porcelain", ".pawl") == ""


def test_a_lesson_of_an_unknown_incident_is_asked_wrongly(shop: Shop) -> None:
    """An id that is none is told with status 2, and so is a file that is not there."""
    path = lesson(shop, "inc_none")
    shop.run("incident", "learn", "inc_none", "--file", path, status=2)
    one = resolved(shop)
    shop.run("incident", "learn", one, "--file", "missing.json", status=2)


def test_similar_repeat_and_debt(shop: Shop) -> None:
    """What is alike is proposed; a typed name confirms nothing, and debts are listed and paid."""
    first = resolved(shop, "A poison message blocks the queue consumer")
    second = resolved(shop, "Queue consumer blocked by a poison message")
    told = shop.told("incident", "similar", second)
    assert [each["incident"] for each in told["similar"]] == [first]
    assert first in shop.run("incident", "similar", second)
    shop.run("incident", "repeat", second, "--of", first, status=1)
    shop.run("incident", "repeat", second, status=2)
    assert "no debt" in shop.run("incident", "debt", "list")
    with desk(shop) as at:
        at.confirm_repeat(second, first, GRACE)
    (debt,) = shop.told("incident", "debt", "list")["debts"]
    assert debt["incidents"] == [first, second]
    plan = ("incident", "debt", "plan", debt["id"], "--owner", "grace", "--plan", "Bound it.")
    # Releases wait for a plan, so a typed name makes none.
    shop.run(*plan, status=1)
    with desk(shop) as at:
        assert isinstance(at.plan_debt(debt["id"], "grace", "Bound it.", GRACE), OperationalDebt)
    assert "Bound it." in shop.run("incident", "debt", "show", debt["id"])
    shop.run("incident", "debt", "add-case", debt["id"], "--case", "none-such", status=1)
    shop.run("incident", "debt", "pay", debt["id"], status=1)
    alone = resolved(shop, "Something else entirely")
    shop.run("incident", "similar", alone, status=1)


def test_structure_and_weekly_are_answered_from_data(shop: Shop) -> None:
    """All forms have the fourteen answers; a week's page has figures beside the open actions."""
    one = resolved(shop)
    shop.run("incident", "learn", one, "--file", lesson(shop, one, newEvalCases=[]))
    found = json.loads(shop.run("incident", "structure", "--format", "json", status=1))
    assert found["schema"] == "pawl.structural-report/1"
    assert [len(found[name]) for name in ("symptoms", "anti_patterns", "checklist")] == [3, 4, 7]
    text = shop.run("incident", "structure", "--since", "30d", status=1)
    assert "cannot tell: Is the operating rhythm" in text
    markdown = shop.run("incident", "structure", "--format", "markdown", status=1)
    assert markdown.startswith("# Structural failures")
    shop.run("incident", "structure", "--since", "1d", "--until", "2d", status=2)
    week = shop.told("incident", "weekly")
    assert len(week["actions"]) == 2
    assert "Actions to do: 2, overdue 0" in shop.run("incident", "weekly")
    assert [each["incident"] for each in week["papers"]] == [one]
