"""One criterion over records: eight verdicts, and the reasons for them."""

from typing import Any

import pytest
from tests.maturity.judged import NOW, SUBJECT, ago, criterion, judged, record, wants

from pawl.base.finding import Outcome
from pawl.maturity.dossier import Dossier, FreshnessEvent
from pawl.maturity.evidence import Assurance, Depth, Kind, Record, Share
from pawl.maturity.model import Need, Threshold
from pawl.maturity.verdict import Hit, Verdict

FAIL, NOT_APPLICABLE = Outcome.FAIL, Outcome.NOT_APPLICABLE
TREE, CI, HOST = (Kind.TREE,), (Kind.CI,), (Kind.HOST,)


def hit(action: Any, **told: Any) -> Hit:
    """Return what a detector says about the probe `asked`."""
    said: dict[str, Any] = {"probes": ("asked",), **told}
    return Hit(
        detector="G07",
        indicator="Tests assert nothing.",
        strength="strong",
        action=action,
        innocent="",
        remedy="",
        **said,
    )


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (record(), Verdict.MET),
        (record(outcome=FAIL), Verdict.UNMET),
        (record(outcome=Outcome.CANNOT_TELL), Verdict.UNKNOWN),
        (record(outcome=Outcome.ERROR), Verdict.ERROR),
        (record(outcome=NOT_APPLICABLE), Verdict.NOT_APPLICABLE),
        (record(days=91), Verdict.STALE),
        (record(depth=Depth.EXISTS), Verdict.UNKNOWN),
        (record(assurance=Assurance.DECLARED), Verdict.UNKNOWN),
        (record(outcome=NOT_APPLICABLE, assurance=Assurance.DECLARED), Verdict.UNKNOWN),
        (record(subject="repo:other"), Verdict.UNKNOWN),
        (record(days=-1), Verdict.UNKNOWN),
    ],
)
def test_one_record_gives_one_verdict(found: Record, verdict: Verdict) -> None:
    """Yes proves, no denies; too old, shallow, weakly vouched, another's or of the future: not."""
    assert judged(criterion(), found).verdict is verdict


def test_nothing_is_unknown_and_says_who_was_not_asked() -> None:
    """Without evidence a criterion is unknown, with the probe that would tell."""
    result = judged(criterion())
    assert result.verdict is Verdict.UNKNOWN
    assert result.reason == "There is no evidence from asked."
    assert result.needs[0].evidence is None


@pytest.mark.parametrize(
    ("values", "verdict", "words"),
    [
        ({"x": Share(9, 10)}, Verdict.MET, "asked says pass."),
        ({"x": Share(8, 10)}, Verdict.UNMET, "x is 8 of 10; at least 0.9 is needed."),
        ({}, Verdict.UNKNOWN, "x is not known; at least 0.9 is needed."),
        ({"x": Share(9, 9, census=False)}, Verdict.UNKNOWN, "the sample is too small to tell"),
        ({"x": Share(0, 9, census=False)}, Verdict.UNMET, "0 of 9 looked at (0.00 to 0.30)"),
        ({"x": "many"}, Verdict.UNKNOWN, "which cannot be compared with at least 0.9"),
    ],
)
def test_a_threshold_decides_with_its_reason(
    values: dict[str, Any], verdict: Verdict, words: str
) -> None:
    """The reason shows the value found beside the one wanted."""
    result = judged(criterion(needs=wants(x=Threshold(at_least=0.9))), record(values=values))
    assert result.verdict is verdict
    assert words in result.reason


def test_a_value_outside_its_threshold_is_a_no_however_shallow_the_proof() -> None:
    """A shallow look that already sees too little needs no deeper one."""
    asked = criterion(needs=wants(x=Threshold(at_least=3)))
    found = record(values={"x": 1}, depth=Depth.EXISTS)
    assert judged(asked, found).verdict is Verdict.UNMET


