"""Incidents in a real browser: they fit, one press takes command, and strangers can do nothing."""

import os
import re
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
import uvicorn
from tests.browser.conftest import Open, Served, Server
from tests.browser.test_changes_browser import CUT_OFF, HOSTILE, SIZES, TOO_WIDE
from tests.server.fakes import NOW, FakeFacts
from tests.server.incident_site import EVERYTHING, Incidents, by

from pawl.governance.ledger import PAWL
from pawl.incidents.action import Work
from pawl.incidents.incident import Incident, LinkKind, State
from pawl.incidents.postmortem import Content, Postmortem
from pawl.server.app import create_app
from pawl.server.site import Settings
from pawl.services.identity import Identity
from pawl.services.pages import Pages
from pawl.services.serving import Serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
pytestmark = [pytest.mark.browser, pytest.mark.heavy]


class Room(NamedTuple):
    """A server on which people meet: its address, the desk, and its tokens."""

    url: str
    made: Incidents
    identity: Identity


LEAPS = """() => {
  const steps = [...document.querySelectorAll("h1, h2, h3, h4")].map((each) => +each.tagName[1]);
  const once = steps.filter((each) => each === 1).length === 1 ? [] : ["not one h1"];
  return [...once, ...steps.filter((each, at) => at && each > steps[at - 1] + 1)];
}"""
"""Headings that leave a step out, of a page; none where there is one first heading."""

