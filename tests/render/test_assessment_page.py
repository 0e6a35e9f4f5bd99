"""The one-pager: what leadership must know, self-contained, escaped, and short."""

from html.parser import HTMLParser

import msgspec
from hypothesis import given
from tests.render.hostile import REMEDIES, hostile, made_of, plain_assessment

from pawl.maturity.roadmap import roadmap
from pawl.render.assessment_page import MAX_GOALS, MAX_UNSEEN, assessment_page

VOID = {"meta", "br", "img", "link", "input"}
ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "span", "i", "table", "tr",
    "th", "td", "ul", "li", "footer",
}  # fmt: skip


class Page(HTMLParser):
    """Collects tags, attributes and the text of a page, and checks that tags nest."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text += data


def parsed(html: str) -> Page:
    """Return a parsed page whose tags all nest."""
    page = Page()
    page.feed(html)
    page.close()
    assert page.open == []
    return page


def test_it_shows_the_vector_the_weakest_the_goals_and_what_was_not_seen() -> None:
    """Levels by dimension, the weakest and its risk, the first goals with owner and indicator."""
    found, asked = plain_assessment()
    found = msgspec.structs.replace(found, not_looked_at=("host: No export.",))
    road = roadmap(found, [asked], remedies=REMEDIES, capacity=5)
    page = parsed(assessment_page(found, [asked], road.goals))
    for wanted in (
        "Maturity of repo:example",
        "L1 level 1",
        "Weakest: one. Risk: risk 1.",
        "Share of tests",
        "unassigned",
        "host: No export.",
        "never averaged",
    ):
        assert wanted in page.text


def test_it_loads_nothing_and_runs_nothing() -> None:
    """No script, no link, no image; a policy forbids all but its own style; dark and print too."""
    found, asked = plain_assessment()
    html = assessment_page(found, [asked])
    page = parsed(html)
    assert page.tags <= ALLOWED
    assert "default-src 'none'" in html
    assert "url(" not in html
    assert "prefers-color-scheme:dark" in html
    assert "size:A4" in html


def test_what_does_not_fit_is_counted() -> None:
    """The page stays one page: long lists end in how many more there are."""
    found, asked = plain_assessment()
    many = tuple(f"thing {number}" for number in range(MAX_UNSEEN + 4))
    found = msgspec.structs.replace(found, not_looked_at=many)
    goals = roadmap(found, [asked], remedies=REMEDIES, capacity=5).goals * 4
    page = parsed(assessment_page(found, [asked], goals))
    assert "and 4 more" in page.text
    assert f"First {MAX_GOALS} of {len(goals)} goals" in page.text


def test_an_incomplete_model_shows_no_level() -> None:
    """Where a probe failed the page says so instead of a level."""
    found, asked = plain_assessment()
    broken = msgspec.structs.replace(found.models[0], complete=False)
    page = parsed(assessment_page(msgspec.structs.replace(found, models=(broken,)), [asked]))
    assert "No level" in page.text
    assert "L1" not in page.text


@given(hostile)
def test_hostile_text_adds_no_tag_and_no_attribute(text: str) -> None:
    """Whatever the tree says, the page has the same tags and attributes as an honest one."""
    found, asked, _ = made_of(text)
    goals = roadmap(found, [asked], remedies=REMEDIES, capacity=5).goals
    page = parsed(assessment_page(found, [asked], goals))
    assert page.tags <= ALLOWED
    assert page.attributes <= {
        "lang", "charset", "name", "content", "http-equiv", "class", "role", "aria-label", "colspan"
    }  # fmt: skip
