"""Assessments made of hostile text, for tests that nothing breaks out of its place."""

from typing import Any

import msgspec
from hypothesis import strategies as st
from tests.maturity.judged import NUMBERS, SUBJECT, assessed, criterion, model, record

from pawl.base.finding import Outcome, Place
from pawl.maturity.assess import About
from pawl.maturity.evidence import Record
from pawl.maturity.inputs import Inputs, made_again
from pawl.maturity.model import Descriptor, Model, Need, Threshold
from pawl.maturity.probe import Remedy
from pawl.maturity.verdict import Assessment, Hit

BAD = (
    "</script><script>alert(1)</script>",
    "</title><img src=x onerror=alert(1)>",
    "| a | b |\n|---|---|",
    "\x1b[31mred\x1b[0m\x00\x07",
    "[click](https://evil.example/x) @someone #12 www.evil.example",
    '" onmouseover="alert(1)',
    "`code` *bold* _it_ <b>b</b> &amp; \\| ~~x~~",
    "# head\n- item\n1. one\n> quote",
    "\u202egnp.exe\u2066",
    "]]> --> {{ x }} ${y} %s",
)
hostile = st.one_of(
    st.sampled_from(BAD),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    st.lists(st.sampled_from(["|", "`", "\n", "<", ">", "&", '"', "'", "\\", "x", "-", "1."])).map(
        "".join
    ),
)
"""Text that tries to break out, any text at all, and piles of special characters."""


def made_of(text: str) -> tuple[Assessment, Model, tuple[Record, ...]]:
    """Return an assessment that carries one text wherever a repository could put one."""
    asked = model(
        criterion(
            "c",
            statement=f"A {text}",
            indicator=f"I {text}",
            descriptors=("d1",),
            needs={"n": Need(probe="asked", where={"x": Threshold(equals=text)})},
        ),
        criterion("other", needs={"n": Need(probe="other")}),
        descriptors=(Descriptor(id="d1", level=2, dimension="one", text=text),),
        name=f"N {text}",
    )
    seen = record(
        outcome=Outcome.FAIL,
        reason=text,
        values={"x": text},
        places=(Place(path=f"src/{text}", line=3), Place(path=text or "a")),
    )
    hit = Hit(
        detector="G07",
        indicator=text,
        strength="strong",
        action="contested",
        innocent=text,
        remedy=text,
        probes=("asked", "other"),
        places=(Place(path=f"b/{text}"),),
    )
    good = record("other", reason=text)
    given = Inputs(
        about=About(
            subject=SUBJECT, as_of="2026-11-21T12:00:00.000000Z", not_looked_at=(text, "history")
        ),
        models=(asked,),
        records=(seen, good),
        numbers=NUMBERS,
        hits=(hit,),
    )
    assessment = msgspec.structs.replace(
        made_again(given),
        subject=text,
        commit=text,
        engine=f"pawl 1.2.3 {text}",
        exemptions_expired=(text,),
        exemptions_refused=(f"x: {text}",),
    )
    records = tuple(msgspec.structs.replace(each, subject=text) for each in given.records)
    return assessment, asked, records


REMEDIES = {"asked": Remedy("Mend it.", 1.0), "other": Remedy("Look.", 0.5)}


def plain_assessment(**told: Any) -> tuple[Assessment, Model]:
    """Return a small honest assessment: one criterion fails at a place, one is unknown."""
    asked = model(
        criterion("eng.one.L2.tests", indicator="Share of tests", risk=4),
        criterion("eng.one.L2.docs", needs={"n": Need(probe="other")}),
        criterion("eng.two.L2.gate", dimension="two", needs={"n": Need(probe="gate")}),
        criterion("eng.two.L3.more", dimension="two", level=3, needs={"n": Need(probe="asked")}),
    )
    found = assessed(
        asked,
        record(
            outcome=Outcome.FAIL,
            reason="3 of 9 tests assert nothing.",
            places=(
                Place(path="tests/test a.py", line=7),
                Place(path="tests/test a.py", line=9),
                Place(path="run:42"),
                Place(path="/etc/passwd", line=1),
                Place(path="../outside.py", line=1),
            ),
        ),
        record("gate"),
        **told,
    )
    return found, asked
