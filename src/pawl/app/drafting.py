"""Wiring of `pawl eval new`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pawl.evals.drafting import Drafted
    from pawl.telemetry.content import Content

_ROOM = 16 * 1024 * 1024
"""Characters of kept texts that are read of one run."""


def draft_case(
    folder: Path, *, run_id: str, asserts: tuple[dict[str, Any], ...], **said: Any
) -> Drafted:
    """Return a case drafted from a run that is recorded in a data folder."""
    from pawl import app
    from pawl.services.eval_drafting import Asked, draft_from_run

    app.settle_dead_runs(folder)
    return draft_from_run(
        Asked(run_id=run_id, asserts=asserts, **said),
        app.run_records(folder),
        app.run_timeline(folder),
        app.bill_machine(folder),
        _Kept(folder),
        app.now,
    )


def keep_draft(drafted: Drafted, place: Path) -> str:
    """Write a draft and its run's record into the repository of a place; return the path.

    Raises BadValue where a case of that id is there already.
    """
    from pawl.app.evals import tree_writer
    from pawl.evals.shelf import Shelf
    from pawl.services.eval_keeping import keep_draft
    from pawl.world.working_tree import WorkingTree

    draft = drafted.draft
    shelf, writing = Shelf(WorkingTree(place)), tree_writer(place)
    return keep_draft(shelf, writing, draft.case.id, draft.text, drafted.sealed)


def kept_texts(folder: Path) -> _Kept:
    """Return the texts of runs that a data folder has kept."""
    return _Kept(folder)


class _Kept:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of_run(self, run_id: str, session_id: str | None) -> tuple[Content, ...]:
        from pawl.app.contents import machine_settings, open_contents
        from pawl.telemetry.content import Content

        contents = open_contents(self._folder, machine_settings(self._folder).content)
        try:
            stored, _ = contents.of_session(session_id or "", _ROOM, [run_id])
        finally:
            contents.close()
        return tuple(
            Content(
                event_id=each.event_id,
                time=each.time,
                role=each.role,
                text=each.text,
                characters=each.characters,
                session_id=session_id,
                run_id=run_id,
            )
            for each in stored
        )
