"""Wiring of drills: the specs there are, the faults, the sandbox, and where gaps become actions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from pawl.incidents.drill import Drill, Gap
    from pawl.incidents.drill_run import DrillRun
    from pawl.services.change_terms import By
    from pawl.services.drill_fault import FaultKind
    from pawl.services.drill_pages import DrillPages
    from pawl.services.drills import DrillDesk, OpenActions
    from pawl.store.records.connection import Engine

FOLDER = ".pawl/drills"


def fault_kinds() -> dict[str, FaultKind]:
    """Return all faults, third-party ones included."""
    from pawl.app import all_plugins
    from pawl.services import faults
    from pawl.services.drill_fault import FaultKind

    return all_plugins(faults, "FAULT", FaultKind)


def drills_at(place: Path) -> dict[str, tuple[Drill, str]]:
    """Return the drills that can be run at a place, by id, each with where it is from.

    Those of the repository's `.pawl/drills` stand before ours of the same name. Outside of a
    repository there are ours alone. Raises BadFile for a file that is no drill.
    """
    from pawl.base.errors import BadFile, PawlError
    from pawl.incidents.drill import load_drill
    from pawl.incidents.shipped_drills import shipped_drills
    from pawl.world.policy_folder import yaml_files
    from pawl.world.working_tree import top_of

    found = {each.id: (each, "shipped") for each in shipped_drills()}
    try:
        top = top_of(place)
    except PawlError:
        return found
    for name, content in sorted(yaml_files(top / FOLDER).items()):
        where = f"{FOLDER}/{name}"
        if content is None or not name.endswith(".yaml") or "/" in name:
            raise BadFile(
                "is a link, too large, in a folder, or does not end in .yaml.",
                place=where,
                hint=f"Put the file itself into {FOLDER}.",
            )
        try:
            text = content.decode()
        except UnicodeDecodeError as error:
            raise BadFile("is no UTF-8 text.", place=where) from error
        drill = load_drill(text, id=name.removesuffix(".yaml"), place=where)
        found[drill.id] = (drill, where)
    return found


def drill_pages(folder: Path, engine: Engine, place: Path | None) -> DrillPages:
    """Return what a server shows of drills: those of the repository of a place, else ours."""
    from pawl.incidents.shipped_drills import shipped_drills
    from pawl.services.drill_pages import DrillPages

    def here() -> dict[str, tuple[Drill, str]]:
        if place is None:
            return {each.id: (each, "shipped") for each in shipped_drills()}
        return drills_at(place)

    return DrillPages(drill_desk(folder, engine=engine), here)


def drill_desk(
    folder: Path, *, engine: Engine | None = None, place: Path | None = None
) -> DrillDesk:
    """Return the desk of a data folder. Dispose of it, unless the `engine` is somebody else's.

    With the `place` of a repository each gap becomes an action.
    """
    from pawl.app import records_engine
    from pawl.app.budgets import budget_mailing
    from pawl.services.drills import DrillDesk
    from pawl.store.records.drills import DrillRecords
    from pawl.world.clock import new_id, now
    from pawl.world.drill_place import clear_left, drill_place

    records = records_engine(folder) if engine is None else engine
    open_action = None if place is None else _actions(folder, place, records)
    return DrillDesk(
        DrillRecords(records),
        fault_kinds,
        drill_place,
        now=now,
        new_id=new_id,
        open_action=open_action,
        clear=clear_left,
        mailing=lambda: budget_mailing(folder),
    )


def _actions(folder: Path, place: Path, engine: Engine) -> OpenActions:
    """Return what opens an action for a gap, owned by somebody of the repository's roster."""

    def open_action(run: DrillRun, gap: Gap, by: By) -> str:
        from pawl.app.incident_sources import RepositoryIncidents
        from pawl.services.drill_actions import action_of_gap
        from pawl.store.records.incidents import IncidentRecords
        from pawl.world.clock import now

        sources = RepositoryIncidents(folder, place, once=True)
        return action_of_gap(IncidentRecords(engine), sources, run, gap, by, now)

    return open_action


def who_runs(place: Path) -> By:
    """Return who runs a drill here, by their own word: git's address, or nobody."""
    import os

    from pawl.services.change_terms import By
    from pawl.world.git_identity import git_address

    address = git_address(place, os.environ)
    return By(identity=f"git:{address or 'nobody'}", source="git-config", assurance="declared")


def chosen(drills: Mapping[str, tuple[Drill, str]], name: str) -> Drill:
    """Return a drill by its name; raises NoSuchDrill with those there are."""
    from pawl.services.drills import NoSuchDrill

    if name not in drills:
        raise NoSuchDrill(
            f"no drill is called {name[:80]!r}.", hint=f"There are: {', '.join(sorted(drills))}."
        )
    return drills[name][0]


def terminable() -> AbstractContextManager[None]:
    """Return what lets SIGTERM end a drill as Ctrl-C does."""
    from pawl.world.drill_place import terminable

    return terminable()