def test_each_level_has_its_least_depth_and_a_need_may_name_its_own() -> None:
    """What is only there proves nothing at level 4, unless the need says that it is enough."""
    found = record(depth=Depth.RUNS)
    assert judged(criterion(level=3), found).verdict is Verdict.MET
    denied = judged(criterion(level=4), found)
    assert denied.verdict is Verdict.UNKNOWN
    assert denied.reason == "It is proved to E3 (it ran); E4 (it stopped bad input) is needed."
    named = {"main": Need(probe="asked", depth=Depth.RUNS, because="a record")}
    assert judged(criterion(level=4, needs=named), found).verdict is Verdict.MET


def test_a_persons_word_is_never_enough_above_level_two() -> None:
    """Attestation alone carries level 2 and no further, and counts as no independent kind."""
    word = record(kinds=(Kind.ATTESTATION,))
    assert judged(criterion(level=2), word).verdict is Verdict.MET
    assert judged(criterion(level=3), word).verdict is Verdict.UNKNOWN
    both = record(kinds=(Kind.ATTESTATION, Kind.CI))
    assert judged(criterion(level=3), both).verdict is Verdict.MET
    assert judged(criterion(level=3, min_kinds=2), both).verdict is Verdict.UNKNOWN


def test_age_counts_from_first_sight_and_a_claim_earns_nothing() -> None:
    """Saying that it is a year old does not make it held for a month."""
    asked = criterion(hold_for="28d")
    claimed = record(claimed_at=ago(365))
    assert judged(asked, claimed).verdict is Verdict.UNKNOWN
    assert judged(criterion(), claimed).needs[0].age_days == 0


def test_evidence_may_end_before_it_is_old() -> None:
    """`valid_to` ends it early, never late."""
    early = judged(criterion(), record(days=10, valid_to=ago(1)))
    assert early.verdict is Verdict.STALE
    assert early.needs[0].valid_to == ago(1)
    assert judged(criterion(), record(days=95, valid_to=ago(-30))).verdict is Verdict.STALE
    assert judged(criterion(), record(days=89.9)).verdict is Verdict.MET
    assert judged(criterion(), record(days=90)).verdict is Verdict.STALE


def test_an_event_ends_what_was_seen_before_it() -> None:
    """After the governed object changed, an older answer speaks of something else."""
    changed = FreshnessEvent(
        name="owner-left", at=ago(5), reason="The owner left.", probes=("asked",)
    )
    told = judged(criterion(), record(days=6), events=[changed])
    assert told.verdict is Verdict.STALE
    assert told.reason == "It was seen before something changed: The owner left."
    assert judged(criterion(), record(days=4), events=[changed]).verdict is Verdict.MET
    of_others = FreshnessEvent(name="x", at=ago(5), reason="x", probes=("other",))
    assert judged(criterion(), record(days=6), events=[of_others]).verdict is Verdict.MET
    later = FreshnessEvent(name="x", at=ago(-5), reason="x")
    assert judged(criterion(), record(days=6), events=[later]).verdict is Verdict.MET


def test_the_newest_answer_of_a_stream_stands_for_it() -> None:
    """A yes after a no is a yes, a no after a yes is a no."""
    assert judged(criterion(), record(outcome=FAIL, days=3), record()).verdict is Verdict.MET
    assert judged(criterion(), record(days=3), record(outcome=FAIL)).verdict is Verdict.UNMET


def test_not_being_able_to_look_today_takes_nothing_away() -> None:
    """Yesterday's yes stands until it is stale; a failing probe, though, is said at once."""
    yesterday = record(days=1)
    blank = record(outcome=Outcome.CANNOT_TELL)
    assert judged(criterion(), yesterday, blank).verdict is Verdict.MET
    assert judged(criterion(), record(days=91), blank).verdict is Verdict.STALE
    assert judged(criterion(), yesterday, record(outcome=Outcome.ERROR)).verdict is Verdict.ERROR
    mended = record(outcome=Outcome.ERROR, days=2)
    assert judged(criterion(), mended, yesterday).verdict is Verdict.MET


def test_sources_that_disagree_contest_each_other() -> None:
    """The document says on-call, the schedule is empty: neither proves nor denies."""
    result = judged(criterion(), record(kinds=TREE), record(outcome=FAIL, kinds=HOST, days=2))
    assert result.verdict is Verdict.CONTESTED
    assert result.reason == "Sources disagree: tree (pawl) says yes, host (pawl) says no."
    collectors = judged(
        criterion(), record(collector="ci-job"), record(outcome=FAIL, collector="laptop")
    )
    assert collectors.verdict is Verdict.CONTESTED


