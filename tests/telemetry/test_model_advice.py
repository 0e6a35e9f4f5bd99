"""What the same tokens cost elsewhere: arithmetic on the dated table, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from pawl.telemetry.activity import ClassUsage
from pawl.telemetry.model_advice import advise, thresholds
from pawl.telemetry.pricing import ModelPrices, PriceFile, PriceTable, RateRow, compile_prices
from pawl.telemetry.task_classes import CHANGE, COMMAND, task_classes
from pawl.telemetry.usage import Usage

DAY = "2026-11-21"


def table() -> PriceTable:
    """Return two models: one plain, one dearer for long prompts and cheaper from a day on."""
    plain = ModelPrices(id="plain", source="s", rows=(RateRow(input=1.0, output=10.0),))
    stepped = ModelPrices(
        id="stepped",
        source="s",
        aliases=("stepped-alias",),
        rows=(
            RateRow(input=4.0, output=8.0, until=DAY),
            RateRow(input=2.0, output=4.0, from_=DAY),
            RateRow(input=6.0, output=8.0, from_=DAY, above_prompt_tokens=1000),
        ),
    )
    models = (plain, stepped)
    file = PriceFile(schema="pawl.prices/1", version="1", as_of=DAY, sources={}, models=models)
    return compile_prices([file])


def used(model: str = "plain", tier: int = 0, **fields: object) -> ClassUsage:
    """Return what a class used, with what a test does not care about filled in."""
    given_: dict[str, object] = {"task_class": "change", "model": model, "tier": tier}
    given_ |= {"requests": 1, "usage": Usage(input=1000, output=100), "cost_micros": 2000}
    given_ |= {"unpriced_requests": 0}
    return ClassUsage(**(given_ | fields))  # type: ignore[arg-type]


def test_the_same_tokens_at_the_prices_of_one_day() -> None:
    """1000 tokens in and 100 out: 2000 micro-USD on one, 2400 on the other, on that day."""
    (advice,) = advise([used()], table(), DAY, ["plain", "stepped"])
    assert advice.day_micros == 2000
    plain, stepped = advice.alternatives
    assert (plain.used, plain.cost_micros, plain.difference_micros) == (True, 2000, 0)
    assert (stepped.used, stepped.cost_micros, stepped.difference_micros) == (False, 2400, 400)


def test_long_prompts_are_priced_as_long_prompts() -> None:
    """Sums hide how long each prompt was; the tier keeps it."""
    assert thresholds(table()) == (1000,)
    (advice,) = advise([used(tier=1)], table(), DAY, ["stepped"])
    assert advice.alternatives[0].cost_micros == 6800


def test_other_days_have_other_prices() -> None:
    """The day of the comparison holds for every model alike."""
    (advice,) = advise([used("stepped-alias")], table(), "2026-11-20", ["plain", "stepped"])
    assert advice.day_micros == 4800
    assert [each.used for each in advice.alternatives] == [False, True]


def test_what_has_no_price_is_left_out_on_both_sides_and_counted() -> None:
    """A difference against an unknown cost would be a made-up number."""
    mystery = used("mystery", requests=3, cost_micros=0, unpriced_requests=3)
    (advice,) = advise([used(), mystery], table(), DAY, ["plain"])
    assert (advice.left_out, advice.compared.total, advice.day_micros) == (3, 1100, 2000)
    assert advice.alternatives[0].difference_micros == 0
    (alone,) = advise([mystery], table(), DAY, ["plain"])
    assert alone.day_micros is None
    assert alone.alternatives[0].cost_micros is None


def test_searches_without_a_known_fee_have_no_price() -> None:
    """A model whose table has no fee for a search is not the cheaper one for that."""
    (advice,) = advise([used(usage=Usage(input=1, web_searches=1))], table(), DAY, ["stepped"])
    assert advice.alternatives[0].cost_micros is None


@given(st.lists(st.integers(0, 10**9), min_size=5, max_size=5), st.integers(0, 1))
def test_a_model_compared_with_itself_differs_by_nothing(counts: list[int], tier: int) -> None:
    """Whatever was used, the used model's own line says zero."""
    row = used("stepped", tier, usage=Usage(*counts))
    (advice,) = advise([row], table(), DAY, ["stepped"])
    assert advice.alternatives[0].difference_micros == 0


def test_each_tool_belongs_to_one_class_and_each_class_says_its_rule() -> None:
    """The declared classes are what the question in the store can tell apart."""
    declared = task_classes()
    edits, shells = set(declared.tools(CHANGE)), set(declared.tools(COMMAND))
    assert edits
    assert shells
    assert not edits & shells
    assert all(each.name and each.rule for each in declared.classes)
    assert {each.id for each in declared.classes} == {
        "subagent", "workflow", "change", "command", "reading", "answer", "unknown",
    }  # fmt: skip
