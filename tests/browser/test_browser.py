"""The pages in a real browser: they draw, they fit, and hands and eyes can use them."""

import os
from pathlib import Path

import pytest
from tests.browser.conftest import Open, Served

from pawl.runs.record import RunRow
from pawl.services.pages import ImportProgress, RunSort, RunsQuestion
from pawl.store.spool import SpoolWriter
from pawl.telemetry.event import Event, Kind, Source

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
pytestmark = pytest.mark.browser

IMAGES = Path(__file__).parents[2] / "docs" / "images"
CONTRAST = """() => {
  const probe = document.createElement('span');
  document.body.append(probe);
  const rgb = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color.match(/[\\d.]+/g).slice(0, 3).map(Number);
  };
  const light = (name) => {
    const [r, g, b] = rgb(name).map((v) => (v /= 255) <= 0.04045 ? v / 12.92
      : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => {
    const [x, y] = [light(a), light(b)];
    return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
  };
  const found = {};
  for (const ground of ['bg', 'card', 'rail', 'wash'])
    for (const ink of ['ink', 'soft', 'accent', 'ok', 'bad', 'stop', 'run', 'odd'])
      found[`${ink} on ${ground}`] = ratio(ink, ground);
  return found;
}"""


def stopped_run(served: Served) -> RunRow:
    """Return a run of the sample that was stopped after it used a tool."""
    rows = served.serving.pages.runs(RunsQuestion(outcome="stopped")).answer.rows
    return next(row for row in rows if row.tool_calls)


def busy_run(served: Served) -> RunRow:
    """Return the supervised run of the sample that used most tools."""
    asked = RunsQuestion(outcome="succeeded", text="claude-opus", sort=RunSort.TOOLS)
    return served.serving.pages.runs(asked).answer.rows[0]


@pytest.mark.parametrize("width", [1280, 390, 360])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["overview", "runs", "run", "stopped", "cost", "by-day"])
def test_every_page_fits_and_is_quiet(
    open_page: Open, served: Served, name: str, theme: str, width: int
) -> None:
    """No page scrolls sideways, logs an error or asks for something that is not there."""
    paths = {
        "overview": "/",
        "runs": "/runs",
        "run": f"/runs/{busy_run(served).run_id}",
        "stopped": f"/runs/{stopped_run(served).run_id}",
        "cost": "/cost",
        "by-day": "/cost?by=day",
    }
    page = open_page(paths[name], theme=theme, width=width)
    assert page.locator("h1").is_visible()
    too_wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(too_wide) <= 0
    if name in ("overview", "cost"):
        page.wait_for_selector("figure[data-drawn]")
    picture = name in ("overview", "runs", "run", "cost") and (theme, width) == ("light", 1280)
    if picture and os.environ.get("PAWL_SCREENSHOTS"):
        IMAGES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=IMAGES / f"{name}.png")


def test_the_chart_is_drawn_from_its_table(open_page: Open) -> None:
    """The chart has as many series as the table, and its canvas is not blank."""
    page = open_page("/cost")
    page.wait_for_selector("figure[data-drawn]")
    series = int(page.get_attribute("figure.chart", "data-drawn") or 0)
    rows = page.locator("#by-day tbody tr")
    assert rows.count() == 30
    assert rows.first.locator("[data-v]").count() == series > 1
    painted = page.evaluate(
        """() => { const c = document.querySelector('.plot canvas');
        const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        const seen = new Set();
        for (let i = 0; i < d.length; i += 4) if (d[i + 3] > 250)
          seen.add(d[i] << 16 | d[i + 1] << 8 | d[i + 2]);
        return seen.size; }"""
    )
    assert painted > 2
    page.hover(".u-over")
    assert "$" in page.inner_text(".tip")
    page.click("summary")
    assert page.locator("#by-day").is_visible()


