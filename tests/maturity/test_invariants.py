"""What must hold for any model and any evidence.

Adding met evidence never lowers a level; time, exemptions and integrity hits never add what is
met; order and batches change nothing; a level stands on all below it; the same evidence, model
and clock give the same bytes; each cited record is needed or marked; unknown never yields met.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.maturity.judged import NOW, NUMBERS, SUBJECT, ago, criterion, model, record
from tests.maturity.test_exempting import exemption, register

from pawl.base.finding import Outcome
from pawl.maturity.assess import About, assess
from pawl.maturity.compiled import compile_model
from pawl.maturity.dossier import FreshnessEvent
from pawl.maturity.evidence import Assurance, Depth, Kind, Record, Share, Value
from pawl.maturity.exemption import Register
from pawl.maturity.model import Criterion, Model, Need, Threshold
from pawl.maturity.verdict import Assessment, Hit, Verdict

ASKED = ("p0", "p1")
FACTS = ("a0",)
"""The probe that only says whether a criterion applies: a yes of it is no achievement."""
CREDIT = {Verdict.MET: 2, Verdict.NOT_APPLICABLE: 1}

OUTCOMES = (*Outcome, Outcome.FAIL, *[Outcome.PASS] * 8)
DEPTHS = (*Depth, *[Depth.PAYS] * 5)
KINDS = (*[(Kind.TREE,), (Kind.CI,), (Kind.CI, Kind.TREE)] * 2, (Kind.ATTESTATION,))
ASSURANCES = (Assurance.DECLARED, *[Assurance.OBSERVED] * 4)

DICE = Random(11)
"""Records and criteria are drawn from pools made once: sealing each anew takes too long."""

days = st.integers(0, 60).map(lambda half: half / 2)


def any_record() -> Record:
    """Return any one answer of any probe, within the last month."""
    age = DICE.choice((0, 0, 1, 2.5, 4, 6, 9, 12, 20, 30))
    ends = DICE.choice((None, None, None, 5, 20))
    found: Value | None = DICE.choice(
        (2, 1, 0, True, Share(9, 9), Share(2, 9), Share(9, 9, False), Share(4, 9, False), None)
    )
    return record(
        DICE.choice((*ASKED, *FACTS)),
        DICE.choice(OUTCOMES),
        days=age,
        values={} if found is None else {"x": found},
        kinds=DICE.choice(KINDS),
        collector=DICE.choice(("pawl", "pawl", "ci")),
        depth=DICE.choice(DEPTHS),
        assurance=DICE.choice(ASSURANCES),
        valid_to=None if ends is None else ago(age - ends),
    )


def any_criterion() -> Criterion:
    """Return any one criterion; more of a value is never worse."""
    where = DICE.choice(({}, {"x": Threshold(at_least=0.5)}))
    probes = DICE.sample(ASKED, DICE.choice((1, 1, 2)))
    applies = DICE.choice((None, None, None, *FACTS))
    return criterion(
        dimension=DICE.choice(("one", "two")),
        level=DICE.choice((1, 2, 2, 2, 3, 4)),
        needs={probe: Need(probe=probe, where=where) for probe in probes},
        applies_when=None if applies is None else Need(probe=applies),
        min_kinds=DICE.choice((1, 1, 1, 2)),
        hold_for=DICE.choice((None, None, None, "3d", "10d")),
    )


RECORDS = [any_record() for _ in range(3000)]
batches = st.lists(
    st.sampled_from(RECORDS), min_size=1, max_size=12, unique_by=lambda each: each.id
)
CRITERIA = [any_criterion() for _ in range(500)]


def made(drawn: list[Criterion], met_share: float) -> Model:
    """Return a model of these criteria, named by their place."""
    named = [msgspec.structs.replace(each, id=f"c{place}") for place, each in enumerate(drawn)]
    return model(*named, levels=4, met_share=met_share)


criteria = st.lists(st.sampled_from(CRITERIA), min_size=1, max_size=4)
models = st.builds(made, criteria, st.sampled_from([0.0, 0.6, 1.0]))


@dataclass
class Given:
    """What an assessment is made of, so that a test can change one part."""

    model: Model
    records: list[Record]
    now: str = NOW
    more: dict[str, Any] = field(default_factory=dict)

    def assessed(self, **changed: Any) -> Assessment:
        """Return the assessment, with some parts changed."""
        records = changed.pop("records", self.records)
        about = About(subject=SUBJECT, as_of=changed.pop("now", self.now))
        compiled = compile_model(self.model)
        return assess(about, [compiled], records, NUMBERS, **{**self.more, **changed})


def verdicts(found: Assessment) -> dict[str, Verdict]:
    """Return the verdict of each criterion."""
    dimensions = found.models[0].dimensions
    return {each.id: each.verdict for one in dimensions for each in one.criteria}


def met(found: Assessment) -> set[str]:
    """Return the criteria that are met."""
    return {name for name, verdict in verdicts(found).items() if verdict is Verdict.MET}


def levels(found: Assessment) -> list[int]:
    """Return the vector of measured levels."""
    return [each.measured for each in found.models[0].dimensions]


@given(models, batches, st.data())
@settings(max_examples=200)
def test_adding_met_evidence_never_lowers_a_level(
    asked: Model, records: list[Record], data: st.DataObject
) -> None:
    """A further answer that proves what a probe is asked for takes nothing away.

    One case is no loss of credit: it may show that a criterion applies which was thought not to,
    and which has not held for long enough, or by enough kinds of source, yet.
    """
    good: dict[str, Value] = {"x": 2}
    more = [
        record(
            data.draw(st.sampled_from(ASKED)),
            days=data.draw(days),
            values=good,
            kinds=data.draw(st.sampled_from([(Kind.CI,), (Kind.TREE,), (Kind.CI, Kind.TREE)])),
            collector=data.draw(st.sampled_from(("pawl", "ci"))),
        )
        for _ in range(data.draw(st.integers(1, 3)))
    ]
    before = Given(asked, records).assessed()
    after = Given(asked, [*records, *more]).assessed()
    assert met(before) <= met(after)
    began_to_apply = {
        name
        for name, verdict in verdicts(before).items()
        if verdict is Verdict.NOT_APPLICABLE and verdicts(after)[name] not in CREDIT
    }
    for one, other in zip(before.models[0].dimensions, after.models[0].dimensions, strict=True):
        if began_to_apply.isdisjoint(each.id for each in one.criteria):
            assert other.measured >= one.measured


@given(models, batches, st.integers(1, 200), st.booleans())
def test_time_alone_never_adds_what_is_met(
    asked: Model, records: list[Record], later: int, changed: bool
) -> None:
    """Without a new observation nothing becomes met, and no level rises."""
    event = FreshnessEvent(name="changed", at=ago(-0.5), reason="It changed.")
    before = Given(asked, records, more={"events": [event] if changed else []})
    after = before.assessed(now=ago(-later))
    assert met(after) <= met(before.assessed())
    assert all(a <= b for a, b in zip(levels(after), levels(before.assessed()), strict=True))


@given(models, batches, st.sets(st.integers(0, 4)))
def test_exempting_and_revoking_never_add_what_is_met(
    asked: Model, records: list[Record], numbers: set[int]
) -> None:
    """An exemption changes no criterion to met, and neither does taking it back."""
    entries = [exemption(id=f"x{n}", criterion=f"c{n}") for n in sorted(numbers)]
    held = Given(asked, records, more={"register": register(*entries)})
    exempted, revoked = held.assessed(), held.assessed(register=Register())
    assert met(exempted) == met(revoked)
    assert all(a >= b for a, b in zip(levels(exempted), levels(revoked), strict=True))


hits = st.builds(
    Hit,
    detector=st.sampled_from(("G01", "G07")),
    indicator=st.just("It looks odd."),
    strength=st.just("strong"),
    action=st.sampled_from(("note", "provisional", "contested", "excluded")),
    innocent=st.just(""),
    remedy=st.just(""),
    probes=st.sets(st.sampled_from((*ASKED, *FACTS))).map(tuple),
    criteria=st.sets(st.sampled_from(("c0", "c1", "c2"))).map(tuple),
)


@given(models, batches, st.lists(hits, min_size=1, max_size=3), st.data())
@settings(max_examples=200)
def test_integrity_hits_only_remove_credit(
    asked: Model, records: list[Record], found: list[Hit], data: st.DataObject
) -> None:
    """No criterion is worth more with a hit than without, and no level is higher."""
    ids = [each.id for each in records]
    if ids:
        named = tuple(data.draw(st.lists(st.sampled_from(ids), max_size=3)))
        found = [msgspec.structs.replace(hit, evidence=named) for hit in found]
    before = Given(asked, records)
    plain, touched = before.assessed(), before.assessed(hits=found)
    for name, verdict in verdicts(touched).items():
        assert CREDIT.get(verdict, 0) <= CREDIT.get(verdicts(plain)[name], 0), name
    assert all(a <= b for a, b in zip(levels(touched), levels(plain), strict=True))


@given(models, batches, st.randoms(use_true_random=False))
def test_order_and_batches_change_nothing(asked: Model, records: list[Record], dice: Any) -> None:
    """Shuffled, or handed over twice, the evidence gives the same bytes."""
    shuffled = [*records, *records[: len(records) // 2]]
    dice.shuffle(shuffled)
    before = Given(asked, records)
    assert msgspec.json.encode(before.assessed()) == msgspec.json.encode(
        before.assessed(records=shuffled)
    )


@given(models, batches)
def test_the_same_evidence_model_and_clock_give_the_same_bytes(
    asked: Model, records: list[Record]
) -> None:
    """Read again from what was stored, on another machine, nothing differs."""
    stored = msgspec.json.encode((asked, records))
    again, read = msgspec.json.decode(stored, type=tuple[Model, list[Record]])
    first = msgspec.json.encode(Given(asked, records).assessed())
    assert msgspec.json.encode(Given(again, read).assessed()) == first


@given(models, batches)
def test_what_is_later_than_the_clock_changes_nothing(asked: Model, records: list[Record]) -> None:
    """An assessment as of an earlier time is the one that was made then."""
    then = ago(10)
    known = [each for each in records if each.observed_at <= then]
    before = Given(asked, records)
    assert before.assessed(now=then) == before.assessed(now=then, records=known)


@given(models, batches)
def test_a_level_stands_on_every_level_below_it(asked: Model, records: list[Record]) -> None:
    """At and below the measured level nothing blocks, each rated level has one met, and enough."""
    passes = (Verdict.MET, Verdict.NOT_APPLICABLE, Verdict.EXEMPT)
    for found in Given(asked, records).assessed().models[0].dimensions:
        rated = {each.level for each in found.criteria}
        assert found.measured in rated | {1, 0}
        for level in rated:
            cell = [each for each in found.criteria if each.level == level]
            held = sum(each.verdict is Verdict.MET for each in cell)
            applicable = sum(each.verdict is not Verdict.NOT_APPLICABLE for each in cell)
            holds = (
                all(each.verdict in passes for each in cell)
                and held >= 1
                and held >= asked.met_share * applicable
            )
            if level <= found.measured:
                assert holds
            elif level == min(other for other in rated if other > found.measured):
                assert not holds
                assert found.blocking


@given(models, batches)
@settings(max_examples=200)
def test_each_cited_record_is_needed_or_marked(asked: Model, records: list[Record]) -> None:
    """Without a cited record its need stands otherwise, or the record is marked redundant."""
    before = Given(asked, records)
    for one in before.assessed().models[0].dimensions:
        for place, each in enumerate(one.criteria):
            for number, need in enumerate(each.needs):
                if need.evidence is None or need.verdict is Verdict.UNKNOWN:
                    continue
                left = [other for other in records if other.id != need.evidence]
                after = before.assessed(records=left).models[0].dimensions
                (same,) = [other for other in after if other.id == one.id]
                needs = same.criteria[place].needs
                if len(needs) != len(each.needs) or needs[number].name != need.name:
                    assert not need.redundant
                    continue
                assert need.redundant is (needs[number].verdict is need.verdict)


@given(models, batches)
def test_unknown_never_yields_met(asked: Model, records: list[Record]) -> None:
    """When no probe can tell, nothing is met; what is met rests on yes all through."""
    blind = [
        record(each.probe, Outcome.CANNOT_TELL, values=each.values, kinds=each.kinds)
        for each in records
    ]
    assert not met(Given(asked, blind).assessed())
    for one in Given(asked, records).assessed().models[0].dimensions:
        for each in one.criteria:
            if each.verdict is not Verdict.MET:
                continue
            proving = [need for need in each.needs if need.verdict is Verdict.MET]
            assert proving
            assert all(need.verdict in CREDIT for need in each.needs)
            for need in proving:
                assert need.depth is not None
                assert need.depth >= need.wanted_depth
                assert all(threshold.holds is True for threshold in need.thresholds)


def test_the_pools_reach_every_verdict() -> None:
    """The properties above are about something: what they draw from gives all verdicts."""
    dice = Random(5)
    seen: set[Verdict] = set()
    risen = 0
    for _ in range(400):
        drawn = dice.sample(CRITERIA, dice.randint(1, 4))
        records = dice.sample(RECORDS, dice.randint(1, 12))
        entries = register(exemption(criterion="c0"))
        found = Given(made(drawn, 0.6), records).assessed(register=entries)
        seen.update(verdicts(found).values())
        risen += any(level > 1 for level in levels(found))
    assert seen == set(Verdict)
    assert risen > 10
