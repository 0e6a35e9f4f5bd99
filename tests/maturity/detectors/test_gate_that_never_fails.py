"""A gate that has never refused anything does not prove that it bites."""

from typing import Any

from tests.maturity.detectors.looking import ago, hits, look, one, record

from pawl.maturity.detector import Look

CODE = "G15"


def _seen(green: int, red: int = 0, canary: float | None = None, event: str = "push") -> Look:
    runs = [
        {
            "id": str(at),
            "workflow": "CI",
            "event": event,
            "conclusion": "failure" if at < red else "success",
            "started_at": ago(60),
        }
        for at in range(green + red)
    ]
    sections: dict[str, Any] = {
        "host": {
            "product": "github",
            "repository": "o/r",
            "exported_at": ago(0),
            "complete_since": ago(365),
            "default_branch": "main",
            "runs": runs,
        }
    }
    if canary is not None:
        drill = {"id": "d", "kind": "canary", "at": ago(canary), "succeeded": True}
        sections["operations"] = {"source": "o", "complete_since": ago(365), "drills": [drill]}
    return look(
        record("red-builds-block", depth="E4", kinds=("host",)),
        record("tests-are-executed", depth="E3", kinds=("ci",)),
        sections=sections,
    )


def test_two_hundred_green_runs_prove_no_bite() -> None:
    """Credit for biting is contested; credit for running stays."""
    hit = one(CODE, _seen(200))
    assert (hit.action, hit.probes) == ("contested", ("red-builds-block",))


def test_one_red_run_is_enough() -> None:
    """A gate that refused once can refuse."""
    assert hits(CODE, _seen(200, red=1)) == []


def test_few_runs_say_nothing() -> None:
    """A hundred green runs may be chance, and scheduled ones propose nothing."""
    assert hits(CODE, _seen(100)) == []
    assert hits(CODE, _seen(300, event="schedule")) == []


def test_mature_code_passes_with_a_canary() -> None:
    """A canary refused within the quarter is the proof that was missing."""
    assert hits(CODE, _seen(300, canary=30)) == []


def test_where_nothing_claims_to_bite_it_is_noted() -> None:
    """There is no credit to take."""
    seen = _seen(200)
    fields = {name: getattr(seen, name) for name in seen.__struct_fields__} | {"records": {}}
    assert one(CODE, Look(**fields)).action == "note"


DECIDES = {
    "runs_min": (201, lambda: _seen(200)),
    "canary_days": (10, lambda: _seen(300, canary=30)),
}
