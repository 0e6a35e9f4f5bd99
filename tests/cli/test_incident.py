"""`pawl incident` and `pawl action`, given to a team's server as people give them."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.cli.incident_room import Room

from pawl.incidents.incident import State


@pytest.fixture
def room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Room]:
    """Return a room."""
    with ExitStack() as stack:
        yield Room(tmp_path, monkeypatch, capsys, stack)


def last(text: str) -> str:
    """Return the last line of a text."""
    return text.splitlines()[-1]


def test_an_incident_goes_all_the_way(room: Room) -> None:
    """Declared, commanded, told, mitigated, resolved, closed; each says what to do next."""
    said = room.run("incident", "declare", "Search", "answers", "nothing", "--severity", "sev3")
    identity = said.split()[0]
    assert last(said) == f"next: pawl incident accept {identity}"
    assert "SEV3 quality declared" in said
    assert "pages pia at" in said
    said = room.as_("sue").run("incident", "accept")
    assert "commander: sue" in said
    assert last(said).startswith(f"next: pawl incident update {identity}")
    said = room.run(
        *("incident", "update", "--facts", "500s", "--impact", "all", "--status", "back")
    )
    assert "**Facts.** 500s" in said
    assert "**Next update.** 2026-11-21T" in said
    assert last(room.run("incident", "mitigate")) == f"next: pawl incident resolve {identity}"
    assert "close" in last(room.run("incident", "resolve"))
    room.run("incident", "close", identity)
    assert room.team.made.desk.get(identity).state is State.CLOSED
    shown = room.told("incident", "show", identity)
    assert shown["schema"] == "pawl.incident/1"
    assert shown["unmet"] == []
    assert [each["type"] for each in shown["timeline"]][-1] == "incident.closed"


def test_what_is_said_of_an_incident_is_read(room: Room) -> None:
    """Severity, domain, scope, components, key, links and times as they are typed."""
    told = room.told(
        *("incident", "declare", "Secrets in a log", "--severity", "1", "--domain", "cost"),
        *("--domain", "Security", "--scope", "shop", "--component", "prompt/a", "--key", "k"),
        *("--started", "2026-11-21T11:00Z", "--detected", "2026-11-21T11:30Z", "--text", "all"),
        *("--link", "change:chg_1?", "--link", "alert:a:b"),
    )
    found = told["incident"]
    assert (told["schema"], told["new"]) == ("pawl.incident-declared/1", True)
    assert (found["severity"], found["domain"], found["scope"]) == (1, "security", "shop")
    assert (found["components"], found["key"]) == (["prompt/a"], "k")
    assert found["links"] == [
        {"kind": "change", "id": "chg_1", "suspected": True},
        {"kind": "alert", "id": "a:b", "suspected": False},
    ]
    assert found["milestones"]["started"]["at"] == "2026-11-21T11:00:00.000000Z"


def test_what_cannot_be_read_stops_no_declaration(room: Room) -> None:
    """It is a doubt, or stands in the text; the incident is there."""
    told = room.told(
        *("incident", "declare", "It burns", "--severity", "9", "--domain", "taste"),
        *("--link", "nonsense", "--started", "yesterday"),
    )
    assert told["new"]
    assert len(told["doubts"]) == 2
    entry = room.told("incident", "timeline")["entries"][0]
    assert "domain: taste" in entry["said"]
    assert "link: nonsense" in entry["said"]
    said = room.run("incident", "declare", "Also", "--severity", "dire")
    assert "Also" in said
    assert "SEV2" in said


def test_the_same_key_is_the_same_incident(room: Room) -> None:
    """Declared again while it goes on it is told of once more, and said so."""
    first = room.declared("It burns", "--key", "k")
    said = room.run("incident", "declare", "It burns!", "--key", "k")
    assert "declared before" in said
    assert first in said


def test_a_title_is_needed(room: Room) -> None:
    """Without one it is asked wrongly, and nothing is kept."""
    room.run("incident", "declare", status=2)
    room.run("incident", "declare", " ", status=2)
    assert "what is wrong" in room.err


def test_without_a_name_the_only_one_that_goes_on_is_meant(room: Room) -> None:
    """With none or several it is asked wrongly, and the several are named."""
    room.run("incident", "accept", status=2)
    assert "No incident goes on" in room.err
    one = room.declared("One")
    assert room.told("incident", "join")["incident"]["id"] == one
    two = room.declared("Two")
    room.run("incident", "join", status=2)
    assert one in room.err
    assert two in room.err


def test_command_is_handed_over(room: Room) -> None:
    """Offered and accepted, taken over with a reason; responders come and go."""
    one = room.declared()
    room.as_("leo").run("incident", "accept")
    assert "sue: pawl incident accept" in last(room.run("incident", "offer", "--to", "sue"))
    assert room.as_("sue").told("incident", "accept")["incident"]["commanders"][-1]["person"] == (
        "sue"
    )
    assert room.as_("leo").told("incident", "take-over", one, "--reason", "asleep")["incident"]
    assert room.as_("ann").told("incident", "join")["incident"]["responders"] == ["ann"]
    assert room.told("incident", "leave")["incident"]["responders"] == []


def test_a_refusal_says_everything_and_ends_with_one(room: Room) -> None:
    """On stderr for people, on stdout for programs."""
    room.declared()
    assert room.run("incident", "offer", "--to", "sue", status=1) == ""
    assert "refused (" in room.err
    told = room.told("incident", "resolve", status=1)
    assert told["refusal"]["reasons"]
    assert told["incident"] is None


def test_what_is_known_is_put_on_record(room: Room) -> None:
    """Notes, links, another severity, and when it began."""
    one = room.declared()
    room.run("incident", "note", "looking", "into", "it")
    room.run("incident", "note", one, "found")
    room.run("incident", "attach", "change:chg_7", "--suspected")
    room.run("incident", "attach", one, "run:r1")
    room.run("incident", "attach", "nonsense", status=2)
    room.run("incident", "note", one, status=2)
    room.run("incident", "reclassify", "--severity", "4", "--domain", "cost", "--reason", "few")
    room.run("incident", "reclassify", "--reason", "few", status=2)
    room.run(
        "incident", "claim", "--started", "2026-11-21T11:00Z", "--detected", "2026-11-21T11:10"
    )
    room.run("incident", "claim", status=2)
    room.run("incident", "claim", "--started", "soon", status=2)
    assert "soon" in room.err
    shown = room.run("incident", "show")
    for each in ("SEV4 cost", "change chg_7 (suspected cause)", "run r1", "looking into it",
                 "11:10:00Z", "found"):  # fmt: skip
        assert each in shown


def test_an_incident_ends_in_other_ways(room: Room) -> None:
    """Merged into another, declined, opened again; each with its reason."""
    one, two = room.declared("One"), room.declared("Two")
    room.as_("sue").run("incident", "merge", two, "--into", one)
    assert last(room.run("incident", "show", two)) == f"next: pawl incident show {one}"
    room.run("incident", "accept", one)
    room.run("incident", "resolve", one, status=1)
    room.run("incident", "mitigate", one)
    room.run("incident", "resolve", one)
    assert room.told("incident", "reopen", one, "--reason", "back")["incident"]["spell"] == 2
    room.run("incident", "decline", one, "--reason", "a drill")
    assert "why: a drill" in room.run("incident", "show", one)


def test_lists_and_timelines_have_their_forms(room: Room) -> None:
    """Tables for people, Markdown for a page, JSON for programs."""
    assert "No incidents." in room.run("incident", "list")
    one = room.declared("A | title `with` marks")
    room.declared("Worse", "--severity", "1")
    listed = room.run("incident", "list")
    assert "2 shown, 2 going on, 2 without a commander" in listed
    assert room.run("incident", "list", "--ongoing").splitlines()[2].startswith("inc_0002")
    told = room.told("incident", "list", "--state", "declared", "--limit", "1")
    assert (len(told["incidents"]), told["counts"]) == (1, {"declared": 2})
    room.run("incident", "list", "--ongoing", "--scope", "x", status=2)
    text = room.run("incident", "timeline", one)
    assert "what happened:" in text
    assert "A \\| title \\`with\\` marks" in room.run(
        "incident", "timeline", one, "--format", "markdown"
    )
    told = room.told("incident", "timeline", one)
    assert room.run("incident", "timeline", one, "--format", "json").strip()
    assert (told["schema"], told["incident"]) == ("pawl.incident-timeline/1", one)
    assert room.run("incident", "show", one, "--format", "markdown").startswith("## SEV2: A")
    room.run("incident", "show", "inc_nothing", status=2)
    assert "no incident" in room.err.lower()


def test_figures_are_told_with_what_they_are_shares_of(room: Room) -> None:
    """A table, and one object."""
    room.declared()
    window = ("--since", "2026-11-01", "--until", "2026-12-01")
    assert "commander in time" in room.run("incident", "figures", *window)
    told = room.told("incident", "figures", *window)
    assert told["figures"]["incidents"]["incidents"] == 1
    room.run("incident", "figures", "--since", "2026-12-01", "--until", "2026-11-01", status=2)


def test_timers_are_judged(room: Room) -> None:
    """Status 1 when one was missed; a server ticks by itself and takes no such command."""
    room.declared()
    room.team.made.desk.tick()
    assert room.told("incident", "timers", status=1)["findings"] == []  # Its clock stands.
    room.team.made.clock.wind(hours=1)
    told = room.told("incident", "timers", status=1)
    assert {each["wrong"] for each in told["findings"]} == {"missing"}
    assert "missing" in room.run("incident", "timers", status=1)
    room.run("incident", "tick", status=2)
    assert "by itself" in room.err


# -- actions --------------------------------------------------------------------------------------


def test_an_action_is_opened_done_and_verified_by_another(room: Room) -> None:
    """Whoever owns it cannot verify it, and nobody can without a proof."""
    one = room.declared()
    assert room.run("action", "list") == "No actions.\n"
    told = room.told(
        *("action", "open", one, "A case of it", "--owner", "ann", "--due", "2026-12-01"),
        *("--kind", "eval-case", "--component", "prompt/a"),
    )["action"]
    act = told["id"]
    assert (told["blocker"], told["state"]) == (True, "open")
    assert "OVERDUE" not in room.run("action", "show", act)
    assert last(room.run("action", "begin", act)) == f"next: pawl action done {act}"
    assert "somebody else" in last(room.run("action", "done", act, "--note", "see ci/7"))
    proof = ("--place", "ci/7", "--digest", "ab" * 32, "--failed-on-bad", "--passed-on-fixed")
    room.run("action", "verify", act, *proof, status=1)
    assert "own-work" in room.err
    refusal = room.as_("leo").told("action", "verify", act, *proof[:4], status=1)["refusal"]
    assert len(refusal["reasons"]) == 2
    room.run("action", "send-back", act, "--reason", "red")
    room.as_("ann").run("action", "done", act)
    assert room.as_("leo").told("action", "verify", act, *proof)["action"]["state"] == "verified"
    listed = room.run("action", "list", "--incident", one, "--owner", "ann")
    assert "0 to do" in listed
    assert room.told("action", "list", "--state", "open")["actions"] == []


def test_an_action_is_moved_or_dropped_by_who_answers_for_it(room: Room) -> None:
    """The first date stays known; without anything to move it is asked wrongly."""
    one = room.declared()
    opened = ("action", "open", one, "A runbook", "--owner", "ann", "--due", "2026-12-01")
    act = room.told(*opened, "--kind", "runbook", "--no-block")["action"]["id"]
    room.run("action", "move", act, "--reason", "x", status=2)
    room.run("action", "move", act, "--reason", "ill", "--due", "2026-12-08", status=1)
    said = room.as_("sue").run(
        "action", "move", act, "--reason", "ill", "--due", "2026-12-08", "--owner", "pia"
    )
    assert "due 2026-12-08 (first 2026-12-01)" in said
    assert "why not: nobody reads it" in room.run(
        "action", "drop", act, "--reason", "nobody reads it"
    )
    room.run(
        "action", "open", one, "x", "--owner", "a", "--due", "when", "--kind", "code", status=2
    )
