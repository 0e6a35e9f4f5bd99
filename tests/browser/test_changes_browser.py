"""Changes in a real browser: they fit, hands can use them, and strangers can do nothing."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
import uvicorn
from tests.browser.conftest import Open, Served, Server
from tests.server.change_site import EVERYTHING, Changed, by
from tests.server.fakes import NOW, FakeFacts

from pawl.changes.change import Change, State
from pawl.changes.manifest import Manifest
from pawl.changes.parts import Prompt
from pawl.changes.plan import Rollback, Rollout, Stage
from pawl.governance.ledger import PAWL
from pawl.server.app import create_app
from pawl.server.site import Settings
from pawl.services.identity import Identity
from pawl.services.pages import Pages
from pawl.services.sample_manifests import SHORT_REFUNDS
from pawl.services.serving import Serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
pytestmark = [pytest.mark.browser, pytest.mark.heavy]

TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
CUT_OFF = """() => [...document.querySelectorAll('main *')].filter((each) => {
  const box = each.getBoundingClientRect();
  const hides = ['hidden', 'clip'].includes(getComputedStyle(each).overflowX);
  return !each.closest('.off, svg, .scroll, datalist') && box.width
    && (hides && each.scrollWidth > each.clientWidth + 1 || box.right > innerWidth + 1);
}).map((each) => each.outerHTML.slice(0, 90))"""
SIZES = [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)]
PAGES = ("", "/live", "/gates", "/exceptions", "/figures", "/simulator", "/ledger?type=change.")
HOSTILE = "<img src=x onerror='window.hacked=1'>\"><script>window.hacked=2</script>\u202egnp"


class Deciding(NamedTuple):
    """A server on which people decide: its address, the desk, and its tokens."""

    url: str
    made: Changed
    identity: Identity


SignIn = Callable[..., "Page"]


@pytest.fixture
def deciding(tmp_path: Path) -> Iterator[Deciding]:
    """Serve a desk with people who can sign in."""
    made = Changed(tmp_path / "data")
    identity = Identity(made.engine, lambda: NOW, os.urandom)
    serving = Serving(
        pages=Pages(FakeFacts(), lambda: NOW),
        drain=lambda: 0,
        identity=identity,
        changes=made.desk,
        change_pages=made.pages,
    )
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        app = create_app(serving, Settings(), background=False)
        server = Server(uvicorn.Config(app, log_level="error", lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield Deciding(url, made, identity)
        finally:
            server.should_exit = True
            thread.join()
            made.close()


@pytest.fixture
def signed_in(deciding: Deciding, chromium: "Browser") -> Iterator[SignIn]:
    """Return an opener of pages for a person who is signed in; no script may fail in them."""
    contexts = []
    troubles: list[str] = []

    def opener(person: str, path: str, theme: str = "light", width: int = 1280) -> "Page":
        token = deciding.identity.create(person, EVERYTHING, PAWL, days=1, note="")
        contexts.append(
            chromium.new_context(
                viewport={"width": width, "height": 900},
                color_scheme="dark" if theme == "dark" else "light",
            )
        )
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(f"{deciding.url}/login?next={path}")
        page.locator("main [name=token]").fill(token.secret)
        page.locator("main form button").click()
        page.wait_for_url(deciding.url + path)
        return page

    yield opener
    for context in contexts:
        context.close()
    assert troubles == []


def named(served: Served, title: str) -> str:
    """Return the address of the sample's change whose title holds some words."""
    assert served.serving.change_pages is not None
    found = served.serving.change_pages.desk.list(limit=100)
    return next(f"/changes/{each.id}" for each in found if title in each.manifest.title)


def at(change: Change) -> str:
    """Return the address of a change."""
    return f"/changes/{change.id}"


@pytest.mark.parametrize(("theme", "width"), SIZES)
def test_every_page_fits(served: Served, open_page: Open, theme: str, width: int) -> None:
    """Nothing is wider than the screen, cut off, or in error, in both themes and widths."""
    titles = ("up to 50 USD", "kinder tone", "one sentence", "not what was", "Summaries")
    page = open_page("/changes", theme=theme, width=width)
    for path in (
        *(f"/changes{each}" for each in PAGES),
        "/changes/live/prompt/support",
        "/changes/ledger/300",
        *(named(served, title) for title in titles),
    ):
        page.goto(served.url + path)
        assert page.evaluate(TOO_WIDE) <= 0, path
        assert page.evaluate(CUT_OFF) == [], path
        expect(page.locator("h1")).to_be_visible()


