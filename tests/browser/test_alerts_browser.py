"""Alerts and budgets in a real browser: they fit, hands can use them, and rows lead to evidence."""

import socket
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
import uvicorn
from tests.browser.conftest import Open, Served, Server

from pawl.app.serving import server_services
from pawl.server.app import create_app
from pawl.server.site import Settings
from pawl.services.alert_desk import AlertLine, AlertsView
from pawl.store.records.engine import open_records, writing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
pytestmark = [pytest.mark.browser, pytest.mark.heavy]

TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
CUT_OFF = """() => [...document.querySelectorAll('main *')].filter((each) => {
  const box = each.getBoundingClientRect();
  const hides = ['hidden', 'clip'].includes(getComputedStyle(each).overflowX);
  return !each.closest('.off, svg') && box.width
    && (hides && each.scrollWidth > each.clientWidth + 1 || box.right > innerWidth + 1);
}).map((each) => each.outerHTML.slice(0, 90))"""
SIZES = [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)]
Bare = Callable[..., "Page"]


def view(served: Served) -> AlertsView:
    """Return what the page of alerts is made of."""
    assert served.serving.alerts is not None
    return served.serving.alerts.desk.view()


def firing(served: Served, rule: str, level: str) -> AlertLine:
    """Return what fires by a rule."""
    found = [line for line in view(served).firing if line.alert.rule == rule]
    return next(line for line in found if line.alert.level == level)


def line_on(page: "Page", line: AlertLine) -> "Locator":
    """Return where the list shows an alert."""
    return page.locator(f"[id='{line.id}']")


@pytest.fixture
def bare(chromium: "Browser") -> Iterator[Bare]:
    """Return an opener that does not mind answers that refuse."""
    contexts = []

    def opener(url: str, width: int = 1280, theme: str = "light") -> "Page":
        contexts.append(
            chromium.new_context(
                viewport={"width": width, "height": 900},
                color_scheme="dark" if theme == "dark" else "light",
            )
        )
        page = contexts[-1].new_page()
        page.goto(url)
        return page

    yield opener
    for context in contexts:
        context.close()