SignIn = Callable[..., "Page"]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """Serve a desk with people who can sign in."""
    made = Incidents(tmp_path / "data")
    identity = Identity(made.engine, lambda: NOW, os.urandom)
    serving = Serving(
        pages=Pages(FakeFacts(), made.clock.read),
        drain=lambda: 0,
        identity=identity,
        incidents=made.desk,
        incident_pages=made.pages,
    )
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        app = create_app(serving, Settings(), background=False)
        server = Server(uvicorn.Config(app, log_level="error", lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield Room(url, made, identity)
        finally:
            server.should_exit = True
            thread.join()
            made.close()


@pytest.fixture
def signed_in(room: Room, chromium: "Browser") -> Iterator[SignIn]:
    """Return an opener of pages for a person who is signed in; no script may fail in them."""
    contexts = []
    troubles: list[str] = []

    def opener(
        person: str, path: str, theme: str = "light", width: int = 1280, *, scripts: bool = True
    ) -> "Page":
        token = room.identity.create(person, EVERYTHING, PAWL, days=1, note="")
        contexts.append(
            chromium.new_context(
                viewport={"width": width, "height": 900},
                color_scheme="dark" if theme == "dark" else "light",
                java_script_enabled=scripts,
            )
        )
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(f"{room.url}/login?next={path}")
        page.locator("main [name=token]").fill(token.secret)
        page.locator("main form button").click()
        page.wait_for_url(room.url + path)
        return page

    yield opener
    for context in contexts:
        context.close()
    assert troubles == []


def at(incident: Incident) -> str:
    """Return the address of an incident."""
    return f"/incidents/{incident.id}"


@pytest.mark.parametrize(("theme", "width"), SIZES)
def test_every_page_of_the_sample_fits(
    served: Served, open_page: Open, theme: str, width: int
) -> None:
    """Nothing is wider than the screen, cut off, or in error, in both themes and widths."""
    assert served.serving.incidents is not None
    found = served.serving.incidents.list()
    assert {each.state for each in found} >= {State.DECLARED, State.COMMANDED, State.CLOSED}
    page = open_page("/incidents", theme=theme, width=width)
    papers = [f"{at(each)}/postmortem" for each in found if each.state is State.POSTMORTEM]
    for path in (
        *("/incidents", "/incidents/declare", "/incidents/figures", "/actions", "/debts", "/"),
        *("/incidents/week", "/incidents/structure"),
        *(at(each) for each in found),
        *papers,
    ):
        page.goto(served.url + path)
        assert page.evaluate(TOO_WIDE) <= 0, path
        if path != "/":
            assert page.evaluate(CUT_OFF) == [], path
        expect(page.locator("h1")).to_be_visible()


def test_tabs_and_headings_are_the_same_everywhere(served: Served, open_page: Open) -> None:
    """All pages about incidents have the same tabs, one of them marked, and headings in steps."""
    page = open_page("/incidents")
    tabs = page.locator("nav.tabs a")
    names = tabs.all_inner_texts()
    assert len(names) == 8
    for name in names:
        page.locator("nav.tabs").get_by_text(name, exact=True).click()
        expect(page.locator("nav.tabs [aria-current]")).to_have_text(name)
        assert tabs.all_inner_texts() == names
        assert page.evaluate(LEAPS) == [], name
    assert served.serving.incidents is not None
    paper = next(each for each in served.serving.incidents.list() if each.state is State.CLOSED)
    page.goto(f"{served.url}{at(paper)}/postmortem")
    assert page.evaluate(LEAPS) == []


def test_glass_leads_to_its_incident_and_that_to_its_past(served: Served, open_page: Open) -> None:
    """One story: the emergency of a change is an incident, which repeats one with a debt."""
    page = open_page("/changes/exceptions")
    page.get_by_role("link", name="INC-2098").first.click()
    expect(page.locator("h1")).to_have_text("Payouts go out twice")
    page.get_by_role("link", name="Payouts are sent twice when the bank answers late").click()
    page.wait_for_url("**/incidents/INC-1987")
    page.goto(f"{served.url}/debts")
    expect(page.locator(".debt")).to_contain_text("3 times")
    page.goto(f"{served.url}/changes")
    held = page.locator(".lane li", has_text="Payouts are tried again after 5 seconds")
    expect(held).to_contain_text("of INC-2041 (overdue)")
    exempt = page.locator(".lane li", has_text="All retries of payouts go through one place")
    expect(exempt).to_contain_text("May start")


@pytest.mark.parametrize(("theme", "width"), SIZES)
def test_every_form_fits_too(room: Room, signed_in: SignIn, theme: str, width: int) -> None:
    """With all that can be done unfolded, nothing is wider than the screen."""
    room.made.story()
    page = signed_in("katherine", "/incidents", theme, width)
    rooms = [at(each) for each in room.made.desk.list()]
    papers = [f"{path}/postmortem" for path in rooms]
    for path in ("/incidents", "/actions", "/debts", *rooms, *papers):
        page.goto(room.url + path)
        page.evaluate("document.querySelectorAll('main details').forEach((d) => { d.open = true })")
        assert page.evaluate(TOO_WIDE) <= 0, path
        assert page.evaluate(CUT_OFF) == [], path


def test_the_keyboard_leads_there_and_takes_command(room: Room, signed_in: SignIn) -> None:
    """`g i` opens the list, `/` its filter; an incident is opened and accepted without a mouse."""
    it = room.made.declared()
    page = signed_in("katherine", "/")
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.wait_for_url("**/incidents")
    page.keyboard.press("/")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type("search")
    page.keyboard.press("Enter")
    page.wait_for_url("**/incidents?text=search**")
    page.get_by_role("link", name=it.title).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**" + at(it))
    page.get_by_role("button", name="I take command").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#clocks .who-leads")).to_have_text("katherine")
    assert room.made.desk.get(it.id).commander == "katherine"


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_one_click_takes_command(room: Room, signed_in: SignIn, theme: str, width: int) -> None:
    """The button is in sight without scrolling, and once is enough."""
    it = room.made.declared()
    page = signed_in("katherine", at(it), theme, width)
    button = page.get_by_role("button", name="I take command")
    expect(button).to_be_in_viewport()
    button.click()
    expect(page.locator("#clocks")).to_contain_text("kept")
    expect(page.get_by_role("button", name="I take command")).to_have_count(0)
    assert room.made.desk.get(it.id).commander == "katherine"


def test_the_promise_counts_down_before_the_eyes(room: Room, signed_in: SignIn) -> None:
    """The clock goes on between two looks at the server."""
    it = room.made.declared()
    page = signed_in("katherine", at(it))
    clock = page.locator("#clocks [role=timer] time").first
    expect(clock).to_have_text(re.compile("^4 m 5[0-9] s$"), timeout=10_000)
    room.made.clock.to(-0.1)
    room.made.desk.tick()
    expect(page.locator("#clocks")).to_contain_text("Promise of a commander broken", timeout=15_000)
    expect(page.locator("#clocks .past")).to_be_visible()


def test_the_timeline_is_live_and_keeps_what_somebody_does(room: Room, signed_in: SignIn) -> None:
    """What others note appears; focus and half a sentence stay where they are."""
    it = room.made.commanded()
    page = signed_in("katherine", at(it))
    area = page.locator("textarea[name=text]")
    area.fill("Half a sen")
    link = page.locator(".happened li").last.locator("a")
    link.focus()
    room.made.told(room.made.desk.note(it.id, "The cache is full.", by("ada")))
    expect(page.locator(".happened")).to_contain_text("The cache is full.", timeout=15_000)
    expect(link).to_be_focused()
    expect(area).to_have_value("Half a sen")
    expect(page.locator("#stale")).to_have_count(0)
    room.made.told(room.made.desk.mitigate(it.id, by("ada")))
    expect(page.locator("#stale")).to_contain_text("It moved on", timeout=15_000)
    expect(area).to_have_value("Half a sen")


def test_who_comes_second_reads_who_commands(room: Room, signed_in: SignIn) -> None:
    """Two see the button; the second press does nothing and says why."""
    it = room.made.declared()
    page = signed_in("ada", at(it))
    page.route("**/incidents/*seen=*", lambda route: route.abort())
    room.made.told(room.made.desk.accept(it.id, by("katherine")))
    with page.expect_response(lambda answer: answer.request.method == "POST") as posted:
        page.get_by_role("button", name="I take command").click()
    assert posted.value.status == 409
    expect(page.locator("#moved")).to_contain_text("katherine commands now.")
    assert room.made.desk.get(it.id).commander == "katherine"


def test_everything_works_without_scripts(room: Room, signed_in: SignIn) -> None:
    """Declare, take command, tell, mend: forms and numbers are enough."""
    page = signed_in("katherine", "/incidents", scripts=False)
    page.get_by_label("What is wrong").fill("Search answers nothing")
    page.get_by_role("button", name="Declare an incident").click()
    expect(page.locator("h1")).to_have_text("Search answers nothing")
    expect(page.locator("#clocks [role=timer]").first).to_have_text("5 m")
    page.get_by_role("button", name="I take command").click()
    page.get_by_text("Tell everybody how it stands").click()
    for name in ("Facts", "Impact", "Status"):
        page.get_by_label(name).fill(f"{name} as known.")
    page.get_by_role("button", name="Tell them").click()
    expect(page.locator(".told")).to_contain_text("Facts as known.")
    page.get_by_text("It no longer hurts").click()
    page.get_by_role("button", name="It is mitigated").click()
    page.get_by_text("It is mended").click()
    page.get_by_role("button", name="It is resolved").click()
    expect(page.locator("#clocks .big")).to_contain_text("resolved")
    expect(page.locator("section[aria-labelledby=closing]")).to_contain_text("It needs one")


def test_a_postmortem_is_written_and_not_overwritten(room: Room, signed_in: SignIn) -> None:
    """What another one saved meanwhile stands beside what was typed; nothing of either is lost."""
    it = room.made.resolved()
    assert isinstance(room.made.desk.begin_postmortem(it.id, "ada", by("ada")), Postmortem)
    page = signed_in("ada", f"{at(it)}/postmortem")
    expect(page.locator("[name=what_happened]")).to_contain_text("Command was taken.")
    page.locator("[name=summary]").fill("Mine.")
    page.locator("[name=failed_control]").fill("The engineer forgot to look.")
    theirs = Content(summary="Theirs.")
    assert isinstance(room.made.desk.revise(it.id, theirs, by("grace")), Postmortem)
    with page.expect_response(lambda answer: answer.request.method == "POST") as posted:
        page.get_by_role("button", name="Save").click()
    assert posted.value.status == 409
    expect(page.locator(".theirs").first).to_have_text("Theirs.")
    expect(page.locator("[name=summary]")).to_have_value("Mine.")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".blames mark")).to_have_text("The engineer forgot to")
    expect(page.locator(".lacking")).to_contain_text("It names no root cause.")


