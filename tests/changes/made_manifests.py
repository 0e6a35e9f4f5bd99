"""Manifests drawn by chance: any kinds of parts, any values, each part may come or go."""

from hypothesis import strategies as st
from tests.changes.made_changes import manifest

from pawl.changes.manifest import Manifest, Risk
from pawl.changes.parts import (
    Budget,
    Code,
    Data,
    EvalSet,
    Model,
    Part,
    PolicyFile,
    Prompt,
    Routing,
    Tool,
)
from pawl.changes.plan import AbortRule, Experiment

TEXTS = st.text(max_size=8)
PARTS: dict[str, st.SearchStrategy[Part]] = {
    "prompt": st.builds(Prompt, text=TEXTS),
    "model": st.builds(
        Model,
        family=TEXTS,
        model=TEXTS,
        parameters=st.dictionaries(
            TEXTS,
            st.none() | st.booleans() | TEXTS | st.integers(-5, 5) | st.floats(-2, 2),
            max_size=2,
        ),
    ),
    "tool": st.builds(
        Tool,
        permission=st.sampled_from(["deny", "ask", "allow"]),
        powers=st.lists(TEXTS, max_size=2).map(tuple),
    ),
    "policy": st.builds(PolicyFile, digest=TEXTS),
    "routing": st.builds(Routing, permille=st.dictionaries(TEXTS, st.integers(0, 9), max_size=2)),
    "budget": st.builds(Budget, micros=st.integers(0, 9), period=TEXTS),
    "data": st.builds(Data, classes=st.lists(TEXTS, max_size=2).map(tuple)),
    "eval-set": st.builds(EvalSet, digest=TEXTS, cases=st.integers(0, 9)),
    "code": st.builds(Code, digest=TEXTS),
}


@st.composite
def manifests(draw: st.DrawFn) -> Manifest:
    """Draw a manifest of up to four components of any kinds, each of which may come or go."""
    kinds = draw(st.lists(st.sampled_from(sorted(PARTS)), min_size=1, max_size=4))
    parts: dict[str, Part | None] = {}
    base: dict[str, Part | None] = {}
    for number, kind in enumerate(kinds):
        parts[f"{kind}/c{number}"] = draw(st.none() | PARTS[kind])
        base[f"{kind}/c{number}"] = draw(st.none() | PARTS[kind])
    return manifest(
        title=draw(TEXTS),
        parts=parts,
        base=base,
        closes=draw(st.lists(TEXTS, max_size=2).map(tuple)),
        declared_risk=draw(st.sampled_from(Risk)),
        experiment=draw(
            st.none()
            | st.builds(
                Experiment,
                hypothesis=TEXTS,
                metric=TEXTS,
                exposure_max=st.floats(0, 1),
                abort_when=st.lists(st.builds(AbortRule, metric=TEXTS), max_size=1).map(tuple),
                ends_at=TEXTS,
            )
        ),
    )
