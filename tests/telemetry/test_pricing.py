"""Prices: exact arithmetic over a dated table that other sources agree with."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.errors import BadFile
from pawl.base.loading import load_yaml
from pawl.telemetry import pricing
from pawl.telemetry.pricing import PriceFile, PriceTable, compile_prices, spellings
from pawl.telemetry.usage import Usage

SHIPPED = sorted((Path(pricing.__file__).parent / "prices").glob("*.yaml"))
OBSERVED = Path(__file__).parents[1] / "fixtures/agents/claude/prices-observed.json"
DAY = "2026-11-21"


def shipped() -> list[PriceFile]:
    return [load_yaml(path.read_text(), PriceFile, place=path.name) for path in SHIPPED]


TABLE = compile_prices(shipped())


def own(text: str) -> PriceTable:
    head = 'schema: pawl.prices/1\nversion: own\nas_of: "2026-11-20"\nsources: {me: a contract}\n'
    return compile_prices(shipped(), extra=load_yaml(head + text, PriceFile, place="prices.yaml"))


def test_every_row_names_a_source_that_the_file_explains() -> None:
    """A number without a source cannot be checked, so each model names one its file describes."""
    for part in shipped():
        assert part.schema == pricing.SCHEMA
        for model in part.models:
            named = {model.source, *(row.source for row in model.rows if row.source)}
            assert named <= set(part.sources), model.id


@pytest.mark.parametrize("model", sorted(json.loads(OBSERVED.read_text())["models"]))
def test_the_table_is_what_was_measured(model: str) -> None:
    """Our rates are those that the product's own cost figures follow, tier by tier."""
    seen = json.loads(OBSERVED.read_text())["models"][model]
    if seen["cost_basis"] == "unknown":
        assert TABLE.price(model, Usage(input=1000), DAY) is None
        return
    steps = {"usd_per_million": 0, "usd_per_million_above": seen.get("above_prompt_tokens", 0)}
    for name, prompt in steps.items():
        for bucket, rate in seen.get(name, {}).items():
            if bucket == "output":
                base = Usage(cache_read=prompt + 1, output=1_000_000)
                without = TABLE.price(model, Usage(cache_read=prompt + 1), DAY)
                assert TABLE.price(model, base, DAY) == round(rate * 1e6) + (without or 0)
            elif prompt:
                usage = Usage(**{bucket: 1_000_000})
                assert TABLE.price(model, usage, DAY) == round(rate * 1e6)
            else:
                usage = Usage(**{bucket: 100_000})
                assert TABLE.price(model, usage, DAY) == round(rate * 1e5)


def test_a_web_search_costs_a_cent() -> None:
    """Ten searches on top of no tokens are ten cents."""
    assert TABLE.price("claude-opus-5-5", Usage(web_searches=10), DAY) == 100_000


def test_a_fee_that_is_not_known_makes_the_request_unpriced() -> None:
    """A search on a model without a fee in the table is unknown money, not free."""
    assert TABLE.price("gpt-5.3", Usage(input=1), DAY) is not None
    assert TABLE.price("gpt-5.3", Usage(input=1, web_searches=1), DAY) is None


@pytest.mark.parametrize(
    ("model", "day", "prompt", "micros"),
    [
        ("claude-haiku-5-5", DAY, 100_000, 10_000),
        ("claude-haiku-5-5", DAY, 100_001, 50_000),
        ("claude-sonnet-4-5", DAY, 200_000, 600_000),
        ("claude-sonnet-4-5", DAY, 200_001, 1_200_006),
        ("claude-sonnet-4-6", "2026-03-12", 200_001, 1_200_006),
        ("claude-sonnet-4-6", "2026-03-13", 200_001, 600_003),
        ("gemini-2.5-pro", DAY, 200_001, 500_002),
    ],
)
def test_a_tier_prices_the_whole_request(model: str, day: str, prompt: int, micros: int) -> None:
    """One token above the step makes every token of the request dearer, on the days it holds."""
    assert TABLE.price(model, Usage(input=prompt), day) == pytest.approx(micros, abs=1)


@pytest.mark.parametrize(
    "name",
    [
        "claude-sonnet-4-5-20250929",
        "claude-sonnet-4-5[1m]",
        "claude-sonnet-4-5-20250929[1m]",
        "anthropic/claude-sonnet-4-5",
        "openrouter/anthropic/claude-sonnet-4.5",
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "anthropic.claude-sonnet-4-5-20250929-v1:0",
        "arn:aws:bedrock:us-east-1:1:inference-profile/eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "claude-sonnet-4-5@20250929",
        "CLAUDE-SONNET-4-5",
    ],
)
def test_other_spellings_are_the_same_model(name: str) -> None:
    """Gateways, clouds and dated names of one model find its price."""
    assert TABLE.price(name, Usage(input=1_000_000), DAY) == 6_000_000


