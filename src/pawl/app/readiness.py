"""Wiring of `pawl readiness`."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pawl.maturity.readiness import Readiness
    from pawl.services.tree_reading import Progress


def readiness_of(
    folder: Path,
    place: Path,
    *,
    at: str | None = None,
    evidence: Sequence[Path] = (),
    as_of: str | None = None,
    progress: Progress | None = None,
) -> Readiness:
    """Return how the repository that holds `place` stands, by it and by the records in `folder`.

    `as_of` is a canonical time other than now.
    """
    from pawl.app import now
    from pawl.app.maturity import own_text, plugins
    from pawl.app.practice import machine_stores
    from pawl.app.practice_oncall import operated_at
    from pawl.base.times import format_time, parse_time
    from pawl.services.gathering import HISTORY_DAYS
    from pawl.services.practice import place_of, read_practice
    from pawl.services.readiness import PLACE, source_readiness
    from pawl.world.data_files import DataFiles
    from pawl.world.evidence_files import handed_over
    from pawl.world.repository import open_tree

    today = as_of or now()
    since = format_time(parse_time(today) - timedelta(days=HISTORY_DAYS))
    with ExitStack() as closing:
        source = open_tree(place, at)
        closing.enter_context(source)
        stores = closing.enter_context(machine_stores(folder))
        return source_readiness(
            source,
            items=own_text(PLACE),
            numbers=own_text("engine.yaml"),
            plugins=plugins(),
            now=today,
            exports=handed_over(evidence),
            practice=lambda: read_practice(
                stores, since, today, place_of(source.name, source.origin)
            ),
            operated=lambda: operated_at(stores, source, since, today),
            storage=DataFiles(folder / "extracts"),
            progress=progress,
        )
