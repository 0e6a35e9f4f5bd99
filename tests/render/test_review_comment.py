"""The comment of a review shows hostile text as text, says what it does not know, and is short."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from tests.review.making import BASE, HEAD, finding

from pawl.base.errors import BadValue
from pawl.base.finding import Severity
from pawl.render.review_comment import MAX_LENGTH, failure_comment, plain_link, review_comment
from pawl.render.review_text import review_text
from pawl.review.finding import Finding
from pawl.review.review import Cost, NotReviewed, PartRun, Review, total_cost
from pawl.review.sticky import MARKER, marked

AT = "2026-11-21T10:00:00.000000Z"
HOSTILE = (
    "@octocat look at [this](https://evil.example) ![x](https://evil.example/p.png) "
    "<img src=x onerror=alert(1)> <!-- hidden --> https://evil.example www.evil.example "
    "acme/other#1 #12 GH-7 !4 $5 ~label | a | b | `code` ``` \n# Title\n\n- [x] done\n> said"
)


def ran(micros: int | None = 4_020, basis: str = "priced", **fields: object) -> PartRun:
    told: dict[str, object] = {
        "run_id": "run_1",
        "agent": "claude-code",
        "outcome": "succeeded",
        "answer": "read",
        "files": 1,
        "cost_micros": micros,
        "cost_basis": basis,
    }
    return PartRun(**(told | fields))  # type: ignore[arg-type]


def review(*findings: Finding, **fields: object) -> Review:
    runs = (ran(),)
    told: dict[str, object] = {
        "status": "reviewed",
        "exit_code": 0,
        "at": AT,
        "base": BASE,
        "head": HEAD,
        "findings": findings,
        "runs": runs,
        "cost": total_cost(runs),
    }
    return Review(**(told | fields))  # type: ignore[arg-type]


def tokens(text: str) -> list[Token]:
    """Return all tokens that a Markdown renderer with tables and strikethrough sees."""
    parsed = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    return [each for token in parsed for each in (token, *(token.children or ()))]


def live(text: str) -> set[str]:
    """Return what would be more than text: links, images, HTML, tables, task lists."""
    return {
        token.type
        for token in tokens(text)
        if token.type in ("link_open", "image", "html_inline", "table_open", "s_open")
        or (token.type == "html_block" and "pawl-review" not in token.content)
    }


def words(text: str) -> str:
    """Return the text that a host looks through for people and references."""
    return "\n".join(token.content for token in tokens(text) if token.type == "text")


def test_a_finding_with_its_place_code_and_remedy() -> None:
    """Severity, category, place, confidence, id, title, quoted code and what to do."""
    one = finding(last_line=4)
    text = review_comment(review(one))
    assert text.startswith(f"{MARKER}\n<!-- pawl-review-at: {AT} -->\n### Review: 1 finding\n")
    assert f"**high** · correctness · `app.py:2-4` · confidence 0.90 · `{one.id}`" in text
    assert "\n    return a - b\n" in text
    assert "→ Write \\`return a + b\\`." in text
    assert "Cost: $0.0040 (priced). Runs: 1 run." in text
    assert "Run id: `run_1`." in text


def test_hostile_text_stays_text() -> None:
    """No mention, link, image, HTML, table or reference of an agent's comes to life."""
    one = finding(title=HOSTILE[:200], suggestion=HOSTILE, evidence=HOSTILE, file=f"{HOSTILE}.py")
    text = review_comment(
        review(
            one,
            status="partial",
            problem=HOSTILE,
            not_reviewed=(NotReviewed(file=HOSTILE, reason=HOSTILE),),
            runs=(ran(run_id=HOSTILE[:200]),),
        )
    )
    assert live(text) == set()
    for shape in ("@octocat", "https://", "www.evil", "other#1", "#12", "GH-7"):
        assert shape not in words(text)
    assert live(failure_comment(HOSTILE, AT)) == set()


@given(st.text(st.sampled_from("@#`*_[]()<>!|~-+=.:/\\&;\n\r\t 1aw\u200b\u202e"), max_size=60))
def test_nothing_an_agent_writes_gets_out(text: str) -> None:
    """Whatever the characters, the comment keeps its shape and nothing in it is alive."""
    one = finding(title=text or "x", suggestion=text, evidence=text, file=text or "x")
    told = review_comment(review(one, problem=text))
    assert live(told) == set()
    assert words(told).count("Cost: $0.0040 (priced). Runs: 1 run.") == 1
    assert "@a" not in words(told)
    blocks = [token.content for token in tokens(told) if token.type == "html_block"]
    assert "".join(blocks) == marked("", AT)