def test_the_keyboard_reaches_everything(open_page: Open, served: Served) -> None:
    """Skip link, filter, a run and back: without a mouse."""
    page = open_page("/runs")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    assert page.locator(".skip").is_visible()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "text"
    with page.expect_response(lambda answer: "text=codex" in answer.url):
        page.keyboard.type("codex")
    expect(page.locator("#runs")).not_to_contain_text("claude-code")
    assert "text=codex" in page.url
    assert "agent=" not in page.url
    page.keyboard.press("Escape")
    page.locator("a.row").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/*")
    assert page.locator(".timeline").is_visible()
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/cost")


def test_a_running_run_appears_and_ends_before_ones_eyes(open_page: Open, served: Served) -> None:
    """A run that starts is shown as running, and its ending arrives without a reload."""
    pages = served.serving.pages
    fields = {"source": Source.RUN, "agent": "codex", "run_id": "run_live", "project": "live-one"}
    begin = Event(id="live-1", time=pages.now, kind=Kind.RUN_STARTED, **fields)  # type: ignore[arg-type]
    with SpoolWriter(served.folder / "spool", "live") as spool:
        spool.append([begin])
        spool.commit()
        served.serving.drain_once()
        page = open_page("/runs?text=live-one")
        row = page.locator("#run-run_live")
        assert "running" in row.inner_text()
        page.evaluate("window.untouched = true")
        row.locator("a").focus()
        end = Event(
            id="live-2", time=pages.now, kind=Kind.RUN_ENDED, outcome="stopped",
            attributes={"stop_limit": "usd"}, **fields,  # type: ignore[arg-type]
        )  # fmt: skip
        spool.append([end])
        spool.commit()
        served.serving.drain_once()
        page.evaluate("document.body.dispatchEvent(new Event('pawl:tick'))")
        expect(row).to_contain_text("stopped")
        assert "dollars" in row.inner_text()
        assert page.evaluate("window.untouched") is True
        assert page.evaluate("document.activeElement.className") == "row"
        assert page.get_attribute("#runs", "hx-trigger") == "pawl:slow from:body"


def test_the_end_of_an_import_shows_what_it_brought(open_page: Open, served: Served) -> None:
    """While transcripts are read there is a bar; when they are read the page loads anew."""
    serving = served.serving
    done = serving.progress
    serving.progress = ImportProgress(state="running", bytes_done=1, bytes_total=4)
    try:
        page = open_page("/")
        assert page.locator("progress").get_attribute("value") == "1"
        page.evaluate("window.untouched = true")
        serving.progress = ImportProgress(state="running", bytes_done=3, bytes_total=4)
        page.evaluate("document.body.dispatchEvent(new Event('pawl:tick'))")
        expect(page.locator("progress")).to_have_attribute("value", "3")
        assert page.evaluate("window.untouched") is True
    finally:
        serving.progress = done
    page.evaluate("document.body.dispatchEvent(new Event('pawl:tick'))")
    expect(page.locator("progress")).to_have_count(0)
    page.wait_for_load_state()
    page.wait_for_selector("figure[data-drawn]")
    assert page.evaluate("window.untouched") is None


def test_pages_work_without_scripts(open_page: Open) -> None:
    """With scripts off there are tables, and filter and period are plain forms."""
    page = open_page("/cost?by=day", scripts=False)
    assert page.locator("#by-day").is_visible()
    assert not page.locator("figure.chart").is_visible()
    page.fill("input[name=since]", "2026-01-01")
    page.click("button:text-is('Show')")
    assert "since=2026-01-01" in page.url
    assert "by=day" in page.url
    page = open_page("/runs", scripts=False)
    page.fill("#text", "gemini")
    page.click("button.go")
    assert "text=gemini" in page.url
    assert page.locator("tbody tr").count() > 0
    assert not page.locator("#theme").is_visible()


def test_the_chosen_theme_stays(open_page: Open, served: Served) -> None:
    """The toggle goes from the system's theme to light and dark, and the next page remembers."""
    page = open_page("/cost")
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("#theme")
    page.click("#theme")
    assert page.get_attribute("html", "data-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
    page.goto(served.url + "/runs")
    assert page.get_attribute("html", "data-theme") == "dark"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_has_enough_contrast(open_page: Open, theme: str) -> None:
    """Every text colour reaches 4.5 to 1 on every ground it may stand on."""
    found = open_page("/", theme=theme).evaluate(CONTRAST)
    assert {pair: round(ratio, 2) for pair, ratio in found.items() if ratio < 4.5} == {}


def test_the_server_going_away_is_said(open_page: Open, served: Served) -> None:
    """When the server stops answering, the page says that what it shows is old."""
    page = open_page("/runs")
    assert not page.locator("#offline").is_visible()
    page.evaluate("document.dispatchEvent(new Event('htmx:error'))")
    assert page.locator("#offline").is_visible()
