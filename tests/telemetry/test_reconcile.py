"""One request of everything that was told of it, whatever the order."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from pawl.telemetry.event import Event
from pawl.telemetry.observation import SOURCES, Observation, event, observation
from pawl.telemetry.reconcile import Dump, Requests, reconcile

TIME = "2026-11-20T10:00:0{}.000000Z"
maybe = st.sampled_from


@st.composite
def observations(draw: st.DrawFn) -> Observation:
    """An observation from a small world, where ids and times collide all the time."""
    told = draw(st.booleans()) or draw(st.booleans())
    return Observation(
        id=draw(maybe(["a", "b", "c", "d"])),
        time=TIME.format(draw(st.integers(0, 3))),
        rank=draw(st.integers(0, 3)),
        agent=draw(maybe(["claude-code", "codex"])),
        model=draw(maybe([None, "m1", "m2"])),
        request_id=draw(maybe([None, "r1", "r2", "r3"])),
        message_id=draw(maybe([None, "x1", "x2"])),
        input=draw(st.integers(0, 2)) if told else None,
        output=draw(st.integers(0, 2)) if told else 0,
        final=draw(st.booleans()),
        side=draw(st.booleans()),
        copied=draw(st.booleans()),
        project=draw(maybe([None, "p1", "p2"])),
        branch=draw(maybe([None, "main"])),
        session_id=draw(maybe([None, "s1", "s2"])),
    )


many = st.lists(observations(), max_size=8)


@given(many, st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_order_of_files_does_not_matter(seen: list[Observation], chance: object) -> None:
    """Any shuffle of the same observations gives the same requests."""
    shuffled = list(seen)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert reconcile(shuffled) == reconcile(seen)


@given(many, many)
@settings(max_examples=40)
def test_feeding_twice_changes_nothing(seen: list[Observation], more: list[Observation]) -> None:
    """Reading a file again, alone or in between, adds nothing."""
    assert reconcile([*seen, *more, *seen]) == reconcile([*seen, *more])


@given(many, many)
@settings(max_examples=40)
def test_a_fold_goes_on_from_what_was_written_down(
    seen: list[Observation], more: list[Observation]
) -> None:
    """Dumping a fold and loading it is as if it had never stopped."""
    first = Requests()
    first.add(seen)
    packed = msgspec.msgpack.encode(first.dump())
    second = Requests.load(msgspec.msgpack.decode(packed, type=Dump))
    second.add(more)
    assert second.requests() == reconcile([*seen, *more])


@given(many, observations())
@settings(max_examples=40)
def test_more_evidence_never_loses_a_request(seen: list[Observation], one: Observation) -> None:
    """A request that its own id speaks for stays, with its tokens, whatever comes later."""
    named = [s for s in seen if s.request_id and not (s.side and s.message_id)]
    after = {request.id: request for request in reconcile([*seen, one])}
    for told in named:
        assert told.request_id in after
        assert told.input is None or after[told.request_id].usage is not None


@given(many)
@settings(max_examples=20)
def test_an_observation_is_an_event_and_back(seen: list[Observation]) -> None:
    """What a bill asks for survives the way through an event and its JSON line."""
    for one in seen:
        line = msgspec.json.encode(event(one))
        assert observation(msgspec.json.decode(line, type=Event)) == one


def seen(**fields: object) -> Observation:
    base = {"id": "e", "time": TIME.format(0), "rank": 0, "agent": "claude-code", "input": 1}
    return Observation(**(base | fields))  # type: ignore[arg-type]


def test_two_request_ids_are_two_requests() -> None:
    """A message id that two requests share does not make them one."""
    found = reconcile(
        [seen(request_id="r1", message_id="x"), seen(request_id="r2", message_id="x")]
    )
    assert [request.id for request in found] == ["r1", "r2"]


def test_without_a_request_id_the_message_id_joins() -> None:
    """A line that lacks the request id belongs to the request that others link it to."""
    found = reconcile([seen(message_id="x"), seen(request_id="r1", message_id="x", id="f")])
    assert [request.id for request in found] == ["r1"]


def test_the_smallest_request_takes_a_message_that_several_claim() -> None:
    """Which of several requests a bare message joins is fixed, not chance."""
    shared = [seen(request_id=name, message_id="x", input=5) for name in ("r2", "r1")]
    found = reconcile([*shared, seen(message_id="x", input=5, rank=2)])
    assert {request.id: len(request.confirms) for request in found} == {"r1": 1, "r2": 0}


def test_a_replay_in_a_side_chain_is_the_request_it_replays() -> None:
    """A side question repeats its parent's responses under request ids of its own."""
    replayed = seen(request_id="fresh", message_id="x", side=True)
    found = reconcile([replayed, seen(request_id="r1", message_id="x")])
    assert [request.id for request in found] == ["r1"]


def test_a_sub_agent_seen_by_a_run_and_a_transcript_is_one_request() -> None:
    """A side chain's own request joins the request id that another source tells."""
    found = reconcile(
        [seen(request_id="r1", message_id="x", side=True), seen(request_id="r1", rank=2, input=1)]
    )
    assert [(request.id, request.confirms) for request in found] == [
        ("r1", (("telemetry", "claude-code"),))
    ]


def test_a_final_count_pays_before_a_partial_one() -> None:
    """A partial count of a better source never beats what a response came to in the end."""
    (request,) = reconcile(
        [seen(request_id="r", output=1, final=False), seen(request_id="r", output=9, rank=2)]
    )
    assert request.usage is not None
    assert (request.usage.output, request.payer[0]) == (9, "telemetry")


def test_disagreement_is_shown() -> None:
    """A source that tells other tokens than the payer confirms the request and disagrees."""
    (request,) = reconcile([seen(request_id="r", input=5), seen(request_id="r", input=7, rank=1)])
    assert request.payer == ("transcript", "claude-code")
    assert request.disagrees == (("run", "claude-code"),)


def test_a_partial_count_disagrees_with_nothing() -> None:
    """A count taken before the end of a response confirms it; that it is smaller says nothing."""
    told = [seen(request_id="r", output=9), seen(request_id="r", output=1, rank=1, final=False)]
    (request,) = reconcile(told)
    assert (request.confirms, request.disagrees) == ((("run", "claude-code"),), ())


def test_the_run_knows_whose_work_it_was() -> None:
    """Attribution comes from the run, what it does not know from the transcript."""
    (request,) = reconcile(
        [
            seen(request_id="r", project="guess", branch="main"),
            seen(request_id="r", project="told", rank=1),
        ]
    )
    assert (request.project, request.branch) == ("told", "main")


def test_the_first_line_says_when() -> None:
    """A response over midnight belongs to the day it began."""
    (request,) = reconcile(
        [seen(request_id="r", time=TIME.format(5), output=9), seen(request_id="r", output=1)]
    )
    assert request.time == TIME.format(0)


def test_sources_are_ranked() -> None:
    """The order of trust is fixed: transcripts, runs, telemetry, logs."""
    assert [str(source) for source in SOURCES] == ["transcript", "run", "telemetry", "csv"]
