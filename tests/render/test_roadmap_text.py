"""Roadmaps as text, Markdown and a page to print: complete, escaped, and about nobody."""

import json
import re
from html.parser import HTMLParser

from hypothesis import given
from tests.maturity.judged import NOW
from tests.render.hostile import REMEDIES, hostile, made_of, plain_assessment

from pawl.maturity.roadmap import Roadmap, roadmap
from pawl.render.roadmap_text import plan_page, roadmap_json, roadmap_markdown, roadmap_text

EMPTY = Roadmap(subject="s", as_of=NOW, capacity=1, goals=(), weeks=(), days=0)


def test_the_roadmap_says_what_to_do_by_when_and_how_it_is_proved() -> None:
    """Each goal has an owner, a day, an indicator and the first step; the weeks follow."""
    found, asked = plain_assessment()
    text = roadmap_text(roadmap(found, [asked], remedies=REMEDIES, capacity=5))
    for wanted in (
        "owner: unassigned",
        "proved by: Share of tests; from 2026-11-27",
        "- asked: Mend it.",
        "tests/test a.py:7",
        "look first, then: Look.",
        "90 days by weeks",
        "1. 2026-11-21",
    ):
        assert wanted in text, wanted


def test_without_gaps_there_is_nothing_to_plan() -> None:
    """At the top of everything the roadmap says so in every form."""
    assert "nothing is missing" in roadmap_text(EMPTY)
    assert "nothing is missing" in roadmap_markdown(EMPTY)
    assert "Nothing is missing" in plan_page(EMPTY)


def test_json_carries_its_schema() -> None:
    """The roadmap is one documented, versioned object."""
    assert json.loads(roadmap_json(EMPTY))["schema"] == "pawl.roadmap/1"


class Tags(HTMLParser):
    """Collects the tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)


@given(hostile)
def test_hostile_text_stays_text(text: str) -> None:
    """No control character, no broken table and no tag comes out, whatever goes in."""
    found, asked, _ = made_of(text)
    road = roadmap(found, [asked], remedies=REMEDIES, capacity=1, owners={"c": text})
    assert all(line.isprintable() for line in roadmap_text(road).split("\n"))
    shown = roadmap_markdown(road).split("\n")
    assert all(line.isprintable() for line in shown)
    head = next(place for place, line in enumerate(shown) if line.startswith("| # |"))
    for line in shown[head : head + 2 + len(road.goals)]:
        assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) == 9
    page = Tags()
    page.feed(plan_page(road))
    assert page.tags <= {
        "html", "head", "meta", "title", "style", "body", "h1", "p", "table", "thead", "tbody",
        "tr", "th", "td", "br",
    }  # fmt: skip