@pytest.fixture
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a machine on which nothing ever happened."""
    folder = tmp_path_factory.mktemp("empty")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HOME", str(folder))
        for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
            patched.delenv(name, raising=False)
        with socket.create_server(("127.0.0.1", 0)) as listening:
            url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            serving = server_services(folder / "data", url=url)
            app = create_app(serving, Settings())
            server = Server(uvicorn.Config(app, log_level="critical", lifespan="on"))
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
            thread.start()
            try:
                yield Served(url, serving, folder / "data")
            finally:
                server.should_exit = True
                thread.join()


@pytest.mark.parametrize(("theme", "width"), SIZES)
@pytest.mark.parametrize("name", ["alerts", "one", "blind", "budgets", "no budgets"])
def test_every_page_fits_and_is_quiet(
    open_page: Open, served: Served, name: str, theme: str, width: int
) -> None:
    """No page scrolls sideways, cuts text off or logs an error, with all that folds folded out."""
    blind = next(line for line in view(served).firing if line.alert.blind_since)
    paths = {
        "alerts": "/alerts",
        "one": f"/alerts/{view(served).firing[0].id}",
        "blind": f"/alerts/{blind.id}",
        "budgets": "/budgets",
        "no budgets": "/budgets?scope=team",
    }
    page = open_page(paths[name], theme=theme, width=width)
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    assert page.locator("h1").is_visible()
    assert page.evaluate(TOO_WIDE) <= 0
    assert page.evaluate(CUT_OFF) == []
    assert page.locator(".banner.sample").is_visible()
    here = page.locator(".top nav [aria-current]")
    box, room = here.bounding_box(), page.locator(".top nav").bounding_box()
    assert box is not None
    assert room is not None
    assert room["x"] - 1 <= box["x"] <= box["x"] + box["width"] <= room["x"] + room["width"] + 1


def test_each_kind_of_alert_says_what_it_is(open_page: Open, served: Served) -> None:
    """Firing, without data, silenced, taken on and resolved stand in words, rows behind each."""
    page = open_page("/alerts", scripts=False)
    seen = view(served)
    for line in (*seen.firing, *seen.resolved):
        shown = line_on(page, line)
        shown.locator("details > summary").first.click()
        assert shown.locator(".rows a").count() >= 1
        assert shown.locator(".says").inner_text().strip() == line.alert.summary
    words = page.locator("#alerts").inner_text()
    for told in ("No data since", "it stays firing", "Silenced until", "looks after it"):
        assert told in words, told
    assert f"{len(seen.firing)} firing" in page.locator(".head").inner_text()
    assert page.locator("h2", has_text="Cannot tell").is_visible()


def test_from_an_alert_over_its_rows_to_the_run_and_its_commit(
    open_page: Open, served: Served
) -> None:
    """By keyboard: the alert's own page, a row, the run it happened in, with its commit."""
    line = firing(served, "tool-errors", "critical")
    page = open_page("/alerts")
    link = line_on(page, line).locator("a.what")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/alerts/{line.id}")
    assert page.locator("h1").inner_text() == "tool-errors"
    assert "firing" in page.locator("h2", has_text="What happened").locator("..").inner_text()
    rows = page.locator(".rows a", has_text="event")
    rows.first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/*")
    expect(page.locator("h1")).to_have_text(dict(line.alert.scope)["project"])
    commit = page.locator(".facts div", has_text="Branch").locator("code")
    assert len(commit.inner_text()) == 10


def test_the_keyboard_takes_an_alert_on(open_page: Open, served: Served) -> None:
    """Tab to what folds, fill the form, press Enter: its page says who looks after it."""
    blind = next(line for line in view(served).firing if line.alert.blind_since)
    page = open_page(f"/alerts/{blind.id}")
    summary = page.locator("summary", has_text="Acknowledge")
    for _ in range(60):
        if summary.evaluate("(each) => each === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("barbara")
    page.keyboard.press("Tab")
    page.keyboard.type("Its agent is off; nothing runs there.")
    page.keyboard.press("Enter")
    expect(page.locator(".note.run")).to_contain_text("barbara looks after it: Its agent is off")
    assert page.url.endswith(f"/alerts/{blind.id}")
    assert "acknowledged" in page.locator("main").inner_text()


def test_a_silence_needs_a_reason(open_page: Open, served: Served, bare: Bare) -> None:
    """The browser refuses an empty one, the server a blank one; with a reason it holds."""
    line = firing(served, "tool-errors", "warning")
    page = bare(f"{served.url}/alerts")
    shown = line_on(page, line)
    shown.locator("summary", has_text="Evidence").click()
    shown.locator("summary", has_text="Silence").click()
    form = shown.locator("form", has_text="Silence this alert")
    form.locator("[name=by]").fill("katherine")
    form.get_by_role("button").click()
    assert form.locator("[name=reason]").evaluate("(each) => each.matches(':invalid:focus')")
    form.locator("[name=reason]").fill("   ")
    form.get_by_role("button").click()
    expect(page.locator("#refused")).to_contain_text("Say why nobody needs to be told.")
    form = line_on(page, line).locator("form", has_text="Silence this alert")
    expect(form, "what was typed is still there").to_be_visible()
    assert form.locator("[name=by]").input_value() == "katherine"
    assert not firing(served, "tool-errors", "warning").silence
    form.locator("[name=reason]").fill("The critical one tells it.")
    form.get_by_role("button").click()
    expect(line_on(page, line).locator(".note").first).to_contain_text(
        "by katherine: The critical one tells it."
    )
    silence = firing(served, "tool-errors", "warning").silence
    assert silence is not None
    own = open_page(f"/alerts/{line.id}", scripts=False)
    own.get_by_role("button", name="Lift it now").click()
    assert own.url.endswith(f"/alerts/{line.id}")
    assert firing(served, "tool-errors", "warning").silence is None


def test_a_notice_leads_to_its_budget(open_page: Open, served: Served) -> None:
    """The row that a link names is marked and in sight, on a phone, too."""
    page = open_page("/budgets", width=390, theme="dark")
    name = page.locator("tr[id^='b-']").last.get_attribute("id")
    page.goto(f"{served.url}/budgets#{name}")
    row = page.locator("tr:target")
    expect(row).to_be_in_viewport()
    assert row.locator("th").evaluate("(each) => getComputedStyle(each).backgroundColor") != (
        "rgba(0, 0, 0, 0)"
    )


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_a_machine_where_nothing_happened(
    bare: Bare, empty: Served, theme: str, width: int
) -> None:
    """Nothing fires once somebody looked, and both pages say how to begin."""
    page = bare(f"{empty.url}/alerts", width, theme)
    expect(page.locator("#count")).to_have_text("nothing fires", timeout=30_000)
    page.reload()
    words = page.locator("main").inner_text()
    for told in ("Nothing fires.", "No channel is configured", "Nothing is silenced."):
        assert told in words
    assert page.evaluate(TOO_WIDE) <= 0
    page.goto(f"{empty.url}/budgets")
    assert "No budgets yet" in page.locator("main").inner_text()
    assert page.evaluate(TOO_WIDE) <= 0


def test_what_fails_is_said(bare: Bare, empty: Served) -> None:
    """Looking that fails, an alert nobody knows, records that do not answer: words, no blanks."""
    alerts = empty.serving.alerts
    assert alerts is not None
    page = bare(f"{empty.url}/alerts", 390)
    expect(page.locator("#count")).to_have_text("nothing fires", timeout=30_000)
    alerts.ticker.stop()
    alerts.desk.timers.beat(
        f"alerts:{alerts.ticker.store}", empty.serving.pages.now, "the disk is full."
    )
    page.reload()
    expect(page.get_by_role("alert").first).to_contain_text("the disk is full.")
    expect(page.locator("#count")).to_have_text("cannot tell")
    page.goto(f"{empty.url}/alerts/nope")
    assert "No alert is called 'nope'" in page.locator("main").inner_text()
    engine = open_records(empty.folder)
    with writing(engine) as connection:
        connection.execute("DROP TABLE budgets")
    engine.dispose()
    page.goto(f"{empty.url}/budgets")
    assert "503" in page.locator("main").inner_text()
    assert page.evaluate(TOO_WIDE) <= 0
