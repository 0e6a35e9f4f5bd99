"""Stories of incidents through real commands and a real server, as people on call live them.

Each story is told once. Where another test tells it through the same commands, it stands here by
name:

8. Nobody takes command: one breach at 300 s, with a server that was killed at 200 s and one that
   was dead at 300 s: here.
10. The same failure three times in two months: tests/end_to_end/test_incident_repeats.py.
11. Forty minutes without a commander, between two teams that push it to each other: here.
15. Clocks that change in a week of the cadence: tests/end_to_end/test_cadence_clocks.py.
Declared while the server is down, then sent once: here; kept through more faults:
    tests/cli/test_incident_declare.py.
Two who accept at once, in two processes: here.
A link in a letter takes command by its button and by nothing else: here.
A repository and a roster that are broken: here.
Merged and repeated are two things: tests/end_to_end/test_incident_endings.py, with postmortems,
    verified actions, and the assessment after it.
The commander of an emergency breaks glass: tests/end_to_end/test_incident_glass.py.
A clock that was killed is caught by who looks from outside: tests/end_to_end/test_killed_ticker.py.
"""

import json
import re
import shutil
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.end_to_end.incident_rig import Letters, Site, until

pytestmark = pytest.mark.heavy
BREACHED = "incident.command-breached"


@pytest.fixture
def letters() -> Iterator[Letters]:
    """Where the channels of the server end."""
    made = Letters()
    yield made
    made.close()


@pytest.fixture
def site(tmp_path: Path, letters: Letters) -> Iterator[Site]:
    """A firm on call, with a channel for all and one for Pia alone; its server is not up yet."""
    with Site(tmp_path) as made:
        made.settings(
            f'[alerts.channels.all]\nkind = "slack"\nurl = "{letters.url}all"\n'
            f'[alerts.channels.pia]\nkind = "slack"\nurl = "{letters.url}pia"\n'
            '[[alerts.routes]]\nto = ["pia"]\nrules = ["incident"]\nscope = {person = "pia"}\n'
            "continue = true\n"
            '[[alerts.routes]]\nto = ["all"]\nrules = ["incident"]\n'
        )
        made.enrol("pia", "sec", "prod", "plat", "chief")
        yield made


def due_at(incident: dict[str, Any], name: str) -> str:
    """Return when a deadline of an incident is."""
    return next(
        str(each["due_at"]) for each in incident["paging"]["deadlines"] if each["id"] == name
    )


def breached(site: Site, incident: str) -> bool:
    """Say whether the promise of a commander was told to be broken, once."""
    return site.types(incident).count(BREACHED) == 1


def timers(site: Site) -> Any:
    """Return what the auditor says of timers, whether it finds fault or not."""
    out, _ = site.begin("incident", "timers", "--json").communicate(timeout=120)
    return json.loads(out)


def looked_after(site: Site) -> None:
    """Wait until the server has looked at the clock that it has now."""
    since = f"{site.now:%Y-%m-%dT%H:%M:%S}"
    until(lambda: (timers(site)["last_tick"] or "") > since)