def test_a_disagreement_about_a_value_is_one_as_well() -> None:
    """Two kinds on the two sides of a threshold contest each other."""
    asked = criterion(needs=wants(x=Threshold(at_least=0.9)))
    high, low = record(kinds=TREE, values={"x": 1.0}), record(kinds=CI, values={"x": 0.1})
    assert judged(asked, high, low).verdict is Verdict.CONTESTED


def test_a_later_look_settles_a_disagreement() -> None:
    """A week later the older answer speaks of another time."""
    old_no = record(outcome=FAIL, kinds=HOST, days=8)
    assert judged(criterion(), record(kinds=TREE), old_no).verdict is Verdict.MET
    old_yes = record(kinds=HOST, days=8)
    assert judged(criterion(), record(outcome=FAIL, kinds=TREE), old_yes).verdict is Verdict.UNMET


def test_time_alone_never_settles_a_disagreement() -> None:
    """When the no has become too old to count, it still contests the yes beside it."""
    no = record(outcome=FAIL, kinds=HOST, days=3, valid_to=ago(2))
    assert judged(criterion(), record(kinds=TREE), no).verdict is Verdict.CONTESTED


def test_a_deeper_proof_outlives_a_shallower_look() -> None:
    """Today's look at the files alone does not undo what CI proved yesterday."""
    deep = record(kinds=CI, days=1)
    shallow = record(kinds=TREE, depth=Depth.EXISTS)
    result = judged(criterion(level=3), deep, shallow)
    assert result.verdict is Verdict.MET
    assert result.needs[0].evidence == deep.id


def test_whoever_could_look_shows_that_the_question_arises() -> None:
    """Not applicable gives way to an answer of about the same time, and replaces older ones."""
    na = record(outcome=NOT_APPLICABLE, kinds=TREE)
    assert judged(criterion(), na, record(kinds=CI, days=1)).verdict is Verdict.MET
    assert judged(criterion(), na, record(outcome=FAIL, kinds=CI)).verdict is Verdict.UNMET
    gone = judged(criterion(), na, record(outcome=FAIL, kinds=CI, days=9))
    assert gone.verdict is Verdict.NOT_APPLICABLE


def test_enough_independent_kinds_must_agree() -> None:
    """One kind of source is one witness, however often it speaks."""
    asked = criterion(min_kinds=2)
    alone = judged(asked, record(kinds=TREE), record(kinds=TREE, collector="other"))
    assert alone.verdict is Verdict.UNKNOWN
    assert alone.reason == "Kinds of source that agree: tree; 2 are needed."
    assert judged(asked, record(kinds=TREE), record(kinds=CI)).verdict is Verdict.MET
    assert judged(asked, record(kinds=(Kind.CI, Kind.TREE))).verdict is Verdict.MET
    old = record(kinds=CI, days=91)
    assert judged(asked, record(kinds=TREE), old).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        (Outcome.PASS, Outcome.PASS, Verdict.MET),
        (Outcome.PASS, Outcome.FAIL, Verdict.UNMET),
        (Outcome.CANNOT_TELL, Outcome.FAIL, Verdict.UNMET),
        (Outcome.FAIL, Outcome.ERROR, Verdict.ERROR),
        (Outcome.PASS, Outcome.CANNOT_TELL, Verdict.UNKNOWN),
        (Outcome.PASS, NOT_APPLICABLE, Verdict.MET),
        (NOT_APPLICABLE, NOT_APPLICABLE, Verdict.NOT_APPLICABLE),
    ],
)
def test_all_needs_count_together(first: Outcome, second: Outcome, verdict: Verdict) -> None:
    """One no denies, one unknown leaves unknown, a defect of ours is said first."""
    asked = criterion(needs={"a": Need(probe="one"), "b": Need(probe="two")})
    result = judged(asked, record("one", first), record("two", second))
    assert result.verdict is verdict


