"""Whether a page has a section about something."""

import re

from pawl.maturity.extracts.document import read
from pawl.maturity.looking.sections import has_section

COST = re.compile("(?i)cost")
WORDS = "Each team has a budget for the month and asks before it spends more than that.\n"


def test_words_below_subheadings_belong_to_the_section() -> None:
    """A section reaches to the next heading of its own level."""
    page = read("a.md", f"# Guide\n\n## Cost\n\n### Limits\n\n{WORDS}")
    assert has_section(page, COST, words=10)
    page = read("a.md", f"# Guide\n\n## Cost\n\n## Limits\n\n{WORDS}")
    assert not has_section(page, COST, words=10)


def test_the_title_is_no_section() -> None:
    """A page about cost need not have a section about it."""
    assert not has_section(read("a.md", f"# Cost\n\n{WORDS}"), COST)


def test_a_labelled_line_is_a_short_section_only() -> None:
    """`Cost: 20 dollars` says it in short; a section of many words it is not."""
    page = read("a.md", "# Guide\n\nCost: twenty dollars a month\n")
    assert has_section(page, COST)
    assert not has_section(page, COST, words=10)
