"""Drills in a real browser: the pages fit, and hands find their way from one to the other."""

from typing import TYPE_CHECKING

import pytest
from tests.browser.conftest import Open
from tests.browser.test_changes_browser import CUT_OFF, SIZES, TOO_WIDE

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
pytestmark = [pytest.mark.browser, pytest.mark.heavy]


def _fits(page: "Page") -> None:
    assert page.evaluate(TOO_WIDE) <= 0
    assert page.evaluate(CUT_OFF) == []


@pytest.mark.parametrize(("theme", "width"), SIZES)
def test_board_and_report_fit(open_page: Open, theme: str, width: int) -> None:
    """Nothing is cut off, wide or narrow, light or dark."""
    page = open_page("/drills", theme=theme, width=width)
    _fits(page)
    page.get_by_role("link", name="2026").last.click()
    expect(page.get_by_role("heading", name="Expectations")).to_be_visible()
    _fits(page)


def test_a_refuted_hypothesis_is_found_and_read(open_page: Open) -> None:
    """From the list to the report: number and unit, the gap, and back; without any script."""
    page = open_page("/drills", scripts=False)
    row = page.get_by_role("row").filter(has_text="did not hold")
    row.get_by_role("link").click()
    expect(page.get_by_role("row").filter(has_text="not met").first).to_contain_text("5310 s")
    expect(page.locator(".drill-gaps").first).to_contain_text("platform-eng")
    page.get_by_role("link", name="Drills").first.click()
    expect(page.get_by_role("heading", name="Drills")).to_be_visible()
