"""Goals as texts for a host: nothing in them acts, names anybody, or grows without bound."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from pawl.base.finding import Place
from pawl.maturity.goal_issue import block, marker, marker_in
from pawl.maturity.roadmap import Goal, Roadmap, Task
from pawl.maturity.verdict import (
    Assessment,
    CriterionResult,
    DimensionResult,
    ModelResult,
    Verdict,
)
from pawl.render.issue_text import MAX_TEXT, asked_of, host_text, issue_title

NOW = "2026-11-21T00:00:00.000000Z"
HOSTILE = "@ada #12 !3 GH-4 [x](https://evil.example) <img src=x> `@bob` www.evil.example\n/close\n"


def goal(text: str = "Tests assert.", tasks: int = 1, identity: str = "eng.code.L2.tests") -> Goal:
    """Return a goal with one text everywhere."""
    task = Task(
        probe="tests-assert", text=text, why=text, days=2.0, at_most=True, places=(Place(text, 3),)
    )
    return Goal(
        id=identity,
        model="eng",
        dimension="code",
        level=2,
        statement=text,
        verdict="unmet",
        now=text,
        indicator=text,
        wanted=(text,),
        owner=text,
        risk=3,
        days=2.0,
        at_most=True,
        per_day=1.5,
        starts="2026-11-23",
        due="2026-11-27",
        proved_on="2026-12-27",
        waits_days=30.0,
        tasks=(task,) * tasks,
    )


def road(*goals: Goal) -> Roadmap:
    return Roadmap(subject="repo:shop", as_of=NOW, capacity=2.0, goals=goals, weeks=(), days=2.0)


def criterion(name: str, verdict: Verdict, *, provisional: bool = False) -> CriterionResult:
    return CriterionResult(
        id=name,
        statement="S.",
        level=2,
        origin="seed",
        verdict=verdict,
        reason=f"Because @ada of {name}.",
        needs=(),
        provisional=provisional,
    )


def assessment(*criteria: CriterionResult, complete: bool = True) -> Assessment:
    dimension = DimensionResult(
        id="code", name="Code", measured=1, level_id="L1", level_name="a", risk="",
        criteria=criteria,
    )  # fmt: skip
    model = ModelResult(
        model="eng", version="1", digest="d", name="E", complete=complete, weakest=("code",),
        dimensions=(dimension,),
    )  # fmt: skip
    return Assessment(
        subject="repo:shop", as_of=NOW, commit=None, tree=None, engine="pawl", probes_digest="p",
        thresholds_digest="t", evidence_root="e", models=(model,),
    )  # fmt: skip


def text_of(one: Goal) -> str:
    return asked_of(road(one), assessment()).wanted[0].text


def test_a_goal_tells_what_when_and_who() -> None:
    """The text names the criterion, how it stands, the owner role, the day, and what to do."""
    wanted = asked_of(road(goal()), assessment()).wanted[0]
    assert wanted.title == "Tests assert. (eng.code.L2.tests)"
    assert wanted.marker == marker("eng.code.L2.tests", "repo:shop")
    for line in (
        "- Criterion: `eng.code.L2.tests`, level 2 of code",
        "- Now: unmet. Tests assert.",
        "- Owner: Tests assert.",
        "- Due: 2026-11-27; proved from 2026-12-27",
        "- Effort: at most 2 person-days; risk removed: 3",
        "- `tests-assert`: look first, then: Tests assert.",
        "  - `Tests assert.:3`",
    ):
        assert f"\n{line}\n" in wanted.text


def test_only_what_is_surely_met_is_closed() -> None:
    """Not what is exempt, does not apply, is provisional, or comes from an incomplete judgement."""
    criteria = [criterion(each.value, each) for each in Verdict]
    criteria.append(criterion("doubtful", Verdict.MET, provisional=True))
    met = asked_of(road(), assessment(*criteria)).met
    assert [each.criterion for each in met] == ["met"]
    assert (
        met[0].said == "On 2026-11-21 this is met, from evidence: Because &#64;&#8203;ada of met."
    )
    assert asked_of(road(), assessment(*criteria, complete=False)).met == ()


def _shown(markdown: str) -> str:
    """Return what remains of a text for a host to look for names in: code spans are left out."""
    shown = re.sub(r"(?<!\\)`[^`]*`", "", markdown)
    for entity, sign in (("&#64;", "@"), ("&#58;", ":"), ("&#46;", "."), ("&amp;", "&")):
        shown = shown.replace(entity, sign)
    return re.sub(r"\\(.)", r"\1", shown).replace("&#8203;", "\u200b")


def test_hostile_text_reaches_nobody() -> None:
    """No mention, reference, link, markup or command of GitLab's comes out of a text of others."""
    text = text_of(goal(HOSTILE))
    shown = _shown(text)
    assert not re.search(r"@\w|#\d|!\d|GH-\d|://|www\.", shown)
    assert "\\<img" in text
    assert not any(line.lstrip().startswith("/") for line in text.split("\n"))


def test_a_text_of_others_ends_no_block() -> None:
    """Neither an end line nor a marker can be forged from inside."""
    forged = "x\n<!-- pawl-goal-end: 2026-11-21 met -->\n<!-- pawl-goal: a b -->"
    body = block(marker("c", "s"), text_of(goal(forged)), "2026-11-21")
    lines = body.split("\n")
    assert [line for line in lines if line.startswith("<!--")] == [lines[0], lines[-1]]
    assert marker_in(body) == lines[0]


def test_a_long_goal_is_cut() -> None:
    """However much a goal says, what is sent stays within bounds, and says that there is more."""
    text = text_of(goal("@" * 5_000, tasks=500))
    assert len(text) < MAX_TEXT + 200
    assert text.endswith("There is more: `pawl roadmap` shows all of it.")
    assert "and 488 more" in text_of(goal(tasks=500))


SIGNS = st.sampled_from(list("@#!~$%&`\\<>[]():;/.-_wGHgl1 \n"))


@settings(max_examples=100)
@given(st.text(SIGNS | st.characters(), max_size=300))
def test_any_text_is_one_harmless_line(text: str) -> None:
    """Whatever a repository puts into a reason stays on its line and notifies nobody."""
    shown = host_text(text)
    assert "\n" not in shown
    assert not re.search(r"@\w", _shown(shown))
    title = issue_title(text)
    assert len(title) <= 150
    assert not set(title) & set("@#!`<>[]*~$&%/:_\\\n")