@pytest.mark.parametrize("name", ["", "claude", "claude-opus", "gpt", "my-gateway-model", "[1m]"])
def test_an_unknown_model_has_no_price(name: str) -> None:
    """What the table does not know is None, never zero and never a neighbour's price."""
    assert TABLE.price(name, Usage(input=1000), DAY) is None


def test_an_own_price_replaces_ours_whole() -> None:
    """A contract price holds in place of the list price, and the version says so."""
    table = own("models:\n- {id: claude-opus-5-5, source: me, rows: [{input: 1, output: 2}]}\n")
    assert table.price("claude-opus-5-5", Usage(input=1_000_000), DAY) == 1_000_000
    assert table.price("claude-opus-5-5", Usage(cache_read=1_000_000), DAY) == 1_000_000
    assert table.version.endswith("+own")


@pytest.mark.parametrize(
    "row",
    [
        "{input: -1, output: 2}",
        "{input: 0.0000001, output: 2}",
        "{input: 1, output: 2, from: 3.4.}",
    ],
)
def test_a_rate_that_makes_no_sense_is_refused(row: str) -> None:
    """A price file with a broken row is an error that names the model."""
    with pytest.raises(BadFile, match="mine"):
        own(f"models:\n- {{id: mine, source: me, rows: [{row}]}}\n")


def test_a_day_outside_every_row_has_no_price() -> None:
    """Before a price began there was none."""
    table = own(
        'models:\n- {id: mine, source: me, rows: [{from: "2026-05-01", input: 1, output: 1}]}\n'
    )
    assert table.price("mine", Usage(input=1), "2026-04-30") is None
    assert table.price("mine", Usage(input=1), "2026-05-01") == 1


tokens = st.integers(0, 3_000_000)


@given(st.sampled_from(TABLE.models), tokens, tokens, tokens, tokens, tokens)
def test_a_price_is_the_exact_sum_rounded_once(
    model: str, fresh: int, read: int, short: int, long: int, output: int
) -> None:
    """The sum over buckets is exact; only its total is rounded, half to even."""
    usage = Usage(fresh, read, short, long, output)
    steps = TABLE.steps(model, DAY)
    assert steps is not None
    rates = [rates for above, rates in steps if usage.prompt > above][-1]
    exact = sum(
        Fraction(n * rate, 10**6)
        for n, rate in zip((fresh, read, short, long, output), rates[:5], strict=True)
    )
    assert TABLE.price(model, usage, DAY) == round(exact)


@given(st.text(max_size=40))
def test_any_text_may_stand_for_a_model(name: str) -> None:
    """Hostile model names are looked up like any other and never raise."""
    list(spellings(name))
    TABLE.price(name, Usage(input=1), DAY)


DIFFERENCES: dict[str, str] = {}
"""Models that the other table prices otherwise, and why ours is right."""


@pytest.mark.parametrize("model", TABLE.models)
def test_another_table_agrees(model: str) -> None:
    """Every bucket on both sides of every tier costs what genai-prices says, or says why not."""
    import genai_prices

    provider = "anthropic" if "claude" in model else "google" if "gemini" in model else "openai"
    for prompt in (1_000, 150_000, 250_000, 400_000):
        counts = {"input_tokens": prompt, "output_tokens": 1000, "cache_read_tokens": prompt // 2}
        usage = Usage(input=prompt - prompt // 2, cache_read=prompt // 2, output=1000)
        if provider == "anthropic":
            counts |= {"cache_write_tokens": prompt // 4}
            usage = Usage(prompt - prompt // 2 - prompt // 4, prompt // 2, prompt // 4, 0, 1000)
        try:
            other = genai_prices.calc_price(
                genai_prices.Usage(**counts),
                model,
                provider_id=provider,
                genai_request_timestamp=datetime(2026, 11, 21, tzinfo=UTC),
            )
        except LookupError:
            pytest.fail(f"{model} is not known there: name its other source")
        ours = TABLE.price(model, usage, DAY)
        assert ours is not None
        same = abs(Decimal(ours) - other.total_price * 1_000_000) <= 1
        assert same != (model in DIFFERENCES), (model, prompt, ours, other.total_price)
