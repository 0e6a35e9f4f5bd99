"""The maturity pages in a real browser: they draw, fit, work by keyboard, and print on one page."""

import os
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.browser.conftest import Open, Served

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
pytestmark = [pytest.mark.browser, pytest.mark.heavy]

IMAGES = Path(__file__).parents[2] / "docs" / "images"
FIRST = quote("repo:example.org/shop/checkout")
PATHS = {
    "levels": "/maturity",
    "dimension": f"/maturity/dimension?subject={FIRST}&model=eng&dimension=delivery",
    "roadmap": "/maturity/roadmap",
    "trend": "/maturity/trend",
    "diff": "/maturity/diff",
    "exemptions": "/maturity/exemptions",
    "integrity": "/maturity/integrity",
    "fleet": "/maturity/fleet",
    "assessments": "/maturity/assessments",
    "one-page": "/maturity/one-page",
}
CONTRAST = """() => {
  const light = ([r, g, b]) => [r, g, b].map((v) => v <= 0.04045 ? v / 12.92
    : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, n) => sum + v * [0.2126, 0.7152, 0.0722][n], 0);
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgb = (colour) => {
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((v) => v / 255);
  };
  const found = {};
  for (const cell of document.querySelectorAll('.heat td')) {
    const ground = light(rgb(getComputedStyle(cell).backgroundColor.replace('rgba(0, 0, 0, 0)',
      getComputedStyle(document.querySelector('.card')).backgroundColor)));
    for (const ink of cell.querySelectorAll('.st, small, .soft, .lv')) {
      const text = light(rgb(getComputedStyle(ink).color));
      const ratio = (Math.max(ground, text) + 0.05) / (Math.min(ground, text) + 0.05);
      found[`${cell.className} ${ink.className}`] = ratio;
    }
  }
  return found;
}"""


def open_one(served: Served) -> str:
    """Return the address of the sample's assessment that is under way."""
    assert served.serving.maturity is not None
    held = next(
        each for each in served.serving.maturity.ceremonies(None) if each.state == "actions"
    )
    return f"/maturity/assessments/{held.id}"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", [*PATHS, "assessment"])
def test_every_page_fits_and_is_quiet(
    open_page: Open, served: Served, name: str, theme: str, width: int
) -> None:
    """No page scrolls sideways, logs an error or asks for something that is not there."""
    path = open_one(served) if name == "assessment" else PATHS[name]
    page = open_page(path, theme=theme, width=width)
    assert page.locator("h1").first.is_visible()
    if name == "trend":
        page.wait_for_selector("figure[data-drawn]")
    too_wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(too_wide) <= 0
    picture = (name, theme, width) == ("levels", "light", 1280)
    if picture and os.environ.get("PAWL_SCREENSHOTS"):
        IMAGES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=IMAGES / "maturity.png")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_in_filled_cells_can_be_read(open_page: Open, theme: str) -> None:
    """Every text in a cell of the grid reaches 4.5 to 1 on the cell's own fill."""
    found = open_page("/maturity", theme=theme).evaluate(CONTRAST)
    assert len(found) > 10
    assert {pair: round(ratio, 2) for pair, ratio in found.items() if ratio < 4.5} == {}


def test_the_one_page_prints_on_one_page(open_page: Open) -> None:
    """On A4 and on letter paper the sheet is one page, even when every text is at its longest."""
    page = open_page("/maturity/one-page")
    page.evaluate(
        """() => {
        const [levels, goals] = document.querySelectorAll('.sheet table');
        const busy = levels.rows[2];
        for (const row of levels.tBodies[0].rows)
          for (const n of [1, 4]) row.cells[n].innerHTML = busy.cells[n].innerHTML;
        for (const row of goals.tBodies[0].rows) row.cells[0].textContent = 'word '.repeat(18);
        for (const list of document.querySelectorAll('.three ul'))
          while (list.children.length < 5) list.append(list.lastElementChild.cloneNode(true));
        document.querySelector('.sheet h1').textContent = 'example.org/' + 'group/'.repeat(13);
        }"""
    )
    for paper in ("A4", "Letter"):
        printed = page.pdf(format=paper, prefer_css_page_size=False)
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1, paper
    page.emulate_media(media="print")
    assert not page.locator(".top").is_visible()
    assert page.locator(".sheet").is_visible()


def test_the_trend_is_drawn_from_its_table(open_page: Open) -> None:
    """Each chart has as many points as the table has rows, and is not blank."""
    page = open_page("/maturity/trend")
    page.wait_for_selector("figure[data-drawn]")
    rows = page.locator("#levels tbody tr").count()
    figures = page.locator("figure.steps")
    assert figures.count() == 5
    assert {figures.nth(n).get_attribute("data-drawn") for n in range(5)} == {str(rows)}
    painted = page.evaluate(
        """() => [...document.querySelectorAll('.plot canvas')].map((c) => {
        const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        const seen = new Set();
        for (let i = 0; i < d.length; i += 4) if (d[i + 3] > 250)
          seen.add(d[i] << 16 | d[i + 1] << 8 | d[i + 2]);
        return seen.size; })"""
    )
    assert min(painted) > 2


def test_pages_work_without_scripts(open_page: Open, served: Served) -> None:
    """With scripts off there are tables, forms and open criteria; a form refuses in words."""
    page = open_page("/maturity/trend", scripts=False)
    assert page.locator("#levels").is_visible()
    assert not page.locator("figure.steps").first.is_visible()
    page = open_page("/maturity", scripts=False)
    page.select_option("select[name=subject]", label="example.org/shop/search")
    page.click("button:text-is('Show')")
    assert "search" in page.inner_text(".about")
    page.click("a:text-is('Code Quality')")
    closed = page.locator("details.tree:not([open])").first
    closed.locator("summary").click()
    assert page.locator("details.tree[open]").count() > 0
    page = open_page("/maturity/diff", scripts=False)
    page.select_option("select[name=before]", index=5)
    page.click("button:text-is('Compare')")
    assert page.locator("#criteria tbody tr").count() > 10
    page.click("#criteria a >> nth=0")
    assert page.locator("details.tree:target").count() == 1
    page = open_page("/maturity/assessments", scripts=False)
    page.click(".lines a.who >> nth=0")
    assert page.locator(".way [aria-current]").is_visible()


def test_the_keyboard_reaches_a_criterion(open_page: Open) -> None:
    """`g m` leads here, a dimension's link to its tree, Enter opens a criterion."""
    page = open_page("/runs")
    page.keyboard.press("g")
    page.keyboard.press("m")
    page.wait_for_url("**/maturity")
    page.locator(".heat a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/maturity/dimension"))
    summary = page.locator("details.tree:not([open]) summary").first
    summary.focus()
    identity = page.evaluate("document.activeElement.parentElement.id")
    page.keyboard.press("Enter")
    expect(page.locator(f"[id='{identity}']")).to_have_attribute("open", "")


def test_the_first_paint_comes_soon(open_page: Open) -> None:
    """Nothing that the browser must fetch before it paints is more than our own small files."""
    page = open_page("/maturity")
    sizes = page.evaluate(
        """() => performance.getEntriesByType('resource')
        .filter((entry) => entry.renderBlockingStatus === 'blocking')
        .map((entry) => entry.decodedBodySize)"""
    )
    assert sizes
    assert sum(sizes) < 20 * 1024