def test_the_keyboard_leads_there_and_back(served: Served, open_page: Open) -> None:
    """`g h` opens the board, `/` its filter; every card and form is reached by tabbing."""
    page = open_page("/")
    page.keyboard.press("g")
    page.keyboard.press("h")
    page.wait_for_url("**/changes")
    page.keyboard.press("/")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type("kinder")
    page.keyboard.press("Enter")
    page.wait_for_url("**/changes?text=kinder")
    expect(page.locator(".lane .what")).to_have_count(1)
    page.locator(".lane .what").focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("kinder tone")


def test_the_pages_work_without_scripts(served: Served, open_page: Open) -> None:
    """Nothing of what a change says needs one."""
    page = open_page(named(served, "kinder tone"), scripts=False)
    expect(page.locator("ins")).to_contain_text("say what you will do next")
    page.get_by_text("The whole decision").click()
    expect(page.locator(".why")).to_be_visible()


def test_a_prompt_is_read_and_approved_by_keyboard(deciding: Deciding, signed_in: SignIn) -> None:
    """What the button names is what is approved, and the page then says by whom."""
    change = deciding.made.in_review()
    page = signed_in("grace", at(change))
    expect(page.locator("ins")).to_contain_text("say what you will do next")
    button = page.get_by_role("button", name=f"Approve {change.digest[:12]}")
    page.locator("textarea[name=note]").focus()
    page.keyboard.type("Read it twice.")
    page.keyboard.press("Tab")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".big")).to_contain_text("approved")
    expect(page.locator("section[aria-labelledby=answers]")).to_contain_text("Read it twice.")
    assert deciding.made.desk.get(change.id).state is State.APPROVED


def test_what_moved_meanwhile_is_not_approved(deciding: Deciding, signed_in: SignIn) -> None:
    """The press answers 409 with what moved; the next press is about what is there now."""
    change = deciding.made.in_review()
    page = signed_in("grace", at(change))
    made = deciding.made
    edited = made.told(made.desk.edit(change.id, SHORT_REFUNDS, (), by("ada")))
    made.told(made.desk.submit(change.id, by("ada")))
    with page.expect_response(lambda answer: answer.request.method == "POST") as posted:
        page.get_by_role("button", name="Approve").click()
    assert posted.value.status == 409
    expect(page.locator("#moved")).to_contain_text("This is not what you looked at")
    expect(page.locator("#moved")).to_contain_text("prompt/refunds is new.")
    assert made.desk.get(change.id).answers == ()
    page.get_by_role("button", name=f"Approve {edited.digest[:12]}").click()
    expect(page.locator("section[aria-labelledby=answers]")).to_contain_text("grace")
    assert [each.digest for each in made.desk.get(change.id).answers] == [edited.digest]


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_going_back_is_one_button_with_a_second_look(
    deciding: Deciding, signed_in: SignIn, theme: str, width: int
) -> None:
    """Without reason or tick the browser holds it; with both it goes back."""
    change = deciding.made.rolling()
    page = signed_in("barbara", at(change), theme, width)
    if width < 700:
        page.get_by_role("link", name="Go back").click()
    button = page.get_by_role("button", name=f"Roll back {change.digest[:12]}")
    expect(button).to_be_in_viewport()
    button.click()
    assert deciding.made.desk.get(change.id).state is State.ROLLING_OUT
    page.get_by_label("Reason").fill("Visitors complain.")
    page.get_by_label("Yes, take it back now").check()
    button.click()
    expect(page.locator(".big")).to_contain_text("rolling back")
    assert deciding.made.desk.get(change.id).why == "Visitors complain."


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_glass_is_broken_with_open_eyes(
    deciding: Deciding, signed_in: SignIn, theme: str, width: int
) -> None:
    """The commander reads until when it must be ratified, and without a tick nothing breaks."""
    made = deciding.made
    change = made.told(made.desk.open(SHORT_REFUNDS, ("git:ada@example.org",), by("ada")))
    made.told(made.desk.submit(change.id, by("ada")))
    page = signed_in("katherine", at(change), theme, width)
    card = page.locator("section[aria-labelledby=glass-title]")
    expect(card).to_contain_text("must ratify it within 24 hours")
    card.get_by_text("Break glass as commander of").click()
    assert page.evaluate(TOO_WIDE) <= 0
    assert page.evaluate(CUT_OFF) == []
    card.get_by_label("Gate").select_option("cost")
    card.get_by_label("What happens if it waits").fill("Payouts go out twice.")
    card.get_by_label("What stands in meanwhile").fill("Two people watch.")
    button = card.get_by_role("button", name=f"Break glass for {change.digest[:12]}")
    button.click()
    assert made.desk.exceptions() == ()
    card.get_by_label("Yes, I break it").check()
    button.click()
    expect(page.locator(".concern")).to_contain_text("Broken glass is to be ratified")
    assert [each.exception.rule for each in made.desk.exceptions()] == ["cost"]
    page.goto(deciding.url + at(change))
    assert page.evaluate(TOO_WIDE) <= 0


