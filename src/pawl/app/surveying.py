"""Wiring of the surveys of whole trees."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pawl import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pawl.maturity.survey import Survey

_PACKAGE = Path(__file__).parents[1]


def surveys() -> Mapping[str, Survey]:
    """Return the surveys of whole trees; the lint's rules are imported when one is to be made."""
    from pawl.app.linting import lint_rules
    from pawl.services.surveys import shipped_surveys

    return shipped_surveys(lint_rules, _written())


def _written() -> str:
    """Return what changes when anything does that surveys look with: names, sizes and times.

    The content of some three hundred files would take longer to read than a kept answer. A copy
    of the same version with other times only looks again. Rules of other distributions count by
    the places that have any.
    """
    from hashlib import blake2b

    told = [__version__, *sys.path]
    for name in ("assets", "evals", "parsing", "maturity", "base"):
        for folder, folders, names in os.walk(_PACKAGE / name):
            folders[:] = sorted(each for each in folders if each != "__pycache__")
            for each in sorted(names):
                status = os.stat(os.path.join(folder, each))
                told.append(f"{each} {status.st_size} {status.st_mtime_ns}")
    return blake2b("\0".join(told).encode("utf-8", "replace"), digest_size=16).hexdigest()
