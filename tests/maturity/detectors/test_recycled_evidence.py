"""One piece of evidence proves only so much."""

from tests.maturity.detectors.looking import hits, look, one, record

from pawl.maturity.detector import Look

CODE = "G12"
PAGE = {"docs/a.md": "# A\n\nSome words about it.\n"}


def _cited(times: int, kinds: tuple[str, ...] = ("attestation",)) -> Look:
    return look(
        *(record(f"p{at}", kinds=kinds, inputs="same") for at in range(times)),
        serves={f"p{at}": (f"m.d.L3.c{at}",) for at in range(times)},
        levels={f"m.d.L3.c{at}": 3 for at in range(times)},
    )


def _shared(others: int, **told: object) -> Look:
    kinds = told.get("kinds", ("ci",))
    inputs = told.get("inputs", "same")
    return look(
        record("p", kinds=kinds, inputs=inputs),  # type: ignore[arg-type]
        others={
            f"repo:{at}": (record("p", kinds=kinds, inputs=inputs, subject=f"repo:{at}"),)  # type: ignore[arg-type]
            for at in range(others)
        },
    )


def _document(criteria: int, of: int, path: str = "docs/a.md") -> Look:
    places = [path] * criteria + [f"docs/{at}.md" for at in range(of - criteria)]
    return look(
        *(record(f"p{at}", kinds=("tree",), places=(each,)) for at, each in enumerate(places)),
        files=PAGE | {".github/workflows/ci.yml": "on: push\n"},
        serves={f"p{at}": (f"m.d.L3.c{at}",) for at in range(of)},
        levels={f"m.d.L3.c{at}": 3 for at in range(of)},
    )


def test_one_attestation_for_four_criteria_is_provisional() -> None:
    """The same thing attested for four questions is one word."""
    hit = one(CODE, _cited(4))
    assert hit.action == "provisional"
    assert len(hit.criteria) == 4
    assert hits(CODE, _cited(3)) == []


def test_one_record_for_four_criteria_is_provisional() -> None:
    """A probe that four criteria cite carries them all."""
    criteria = tuple(f"m.d.L3.c{at}" for at in range(4))
    seen = look(record("p"), serves={"p": criteria}, levels=dict.fromkeys(criteria, 3))
    assert one(CODE, seen).criteria == criteria


def test_probes_that_look_at_the_same_files_are_innocent() -> None:
    """They ask for something else in them."""
    assert hits(CODE, _cited(6, kinds=("tree",))) == []


def test_a_report_of_many_subjects_is_provisional() -> None:
    """The same CI report shown for four repositories belongs to one at most."""
    assert one(CODE, _shared(3)).action == "provisional"
    assert hits(CODE, _shared(2)) == []


def test_a_template_that_many_repositories_use_is_innocent() -> None:
    """Files are meant to be shared, and a bare count is no evidence of anything."""
    from pawl.base.canonical import digest

    assert hits(CODE, _shared(9, kinds=("tree",))) == []
    assert hits(CODE, _shared(9, kinds=("attestation",), inputs=digest(3))) == []


def test_a_document_that_carries_a_level_is_provisional() -> None:
    """Three of ten criteria rest on one page."""
    hit = one(CODE, _document(3, 10))
    assert [str(place) for place in hit.places] == ["docs/a.md"]
    assert hits(CODE, _document(2, 10)) == []


def test_a_pipeline_in_one_file_is_innocent() -> None:
    """The CI configuration is no document."""
    assert hits(CODE, _document(5, 10, path=".github/workflows/ci.yml")) == []


DECIDES = {
    "criteria_max": (4, lambda: _cited(4)),
    "subjects_max": (4, lambda: _shared(3)),
    "level_share_over": (0.4, lambda: _document(3, 10)),
    "file_criteria_min": (4, lambda: _document(3, 10)),
}