def test_a_page_of_somebody_else_approves_nothing(deciding: Deciding, signed_in: SignIn) -> None:
    """Neither a form of another site nor a call without the proof is heard."""
    change = deciding.made.in_review()
    page = signed_in("grace", at(change))
    bound = deciding.made.desk.asked(change.id).bound
    body = f"said=approve&digest={bound[0]}&base_digest={bound[1]}&policy_digest={bound[2]}"
    send = """async ([path, body]) => (await fetch(path, {method: 'POST', body, headers:
      {'content-type': 'application/x-www-form-urlencoded'}, redirect: 'manual'})).status"""
    assert page.evaluate(send, [f"{at(change)}/answer", body]) == 403
    assert page.evaluate(send, [f"{at(change)}/answer", f"{body}&csrf={'0' * 64}"]) == 403
    page.goto("about:blank")
    page.evaluate(
        """([url, fields]) => { window.form = document.createElement('form');
          form.method = 'post'; form.action = url;
          for (const [name, value] of Object.entries(fields)) {
            const field = document.createElement('input'); field.name = name; field.value = value;
            form.append(field); } document.body.append(form); }""",
        [f"{deciding.url}{at(change)}/answer", dict(each.split("=") for each in body.split("&"))],
    )
    with page.expect_navigation() as posted:
        page.evaluate("window.form.submit()")
    assert posted.value is not None
    assert posted.value.status == 403
    page.goto(deciding.url + at(change))
    assert deciding.made.desk.get(change.id).answers == ()
    assert deciding.made.desk.get(change.id).state is State.IN_REVIEW


def test_what_strangers_wrote_runs_nowhere(deciding: Deciding, signed_in: SignIn) -> None:
    """Titles, prompts, reasons and notes are text on every page, and hidden letters are named."""
    plan = Manifest(
        title=HOSTILE,
        why=HOSTILE,
        parts={f"prompt/{HOSTILE}": Prompt(text=f"Be kind. {HOSTILE}")},
        base={f"prompt/{HOSTILE}": Prompt(text="Be kind.")},
        rollout=Rollout(stages=(Stage(name=HOSTILE, exposure=0.1),)),
        rollback=Rollback(),
    )
    change = deciding.made.in_review(plan)
    page = signed_in("grace", at(change))
    page.locator("textarea[name=note]").fill(HOSTILE)
    page.get_by_role("button", name="Say no to it").click()
    expect(page.locator("section[aria-labelledby=answers] .note")).to_contain_text("<img src=x")
    expect(page.locator(".hid").first).to_have_text("U+202E")
    for path in (at(change), *(f"/changes{each}" for each in PAGES)):
        page.goto(deciding.url + path)
        assert page.evaluate("window.hacked") is None, path
        assert page.locator("main img").count() == 0, path
        assert page.evaluate(TOO_WIDE) <= 0, path


def test_the_simulator_says_what_would_differ(deciding: Deciding, signed_in: SignIn) -> None:
    """A gate that is enforced now turns decisions; a text that does not read is kept."""
    deciding.made.rolling()
    page = signed_in("grace", "/changes/simulator")
    area = page.locator("#gates")
    text = area.input_value()
    assert "mode: dry-run" in text
    area.fill(text.replace("max_age: 7d", "max_age: 7d\n  min_events: 100000"))
    page.get_by_role("button", name="Judge the newest 50 by these gates").click()
    expect(page.locator(".kpis")).to_contain_text("Would now be held up")
    expect(page.get_by_text("turned").first).to_be_visible()
    page.locator("#gates").fill("gates: [")
    page.get_by_role("button", name="Judge the newest 50 by these gates").click()
    expect(page.locator("#refused")).to_contain_text("do not read")
    expect(page.locator("#gates")).to_have_value("gates: [")
