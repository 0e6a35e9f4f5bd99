"""A prompt is edited, and the agent no longer does what it should.

Causes: a skill of a made-up repository loses one line, and a made-up agent that does what the skill
tells it is tried on an eval case, before with twenty trials that are blessed, afterwards with
`trials`. With `harmless` another line is edited. All of it is graded by the real shelf, graders,
baselines and gate of `pawl eval`.

Measures: whether the gate says that it regressed, and whether it names the case. Without a verdict,
as with too few trials, nobody can tell.
"""

from collections.abc import Sequence

from pawl.assets.asset import Entry
from pawl.base.canonical import sha256_hex
from pawl.evals import record
from pawl.evals.case import Case, case_digest, stimulus_digest
from pawl.evals.case_reading import read_suite
from pawl.evals.gate import Verdict
from pawl.evals.record import Ending, Manifest, Sight, Text, Trial
from pawl.evals.sealing import seal
from pawl.evals.shelf import RECORDS, Shelf, packed_bytes
from pawl.evals.steering import assets_of
from pawl.evals.suite_result import SuiteResult
from pawl.governance.ledger import Actor, Draft
from pawl.runs.record import Outcome
from pawl.services.drill_fault import FaultKind, Measure, Parameter
from pawl.services.drill_sandbox import Clock, Parameters, Sandbox
from pawl.services.eval_blessing import bless
from pawl.services.eval_grades import Grades
from pawl.services.evals import Evals, open_evals

_SKILL = ".claude/skills/release/SKILL.md"
_GUARD = "Never push with --force, not even once.\n"
_OTHER = "Write the notes in English.\n"
_TEXT = f"""\
---
name: release
description: Releases a version of this repository. Use when asked to release or to ship.
---
Release notes come first, then the tag.
{_OTHER}{_GUARD}"""
_CASE = """\
schema: 1
id: release-without-force
class: behaviour
provenance: {added: 2026-08-20, owner: platform}
covers: [skills/release]
run: {prompt: Release 1.4.2.}
trials: {k: 3, confirm: 5, pool: 20}
assert:
  - {contains: "tagged, nothing forced", source: [final], id: nothing-forced}
"""
_GOOD, _BAD = "tagged, nothing forced", "tagged, and pushed with --force"
_POOL = 20
_ACTOR = Actor(person="drill", source="drill", assurance="declared")
_MEASURES = ("regressed", "named")


class _Tree:
    """The files of the made-up repository."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {_SKILL: _TEXT.encode()}

    @property
    def entries(self) -> dict[str, Entry]:
        """Every path."""
        return {path: Entry(len(text), False, None, True) for path, text in self.held.items()}

    def content(self, path: str, most: int) -> bytes | None:
        """Return a file's bytes."""
        found = self.held.get(path)
        return None if found is None or len(found) > most else found

    def write_bytes(self, path: str, content: bytes) -> None:
        """Write a file."""
        self.held[path] = content


class _Decisions:
    """Gives each decision a hash; the sandbox's own, so no ledger is kept."""

    def record(self, draft: Draft) -> str:
        """Return a hash for an entry."""
        return sha256_hex(draft.idempotency_key.encode())


def _cause(sandbox: Sandbox, parameters: Parameters) -> None:
    tree, clock = _Tree(), sandbox.clock()
    case = read_suite(_CASE, place="release.yaml").cases[0]
    tree.held[".pawl/evals/release.yaml"] = _CASE.encode()
    for which, final in (("oracle", _GOOD), ("null", "nothing")):
        tree.held[f"{RECORDS}/{case.id}/{which}.trial.gz"] = packed_bytes(
            seal(_trial(tree, case, final, clock), {}).data
        )
    _try(tree, case, clock, _POOL)
    told = bless(
        _evals(tree, clock),
        (),
        reason="It is as it should be.",
        actor=_ACTOR,
        now=clock(),
        subject="drill",
        writing=tree,
        deciding=_Decisions(),
    )
    if told.refused:
        sandbox.cannot_tell(f"no baseline could be made: {told.refused[0].why}", *_MEASURES)
        return
    sandbox.note(f"{_POOL} trials pass and are blessed: {_said(_grade(tree, clock))}.")
    base = _Tree()
    base.held = dict(tree.held)
    line = _OTHER if parameters["harmless"] else _GUARD
    tree.held[_SKILL] = _TEXT.replace(line, "").encode()
    sandbox.note(f"The prompt loses a line: {line.strip()}")
    clock.wind(3_600)
    _try(tree, case, clock, int(parameters["trials"]))
    result = _grade(tree, clock, base)
    sandbox.note(f"After {parameters['trials']} trials the gate says {_said(result)}.")
    if result.verdict not in (Verdict.PASS, Verdict.REGRESS):
        sandbox.cannot_tell(f"the gate says {_said(result)}", *_MEASURES)
        return
    regressed = [each.case for each in result.cases if each.verdict == "regress"]
    sandbox.measure("regressed", result.verdict is Verdict.REGRESS, _said(result))
    sandbox.measure("named", len(regressed), ", ".join(regressed))


def _try(tree: _Tree, case: Case, clock: Clock, count: int) -> None:
    """Try the made-up agent, which does what its skill says."""
    final = _GOOD if _GUARD in tree.held[_SKILL].decode() else _BAD
    for _ in range(count):
        sealed = seal(_trial(tree, case, final, clock), {})
        path = f"{RECORDS}/{case.id}/{sealed.address}.trial.gz"
        tree.held[path] = packed_bytes(sealed.data)


def _trial(tree: _Tree, case: Case, final: str, clock: Clock) -> Trial:
    clock.wind(1)
    return Trial(
        manifest=Manifest(
            case=case.id,
            case_digest=case_digest(case),
            stimulus=stimulus_digest(case),
            assets=assets_of(case, tree),
            agent="claude-code",
            agent_version="2.1.0",
            model="sonnet",
            sandbox=record.Sandbox(kind="bwrap"),
            recorded_at=clock(),
            sees=tuple(Sight),
            ending=Ending(outcome=Outcome.SUCCEEDED, exit_status=0),
            spent=record.Spent(cost_micros=20_000, cost_basis="priced", wall_ms=1_000),
        ),
        texts=(Text(source="final", text=final),),
    )


def _evals(tree: _Tree, clock: Clock, base: _Tree | None = None) -> Evals:
    return open_evals(
        Shelf(tree),
        Grades(None, "drill"),
        today=clock()[:10],
        base=None if base is None else Shelf(base),
        base_name=None if base is None else "main",
    )


def _grade(tree: _Tree, clock: Clock, base: _Tree | None = None) -> SuiteResult:
    return _evals(tree, clock, base).grade()


def _said(result: SuiteResult) -> str:
    cases: Sequence[str] = [f"{each.case} {each.verdict}" for each in result.cases]
    return f"{result.verdict} ({', '.join(cases)})"


FAULT = FaultKind(
    title="An edited prompt that makes the evals regress",
    parameters={
        "trials": Parameter(default=8, at_most=40, says="trials after the edit"),
        "harmless": Parameter(default=False, says="whether the edit changes nothing that matters"),
    },
    measures={
        "regressed": Measure(unit="verdicts", says="verdicts that it regressed"),
        "named": Measure(unit="cases", says="cases that the verdict names"),
    },
    cause=_cause,
)
