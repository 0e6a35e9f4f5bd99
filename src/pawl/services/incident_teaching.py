"""What a learning makes of files: eval cases that fail on the incident's own record, and gates.

Everything is worked out before anything is written, so a learning of which one part is wrong
changes nothing. Writing the same again changes nothing either.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol

import msgspec

from pawl.base.canonical import digest
from pawl.base.errors import BadFile, BadValue, CannotTell, PawlError
from pawl.base.loading import MAX_TEXT
from pawl.base.yaml_text import parse_yaml, yaml_of
from pawl.changes.gate_file import load_gates
from pawl.changes.gate_update import GateUpdate, merged, read_update
from pawl.evals.case import Case, Provenance, case_digest
from pawl.evals.case_reading import read_suite
from pawl.evals.case_writing import case_text
from pawl.evals.grade import Mark, graded_assertions, judged
from pawl.evals.of_run import for_case
from pawl.evals.record import Trial
from pawl.evals.sealing import TamperedRecord, seal
from pawl.evals.self_check import self_check
from pawl.evals.shelf import END, GATE, QUARANTINE, RECORDS, Placed, Shelf, opened_at, packed_bytes
from pawl.evals.steering import EVALS
from pawl.incidents.action import Work
from pawl.incidents.incident import Incident, LinkKind
from pawl.incidents.learning import IncidentLearning, Step, StepKind
from pawl.store.records.incident_rows import StepDone

GATES = ".pawl/gates.yaml"
_RUN = "pawl run "


class LearningFiles(Protocol):
    """The working tree that a learning is written into, and what was recorded of runs."""

    def shelf(self) -> Shelf:
        """Return the evals of the tree as they are now."""

    def text(self, path: str) -> str | None:
        """Return a file of the tree, None where there is none; raises BadFile.

        A link, a path out of the tree and what is larger than a configuration file are refused.
        """

    def protected(self, path: str) -> str | None:
        """Return a file of the protected branch, None where it has none.

        Raises PawlError where there is no such branch, or the file does not read.
        """

    def write_bytes(self, path: str, content: bytes) -> None:
        """Replace or make a regular file whole, through no link; raises CannotTell."""

    def trial(self, run: str) -> Trial:
        """Return what was recorded of a run of Pawl's; raises PawlError."""

    def record(self, path: str) -> Trial:
        """Return the trial in a file of the tree; raises PawlError."""


class Opens(NamedTuple):
    """The action that a step opens."""

    title: str
    work: Work


class Prepared(NamedTuple):
    """A step that can be done: the files it writes, what it made, and the action it opens.

    `stood` is what was in its files when it was tried, None of one that was not there.
    """

    step: Step
    writes: Mapping[str, bytes]
    result: str
    action: Opens
    told: str
    stood: Mapping[str, str | None] = {}


class Wrong(NamedTuple):
    """A step that cannot be done, and why."""

    step: Step
    why: str