@pytest.mark.parametrize("dead_at_300", [False, True], ids=["killed at 200 s", "dead at 300 s"])
def test_nobody_takes_command(site: Site, letters: Letters, dead_at_300: bool) -> None:
    """Each page and the breach come once, and each letter is delivered once, whoever was killed."""
    site.up()
    one = site.as_("prod").declare("Search answers nothing", "--key", "search")
    name = one["id"]
    until(lambda: len(letters.texts("pages pia as primary")) == 2)
    site.wind_to(due_at(one, "1/page-1"), after_s=1)
    until(lambda: len(letters.texts("pages sue as secondary")) == 1)
    site.wind_to(due_at(one, "1/page-1"), after_s=80)
    looked_after(site)
    site.down(signal.SIGKILL)
    if not dead_at_300:
        site.up()
        site.wind_to(due_at(one, "1/page-2"), after_s=1)
        until(lambda: len(letters.texts("as product-lead")) == 1)
        assert BREACHED not in site.types(name)
        site.wind_to(due_at(one, "1/breach"), after_s=1)
    else:
        site.wind_to(due_at(one, "1/breach"), after_s=60)
        site.up()
    until(lambda: BREACHED in site.types(name))
    until(lambda: len(letters.texts("promise of a commander is broken")) == 1)
    site.down(signal.SIGKILL)
    site.wind(minutes=30)
    site.up()
    looked_after(site)
    said = site.told("incident", "timeline", name)["entries"]
    assert [each["tells"]["deadline"] for each in said if each["type"] == "incident.paged"] == [
        "1/page-0",
        "1/page-1",
        "1/page-2",
    ]
    (breach,) = [each for each in said if each["type"] == BREACHED]
    assert (breach["tells"]["late_s"] >= 60) is dead_at_300
    assert "NOBODY COMMANDS" in site.run("incident", "show", name)
    # An end that everybody is told of shows that nothing older was still on its way.
    site.as_("sec").run("incident", "accept")
    until(lambda: len(letters.texts("has a commander: sec")) == 1)
    assert site.types(name).count(BREACHED) == 1
    for words, times in (
        ("pages pia as primary", 2),  # Her own channel, and everybody's.
        ("pages sue as secondary", 1),
        ("as product-lead: who takes command", 1),
        ("promise of a commander is broken", 1),
    ):
        assert len(letters.texts(words)) == times, words
    # The auditor judges by the ledger alone. Winding a clock makes a timer late, and nothing else.
    wrong = {each["wrong"] for each in timers(site)["findings"]}
    assert wrong == {"late"} if dead_at_300 else wrong <= {"late"}


def test_forty_minutes_in_which_two_teams_push_it_to_each_other(site: Site) -> None:
    """The weightier domain names who should command; breach and all 40 minutes are told."""
    site.up()
    one = site.as_("prod").declare(
        "Answers tell what the policy forbids", "--domain", "quality", "--domain", "security"
    )
    name = one["id"]
    assert one["domain"] == "security"
    deadlines = {each["id"]: each for each in one["paging"]["deadlines"]}
    assert (deadlines["1/page-2"]["person"], deadlines["1/page-2"]["role"]) == (
        "sec",
        "security-lead",
    )
    told = {each: deadlines[each]["due_at"] for each in deadlines}
    site.wind_to(told["1/page-1"], after_s=1)
    until(lambda: site.types(name).count("incident.paged") == 2)
    site.run("incident", "reclassify", "--domain", "quality", "--reason", "It is the model.")
    site.wind_to(told["1/page-2"], after_s=1)
    until(lambda: site.types(name).count("incident.paged") == 3)
    site.as_("plat")
    site.run("incident", "reclassify", "--domain", "security", "--reason", "It is the policy.")
    site.wind_to(told["1/breach"], after_s=1)
    until(lambda: BREACHED in site.types(name))
    site.wind_to(told["1/breach"], after_s=2100)  # Forty minutes after the declaration.
    site.as_("sec").run("incident", "accept")
    entries = site.told("incident", "timeline", name)["entries"]
    paged = [each["tells"] for each in entries if each["type"] == "incident.paged"]
    assert [each["person"] for each in paged] == ["pia", "sue", "sec"]
    (breach,) = [each["tells"] for each in entries if each["type"] == BREACHED]
    assert breach["person"] == "sec"
    reasons = [each["said"] for each in entries if each["type"] == "incident.reclassified"]
    assert reasons == ["It is the model.", "It is the policy."]
    since = str(told["1/page-0"])
    report = site.told("incident", "figures", "--since", since)
    figures = report["figures"]["incidents"]
    promise = figures["commander_in_time"]
    assert (promise["numerator"], promise["denominator"]) == (0, 1)
    (pair,) = [each for each in figures["pairs"] if each["id"] == "time-to-accept"]
    assert 2400 <= pair["times"]["mean_s"] < 2460
    shown = site.run("incident", "figures", "--since", since)
    assert "40 m" in shown
    assert "0 of 1" in shown


