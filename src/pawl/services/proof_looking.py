"""What of a verifier's proof can be seen: the file that it names, the case, the gate.

A claim that was typed is no evidence. What is looked up here is kept as checked; what a tree or the
protected branch contradicts is refused; of what lies elsewhere the verifier's word is kept as that.
"""

import re
from typing import Protocol

from pawl.base.canonical import sha256_hex
from pawl.base.errors import PawlError
from pawl.changes.gate_file import load_gates
from pawl.evals.case import case_digest
from pawl.evals.grade import Mark, graded_assertions, judged
from pawl.evals.shelf import Placed, Shelf, Shipped, opened_at
from pawl.incidents.action import Action, Proof, Work
from pawl.services.incident_teaching import GATES
from pawl.services.incident_terms import Seen

_CASE = re.compile(r"Eval case ([^\s:]+): passes on what is mended")
_GATE = re.compile(r"Gate (.+): stands on the protected branch")


class Evidence(Protocol):
    """A working tree, as far as a proof may name something in it."""

    def shelf(self) -> Shelf:
        """Return the evals of the tree as they are now."""

    def content(self, path: str) -> bytes | None:
        """Return a file of the tree, None where there is none; raises BadFile."""

    def protected(self, path: str) -> str | None:
        """Return a file of the protected branch, None where it has none; raises PawlError."""


def looked_at(action: Action, proof: Proof, files: Evidence) -> Seen:
    """Return what of a proof holds and what does not."""
    checked: list[str] = []
    wrong: list[str] = []
    _digest(proof, files, checked, wrong)
    if action.work is Work.EVAL_CASE and (named := _CASE.fullmatch(action.title)):
        _case(named[1], files, checked, wrong)
    if action.work is Work.GATE and (named := _GATE.fullmatch(action.title)):
        _gates(named[1].split(", "), files, checked, wrong)
    return Seen(tuple(checked), tuple(wrong))


def _digest(proof: Proof, files: Evidence, checked: list[str], wrong: list[str]) -> None:
    try:
        content = files.content(proof.place.strip())
    except PawlError:
        return  # It is no file of the tree: a run, an address, a ticket.
    if content is None:
        return
    held = {sha256_hex(content)}
    held |= {case_digest(each.case) for each in _cases(files) if each.file == proof.place.strip()}
    said = proof.digest.strip().lower().removeprefix("sha256:")
    if len(said) >= 12 and any(each.startswith(said) for each in held):
        checked.append("digest")
    else:
        wrong.append(f"{proof.place[:200]} has another digest: {min(held)}.")


def _case(name: str, files: Evidence, checked: list[str], wrong: list[str]) -> None:
    """Try a case on the record of what was bad, and on the one of what is mended."""
    placed = next((each for each in _cases(files) if each.case.id == name), None)
    if placed is None:
        return
    tries: tuple[tuple[Shipped, Mark, str], ...] = (
        ("origin", Mark.FAIL, "fails-on-bad"),
        ("oracle", Mark.PASS, "passes-on-fixed"),
    )
    shelf = files.shelf()
    for record, wanted, told in tries:
        shipped = shelf.shipped(name, record)
        if shipped is None:
            continue
        try:
            trial = opened_at(shelf, shipped)
        except PawlError as error:
            wrong.append(f"{shipped.path}: {error.message}")
            continue
        mark, why = judged(placed.case, trial, graded_assertions(placed.case, trial))
        if mark is wanted:
            checked.append(told)
        else:
            wrong.append(f"On its {record} record the case {name} is {mark.value}: {why}")


def _gates(names: list[str], files: Evidence, checked: list[str], wrong: list[str]) -> None:
    try:
        text = files.protected(GATES)
        held = set() if text is None else {each.id for each in load_gates(text, place=GATES).gates}
    except PawlError:
        return
    missing = [each for each in names if each not in held]
    if missing:
        wrong.append(f"{', '.join(missing[:5])} does not stand on the protected branch.")
    else:
        checked.append("stands")


def _cases(files: Evidence) -> tuple[Placed, ...]:
    return files.shelf().cases(broken={})
