"""Sessions, tools, models and developers in a real browser: they fit, and hands can use them."""

import pytest
from tests.browser.conftest import Open, Served

from pawl.services.activity_view import Scope
from pawl.telemetry.activity import SessionRow

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
pytestmark = [pytest.mark.browser, pytest.mark.heavy]

TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
NAMES = ("sessions", "session", "tools", "tools by project", "models", "advice", "developers")


def busy_session(served: Served) -> SessionRow:
    """Return the supervised session of the sample that used most tools."""
    assert served.serving.activity is not None
    rows = served.serving.activity.sessions(Scope(), failing=False, page=1).rows
    return max((row for row in rows if row.run_id), key=lambda row: row.tool_calls)


def path_of(served: Served, name: str) -> str:
    """Return the address of a page of the sample."""
    return {
        "session": f"/sessions/{busy_session(served).session_id}",
        "tools by project": "/tools?by=project",
        "advice": "/models/advice",
    }.get(name, f"/{name}")


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390), ("light", 360)])
@pytest.mark.parametrize("name", NAMES)
def test_every_page_fits_and_is_quiet(
    open_page: Open, served: Served, name: str, theme: str, width: int
) -> None:
    """No page scrolls sideways or logs an error, and each shows something of the sample."""
    page = open_page(path_of(served, name), theme=theme, width=width)
    assert page.locator("h1").is_visible()
    assert page.locator("tbody tr").count() > 0
    assert page.evaluate(TOO_WIDE) <= 0


@pytest.mark.parametrize("name", NAMES)
def test_every_page_is_whole_without_scripts(open_page: Open, served: Served, name: str) -> None:
    """The drawing is in the page itself: nothing waits for a script."""
    page = open_page(path_of(served, name), scripts=False)
    assert page.locator("tbody tr").first.is_visible()
    assert page.locator("[hidden]:visible").count() == 0


def test_the_waterfall_draws_within_its_column(open_page: Open, served: Served) -> None:
    """Each bar has a width of its own and stands inside the line of time."""
    page = open_page(path_of(served, "session"), scripts=False)
    lines = page.locator("svg.line")
    assert lines.count() > 3
    outside = page.evaluate(
        """() => [...document.querySelectorAll('svg.line')].filter((line) => {
          const room = line.getBoundingClientRect();
          return [...line.querySelectorAll('rect:not(.track), path')].some((mark) => {
            const box = mark.getBoundingClientRect();
            return box.left < room.left - 2 || box.right > room.right + 3 || box.width < 0.5;
          });
        }).length"""
    )
    assert outside == 0


def test_from_a_failed_call_to_the_run_by_keyboard(open_page: Open) -> None:
    """Rows lead on: tool, call that went wrong, session, run."""
    page = open_page("/tools?tool=Bash")
    link = page.locator("#failures a", has_text="session").first
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator("h2", has_text="What happened")).to_be_visible()
    runs = page.locator(".facts a[href^='/runs/']").first
    runs.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/*")
    expect(page.locator("a[href^='/sessions/']").first).to_be_visible()


def test_filters_work_without_scripts(open_page: Open) -> None:
    """A form and a button are enough, and the choice stays chosen."""
    page = open_page("/tools", scripts=False)
    page.select_option("select[name=agent]", "codex")
    page.click("form.filters button")
    assert "agent=codex" in page.url
    assert page.locator("select[name=agent]").input_value() == "codex"
    page.click("text=7 d")
    assert "agent=codex" in page.url
    assert "days=7" in page.url


def test_a_table_is_taken_away_with_the_filters_of_its_page(open_page: Open) -> None:
    """The file holds what the page shows."""
    page = open_page("/tools?agent=codex&by=project")
    with page.expect_download() as waiting:
        page.locator("a[download][aria-label='Tools as CSV']").click()
    download = waiting.value
    assert download.suggested_filename == "pawl-tools.csv"
    lines = download.path().read_text().splitlines()
    assert lines[0].startswith("tool,project,calls,")
    assert len(lines) - 1 == page.locator("main section").first.locator("tbody tr").count()


def test_choosing_a_task_class_lists_its_prices(open_page: Open) -> None:
    """One class at a time, and the limits stay above it."""
    page = open_page("/models/advice")
    page.click("a:has-text('Running commands')")
    expect(page.locator("#models h2")).to_contain_text("Running commands")
    expect(page.locator("#limits")).to_be_visible()
    assert page.locator("#models tbody tr").count() > 10
