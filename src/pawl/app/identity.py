"""Wiring for tokens and sessions: the records, the clock, and chance that nobody can guess."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pawl.services.identity import Identity
    from pawl.store.records.engine import Engine


def identity_on(engine: Engine) -> Identity:
    """Return the identity service over records that are open."""
    from pawl.services.identity import Identity
    from pawl.world.clock import now

    return Identity(engine, now, os.urandom)


@contextmanager
def identity(folder: Path) -> Iterator[Identity]:
    """Open the identity service of a data folder, or of the database that a URL names."""
    from pawl.app import records_engine

    engine = records_engine(folder)
    try:
        yield identity_on(engine)
    finally:
        engine.dispose()
