"""Tell whether a page has a section about something, with words below its heading."""

import re

from pawl.maturity.extracts.document import Document

FEW_WORDS = 5
"""Words below a heading from which on it is more than a label."""


def has_section(page: Document, pattern: re.Pattern[str], *, words: int = FEW_WORDS) -> bool:
    """Say whether a heading that matches has so many words below it, subheadings included.

    A labelled line whose label matches is a section too, when few words are asked for. The title
    of the page is none.
    """
    if words <= FEW_WORDS and any(
        pattern.search(label) and value for label, value in page.fields.items()
    ):
        return True
    title = page.headings[0] if page.headings and page.headings[0].level == 1 else None
    for at, heading in enumerate(page.headings):
        if heading is title or not pattern.search(heading.text):
            continue
        below = heading.words
        for deeper in page.headings[at + 1 :]:
            if deeper.level <= heading.level:
                break
            below += deeper.words
        if below >= words:
            return True
    return False
