"""How incidents end: merged or repeated, written up or refused, closed and assessed afterwards."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.end_to_end.incident_rig import Site

pytestmark = pytest.mark.heavy
CAUSE = {
    "- Class:": "- Class: configuration", "- Component:": "- Component: prompt/CLAUDE.md",
    "- Trigger:": "- Trigger: change", "- Missing control:": "- Missing control: an eval case",
    "## Impact": "## Impact\n\nOne in twelve searches failed.\n",
    "## Which control failed": "## Which control failed\n\nNo case asked for an answer.\n",
}  # fmt: skip


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A firm on call with its server up."""
    with Site(tmp_path) as made:
        made.enrol("pia", "sec", "prod", "ada", "chief")
        made.up()
        yield made


def over(site: Site, title: str) -> str:
    """Return the id of an incident that was declared, commanded and mended."""
    one = site.as_("prod").declare(title, "--component", "prompt/CLAUDE.md")["id"]
    site.as_("pia").run("incident", "accept", one)
    site.run("incident", "mitigate", one)
    site.run("incident", "resolve", one)
    return str(one)


def test_a_duplicate_is_merged_and_a_repeat_is_not(site: Site) -> None:
    """Merging is for what goes on and has no circles; a repeat points to what was over before."""
    first = over(site, "Search answers nothing")
    site.wind(days=3)
    second = site.as_("prod").declare("Search answers nothing again")["id"]
    third = site.declare("Nobody finds anything")["id"]
    refused = ("incident", "merge", second, "--into")
    site.as_("pia").run(*refused, first, status=1)  # That one is over.
    site.run(*refused, second, status=1)
    # A typed name ends nothing that people are still paged for; whoever is known does.
    site.here("pia").run("incident", "merge", third, "--into", second, status=1)
    site.as_("pia").run("incident", "merge", third, "--into", second)
    assert f"pawl incident show {second}" in site.run("incident", "show", third)
    site.run("incident", "merge", second, "--into", third, status=1)  # That would be a circle.
    site.run("incident", "repeat", second, "--of", third, status=1)
    site.as_("sec").run("incident", "repeat", second, "--of", first)
    site.run("incident", "repeat", first, "--of", second, status=1)
    shown = site.shown(second)["incident"]
    assert (shown["repeats"], shown["state"]) == ([first], "declared")
    found = site.told("incident", "figures", "--since", "30d")["figures"]["incidents"]
    assert (found["incidents"], found["merged"]) == (2, 1)
    assert (found["repeats"]["numerator"], found["repeats"]["denominator"]) == (1, 2)
    (debt,) = site.told("incident", "debt", "list")["debts"]
    assert debt["incidents"] == [first, second]


def test_a_severity_2_is_closed_when_all_of_it_is_done_and_assessed_afterwards(site: Site) -> None:
    """A postmortem with an owner, an action that another has verified; then an assessment opens."""
    site.here().begin("assess", "--model", "eng").communicate(timeout=120)
    one = over(site, "Search answers nothing")
    site.run("incident", "close", one, status=1)
    assert "postmortem" in site.err
    write = ("incident", "postmortem", one)
    site.run(*write, "--ask-review", status=2)
    site.run(*write, "--owner", "nobody-there", status=1)
    text = site.run(*write, "--owner", "ada")
    for before, after in CAUSE.items():
        text = text.replace(before, after, 1)
    paper = site.place.parent / "paper.md"
    paper.write_text(text)
    site.as_("ada").run(*write, "--edit", str(paper), "--ask-review")
    refusal = site.told(*write, "--publish", status=1)["refusal"]
    assert "eval case" in " ".join(refusal["reasons"])
    site.run(*write, "--no-change", "I say so.", status=1)  # Its own owner signs nothing.
    site.as_("sec").run(*write, "--no-change", "The rule came with the fix; nothing is left.")
    opened = ("action", "open", one, "Write the runbook", "--owner", "ada", "--kind", "runbook")
    action = site.told(*opened, "--due", "7d")["action"]["id"]
    site.run(*write, "--ask-review", "--publish")
    site.run("incident", "close", one, status=1)
    assert action in site.err
    site.as_("ada").run("action", "done", action)
    proof = ("--place", "docs/runbook.md", "--digest", "5" * 64)
    site.run("action", "verify", action, *proof, status=1)
    site.as_("sec").run("action", "verify", action, *proof)
    assert site.told("incident", "close", one)["incident"]["state"] == "closed"
    assert site.types(one)[-1] == "incident.closed"
    site.here()
    assert one in site.run("ceremony", "list", "--json")
    assert site.run("ledger", "verify", "--replay")
