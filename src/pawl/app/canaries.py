"""Wiring for canaries."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pawl.base.errors import BadFile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pawl.maturity.canary import CanaryResult


def prove(place: Path, names: Sequence[str], *, told: Callable[[str], None]) -> list[CanaryResult]:
    """Run a repository's canaries and return what they proved; raises BadFile without any."""
    from pawl.app import now
    from pawl.maturity.canary import FILE, load_canaries
    from pawl.services.canaries import run_canaries
    from pawl.world.workshop import Workshop

    try:
        text = (place / FILE).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile(
            "there are no canaries to run.", place=str(place / FILE), hint="Write the file first."
        ) from error
    file = load_canaries(text, place=FILE)

    def bench() -> Workshop:
        return Workshop(place, file.link, file.leave)

    return list(run_canaries(file.canaries, names, bench, now, told))


def evidence_of(results: Sequence[CanaryResult]) -> str:
    """Return results as an export for `pawl assess --evidence`."""
    from pawl.app import now
    from pawl.services.canaries import evidence_lines

    return evidence_lines(results, now())
