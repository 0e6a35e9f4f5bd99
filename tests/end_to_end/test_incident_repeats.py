"""The same failure again and again: what it holds up, what it does not, and what sets it free.

The story of a team with tools but no structure: a similar failure three times in two months, with
finished reports and unfinished actions. Real commands, a real server and a clock that is wound.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.end_to_end.incident_rig import Site

from pawl.app.changing import desk_of
from pawl.changes.change import Refusal
from pawl.changes.manifest import parts_digest
from pawl.changes.rollout import StageVerdict
from pawl.changes.verdict import Verdict
from pawl.services.change_terms import PAWL_ITSELF

pytestmark = pytest.mark.heavy
COMPONENT = "code/src/search.py"
TITLES = (
    "An agent forced a push over the search index",
    "Search index gone after an agent forced a push",
    "An agent forced a push, the search index is gone again",
)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A firm with two programs, a way to roll them out, and its server."""
    with Site(tmp_path) as made:
        made.commit({"src/search.py": "x = 1\n", "src/billing.py": "y = 1\n"})
        made.serve()
        toml = made.data / "pawl.toml"
        toml.write_text(toml.read_text().replace("[changes]", "[changes]\nrollouts = false", 1))
        made.enrol("pia", "sec", "prod", "ada")
        made.up()
        yield made


def over(site: Site, title: str, severity: int = 2) -> str:
    """Return the id of an incident that was declared, commanded and mended."""
    site.as_("prod")
    one = site.declare(title, "--component", COMPONENT, "--severity", str(severity))["id"]
    site.as_("pia").run("incident", "accept")
    site.run("incident", "mitigate")
    assert site.told("incident", "resolve")["incident"]["state"] == "resolved"
    return str(one)


def proposed(site: Site, file: str, *more: str) -> str:
    """Open a change of one program, as Ada on her machine."""
    site.here()
    site.git("checkout", "-q", "-B", f"work-{len(site.entries())}", "main")
    site.commit({file: f"z = {len(site.entries())}\n"})
    made = site.told("change", "new", "--from-diff", "main..HEAD", "--back-by", "command", *more)[
        "change"
    ]["id"]
    site.git("checkout", "-q", "main")
    return str(made)


def submitted(site: Site, change: str) -> str:
    """Submit a change and return its state."""
    site.here()
    return str(site.told("change", "submit", change)["change"]["state"])


def released(site: Site, change: str) -> None:
    """Start an approved change; say of its only stage what telemetry would; it is live."""
    assert site.told("change", "start", change)["change"]["state"] == "rolling-out"
    desk = desk_of(site.data, site.place)
    try:
        found = desk.get(change)
        said = StageVerdict(
            id=f"of-{change}", stage=0, digest=found.digest, verdict=Verdict.PASS,
            at=found.changed_at, events=100,
        )  # fmt: skip
        told = desk.finish(change, (said,), parts_digest(found.manifest.parts), PAWL_ITSELF)
        assert not isinstance(told, Refusal), told
    finally:
        desk.close()
    assert site.told("change", "show", change)["change"]["state"] == "live"


def gates(site: Site, change: str, moment: str = "approve") -> tuple[bool, dict[str, str]]:
    """Return whether a change may go on, and how each gate stands."""
    site.here()
    process = site.begin("gate", "check", change, "--moment", moment, "--json")
    told = json.loads(process.communicate(timeout=120)[0])
    found = {each["gate"]: each["requirement"] for each in told["decision"]["gates"]}
    return process.returncode == 0, found


def opened(site: Site, incident: str, *more: str) -> dict[str, Any]:
    """Open an action for Ada on the program that failed."""
    found: dict[str, Any] = site.told(
        *("action", "open", incident, "Refuse forced pushes", "--owner", "ada", "--kind", "code"),
        *("--component", COMPONENT, *more),
    )["action"]
    return found


def plainly(site: Site, change: str) -> str:
    """Return what people read of a change that is held up, on one line."""
    return " ".join(site.run("gate", "check", change, status=1).split())


PROOF = ("--place", "ci/4711", "--digest", "5" * 64)


