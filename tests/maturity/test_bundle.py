"""Bundles: read anywhere, they make the same bytes again, and any forgery is named."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.maturity.judged import NOW, ago, criterion, model, record
from tests.maturity.test_difference import inputs
from tests.maturity.test_exempting import exemption, register
from tests.maturity.test_invariants import batches, hits, models

from pawl.base.canonical import canonical_json
from pawl.base.errors import BadFile, CannotTell
from pawl.base.finding import Outcome
from pawl.maturity.bundle import (
    AssessmentBundle,
    bundle_bytes,
    bundle_of,
    compared,
    first_difference,
    read_bundle,
    root_of,
    verify,
)
from pawl.maturity.envelope import Root, envelope, opened, signed_bytes
from pawl.maturity.evidence import Record
from pawl.maturity.inputs import Inputs, made_again
from pawl.maturity.loading import with_digest
from pawl.maturity.model import Model, Need, Threshold
from pawl.maturity.verdict import Hit

SEALED = with_digest(model(criterion("c")))


def forged(bundle: AssessmentBundle, change: Any) -> AssessmentBundle:
    """Return the bundle with its JSON changed by hand."""
    value = msgspec.to_builtins(bundle)
    change(value)
    return read_bundle(canonical_json(value), place="forged")


@given(models, batches, st.lists(hits, max_size=2), st.sets(st.integers(0, 3), max_size=2))
@settings(max_examples=80)
def test_a_bundle_makes_the_same_bytes_again(
    asked: Model, records: list[Record], found: list[Hit], exempt: set[int]
) -> None:
    """Written, read and made again, an assessment is byte for byte what was first made."""
    entries = [exemption(id=f"x{n}", criterion=f"c{n}") for n in sorted(exempt)]
    given = inputs(
        *records, asked=with_digest(asked), hits=tuple(found), register=register(*entries)
    )
    bundle = bundle_of(given)
    assert canonical_json(msgspec.to_builtins(bundle.assessment)) == canonical_json(
        msgspec.to_builtins(made_again(given))
    )
    content = bundle_bytes(bundle)
    read = read_bundle(content, place="b")
    assert bundle_bytes(read) == content
    verified = verify(read)
    assert verified.same, verified.difference
    assert verified.root == root_of(bundle).root


def test_whole_floats_are_told_alike_before_and_after() -> None:
    """JSON writes 123456.0 as an integer, and the words about it do not change by that."""
    need = Need(probe="asked", where={"x": Threshold(at_most=1)})
    asked = with_digest(model(criterion(needs={"n": need})))
    given = inputs(record(values={"x": 123456.0}), asked=asked)
    assert "123456" in made_again(given).models[0].dimensions[0].criteria[0].reason
    assert bundle_of(given).assessment == made_again(given)


def test_a_level_written_by_hand_is_named() -> None:
    """The first difference says which value, what the file says and what it should be."""
    bundle = bundle_of(inputs(record(outcome=Outcome.FAIL), asked=SEALED))

    def lift(value: Any) -> None:
        value["assessment"]["models"][0]["dimensions"][0]["measured"] = 5

    verified = verify(forged(bundle, lift))
    assert not verified.same
    assert verified.difference == (
        "assessment.models[0].dimensions[0].measured is 5 in the file, and 1 made again"
    )


def test_a_record_written_by_hand_is_named() -> None:
    """A no turned into a yes is no longer what its id names."""
    bundle = bundle_of(inputs(record(outcome=Outcome.FAIL), asked=SEALED))

    def turn(value: Any) -> None:
        value["inputs"]["records"][0]["outcome"] = "pass"

    assert "is not what its id names" in verify(forged(bundle, turn)).difference


def test_a_model_written_by_hand_is_named() -> None:
    """A loosened model no longer has the digest that it carries."""
    bundle = bundle_of(inputs(record(), asked=SEALED))

    def loosen(value: Any) -> None:
        value["inputs"]["models"][0]["met_share"] = 0.1

    assert "model eng 1 is not what its digest names" in verify(forged(bundle, loosen)).difference


def test_a_duration_that_is_none_is_told_and_not_raised() -> None:
    """Inputs that cannot be judged at all fail to verify, with the reason."""
    asked = with_digest(model(criterion("c", hold_for="28d")))
    bundle = bundle_of(inputs(record(), asked=asked))
    broken = with_digest(model(criterion("c", hold_for="soon")))
    changed = msgspec.structs.replace(
        bundle, inputs=msgspec.structs.replace(bundle.inputs, models=(broken,))
    )
    assert "cannot be made again" in verify(changed).difference


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b'{"schema":"pawl.assessment/2"}', b"\xff\xfe", b"[" * 100_000],
)
def test_what_is_no_bundle_is_refused(content: bytes) -> None:
    """Anything else names the file and what is wrong with it."""
    with pytest.raises(BadFile, match="no assessment bundle"):
        read_bundle(content, place="file.json")


def test_a_number_without_canonical_form_is_refused() -> None:
    """An integer that no double holds has no canonical bytes, so it cannot be verified."""
    content = bundle_bytes(bundle_of(inputs(record(values={"x": 77}), asked=SEALED)))
    with pytest.raises(BadFile):
        read_bundle(content.replace(b'"x":77', b'"x":77777777777777777777'), place="b")


@given(st.data())
@settings(max_examples=60)
def test_any_changed_value_of_the_assessment_is_noticed(data: st.DataObject) -> None:
    """Whichever field of the assessment is changed, the bundle does not verify."""
    bundle = bundle_of(inputs(record(), record("other"), asked=SEALED))
    value = msgspec.to_builtins(bundle.assessment)
    key = data.draw(st.sampled_from(sorted(value.keys() - {"schema", "models", "hits"})))
    old = value[key]
    if isinstance(old, list | tuple):
        value[key] = ["x"]
    else:
        value[key] = old + 1 if isinstance(old, int) else f"{old}x"
    changed = forged(bundle, lambda whole: whole.__setitem__("assessment", value))
    verified = verify(changed)
    assert verified.difference.startswith(f"assessment.{key}")


def spots(value: Any) -> list[tuple[Any, Any]]:
    """Return every place in a JSON value as its container and key."""
    keys = list(value) if isinstance(value, dict) else range(len(value))
    found = []
    for key in keys:
        found.append((value, key))
        if isinstance(value[key], dict | list):
            found += spots(value[key])
    return found


def test_two_bundles_are_compared_only_when_both_verify() -> None:
    """Changes are told with their causes; a bundle changed by hand is refused by its side."""
    before = bundle_of(inputs(record(days=1), asked=SEALED, now=ago(1)))
    after = bundle_of(inputs(record(days=1), record(outcome=Outcome.FAIL), asked=SEALED))
    assert compared(before, after).counts == {"evidence": 3}
    lifted = msgspec.structs.replace(after.assessment, subject="repo:other")
    with pytest.raises(CannotTell, match=r"the assessment after .*subject"):
        compared(before, msgspec.structs.replace(after, assessment=lifted))


@given(st.data())
@settings(max_examples=150)
def test_a_bundle_changed_anywhere_is_judged_and_never_crashes(data: st.DataObject) -> None:
    """Whatever stands at any place of the file, it is refused, or verified with an answer."""
    entries = [exemption(criterion="c", paths=("src/",))]
    asked = with_digest(model(criterion("c", hold_for="3d")))
    value = msgspec.json.decode(
        bundle_bytes(
            bundle_of(
                inputs(record(outcome=Outcome.FAIL), asked=asked, register=register(*entries))
            )
        )
    )
    container, key = data.draw(st.sampled_from(spots(value)))
    container[key] = data.draw(
        json_values | st.sampled_from([-1, 1e300, "9999-12-31", "[", "a" * 99])
    )
    try:
        bundle = read_bundle(canonical_json(value), place="b")
    except BadFile:
        return
    verified = verify(bundle)
    assert verified.same is (verified.difference == "")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(json_values, json_values)
def test_a_difference_is_found_exactly_where_bytes_differ(one: Any, other: Any) -> None:
    """There is a first difference when, and only when, the canonical bytes are not the same."""
    assert bool(first_difference(one, other, "x")) is (canonical_json(one) != canonical_json(other))


def test_the_root_leaves_signatures_out() -> None:
    """Signing does not change what is signed."""
    bundle = bundle_of(inputs(record(), asked=SEALED))
    signed = msgspec.structs.replace(bundle, signatures=(envelope(root_of(bundle), ()),))
    assert root_of(signed) == root_of(bundle)
    assert bundle_bytes(signed) != bundle_bytes(bundle)


def test_the_encoding_that_is_signed_is_the_standards() -> None:
    """The example of the DSSE protocol text."""
    assert signed_bytes("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_an_envelope_opens_to_what_it_was_made_of() -> None:
    """The root comes back, and another type or a broken payload is refused."""
    root = Root(root="0" * 64, subject="repo:x", as_of=NOW)
    made = envelope(root, ())
    assert opened(made, place="e")[0] == root
    for broken in (
        msgspec.structs.replace(made, payload_type="text/plain"),
        msgspec.structs.replace(made, payload="@@"),
        msgspec.structs.replace(made, payload="e30="),
    ):
        with pytest.raises(BadFile):
            opened(broken, place="e")


def test_an_input_that_nobody_defined_is_refused() -> None:
    """A field that the format does not have is an error, not something to pass over."""
    value = msgspec.to_builtins(bundle_of(inputs(record(), asked=SEALED)))
    value["inputs"]["trust_me"] = True
    with pytest.raises(BadFile, match="trust_me"):
        read_bundle(canonical_json(value), place="b")
    assert "trust_me" not in Inputs.__struct_fields__
