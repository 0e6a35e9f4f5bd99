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


def has_tokens(folder: Path) -> bool:
    """Say whether somebody has a token of their own that counts; makes no records to look."""
    from pawl.store.records import FILE_NAME

    if not os.environ.get("PAWL_RECORDS_URL") and not (folder / FILE_NAME).exists():
        return False
    with identity(folder) as known:
        return known.any_counts()