def test_a_criterion_that_needs_nothing_is_never_met() -> None:
    """An empty list of needs proves nothing."""
    assert judged(criterion(needs={}), record()).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("fact", "verdict", "words"),
    [
        (record("services"), Verdict.MET, "asked says pass."),
        (
            record("services", FAIL, reason="There are no services."),
            Verdict.NOT_APPLICABLE,
            "It does not apply: There are no services.",
        ),
        (
            record("services", FAIL, assurance=Assurance.DECLARED),
            Verdict.UNKNOWN,
            "Only declared not to apply",
        ),
        (
            record("services", FAIL, kinds=(Kind.ATTESTATION,)),
            Verdict.UNKNOWN,
            "Only attested not to apply",
        ),
        (record("services", Outcome.CANNOT_TELL), Verdict.UNKNOWN, "cannot be told"),
        (record("services", days=91), Verdict.STALE, "cannot be told"),
        (record("services", Outcome.ERROR), Verdict.ERROR, "cannot be told"),
    ],
)
def test_a_criterion_applies_by_a_fact_that_is_shown(
    fact: Record, verdict: Verdict, words: str
) -> None:
    """What does not apply says which fact makes it so; a declaration alone does not."""
    result = judged(criterion(applies_when=Need(probe="services")), fact, record())
    assert result.verdict is verdict
    assert words in result.reason


def weekly(days: int, **told: Any) -> list[Record]:
    """Return an answer a week for so many days, the newest today."""
    return [record(days=day, **told) for day in range(0, days + 1, 7)]


def test_what_has_held_long_enough_is_met_with_since_when() -> None:
    """Four weeks of weekly yes; one week is not enough and says how much there is."""
    asked = criterion(hold_for="28d")
    held = judged(asked, *weekly(28))
    assert (held.verdict, held.held_since) == (Verdict.MET, ago(28))
    brief = judged(asked, *weekly(7))
    assert brief.verdict is Verdict.UNKNOWN
    assert brief.reason == "It is seen to hold for 7 days; 28d is needed."


def test_waiting_adds_nothing_to_how_long_it_held() -> None:
    """Only another observation shows that it still held."""
    asked = criterion(hold_for="7d")
    assert judged(asked, record(days=6), record(days=5)).verdict is Verdict.UNKNOWN
    assert judged(asked, record(days=8), record(days=1)).verdict is Verdict.MET


def test_a_gap_between_observations_starts_the_count_anew() -> None:
    """Nobody knows what was in a gap; one up to today ends it as well."""
    asked = criterion(hold_for="14d")
    gap = [record(days=day) for day in (0, 7, 15, 22)]
    assert judged(asked, *gap).verdict is Verdict.UNKNOWN
    assert judged(asked, *gap, record(days=8)).verdict is Verdict.MET
    silent = judged(asked, *(record(days=day) for day in (8, 15, 22)))
    assert silent.verdict is Verdict.UNKNOWN
    assert silent.reason == "It was last observed 8 days ago, and no gap may be above 7d."


def test_a_no_within_the_time_breaks_it() -> None:
    """A no that is recent enough denies; an older one only shortens."""
    asked = criterion(hold_for="28d")
    broken = judged(asked, *weekly(21), record(outcome=FAIL, days=22))
    assert broken.verdict is Verdict.UNMET
    long_ago = judged(asked, *weekly(35), record(outcome=FAIL, days=36))
    assert long_ago.verdict is Verdict.MET


def test_every_need_must_have_held() -> None:
    """The youngest of the needs counts."""
    asked = criterion(hold_for="28d", needs={"a": Need(probe="one"), "b": Need(probe="two")})
    long, brief = weekly(28, probe="one"), weekly(7, probe="two")
    result = judged(asked, *long, *brief)
    assert (result.verdict, result.held_since) == (Verdict.UNKNOWN, ago(7))