def test_the_third_time_in_two_months_is_debt_that_holds_releases_up(site: Site) -> None:
    """Repeats are confirmed, debt is owed, its component waits; the fix and all else ship."""
    first = over(site, TITLES[0])
    site.wind(days=28)
    second = over(site, TITLES[1])
    site.wind(days=28)
    third = over(site, TITLES[2])
    alike = site.told("incident", "similar", third)["similar"]
    assert {each["incident"] for each in alike} == {first, second}
    # A proposal is none, and a name that was typed confirms none.
    assert site.told("incident", "debt", "list")["debts"] == []
    site.here("sec").run("incident", "repeat", third, "--of", second, status=1)
    site.as_("sec").run("incident", "repeat", third, "--of", second)
    site.run("incident", "repeat", second, "--of", first)
    (debt,) = site.told("incident", "debt", "list")["debts"]
    assert set(debt["incidents"]) == {first, second, third}
    assert debt["component"] == COMPONENT
    action = opened(site, third, "--due", "5d")
    weekly = site.run("incident", "weekly")
    assert debt["id"] in weekly
    assert action["id"] in weekly

    # Whatever touches that program is of high risk now, and waits for a plan and for the action.
    feature = proposed(site, "src/search.py")
    may, found = gates(site, feature)
    assert not may
    assert (found["debt"], found["incident-actions"]) == ("UNSATISFIED", "UNSATISFIED")
    told = plainly(site, feature)
    assert debt["id"] in told
    assert f"{action['id']} of {third} (open)" in told
    assert submitted(site, feature) == "in-review"
    site.approve(feature, "eve")
    assert site.told("change", "show", feature)["change"]["state"] == "in-review"

    # Another program ships meanwhile.
    other = proposed(site, "src/billing.py")
    assert submitted(site, other) == "approved"
    released(site, other)

    # So does the change that closes the action, once the debt has a plan.
    site.as_("sec").run("incident", "debt", "plan", debt["id"], "--owner", "ada", "--plan", "Hold.")
    fix = proposed(site, "src/search.py", "--closes", action["id"])
    may, found = gates(site, fix)
    assert (found["debt"], found["incident-actions"]) == ("SATISFIED", "SATISFIED")
    assert submitted(site, fix) == "in-review"  # Of high risk: somebody else must have looked.
    assert site.approve(fix, "eve")["change"]["state"] == "approved"
    released(site, fix)
    assert gates(site, feature)[1]["incident-actions"] == "UNSATISFIED"

    # Its owner says that it is done; somebody else has to have seen it.
    site.as_("ada").run("action", "done", action["id"])
    assert gates(site, feature)[1]["incident-actions"] == "UNSATISFIED"
    refusal = site.as_("ada").told("action", "verify", action["id"], *PROOF, status=1)["refusal"]
    assert refusal["code"] == "own-work"
    site.as_("sec").run("action", "verify", action["id"], *PROOF)
    assert gates(site, feature)[1]["incident-actions"] == "SATISFIED"
    # What was approved while it was blocked was judged on another day; it is judged again.
    site.git("merge", "-q", "--no-edit", "main")
    again = proposed(site, "src/search.py")
    submitted(site, again)
    assert site.approve(again, "eve")["change"]["state"] == "approved"
    released(site, again)
    # The debt itself is paid by a case and quiet days, and not by having shipped something.
    refusal = site.as_("sec").told("incident", "debt", "pay", debt["id"], status=1)["refusal"]
    assert len(refusal["reasons"]) == 2
    shares = site.told("incident", "figures", "--since", "100d")["figures"]["incidents"]["repeats"]
    assert (shares["numerator"], shares["denominator"]) == (2, 3)
    site.here()
    assert site.run("ledger", "verify", "--replay")


def test_an_action_that_is_overdue_holds_up_everything_of_its_component(site: Site) -> None:
    """Until then only what is risky waits; then every release but the fix, until it is verified."""
    one = over(site, TITLES[0], severity=3)
    action = opened(site, one, "--due", "3d")
    small = proposed(site, "src/search.py")
    assert gates(site, small) == (True, gates(site, small)[1])
    assert gates(site, small)[1]["incident-actions"] == "SATISFIED"
    site.wind(days=4)
    may, found = gates(site, small)
    assert (may, found["incident-actions"]) == (False, "UNSATISFIED")
    assert f"{action['id']} of {one} (overdue)" in plainly(site, small)
    assert "overdue" in site.run("action", "list")
    assert submitted(site, small) == "in-review"
    # That it was approved before is no ticket: the start asks again.
    other = proposed(site, "src/billing.py")
    assert submitted(site, other) == "approved"
    fix = proposed(site, "src/search.py", "--closes", action["id"])
    assert submitted(site, fix) == "approved"
    released(site, fix)
    site.as_("ada").run("action", "done", action["id"])
    site.as_("sec").run("action", "verify", action["id"], *PROOF)
    assert gates(site, small)[1]["incident-actions"] == "SATISFIED"
    quarter = site.told("incident", "figures", "--since", "30d")["figures"]["actions"]
    done = quarter["completed_in_time"]
    assert (done["numerator"], done["denominator"]) == (0, 1)


def test_what_was_approved_in_time_does_not_start_late(site: Site) -> None:
    """A release that was green waits when an action became overdue before it started."""
    one = over(site, TITLES[0], severity=3)
    action = opened(site, one, "--due", "2d")
    small = proposed(site, "src/search.py")
    assert submitted(site, small) == "approved"
    site.wind(days=3)
    site.here()
    told = site.told("change", "start", small, status=1)
    assert action["id"] in str(told)
    # Whoever answers for it may give it up, with a reason; nobody else may.
    site.as_("ada").run("action", "drop", action["id"], "--reason", "Too much work.", status=1)
    site.as_("prod").run("action", "drop", action["id"], "--reason", "The program goes away.")
    site.here()
    assert site.told("change", "start", small)["change"]["state"] == "rolling-out"
