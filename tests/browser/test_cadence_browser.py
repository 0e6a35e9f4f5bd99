"""The cadence in a real browser: it fits, hands and keyboards can use it, also without scripts."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import uvicorn
from tests.browser.conftest import Open, Served, Server
from tests.browser.test_changes_browser import CUT_OFF, SIZES, TOO_WIDE
from tests.server.cadence_site import CadenceSite
from tests.server.change_site import EVERYTHING

from pawl.governance.cadence import shipped_cadence
from pawl.governance.ledger import PAWL

if TYPE_CHECKING:
    from playwright.sync_api import Browser

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
pytestmark = [pytest.mark.browser, pytest.mark.heavy]

AT = "/cadence/quality-cost-anomaly-check/2026-03-23"


def shown(served: Served) -> list[str]:
    """Return the pages of the sample's cadence: this month and each routine now."""
    assert served.serving.cadence is not None
    desk = served.serving.cadence.desk
    periods = {
        routine.id: desk.show(routine.id).line.occurrence.period
        for routine in shipped_cadence().routines
    }
    return ["/cadence", *(f"/cadence/{name}/{period}" for name, period in periods.items())]


@pytest.mark.parametrize(("theme", "width"), SIZES)
def test_every_page_fits(served: Served, open_page: Open, theme: str, width: int) -> None:
    """Nothing is wider than the screen, cut off, or in error, in both themes and widths."""
    page = open_page("/cadence", theme=theme, width=width)
    for path in shown(served):
        page.goto(served.url + path)
        assert page.evaluate(TOO_WIDE) <= 0, path
        assert page.evaluate(CUT_OFF) == [], path
        expect(page.locator("h1")).to_be_visible()


def test_a_month_is_a_grid_and_on_a_phone_a_list(served: Served, open_page: Open) -> None:
    """Seven days beside one another, or one day below the other without the empty ones."""
    columns = "getComputedStyle(document.querySelector('.month')).gridTemplateColumns.split(' ')"
    wide = open_page("/cadence", width=1280)
    assert len(wide.evaluate(columns)) == 7
    narrow = open_page("/cadence", width=390)
    days = narrow.locator(".day:visible")
    assert days.count() > 5
    boxes = [days.nth(number).bounding_box() for number in range(3)]
    assert [box["x"] for box in boxes if box] == [boxes[0]["x"]] * 3 if boxes[0] else False
    assert narrow.locator(".day.none:visible").count() == 0


def test_the_keyboard_leads_to_a_routine(served: Served, open_page: Open) -> None:
    """`g d` opens the cadence; tabbing from the heading reaches months and occurrences."""
    page = open_page("/")
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_url("**/cadence")
    page.locator(".waits a, .day a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/cadence/*/*")
    expect(page.locator("h1")).to_be_visible()


def test_without_scripts_everything_is_there(served: Served, open_page: Open) -> None:
    """Months, states in words and numbers need no script."""
    page = open_page("/cadence", scripts=False)
    page.get_by_role("link", name="← Earlier").click()
    page.wait_for_url("**/cadence?month=*")
    page.get_by_role("link", name="This month").click()
    page.locator(".day a").first.click()
    expect(page.locator("section.numbers").first).to_be_visible()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[tuple[str, CadenceSite]]:
    """Serve a cadence with people who can sign in."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        site = CadenceSite(tmp_path / "data", port=port)
        server = Server(uvicorn.Config(site.app, log_level="error", lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{port}", site
        finally:
            server.should_exit = True
            thread.join()
            site.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_person_calls_it_done(
    own: tuple[str, CadenceSite], chromium: "Browser", scripts: bool
) -> None:
    """Signed in, with the keyboard alone: the words are written, and it is on record."""
    url, site = own
    token = site.identity.create("ada", EVERYTHING, PAWL, days=1, note="").secret
    context = chromium.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"{url}/login?next={AT}")
    page.locator("main [name=token]").fill(token)
    page.locator("main form button").click()
    page.wait_for_url(url + AT)
    page.locator("[name=output-note]").focus()
    page.keyboard.type("All quiet.")
    page.locator("button.yes").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#record-title")).to_be_visible()
    expect(page.locator("main")).to_contain_text("All quiet.")
    context.close()
    record = site.made.desk.show("quality-cost-anomaly-check").line.record
    assert record is not None
    assert record.person == "ada"