def test_a_need_that_begins_to_apply_does_not_start_the_count_anew() -> None:
    """A criterion met without it has held all the while; one that did not apply has not."""
    both = criterion(hold_for="28d", needs={"a": Need(probe="one"), "b": Need(probe="two")})
    one = weekly(35, probe="one")
    apart = [record("two", NOT_APPLICABLE, days=day, kinds=TREE) for day in (7, 14, 21, 28, 35)]
    before, after = judged(both, *one, *apart), judged(both, *one, *apart, record("two"))
    assert (before.verdict, after.verdict) == (Verdict.MET, Verdict.MET)
    assert after.held_since == ago(35)
    alone = criterion(hold_for="28d", needs={"b": Need(probe="two")})
    assert judged(alone, *apart).verdict is Verdict.NOT_APPLICABLE
    assert judged(alone, *apart, record("two")).verdict is Verdict.UNKNOWN


def test_what_does_not_apply_is_seen_to_for_as_long_as_the_rest() -> None:
    """Nobody knows whether it applied before we first looked."""
    both = criterion(hold_for="28d", needs={"a": Need(probe="one"), "b": Need(probe="two")})
    answers = [*weekly(28, probe="one"), record("two", NOT_APPLICABLE)]
    result = judged(both, *answers)
    assert (result.verdict, result.held_since) == (Verdict.UNKNOWN, NOW)


@pytest.mark.parametrize(
    ("action", "verdict", "provisional"),
    [
        ("note", Verdict.MET, False),
        ("provisional", Verdict.MET, True),
        ("contested", Verdict.CONTESTED, False),
        ("excluded", Verdict.UNKNOWN, False),
    ],
)
def test_an_integrity_hit_removes_credit(action: str, verdict: Verdict, provisional: bool) -> None:
    """A note removes none, provisional counts for now, the others block."""
    result = judged(criterion(), record(), hits=[hit(action)])
    assert (result.verdict, result.provisional) == (verdict, provisional)
    assert result.hits == (() if action == "note" else ("G07",))


@pytest.mark.parametrize("action", ["note", "provisional", "contested", "excluded"])
def test_an_integrity_hit_never_gives_credit(action: str) -> None:
    """A no stays a no, and what stood behind the excluded answer gains nothing."""
    assert judged(criterion(), record(outcome=FAIL), hits=[hit(action)]).verdict is Verdict.UNMET
    na = record(outcome=NOT_APPLICABLE, kinds=TREE)
    behind = record(kinds=CI, days=9)
    named = hit(action, evidence=(na.id,))
    assert judged(criterion(), na, behind, hits=[named]).verdict is not Verdict.MET


def test_a_later_look_at_more_sources_replaces_the_earlier() -> None:
    """Yesterday's no from the tree alone does not contest today's yes from the tree and CI."""
    both = (*TREE, *CI)
    before, now = record(outcome=FAIL, kinds=TREE, days=1), record(kinds=both)
    assert judged(criterion(), before, now).verdict is Verdict.MET
    apart = record(outcome=FAIL, kinds=TREE, days=1), record(kinds=CI)
    assert judged(criterion(), *apart).verdict is Verdict.CONTESTED


def test_one_more_yes_does_not_bring_an_old_no_back() -> None:
    """A no that a look at more sources replaced stays replaced when fewer are looked at again."""
    old = record(outcome=FAIL, kinds=CI, days=6), record(kinds=(*TREE, *CI), days=5)
    assert judged(criterion(), *old).verdict is Verdict.MET
    assert judged(criterion(), *old, record(kinds=TREE, days=1)).verdict is Verdict.MET


def test_a_hit_leaves_other_evidence_alone() -> None:
    """One that names records is about those; one of another criterion about that."""
    bad, good = record(kinds=TREE), record(kinds=CI)
    named = judged(criterion(), bad, good, hits=[hit("excluded", evidence=(bad.id,))])
    assert named.verdict is Verdict.MET
    assert named.needs[0].evidence == good.id
    elsewhere = judged(criterion(), bad, hits=[hit("excluded", criteria=("other",))])
    assert elsewhere.verdict is Verdict.MET
    here = judged(criterion(), bad, hits=[hit("excluded", criteria=("c",), probes=())])
    assert here.verdict is Verdict.UNKNOWN


