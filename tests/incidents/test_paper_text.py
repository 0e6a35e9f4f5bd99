"""A postmortem as Markdown reads back as it was, whatever people wrote."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.incidents.made_incidents import content

from pawl.base.errors import BadFile
from pawl.incidents.learning import IncidentLearning
from pawl.incidents.paper_text import paper_markdown, read_paper
from pawl.incidents.postmortem import Content
from pawl.incidents.root_cause import RootCause

TEXT = st.one_of(
    st.text(alphabet="ab#`\\- \n", max_size=40),
    st.sampled_from(["## Summary", "a\n## Impact\nb", "\\## Learning", "\\\\## Root cause\nx"]),
).map(str.strip)
WORD = st.text(alphabet="abc-/", min_size=1, max_size=8)


@given(
    st.lists(TEXT, min_size=5, max_size=5),
    st.none() | st.tuples(WORD, WORD, WORD, WORD),
    st.none() | TEXT.filter(bool),
)
def test_what_is_written_reads_back(
    texts: list[str], cause: tuple[str, str, str, str] | None, case: str | None
) -> None:
    """Headings in the text, fences and backslashes change nothing."""
    names = ("summary", "impact", "what_happened", "lucky", "failed_control")
    said: dict[str, Any] = dict(zip(names, texts, strict=True))
    told = Content(
        **said,
        root_cause=RootCause(
            cause_class=cause[0], component=cause[1], trigger=cause[2], missing_control=cause[3]
        )
        if cause
        else None,
        learning=IncidentLearning(
            incidentId="inc-1", rootCause="x", newEvalCases=(case,), gateUpdates=(), owner="leo"
        )
        if case
        else None,
    )
    assert read_paper(paper_markdown(told, "inc-1: a\ntitle"), place="x") == told


@pytest.mark.parametrize(
    "text",
    [
        "",
        "just words",
        "## Summary\na\n## Summary\nb",
        "## Root cause\n- Class: x",
        "## Learning\n```json\n{}\n```",
    ],
)
def test_what_is_no_postmortem_is_told(text: str) -> None:
    """A file without its headings, with one twice, half a cause or half a learning is refused."""
    with pytest.raises(BadFile):
        read_paper(text, place="x")


def test_a_whole_one_reads_back() -> None:
    """The example that tests use everywhere survives as well."""
    assert read_paper(paper_markdown(content()), place="x") == content()
