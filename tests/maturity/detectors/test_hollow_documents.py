"""Pages that say nothing take credit from what rests on them, when most are so."""

from tests.maturity.detectors.looking import hits, look, one

from pawl.maturity.detector import Look

CODE = "G06"
_WORDS = (
    "Look at the queue first and note how long it is. When it grows faster than the workers empty "
    "it, add one worker and wait for five minutes, because a second one started at once fights "
    "with the first for the same lock and makes everything slower than it was before you came."
)
GOOD = f"# Queue\n\nOwner: @team/queue\n\n{_WORDS}\n\n```sh\nsystemctl restart queue\n```\n"


def _seen(*pages: str) -> Look:
    return look(files={f"docs/runbooks/{at}.md": text for at, text in enumerate(pages)})


def test_hollow_runbooks_are_provisional() -> None:
    """Two of two that say TBD take the credit of runbooks."""
    hit = one(CODE, _seen("# A\n\nTBD\n", "# B\n\nTBD\n"))
    assert hit.action == "provisional"
    assert hit.strength == "strong"
    assert "runbooks-have-substance" in hit.probes


def test_written_runbooks_are_not() -> None:
    """Pages with words and something to do, and one stub beside two of them, are left alone."""
    assert hits(CODE, _seen(GOOD)) == []
    assert hits(CODE, _seen(GOOD, _DIFFERENT, "# C\n\nTBD\n")) == []


def test_pages_that_point_at_a_written_one_are_not() -> None:
    """A pointer is as good as what it points at."""
    pointer = "# See\n\nSee [the queue](0.md).\n"
    assert hits(CODE, _seen(GOOD, pointer, pointer)) == []


_DIFFERENT = (
    "# Printer\n\nOwner: @team/print\n\nLabels that come out blank were printed on a ribbon "
    "mounted "
    "backwards. Open the lid, turn the roll so that its shiny side faces the head, close the lid "
    "until it clicks and print the test page from the menu. If that page is blank as well, "
    "the head "
    "is worn and a new one lies in the drawer below.\n\n```sh\nlpstat -p\n```\n"
)
SHORT = "# Q\n\nOwner: @team/queue\n\n" + " ".join(_WORDS.split()[:30]) + "\n\n```sh\nls\n```\n"
SOME = GOOD + "\n## Later\n\nTBD TBD TBD TBD\n"
SOME_OTHER = _DIFFERENT + "\n## Later\n\nTBD TBD TBD TBD\n"
DECIDES = {
    "words": (10, lambda: _seen(SHORT, "# B\n\nTBD\n")),
    "placeholders": (0.5, lambda: _seen(SOME, SOME_OTHER)),
    "alike": (1.01, lambda: _seen(GOOD, GOOD + "\n", GOOD + "\n\n")),
    "share_over": (0.7, lambda: _seen(GOOD, "# B\n\nTBD\n", "# C\n\nTBD\n")),
    "pages_min": (3, lambda: _seen("# A\n\nTBD\n", "# B\n\nTBD\n")),
}
