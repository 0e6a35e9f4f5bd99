"""The pages to print, in a browser: the one-pager fits one sheet of A4, whatever fills it."""

import re
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.maturity.judged import NUMBERS, SUBJECT
from tests.maturity.test_models import LOADED
from tests.render.hostile import REMEDIES

from pawl.maturity.assess import About, assess
from pawl.maturity.compiled import compile_model
from pawl.maturity.roadmap import roadmap
from pawl.maturity.verdict import Assessment, Hit
from pawl.render.assessment_page import assessment_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
MODELS = list(LOADED.values())
LONG = "A collector says at length what it could not look at, and what would help. " * 5


def full() -> Assessment:
    """Return an assessment of all models that comes with Pawl, with every list overfull."""
    about = About(
        subject=SUBJECT,
        as_of="2026-11-21T12:00:00.000000Z",
        commit="a" * 40,
        engine="pawl 0.1.0",
        not_looked_at=tuple(f"{number}: {LONG}" for number in range(20)),
    )
    hits = [
        Hit(
            detector=f"G{number:02}",
            indicator=LONG,
            strength="weak",
            action="provisional",
            innocent=LONG,
            remedy=LONG,
        )
        for number in range(1, 9)
    ]
    found = assess(about, [compile_model(model) for model in MODELS], [], NUMBERS, hits=hits)
    # Published although nothing was seen, so that every row is shown.
    shown = tuple(msgspec.structs.replace(model, complete=True) for model in found.models)
    return msgspec.structs.replace(found, models=shown)


def test_the_one_pager_prints_on_one_sheet(chromium: "Browser") -> None:
    """All four models, eight hits, twenty things not seen and the goals are one page of A4."""
    assessment = full()
    goals = roadmap(assessment, MODELS, remedies=REMEDIES, capacity=5).goals
    assert len(goals) > 5
    page = chromium.new_page()
    page.set_content(assessment_page(assessment, MODELS, goals))
    printed = page.pdf(prefer_css_page_size=True)
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    page.close()
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) == 1
    assert not wide
