"""Make a suite of cases out of another tool's file, and say what was left of it."""

import re
from collections.abc import Iterable

from pawl.base.errors import BadValue
from pawl.base.yaml_text import yaml_of
from pawl.evals.answers import ImportedSuite
from pawl.evals.case import Case, written
from pawl.evals.case_reading import read_suite
from pawl.evals.importers.imported import Imported, Origin
from pawl.evals.importers.promptfoo import import_promptfoo
from pawl.evals.importers.skill_evals import import_skill_evals
from pawl.evals.shelf import Shelf
from pawl.evals.steering import EVALS
from pawl.services.eval_keeping import Writing

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_TAKEN = frozenset({"gate", "quarantine"})


def import_suite(
    text: str, *, place: str, name: str, origin: Origin, shelf: Shelf, writing: Writing
) -> ImportedSuite:
    """Write a suite of what a file holds, and return it; `place` names the file.

    A `.json` file is taken for a skill's evals, any other for a promptfoo configuration. Raises
    BadFile for what is neither, BadValue for a name that is none or is taken, also by a case.
    """
    if not _NAME.fullmatch(name) or name in _TAKEN:
        raise BadValue(
            f"{name[:100]!r} cannot name a suite.",
            place="--to",
            hint="Take small letters, digits, dots and hyphens.",
        )
    file = f"{EVALS}/{name}.yaml"
    if file in shelf.files.entries:
        raise BadValue("is there already.", place=file, hint="Name another with --to.")
    reading = import_skill_evals if place.endswith(".json") else import_promptfoo
    found: Imported = reading(text, place=place, origin=origin)
    if found.cases:
        _refuse_known(found.cases, shelf)
        told = suite_text(found.cases, name)
        read_suite(told, place=file)
        writing.write_bytes(file, told.encode("utf-8", "replace"))
    return ImportedSuite(
        file=file if found.cases else "",
        cases=tuple(case.id for case in found.cases),
        left=found.left,
    )


def suite_text(cases: Iterable[Case], name: str) -> str:
    """Return a file of cases."""
    return yaml_of({"schema": 1, "suite": name, "cases": [written(case) for case in cases]})


def _refuse_known(cases: Iterable[Case], shelf: Shelf) -> None:
    known = {placed.case.id: placed.file for placed in shelf.cases()}
    for case in cases:
        if case.id in known:
            raise BadValue(
                f"a case of the file would be called {case.id!r}, as one of {known[case.id]} is.",
                hint="Rename one of them; was the file imported before?",
            )
