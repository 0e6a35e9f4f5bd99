"""A review as the one comment under a change, in Markdown.

Everything that an agent or an author wrote is shown as it is: no mention, no link, no image, no
HTML of theirs comes to life, and no text of theirs can leave its place. The length is bounded, and
what does not fit is counted.
"""

import re
from collections.abc import Iterator

from pawl.base.durations import format_duration
from pawl.base.errors import BadValue
from pawl.base.money import format_usd, micros_from_reported
from pawl.render.escaping import cut, markdown_code, markdown_text
from pawl.review.finding import Finding
from pawl.review.review import Cost, NotReviewed, PartRun, Review
from pawl.review.sticky import marked

MAX_LENGTH = 60_000
"""Characters of a comment; GitHub takes 65,536, GitLab a million."""
_FINDING = 3_500
_LISTED = 20
"""Files that were not reviewed that are named; the others are counted."""
_NAMES = 120
_COMMAND = re.compile(r"^(?=\s*/[A-Za-z])")
_NO_WIDTH = "\u200b"
_LINK = re.compile(r"https?://[A-Za-z0-9._~:/?#@!$&*+,;=%-]{1,500}")
_REFERENCE = re.compile(r"\b(gh-)(?=\d)", re.IGNORECASE)


def review_comment(review: Review, *, link: str = "") -> str:
    """Return the comment of a review. `link` is where the job that made it can be seen."""
    head = [f"### Review: {_headline(review)}", ""]
    tail = [*_not_reviewed(review.not_reviewed), *_facts(review, link)]
    if review.problem:
        head += [f"**{_problem(review)}** {_shown(cut(review.problem, 1_000))}", ""]
    room = MAX_LENGTH - sum(len(line) + 1 for line in (*head, *tail)) - 300
    body: list[str] = []
    for number, finding in enumerate(review.shown):
        lines = _finding(finding)
        size = sum(len(line) + 1 for line in lines)
        if size > room:
            left = len(review.shown) - number
            body += [f"…and {left} more {_plural(left, 'finding')}, in the result's file.", ""]
            break
        body += lines
        room -= size
    return marked("\n".join((*head, *body, *tail)), review.at)


def failure_comment(why: str, at: str, *, link: str = "") -> str:
    """Return the comment of a review that left no result that could be read."""
    lines = [
        "### Review: failed",
        "",
        f"**The change was not reviewed.** {_shown(cut(why, 1_000))}",
        "",
        "That nothing is found here means nothing. What it cost is not known.",
        *_linked(link),
    ]
    return marked("\n".join(lines) + "\n", at)


def plain_link(url: str, *, place: str) -> str:
    """Return an address that can stand in a comment; raises BadValue for one that cannot."""
    if not url or _LINK.fullmatch(url):
        return url
    raise BadValue(f"{url[:100]!r} is no plain https address.", place=place)


def cost_text(cost: Cost) -> str:
    """Return what a review cost, with what that rests on; a missing price is never zero."""
    if cost.basis == "none":
        return "nothing (no agent was run)"
    if cost.usd is None:
        return "unknown (unpriced)"
    money = format_usd(micros_from_reported(cost.usd))
    if cost.unknown:
        runs = f"{cost.unknown} {_plural(cost.unknown, 'run')}"
        return f"at least {money} ({cost.basis}; {runs} without a price)"
    return f"{money} ({cost.basis})"


def _headline(review: Review) -> str:
    if review.status == "failed":
        return "failed"
    shown = len(review.shown)
    told = f"{shown or 'no'} {_plural(shown, 'finding')}"
    return f"{told}, of a part of the change" if review.status == "partial" else told


def _problem(review: Review) -> str:
    if review.status == "failed":
        return "The change was not reviewed."
    return "Only a part of the change was reviewed."