def test_a_result_names_what_it_rests_on() -> None:
    """Record, age, depth, kinds, assurance, and until when it is fresh."""
    found = record(days=2)
    need = judged(criterion(), found).needs[0]
    assert (need.evidence, need.age_days, need.valid_to) == (found.id, 2, ago(-88))
    assert (need.depth, need.kinds, need.assurance) == (Depth.PAYS, CI, Assurance.OBSERVED)


def test_a_record_that_is_not_needed_is_marked() -> None:
    """Without the record named the need stands the same; alone it does not."""
    assert not judged(criterion(), record()).needs[0].redundant
    assert judged(criterion(), record(), record(days=1)).needs[0].redundant
    assert not judged(criterion(), record(), record(days=1, outcome=FAIL)).needs[0].redundant


def test_a_record_without_an_id_is_a_defect() -> None:
    """Evidence is sealed before it is judged."""
    import msgspec

    with pytest.raises(ValueError, match="not sealed"):
        Dossier(SUBJECT, NOW, [msgspec.structs.replace(record(), id="")])


def test_that_a_criterion_applies_needs_no_depth() -> None:
    """Whether there are services is a fact at every level, not an achievement."""
    asked = criterion(level=4, applies_when=Need(probe="services"))
    shallow = record("services", depth=Depth.EXISTS)
    assert judged(asked, shallow, record()).verdict is Verdict.MET


def test_a_hit_never_makes_a_criterion_inapplicable() -> None:
    """What is left after it may deny that there are services; that would be credit."""
    asked = criterion(applies_when=Need(probe="services"))
    sides = [record("services", kinds=TREE), record("services", FAIL, kinds=HOST)]
    assert judged(asked, *sides).verdict is Verdict.CONTESTED
    excluded = hit("excluded", probes=("services",))
    assert judged(asked, *sides, hits=[excluded]).verdict is Verdict.UNKNOWN


def test_a_hit_never_puts_a_need_out_of_the_count() -> None:
    """Setting aside the yes of whoever could look leaves the word that the question is moot."""
    asked = criterion(hold_for="28d")
    moot, found = record(outcome=NOT_APPLICABLE, kinds=TREE), record(kinds=CI)
    assert judged(asked, moot, found).verdict is Verdict.UNKNOWN
    excluded = hit("excluded", evidence=(found.id,))
    assert judged(asked, moot, found, hits=[excluded]).verdict is Verdict.UNKNOWN


def test_a_hit_never_brings_a_kind_to_light() -> None:
    """An older answer behind the one set aside is no further witness."""
    asked = criterion(level=3, min_kinds=2)
    shallow = record(kinds=TREE, depth=Depth.EXISTS)
    answers = [shallow, record(kinds=TREE, days=3), record(kinds=CI)]
    assert judged(asked, *answers).verdict is Verdict.UNKNOWN
    excluded = hit("excluded", evidence=(shallow.id,))
    assert judged(asked, *answers, hits=[excluded]).verdict is Verdict.UNKNOWN


def test_a_hit_never_mends_a_broken_row() -> None:
    """A week in which too little was seen stays one, whoever sets its record aside."""
    asked = criterion(hold_for="28d", needs=wants(x=Threshold(at_least=2)))
    weak = record(days=10, values={"x": 1})
    answers = [*weekly(28, values={"x": 2}), weak]
    assert judged(asked, *answers).verdict is Verdict.UNMET
    excluded = hit("excluded", evidence=(weak.id,))
    assert judged(asked, *answers, hits=[excluded]).verdict is Verdict.UNMET


def test_without_an_answer_from_two_sources_that_of_each_stands_again() -> None:
    """The record that stood for both is redundant only where they come to the same."""
    wide = record(outcome=FAIL, days=1, kinds=(Kind.CI, Kind.TREE))
    narrow = [record(days=4, kinds=TREE), record(outcome=FAIL, days=6, kinds=CI)]
    (need,) = judged(criterion(), wide, *narrow).needs
    assert (need.verdict, need.evidence, need.redundant) == (Verdict.UNMET, wide.id, False)
    word = record(days=4, kinds=TREE, assurance=Assurance.DECLARED)
    (need,) = judged(criterion(), wide, word, narrow[1]).needs
    assert (need.verdict, need.redundant) == (Verdict.UNMET, True)