@pytest.mark.parametrize("line", ["/merge", "/close please", "  /assign @ada", "/approve\n/merge"])
def test_no_line_is_a_command_to_the_host(line: str) -> None:
    """GitLab does what a line beginning with a slash says; no text of an agent's begins one."""
    one = finding(title=line, suggestion=line, evidence=line, file=line)
    unread = (NotReviewed(file=line, reason=line),)
    for text in (
        review_comment(review(one, status="partial", problem=line, not_reviewed=unread)),
        failure_comment(line, AT),
    ):
        assert not [each for each in text.splitlines() if each.strip().startswith("/")]


def test_only_what_is_sure_enough_is_shown() -> None:
    """What waits is counted, and its text is nowhere."""
    text = review_comment(review(finding(), finding(state="queued", title="Perhaps", line=9)))
    assert "### Review: 1 finding\n" in text
    assert "1 more finding below the confidence that its category asks for" in text
    assert "Perhaps" not in text


def test_no_finding_is_said_plainly() -> None:
    """A review of everything that found nothing says so."""
    text = review_comment(review())
    assert "### Review: no findings\n" in text
    assert "means nothing" not in text


def test_a_partial_review_does_not_read_as_a_whole_one() -> None:
    """What was not read is named, and the headline says it."""
    unread = tuple(NotReviewed(file=f"f{n}", reason="the budget is used up") for n in range(30))
    skipped = (NotReviewed(file="a.lock", reason="not written by hand", by_choice=True),)
    text = review_comment(
        review(status="partial", problem="The budget is used up.", not_reviewed=unread + skipped)
    )
    assert "### Review: no findings, of a part of the change\n" in text
    assert "**Only a part of the change was reviewed.** The budget is used up." in text
    assert "**Not reviewed:** 30 files" in text
    assert "- and 10 more" in text
    assert "Passed over by choice: 1 file" in text
    assert "no finding there means nothing" in text


def test_what_is_odd_about_a_review_is_said() -> None:
    """Its notes stand at the end, bounded, in the comment and on a terminal."""
    text = review_comment(review(warnings=("The ledger does not hold this review.",) * 9))
    assert text.count("Note: The ledger does not hold this review.") == 5
    told = review_text(review(finding(title="\x1b[2J"), warnings=("Odd.",), problem="Half."))
    assert "note: Odd.\n" in told
    assert "\x1b" not in told


def test_a_failure_is_a_failure() -> None:
    """Neither a failed review nor a missing one looks like a clean one."""
    text = review_comment(review(status="failed", problem="The agent failed: 500."))
    assert "### Review: failed\n" in text
    assert "**The change was not reviewed.** The agent failed: 500." in text
    gone = failure_comment("the result is missing", AT, link="https://ci.example/1")
    assert gone.startswith(f"{MARKER}\n")
    assert "What it cost is not known." in gone
    assert "[The job](https://ci.example/1)" in gone


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        ((), "nothing (no agent was run)"),
        ((ran(None, "unpriced"),), "unknown (unpriced)"),
        ((ran(1_500_000), ran(20_000)), "$1.52 (priced)"),
        ((ran(1_500_000), ran(20_000, "reported")), "$1.52 (mixed)"),
        ((ran(4_020), ran(None, "unpriced")), "at least $0.0040 (priced; 1 run without a price)"),
    ],
)
def test_cost_is_told_with_its_basis(runs: tuple[PartRun, ...], said: str) -> None:
    """A missing price is never zero, and sums are exact."""
    assert f"Cost: {said}." in review_comment(review(runs=runs, cost=total_cost(runs)))


def test_a_sum_of_costs_is_exact() -> None:
    """A thousand parts of one micro-dollar are a thousand."""
    assert total_cost((ran(1),) * 1000) == Cost(usd=0.001, basis="priced")


def test_the_length_is_bounded() -> None:
    """A flood of findings with texts that escaping makes longer fits, and the rest is counted."""
    flood = [
        finding(title="&" * 200, suggestion="@" * 2000, evidence="x" * 1000, line=n, last_line=n)
        for n in range(1, 400)
    ]
    unread = tuple(NotReviewed(file="@" * 4000, reason="&" * 2000) for _ in range(100))
    text = review_comment(review(*flood, problem="&" * 2000, status="partial", not_reviewed=unread))
    assert len(text) <= MAX_LENGTH
    assert "more findings, in the result's file" in text
    assert "Cost: $0.0040 (priced)" in text


def test_the_worst_come_first_in_the_order_given() -> None:
    """The comment keeps the review's order."""
    text = review_comment(
        review(finding(severity=Severity.CRITICAL, title="First"), finding(title="Second"))
    )
    assert text.index("First") < text.index("Second")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://x)y", "https://x y", "x"])
def test_a_link_is_an_address(url: str) -> None:
    """What would break out of the link is refused."""
    with pytest.raises(BadValue):
        plain_link(url, place="--link")
    assert plain_link("", place="--link") == ""