def test_declared_while_the_server_is_down_it_is_sent_once(site: Site) -> None:
    """Status 3 and whom nobody called; the next command sends it, and no command sends it twice."""
    site.up()
    site.down()
    site.as_("prod")
    site.run("incident", "declare", "The server is gone as well", status=3)
    assert "KEPT, NOT SENT" in site.err
    assert "call somebody" in site.err
    site.run("incident", "list", status=3)
    site.wind(minutes=3)
    site.up()
    (found,) = site.told("incident", "list")["incidents"]
    assert "sent what was kept" in site.err
    assert found["title"] == "The server is gone as well"
    assert "pia" in {each["person"] for each in found["paging"]["deadlines"]}
    stamp = found["milestones"]["declared"]
    assert stamp["at"] < stamp["recorded_at"]
    site.run("incident", "send")
    assert len(site.told("incident", "list")["incidents"]) == 1
    # The five minutes are of who can be paged, so they begin when the server knew.
    assert due_at(found, "1/breach") > stamp["recorded_at"]


def test_two_who_accept_at_once_are_one_commander(site: Site) -> None:
    """Each in a process of their own: one commands, the other one reads who does."""
    site.up()
    for number in range(3):
        name = site.as_("prod").declare(f"It burns {number}")["id"]
        running = {}
        for each in ("pia", "sec", "chief"):
            running[each] = site.as_(each).begin("incident", "accept", name, "--json")
        ended = {
            each: (process.communicate(timeout=120), process.returncode)
            for each, process in running.items()
        }
        (winner,) = [each for each, (_, status) in ended.items() if status == 0]
        for each, ((out, _), status) in ended.items():
            if each != winner:
                refusal = json.loads(out)["refusal"]
                assert (status, refusal["code"]) == (1, "not-offered")
                assert winner in refusal["reasons"][0]
        shown = site.shown(name)["incident"]
        assert [each["person"] for each in shown["commanders"]] == [winner]
        assert site.types(name).count("incident.command-accepted") == 1


def test_a_link_takes_command_by_its_button_alone(site: Site, letters: Letters) -> None:
    """It goes to Pia's own channel; mail scanners that look at it accept nothing."""
    site.up()
    # Whoever makes a link must know under which address the server is reached from outside.
    site.down()
    (site.data / "pawl.toml").write_text(
        (site.data / "pawl.toml").read_text() + f'[server]\npublic_url = "{site.url}"\n'
    )
    site.up()
    name = site.as_("prod").declare("Search answers nothing")["id"]
    until(lambda: len(letters.texts("pages pia as primary")) == 2)
    links = [re.findall(r"/accept/[\w.~-]+", each) for each in letters.texts("pages pia")]
    (path,) = {each for found in links for each in found}
    assert sorted(map(bool, links)) == [False, True]
    for method in ("GET", "HEAD", "GET"):
        status, page = site.ask(method, path)
        assert status == 200
    assert "You are <strong>pia</strong>" in page
    assert site.shown(name)["incident"]["commanders"] == []
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert site.ask("POST", path + "x", "yes=1", form)[0] == 404
    assert site.shown(name)["incident"]["commanders"] == []
    assert site.ask("POST", path, "yes=1", form)[0] == 200
    found = site.shown(name)["incident"]
    assert [each["person"] for each in found["commanders"]] == ["pia"]
    assert not found["unproved"]
    assert site.ask("POST", path, "yes=1", form)[0] == 200
    assert site.types(name).count("incident.command-accepted") == 1
    # Whom it was sent to is no longer asked once it is over.
    site.as_("pia").run("incident", "mitigate")
    site.run("incident", "resolve")
    site.ask("POST", path, "yes=1", form)
    assert site.shown(name)["incident"]["state"] == "resolved"


@pytest.mark.parametrize("broken", ["roster", "schedule", "git"])
def test_what_is_broken_stops_no_declaration(site: Site, broken: str) -> None:
    """Here and on the server: it is taken with a doubt, the clock runs, and the breach is told."""
    if broken == "git":
        shutil.rmtree(site.place / ".git")
    else:
        file = {"roster": "roster.yaml", "schedule": "oncall.yaml"}[broken]
        site.commit({f".pawl/{file}": "people: [\n"})
    site.up()
    for by in ("server", "here"):
        if by == "server":
            site.as_("prod")
        elif broken == "git":
            site.more = {"GIT_CEILING_DIRECTORIES": str(site.place.parent)}
        else:
            site.here()
        told = site.told("incident", "declare", f"It burns {by}")
        assert told["new"]
        assert told["doubts"], told
        name = told["incident"]["id"]
        site.wind_to(due_at(told["incident"], "1/breach"), after_s=1)
        until(partial(breached, site, name))
    assert "doubt:" in site.run("incident", "show", name)
