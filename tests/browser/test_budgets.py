"""The page of budgets in a browser: narrow and wide, light and dark, with scripts and without."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
Open = Callable[..., "Page"]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_fits(open_page: Open, width: int, theme: str) -> None:
    """Nothing is wider than the screen; the table moves inside its own frame."""
    page = open_page("/budgets", theme=theme, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.locator("table.numbers tbody tr").count() >= 3
    assert page.get_by_role("link", name="Budgets").get_attribute("aria-current") == "page"


def test_it_works_without_scripts(open_page: Open) -> None:
    """The filter is a form, the meters are in the page."""
    page = open_page("/budgets", scripts=False)
    page.get_by_label("Whose").select_option("project")
    page.get_by_role("button", name="Show").click()
    rows = page.locator("table.numbers tbody tr")
    assert rows.count() >= 1
    assert all("project" in text for text in rows.locator("th").all_inner_texts())
    assert rows.first.locator("svg.bar rect").count() == 3


def test_a_key_leads_there(open_page: Open) -> None:
    """`g` then `b`, as the footer says."""
    page = open_page("/")
    page.keyboard.press("g")
    page.keyboard.press("b")
    page.wait_for_url("**/budgets")
