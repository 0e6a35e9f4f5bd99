"""The engine of the lint: states, fingerprints, waivers, honest ends."""

from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.assets.trees import assets

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.lint import Linted, lint
from pawl.assets.lint_settings import LintSettings
from pawl.assets.rule import Hit, Rule
from pawl.assets.waivers import Waiver, waivers_in
from pawl.base.errors import BadValue
from pawl.base.finding import Confidence, Severity

TODAY = "2026-11-21"


def _bad_lines(judged: Assets) -> Iterator[Hit]:
    for page in judged.memories:
        for number, line in page.prose():
            if "bad" in line:
                yield Hit(path=page.path, line=number, message=f"Says {line.strip()!r}.")


def rule(**more: object) -> Rule:
    """Return a rule that dislikes the word bad."""
    known: dict[str, object] = {
        "title": "A word is bad",
        "severity": Severity.HIGH,
        "confidence": Confidence.HIGH,
        "kinds": frozenset({Kind.MEMORY}),
        "check": _bad_lines,
        "source": "https://example.com",
        "as_of": TODAY,
        "hint": "Say something else.",
    }
    return Rule(**{**known, **more})  # type: ignore[arg-type]


RULES = {"bad-word": rule()}


def look(files: dict[str, str], settings: LintSettings | None = None, **more: object) -> Linted:
    base = more.pop("base", None)
    judged = assets(files, base=base)  # type: ignore[arg-type]
    rules = more.pop("rules", RULES)
    return lint(judged, rules, settings or LintSettings(), today=TODAY, **more)  # type: ignore[arg-type]


def test_a_finding_fails_and_says_where() -> None:
    """One line is one finding with its place, its remedy and a fingerprint."""
    linted = look({"CLAUDE.md": "good\nbad\n"})
    (found,) = linted.findings
    assert (found.path, found.line, found.state, found.hint) == (
        "CLAUDE.md",
        2,
        "new",
        "Say something else.",
    )
    assert linted.exit_code == 1
    assert linted.looked_at == {"memory": 1}


def test_nothing_looked_at_is_no_clean_bill() -> None:
    """A tree without assets cannot be told of, whatever rules there are."""
    assert look({"main.py": "bad"}).exit_code == 3
    assert look({"CLAUDE.md": "good\n"}).exit_code == 0


def test_a_file_that_cannot_be_read_is_told_of() -> None:
    """An asset that is too large leaves the answer open, and fails nothing."""
    linted = look({"CLAUDE.md": "good\n", "a/CLAUDE.md": "x" * 2_000_000})
    assert linted.unread == ("a/CLAUDE.md",)
    assert linted.exit_code == 3


def test_a_rule_that_fails_hides_nothing() -> None:
    """What it found before counts, what others find counts, and its failure is told."""

    def broken(judged: Assets) -> Iterator[Hit]:
        yield from _bad_lines(judged)
        raise ZeroDivisionError("boom")

    linted = look({"CLAUDE.md": "bad\n"}, rules={**RULES, "broken": rule(check=broken)})
    assert {found.rule for found in linted.findings} == {"bad-word", "broken"}
    assert linted.failed == {"broken": "ZeroDivisionError: boom"}
    only = look({"CLAUDE.md": "good\n"}, rules={"broken": rule(check=broken)})
    assert only.exit_code == 3


@given(st.lists(st.sampled_from(["good", "bad a", "bad b", ""]), max_size=8), st.integers(0, 5))
def test_fingerprints_do_not_know_lines(lines: list[str], above: int) -> None:
    """Lines put in above change no fingerprint, and equal lines are told apart."""
    before = look({"CLAUDE.md": "\n".join(lines)})
    after = look({"CLAUDE.md": "\n".join(["good"] * above + lines)})
    prints = [found.fingerprint for found in before.findings]
    assert len(set(prints)) == len(prints) == sum("bad" in line for line in lines)
    assert sorted(prints) == sorted(found.fingerprint for found in after.findings)