def test_what_strangers_wrote_runs_nowhere(room: Room, signed_in: SignIn) -> None:
    """Titles, notes, links, actions and postmortems are text on every page."""
    made = room.made
    it = made.commanded(HOSTILE, text=HOSTILE, scope=HOSTILE, components=(HOSTILE,))
    made.told(made.desk.note(it.id, HOSTILE, by("ada")))
    made.told(made.desk.update(it.id, HOSTILE, HOSTILE, HOSTILE, by("ada")))
    made.told(made.desk.attach(it.id, LinkKind.CHANGE, HOSTILE, by("ada"), suspected=True))
    made.desk.open_action(it.id, HOSTILE, "ada", "2026-12-01", Work.CODE, HOSTILE, by("ada"))
    made.told(made.desk.mitigate(it.id, by("ada")))
    page = signed_in("grace", at(it))
    expect(page.locator(".hid").first).to_have_text("U+202E")
    paths = [at(it), "/incidents", "/actions", "/debts", "/", "/incidents/figures"]
    made.told(made.desk.resolve(it.id, by("ada")))
    assert isinstance(made.desk.begin_postmortem(it.id, "ada", by("ada")), Postmortem)
    blaming = Content(summary=HOSTILE, failed_control=f"He forgot to {HOSTILE}")
    assert isinstance(made.desk.revise(it.id, blaming, by("ada")), Postmortem)
    for path in (*paths, f"{at(it)}/postmortem"):
        page.goto(room.url + path)
        assert page.evaluate("window.hacked") is None, path
        assert page.locator("main img").count() == 0, path
        assert page.evaluate(TOO_WIDE) <= 0, path


def test_a_page_of_somebody_else_takes_no_command(room: Room, signed_in: SignIn) -> None:
    """Neither a form of another site nor a call without the proof is heard."""
    it = room.made.declared()
    page = signed_in("katherine", at(it))
    send = """async ([path, body]) => (await fetch(path, {method: 'POST', body, headers:
      {'content-type': 'application/x-www-form-urlencoded'}, redirect: 'manual'})).status"""
    for body in ("command=accept", f"command=accept&csrf={'0' * 64}"):
        assert page.evaluate(send, [f"{at(it)}/command", body]) == 403
    page.goto("about:blank")
    page.evaluate(
        """(url) => { window.form = document.createElement('form'); form.method = 'post';
          form.action = url; const field = document.createElement('input');
          field.name = 'command'; field.value = 'accept'; form.append(field);
          document.body.append(form); }""",
        f"{room.url}{at(it)}/command",
    )
    with page.expect_navigation() as posted:
        page.evaluate("window.form.submit()")
    assert posted.value is not None
    assert posted.value.status == 403
    assert room.made.desk.get(it.id).commander == ""
