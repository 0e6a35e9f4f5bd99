"""Which findings a person can act on: about a line that changed, quoted, with a remedy.

An agent errs by a few lines more often than in what it quotes, so a quote that stands in the file
exactly once moves a finding to where it belongs. Whatever is dropped says why.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import groupby

import msgspec

from pawl.review.diff import ChangedFile, Line
from pawl.review.finding import (
    MAX_PATH,
    MAX_TITLE,
    RANKS,
    Category,
    Dropped,
    Finding,
    Said,
    Side,
    fingerprint,
    order,
)

Thresholds = Mapping[Category, float]


class Sifted(msgspec.Struct, frozen=True):
    """The findings that are left, the worst first, and those that were dropped."""

    findings: tuple[Finding, ...]
    dropped: tuple[Dropped, ...]


def sift(
    said: Iterable[Said],
    files: Iterable[ChangedFile],
    thresholds: Thresholds,
    vague: Sequence[str],
    *,
    most: int,
    dismissed: Container[str] = frozenset(),
) -> Sifted:
    """Return what is left of what was said of some files; `vague` begins remedies that are none.

    What is below its category's threshold is kept, and queued. Of findings on the same code, in
    the same category, one is kept: the worst, and of these the surest. `dismissed` holds the
    fingerprints of findings that somebody dismissed before: they are not told of again.
    """
    known = {file.path: file for file in files}
    kept: dict[str, Finding] = {}
    dropped: list[Dropped] = []
    for each in sorted(said, key=order):
        judged = _judged(each, known, vague)
        if isinstance(judged, str):
            dropped.append(_drop(each, judged))
            continue
        if judged.fingerprint in dismissed:
            dropped.append(_drop(each, f"somebody dismissed {judged.id} before"))
            continue
        threshold = thresholds[judged.category]
        finding = msgspec.structs.replace(
            judged,
            threshold=threshold,
            state="shown" if judged.confidence >= threshold else "queued",
        )
        twin = _twin(finding, kept)
        if twin is not None:
            dropped.append(_drop(each, f"the same as {twin.id}"))
        elif len(kept) >= most:
            dropped.append(_drop(each, f"more than {most} findings"))
        else:
            kept[finding.fingerprint] = finding
    return Sifted(tuple(sorted(kept.values(), key=order)), tuple(dropped))


def at_or_above(findings: Iterable[Finding], severity: str) -> bool:
    """Whether a finding that is shown is as bad as this, or worse."""
    least = next(rank for each, rank in RANKS.items() if each.value == severity)
    return any(each.state == "shown" and RANKS[each.severity] >= least for each in findings)


def _judged(said: Said, files: Mapping[str, ChangedFile], vague: Sequence[str]) -> Finding | str:
    """Return a finding at its true place, or why it is dropped."""
    file = files.get(said.file)
    if file is None:
        return "its file is not in the diff"
    if not said.evidence.strip():
        return "it quotes no code"
    why = _no_remedy(said.suggestion, vague)
    if why:
        return why
    places = _quoted(file, said.side, said.evidence)
    if not places:
        return "what it quotes is not in the diff"
    within = [lines for lines in places if _overlap(said, lines)]
    moved = not within
    if moved and len(places) > 1:
        return "its lines are not those it quotes, which stand in several places"
    lines = within[0] if within else places[0]
    first, last = (_number(lines[at], said.side) for at in (0, -1))
    if not moved:
        # As far as the agent says, where that is in the diff; never beyond.
        first, last = _within(file, said, first, last)
    if not _changes(file, said.side, first, last):
        return "it is about lines that did not change"
    named = {name: getattr(said, name) for name in Said.__struct_fields__}
    named |= {"line": first, "last_line": last}
    return Finding(**named, fingerprint=fingerprint(said), moved=moved)


def _no_remedy(suggestion: str, vague: Sequence[str]) -> str:
    words = suggestion.split()
    if len(words) < 3:
        return "it does not say what to do"
    plain = " ".join(words).lower()
    concrete = any(mark in suggestion for mark in "`()=_;") or any(
        "." in word.rstrip(".,") for word in words
    )
    if plain.startswith(tuple(vague)) and not concrete:
        return "what it says to do is not concrete"
    return ""


def _quoted(file: ChangedFile, side: Side, evidence: str) -> list[tuple[Line, ...]]:
    """Return the places of a file, on one side, that read as the evidence does.

    Spaces do not count, nor do the marks of a diff before a line, as long as all lines have one.
    """
    asked = [" ".join(line.split()) for line in evidence.splitlines() if line.strip()]
    found: list[tuple[Line, ...]] = []
    for wanted in dict.fromkeys((tuple(asked), tuple(_unmarked(asked)))):
        if not any(wanted):
            continue
        for run in _runs(file, side):
            told = [" ".join(line.text.split()) for line in run]
            for at in range(len(run) - len(wanted) + 1):
                if _reads(told[at : at + len(wanted)], wanted):
                    found.append(tuple(run[at : at + len(wanted)]))
        if found:
            break
    return found


def _reads(told: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether lines hold a quote: whole lines, of which the first and last may be cut."""
    if len(wanted) == 1:
        return wanted[0] in told[0]
    return (
        told[0].endswith(wanted[0])
        and told[-1].startswith(wanted[-1])
        and list(told[1:-1]) == list(wanted[1:-1])
    )


def _unmarked(lines: Sequence[str]) -> list[str]:
    if lines and all(line[:1] in "+-" for line in lines):
        return [line[1:].strip() for line in lines]
    return list(lines)


def _runs(file: ChangedFile, side: Side) -> list[list[Line]]:
    """Return stretches of lines with text that follow one another; empty lines do not part them."""
    found: list[list[Line]] = []
    for hunk in file.hunks:
        lines = [line for line in hunk.on(side) if line.text.strip()]
        if lines:
            found.append(lines)
    return found


def _number(line: Line, side: Side) -> int:
    number = line.number(side)
    assert number is not None  # It is a line of that side.
    return number


def _overlap(said: Said, lines: Sequence[Line]) -> bool:
    first, last = _number(lines[0], said.side), _number(lines[-1], said.side)
    return said.line <= last and first <= said.last_line


def _within(file: ChangedFile, said: Said, first: int, last: int) -> tuple[int, int]:
    """Return the said lines and the quoted ones together, as far as the quoted hunk goes."""
    numbers = sorted({number for line in file.on(said.side) if (number := line.number(said.side))})
    for _, group in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        stretch = [number for _, number in group]
        if stretch[0] <= first <= stretch[-1]:
            return (
                max(stretch[0], min(first, said.line)),
                min(stretch[-1], max(last, said.last_line)),
            )
    return first, last


def _changes(file: ChangedFile, side: Side, first: int, last: int) -> bool:
    mark = "+" if side == "new" else "-"
    return any(
        line.mark == mark and first <= (line.number(side) or 0) <= last for line in file.on(side)
    )


def _twin(finding: Finding, kept: Mapping[str, Finding]) -> Finding | None:
    same = kept.get(finding.fingerprint)
    if same is not None:
        return same
    for other in kept.values():
        if (
            (other.category, other.file, other.side)
            == (finding.category, finding.file, finding.side)
            and other.line <= finding.last_line
            and finding.line <= other.last_line
        ):
            return other
    return None


def _drop(said: Said, reason: str) -> Dropped:
    return Dropped(
        title=said.title[:MAX_TITLE], file=said.file[:MAX_PATH], line=said.line, reason=reason
    )