class Teaching:
    """One learning of an incident, made into files."""

    def __init__(
        self,
        incident: Incident,
        learning: IncidentLearning,
        files: LearningFiles,
        *,
        today: str,
        records: tuple[str, ...] = (),
    ) -> None:
        """`records` are trial records of the tree that are the incident's own, by their paths."""
        self._incident = incident
        self._learning = learning
        self._files = files
        self._today = today
        self._named = records
        self._shelf = files.shelf()
        self._placed = {each.case.id: each for each in self._shelf.cases(broken={})}
        self._gates: str | None = None
        self._trials: dict[str, Trial | str] = {}

    def prepared(self, step: Step) -> Prepared | Wrong:
        """Return what a step does, or why it cannot be done."""
        try:
            if step.kind is StepKind.EVAL_CASE:
                return self._case(step)
            if step.kind is StepKind.GATE_UPDATE:
                return self._gate(step)
        except PawlError as error:
            where = f"{error.place}: " if error.place else ""
            hint = f" {error.hint}" if error.hint else ""
            return Wrong(step, f"{_short(step)}: {where}{error.message}{hint}")
        return Prepared(step, {}, "", Opens(step.content, Work.CODE), step.content)

    def _case(self, step: Step) -> Prepared | Wrong:
        text, path = self._case_file(step.content)
        case, text = self._own_case(text, path or "the case")
        taken = self._placed.get(case.id)
        in_place = path is not None and path.startswith(f"{EVALS}/")
        target = path if in_place and path else f"{EVALS}/{case.id}.yaml"
        if target in (QUARANTINE, GATE):
            return Wrong(step, f"{case.id}: {target} is no file for a case.")
        there = None if taken is not None else self._files.text(target)
        if there is not None:
            taken = self._just_written(there, target, case)
            if taken is None:
                return Wrong(step, f"{case.id}: {target} is there already, and is not this case.")
        if taken is not None and taken.file != target:
            return Wrong(step, f"{case.id}: the id is taken by {taken.file}.")
        if taken is not None and not self._is_same(taken.case, case):
            return Wrong(step, f"{case.id}: {taken.file} has another case of that id.")
        case = case if taken is None else taken.case
        trial, why = self._proof(case)
        if trial is None:
            return Wrong(step, f"{case.id}: {why}")
        problems = self._checked(case, taken, trial)
        if problems:
            return Wrong(step, f"{case.id}: {' '.join(problems)}")
        writes: dict[str, bytes] = {}
        if taken is None:
            writes[target] = text.encode()
        if self._shelf.shipped(case.id, "origin") is None:
            origin = seal(for_case(trial, case), {})
            writes[f"{RECORDS}/{case.id}/origin{END}"] = packed_bytes(origin.data)
        self._placed[case.id] = taken or Placed(case=case, file=target)
        return Prepared(
            step,
            writes,
            f"{target.replace(' ', '%20')}@{case_digest(case)}",
            Opens(f"Eval case {case.id}: passes on what is mended", Work.EVAL_CASE),
            f"eval case {target} ({why})",
            {target: None} if taken is None else {},
        )

    def _just_written(self, text: str, target: str, case: Case) -> Placed | None:
        """Return a case that somebody who applies the same wrote after the tree was looked at."""
        try:
            cases = read_suite(text, place=target).cases
        except PawlError:
            return None
        same = len(cases) == 1 and cases[0].id == case.id and self._is_same(cases[0], case)
        return Placed(case=cases[0], file=target) if same else None

    def _is_same(self, taken: Case, case: Case) -> bool:
        """Say whether a case is the one that the tree has of this incident.

        When it was added, and whose it is, may differ: a learning that broke off is taken up on
        another day.
        """
        if taken.provenance.incident != self._incident.id:
            return False
        alike = msgspec.structs.replace(case, provenance=taken.provenance)
        return case_digest(alike) == case_digest(taken)

    def _case_file(self, content: str) -> tuple[str, str | None]:
        """Return the text of a case, and the path that was given in its place."""
        if "\n" in content or not content.endswith((".yaml", ".yml")):
            return content, None
        path = content.removeprefix("./")
        text = self._files.text(path)
        if text is None:
            raise BadFile("there is no such file in the working tree.", place=path)
        return text, path

    def _own_case(self, text: str, place: str) -> tuple[Case, str]:
        """Return a case that says which incident it is of, and the text of its file."""
        if len(text) > MAX_TEXT:
            raise BadFile(f"larger than {MAX_TEXT:,} characters.", place=place)
        raw = parse_yaml(text, place=place)
        if not isinstance(raw, dict) or "cases" in raw:
            raise BadFile("is not one case.", place=place, hint="Give each case as an item.")
        given: Any = raw.get("provenance")
        if given is None:
            raw = {"schema": 1, **raw, "provenance": self._provenance()}
            text = yaml_of(raw)
        elif isinstance(given, dict) and not given.get("incident"):
            raw = {**raw, "provenance": {**given, "incident": self._incident.id}}
            text = yaml_of(raw)
        (case,) = read_suite(text, place=place).cases
        if case.provenance.incident != self._incident.id:
            raise BadValue(
                f"it is of {case.provenance.incident}.",
                place=place,
                hint=f"Write `incident: {self._incident.id}` into its provenance.",
            )
        if place.startswith(f"{EVALS}/") and given is not None and not given.get("incident"):
            raise BadValue(
                "it does not say which incident it is of.",
                place=place,
                hint=f"Write `incident: {self._incident.id}` into its provenance.",
            )
        return case, text if text.endswith("\n") else case_text(case)

    def _provenance(self) -> dict[str, Any]:
        made = Provenance(added=self._today, owner=self._learning.owner, incident=self._incident.id)
        return {name: value for name, value in msgspec.to_builtins(made).items() if value}

    def _proof(self, case: Case) -> tuple[Trial | None, str]:
        """Return a record of the incident that a case fails on, and how; else why there is none."""
        told: list[str] = []
        for name, trial in self._own_records(case):
            if isinstance(trial, str):
                told.append(f"{name}: {trial}")
                continue
            bound = for_case(trial, case)
            mark, why = judged(case, bound, graded_assertions(case, bound))
            if mark is Mark.FAIL:
                return bound, f"fails on {name}: {why.rstrip('.')}"
            told.append(
                f"It passes on {name}, so it would not have told."
                if mark is Mark.PASS
                else f"On {name} it is {mark.value}: {why}"
            )
        if not told:
            return None, (
                "Nothing is recorded of the incident that it could be tried on; link the run that"
                " went wrong with the incident, or name its trial record."
            )
        return None, " ".join(told)

    def _own_records(self, case: Case) -> list[tuple[str, "Trial | str"]]:
        runs = [each.id for each in self._incident.links if each.kind is LinkKind.RUN]
        found: list[tuple[str, Trial | str]] = []
        shipped = self._shelf.shipped(case.id, "origin")
        if shipped is not None:
            try:
                origin = opened_at(self._shelf, shipped)
            except TamperedRecord as error:
                return [(shipped.path, error.message)]
            run = origin.manifest.recorded_by.removeprefix(_RUN)
            if run in runs or shipped.path in self._named:
                found.append((shipped.path, origin))
        found += [(path, self._read(f"file {path}", path)) for path in self._named]
        found += [(f"run {run}", self._read(run, run)) for run in runs]
        return found

    def _read(self, key: str, name: str) -> "Trial | str":
        if key not in self._trials:
            try:
                read = self._files.record if key.startswith("file ") else self._files.trial
                self._trials[key] = read(name)
            except PawlError as error:
                self._trials[key] = error.message
        return self._trials[key]

    def _checked(self, case: Case, taken: Placed | None, origin: Trial) -> list[str]:
        """Return what the self check finds wrong; an oracle and a null may come later."""
        known: dict[str, Trial | None] = {}
        for name in ("oracle", "null"):
            file = self._shelf.shipped(case.id, name) if taken else None
            known[name] = opened_at(self._shelf, file) if file else None
        found = self_check(case, known["oracle"], known["null"], origin)
        return [each for each in found.problems if not each.endswith("record is missing.")]

    def _gate(self, step: Step) -> Prepared | Wrong:
        text = self._files.text(GATES) if self._gates is None else self._gates
        update = read_update(step.content, place="the gate update")
        done = merged(text, update, place=GATES)
        if not done.changed and (text is None or self._stands(update)):
            return Wrong(step, f"{_short(step)}: it says nothing that does not stand already.")
        self._gates = done.text
        gates = {gate.id: gate for gate in load_gates(done.text, place=GATES).gates}
        names = [str(each["id"]) for each in update.gates]
        result = ",".join(
            f"{GATES}#{name}@{digest(msgspec.to_builtins(gates[name]))}" for name in names
        )
        what = f"adds {', '.join(done.added)}" if done.added else ""
        what += f"{' and ' if what else ''}tightens {', '.join(done.tightened)}" * bool(
            done.tightened
        )
        return Prepared(
            step,
            {GATES: done.text.encode()} if done.changed else {},
            result,
            Opens(f"Gate {', '.join(names)}: stands on the protected branch", Work.GATE),
            f"{GATES} {what or 'says it already'}",
            {GATES: text} if done.changed else {},
        )

    def _stands(self, update: GateUpdate) -> bool:
        """Say whether the protected branch says an update already, so that it teaches nothing.

        Where there is no such branch the tree may hold what a learning wrote that broke off.
        """
        if all(gate.keys() == {"id"} for gate in update.gates):
            return True
        try:
            text = self._files.protected(GATES)
            return not merged(text, update, place=GATES).changed
        except PawlError:
            return False