def _finding(finding: Finding) -> list[str]:
    place = f"{cut(finding.file, 300)}:{finding.line}"
    if finding.last_line != finding.line:
        place += f"-{finding.last_line}"
    removed = " (removed)" if finding.side == "old" else ""
    lines = [
        f"**{finding.severity.value}** · {finding.category.value} · {markdown_code(place)}{removed}"
        f" · confidence {finding.confidence:.2f} · `{finding.id}`",
        "",
        _shown(finding.title),
        "",
        *_quoted(finding.evidence),
        "",
        f"→ {_shown(cut(finding.suggestion, 1_000))}",
        "",
    ]
    if sum(map(len, lines)) > _FINDING:  # Escaping may have made it several times as long.
        lines[4:-2] = ["(its code and remedy are too long to be shown here)", ""]
        lines[-2] = ""
    return lines


def _quoted(evidence: str) -> Iterator[str]:
    """Yield code as a block of indented lines, which nothing inside can end."""
    for line in evidence.splitlines()[:12]:
        shown = "".join(each if each.isprintable() else " " for each in cut(line, 160))
        # GitLab does what a line says that begins with a slash and a word, whatever is around it.
        yield f"    {_COMMAND.sub(_NO_WIDTH, shown)}"


def _not_reviewed(listed: tuple[NotReviewed, ...]) -> Iterator[str]:
    wanted = [each for each in listed if not each.by_choice]
    unread = sum(each.count for each in wanted)
    passed = sum(each.count for each in listed) - unread
    if wanted:
        yield f"**Not reviewed:** {unread} {_plural(unread, 'file')} or parts of files"
        yield ""
        for each in wanted[:_LISTED]:
            why = _shown(cut(each.reason, _NAMES))
            yield f"- {markdown_code(cut(each.file, _NAMES))}: {why}"
        if len(wanted) > _LISTED:
            yield f"- and {sum(each.count for each in wanted[_LISTED:])} more"
        yield ""
    if passed:
        yield f"Passed over by choice: {passed} {_plural(passed, 'file')}, generated or binary."
        yield ""


def _facts(review: Review, link: str) -> Iterator[str]:
    queued = len(review.queued)
    if queued:
        whose = _plural(queued, "its category asks", "their categories ask")
        yield f"{queued} more {_plural(queued, 'finding')} below the confidence that {whose} for:"
        yield "in the triage queue."
        yield ""
    if review.status != "reviewed":
        yield "What was not reviewed may hold anything: no finding there means nothing."
        yield ""
    runs = review.runs
    seconds = sum(each.duration_ms or 0 for each in runs) / 1000
    told = f"{len(runs)} {_plural(len(runs), 'run')}"
    if seconds:
        told += f", {format_duration(seconds)}"
    yield f"Cost: {cost_text(review.cost)}. Runs: {told}."
    if runs:
        yield f"Run {_plural(len(runs), 'id')}: {_ids(runs)}."
    if review.head:
        yield f"Of commit `{review.head[:12]}`, since `{(review.base or '')[:12]}`."
    for note in review.warnings[:5]:
        yield f"Note: {_shown(cut(note, 300))}"
    yield from _linked(link)


def _ids(runs: tuple[PartRun, ...]) -> str:
    shown = ", ".join(markdown_code(cut(each.run_id, 40)) for each in runs[:5])
    return shown if len(runs) <= 5 else f"{shown} and {len(runs) - 5} more"


def _shown(text: str) -> str:
    """Return text as it is: not even a number becomes a link to an issue, here or elsewhere.

    Hosts look for references and addresses after the markup is resolved, so a space of no width
    stands inside.
    """
    shown = markdown_text(text)
    for mark in ("\\#", "&#58;", "www&#46;"):
        shown = shown.replace(mark, f"{mark}&#8203;")
    return _REFERENCE.sub(r"\1&#8203;", shown)


def _linked(link: str) -> list[str]:
    return [f"[The job]({link})"] if link else []


def _plural(count: int, word: str, several: str | None = None) -> str:
    return word if count == 1 else several or f"{word}s"
