"""The meter counts each request once, whoever tells of it, and grows with it."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.runs.told import event, price, request

from pawl.runs.meter import Meter
from pawl.telemetry.event import Event, Kind, Source
from pawl.telemetry.observation import observation
from pawl.telemetry.reconcile import reconcile
from pawl.telemetry.usage import ZERO, Usage


def _metered(*events: Event) -> Meter:
    meter = Meter(price)
    for told in events:
        meter.see(told)
    return meter


def test_nothing_told_is_unknown() -> None:
    """Before anybody tells of usage, the zeros are not known to be zeros."""
    assert not _metered().metered().known


def test_request_grows_until_it_is_final() -> None:
    """A response being written counts what is known so far; its end replaces the beginning."""
    meter = _metered(request(1, 1, final=False))
    assert meter.metered().usage.output == 1
    meter.see(request(1, 40, final=True))
    meter.see(request(1, 1, final=False))
    found = meter.metered()
    assert (found.requests, found.usage.output, found.micros) == (1, 40, 40)


def test_transcript_pays_before_the_stream() -> None:
    """Stream and transcript tell of one request; the transcript's final count is billed."""
    told = _metered(
        request(1, 9, request_id="r"), request(1, 8, request_id="r", source=Source.TRANSCRIPT)
    ).metered()
    assert (told.requests, told.usage.output) == (1, 8)


def test_model_without_price_is_listed_with_its_tokens_counted() -> None:
    """An unknown model costs an unknown amount: its tokens count, and no dollars are made up."""
    found = _metered(request(1, 5, "odd"), request(2, 3)).metered()
    assert (found.micros, found.unpriced, found.usage.output) == (3, ("odd",), 8)


def test_program_own_messages_are_no_requests() -> None:
    """Messages that the agent makes up itself cost nothing and are not counted."""
    assert not _metered(request(1, 5, "<synthetic>")).metered().known


def _total(model: str | None, output: int, **fields: object) -> Event:
    return event(Kind.TOTAL, f"t-{model}", model=model, input=0, output=output, **fields)


def test_total_accounts_for_requests_nobody_saw() -> None:
    """What the agent's own total has beyond the requests seen is billed too."""
    found = _metered(request(1, 10), _total("priced", 25)).metered()
    assert (found.usage.output, found.micros, found.requests) == (25, 25, 1)


def test_total_never_takes_away() -> None:
    """A total below the requests seen changes nothing: they were seen."""
    found = _metered(request(1, 10), _total("priced", 4)).metered()
    assert found.usage.output == 10


def test_total_is_not_added_twice() -> None:
    """A later total replaces the earlier one, and a request seen late is taken out of it."""
    meter = _metered(_total("priced", 10), _total("priced", 25))
    assert meter.metered().usage.output == 25
    meter.see(request(1, 20))
    assert meter.metered().usage.output == 25


def test_model_known_by_two_names_is_billed_once() -> None:
    """A total under another spelling of the model does not add the same tokens again."""
    for name in ("priced[1m]", "another name"):
        assert _metered(request(1, 10), _total(name, 10)).metered().usage.output == 10


def test_total_without_a_model_means_the_one_seen() -> None:
    """A product that does not name the model of its total means the one it talked to."""
    found = _metered(request(1, 10), _total(None, 12)).metered()
    assert (found.usage.output, found.micros, found.unpriced) == (12, 12, ())


def test_total_of_nothing_is_known_to_be_nothing() -> None:
    """An agent that says it used nothing is believed: that zero is known."""
    found = _metered(_total(None, 0)).metered()
    assert (found.known, found.usage, found.micros, found.unpriced) == (True, ZERO, 0, ())


_TOLD = st.builds(
    lambda number, request_id, message, output, final, source, second, side: Event(
        id=f"e{number}",
        time=f"2026-11-21T00:00:0{second}.000000Z",
        kind=Kind.REQUEST,
        source=source,
        agent="x",
        model="priced",
        request_id=request_id,
        message_id=message,
        input=output * 2,
        output=output,
        final=final,
        attributes={"sidechain": "true"} if side else {},
    ),
    st.integers(0, 10**6),
    st.sampled_from([None, "r1", "r2", "r3"]),
    st.sampled_from([None, "m1", "m2"]),
    st.integers(0, 4),
    st.booleans(),
    st.sampled_from([Source.RUN, Source.TRANSCRIPT]),
    st.integers(0, 3),
    st.booleans(),
)


@settings(max_examples=400)
@given(st.lists(_TOLD, max_size=12))
def test_running_sums_are_those_of_the_bill(events: list[Event]) -> None:
    """At every moment the meter says what reconciling everything told so far says."""
    meter = Meter(price)
    for index, told in enumerate(events):
        meter.see(told)
        requests = reconcile(observation(each) for each in events[: index + 1])
        usage = sum((each.usage or ZERO for each in requests), ZERO)
        found = meter.metered()
        assert (found.requests, found.usage, found.micros) == (len(requests), usage, usage.total)


@given(st.lists(st.builds(Usage, *[st.integers(0, 9)] * 5), max_size=6), st.randoms())
def test_order_does_not_matter(usages: list[Usage], random: object) -> None:
    """Requests add up to the same in any order."""
    events = [request(n, u.output, cache_read=u.cache_read) for n, u in enumerate(usages)]
    shuffled = list(events)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert _metered(*events).metered().usage == _metered(*shuffled).metered().usage