def test_a_baseline_knows_what_was_there() -> None:
    """Known findings fail nothing; one more of the same kind is new."""
    first = look({"CLAUDE.md": "bad\n"})
    known = [found.fingerprint for found in first.findings]
    again = look({"CLAUDE.md": "x\nbad\n"}, known=known)
    assert [found.state for found in again.findings] == ["known"]
    assert again.exit_code == 0
    more = look({"CLAUDE.md": "bad\nbad\n"}, known=known)
    assert sorted(found.state for found in more.findings) == ["known", "new"]
    assert more.exit_code == 1


@pytest.mark.parametrize(
    ("comment", "state", "void"),
    [
        ("<!-- pawl: allow bad-word because it is a quotation -->", "waived", []),
        ("<!-- pawl: allow bad-word, other until 2027-01-01 because so -->", "waived", []),
        ("<!-- pawl: allow bad-word -->", "new", ["it gives no reason"]),
        ("<!-- pawl: allow bad-word until 2026-11-20 because so -->", "new", ["it ended on 2026-"]),
        ("<!-- pawl: allow bad-word until soon because so -->", "new", ["its end is no day"]),
        ("<!-- pawl: allow other because so -->", "new", [""]),
        ("# pawl: allow bad-word because so", "waived", []),
    ],
)
def test_waivers_need_a_reason_and_end(comment: str, state: str, void: list[str]) -> None:
    """A waiver holds for the next line while it gives a reason and has not ended."""
    linted = look({"CLAUDE.md": f"{comment}\nbad\n"})
    assert {found.state for found in linted.findings} == {state}
    assert len(linted.void) == len(void)
    assert all(each.why.startswith(why) for each, why in zip(linted.void, void, strict=True))


def test_a_waiver_reaches_no_further() -> None:
    """It holds for two lines, `allow-file` for the file, settings for what they name."""
    text = "<!-- pawl: allow bad-word because so -->\ngood\nbad\n"
    assert look({"CLAUDE.md": text}).exit_code == 1
    assert look({"CLAUDE.md": text.replace("allow ", "allow-file ")}).exit_code == 0
    waiver = Waiver(rules=("bad-word",), path="docs/*", reason="a quotation")
    settings = LintSettings(allow=(waiver,))
    linted = look({"docs/CLAUDE.md": "bad\n", "CLAUDE.md": "bad\n"}, settings)
    assert {found.path: found.state for found in linted.findings} == {
        "docs/CLAUDE.md": "waived",
        "CLAUDE.md": "new",
    }


def test_a_change_cannot_allow_what_it_brings() -> None:
    """A waiver that the change itself adds holds nothing; one that stood there before does."""
    waived = "<!-- pawl: allow bad-word because so -->\nbad\n"
    assert look({"CLAUDE.md": waived}, base={"CLAUDE.md": "good\n"}).exit_code == 1
    assert look({"CLAUDE.md": f"x\n{waived}"}, base={"CLAUDE.md": waived}).exit_code == 0


def test_settings_choose_and_weigh() -> None:
    """Rules go off, opinions on, severities are replaced; a name that no rule has is refused."""
    files = {"CLAUDE.md": "bad\n"}
    assert look(files, LintSettings(off=("bad-word",))).findings == ()
    mild = look(files, LintSettings(severity={"bad-word": Severity.LOW}))
    assert mild.exit_code == 0
    assert look(files, LintSettings(fail_at=Severity.CRITICAL)).exit_code == 0
    opinion = {"bad-word": rule(opinion=True)}
    assert look(files, rules=opinion).findings == ()
    assert look(files, LintSettings(on=("bad-word",)), rules=opinion).exit_code == 1
    with pytest.raises(BadValue, match="no rule is called 'bad-wrod'"):
        look(files, LintSettings(off=("bad-wrod",)))


def test_hits_without_end_are_counted() -> None:
    """Beyond a number of hits in one file the rest is counted, not listed."""
    linted = look({"CLAUDE.md": "bad\n" * 250})
    assert len(linted.findings) == 200
    assert linted.more == {"bad-word": 50}


@given(st.text(max_size=300))
def test_any_text_has_waivers_or_none(text: str) -> None:
    """Looking for waivers never fails, and each found one stands on its line."""
    for waiver in waivers_in("x", f"pawl:{text}\npawl: allow a-b because {text}"):
        assert waiver.rules
        assert msgspec.json.encode(waiver)