def moved(files: LearningFiles, prepared: Prepared) -> str:
    """Return the file of a step that somebody changed since it was tried; empty for none.

    Whoever wrote the very same has changed nothing.
    """
    for path, stood in prepared.stood.items():
        now = files.text(path)
        if now != stood and (now is None or now.encode() != prepared.writes[path]):
            return path
    return ""


def write(files: LearningFiles, prepared: Prepared) -> None:
    """Write what a step writes; doing it again writes the same."""
    for path, content in prepared.writes.items():
        files.write_bytes(path, content)


def files_of(done: Iterable[StepDone], prepared: Iterable[Prepared]) -> tuple[str, ...]:
    """Return the files that steps wrote: those that were done, as on record, and those of now."""
    told = [path for each in done if each.kind != StepKind.ACTION for path in _paths(each.result)]
    told += [path for each in prepared for path in each.writes]
    return tuple(dict.fromkeys(told))


def _paths(result: str) -> list[str]:
    places = [each.rpartition("@")[0].partition("#")[0] for each in result.split(",")]
    return [each.replace("%20", " ") for each in places]


def needs_files(step: Step) -> bool:
    """Say whether a step writes into a working tree."""
    return step.kind is not StepKind.ACTION


def no_tree() -> CannotTell:
    """Return the error of applying a learning where there are no files."""
    return CannotTell(
        "cases and gates are files of a repository, and there is none here.",
        hint="Run it in a clone of the repository.",
    )


def _short(step: Step) -> str:
    first = step.content.splitlines()[0] if step.content else ""
    return f"{step.kind} {first[:60]!r}"
