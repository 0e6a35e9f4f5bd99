"""A small repository with eval cases and records, in memory, for tests of what grades them."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from tests.evals.trials import Given, trial
from tests.services.eval_tree import Tree

from pawl.evals.answers import Blessing
from pawl.evals.case import Case, case_digest, stimulus_digest
from pawl.evals.case_reading import read_suite
from pawl.evals.record import Ending, Sandbox, Spent, Trial
from pawl.evals.sealing import seal
from pawl.evals.shelf import GATE, QUARANTINE, RECORDS, Shelf, packed_bytes
from pawl.evals.steering import assets_of
from pawl.evals.suite_result import SuiteResult
from pawl.governance.ledger import Actor, Draft
from pawl.runs.record import Outcome as RunOutcome
from pawl.services.eval_blessing import bless
from pawl.services.eval_grades import Grades
from pawl.services.evals import Evals, open_evals

TODAY = "2026-11-21"
SKILL = ".claude/skills/release/SKILL.md"
CASE = """\
schema: 1
id: {id}
class: {kind}
provenance: {{added: 2026-08-20, owner: platform, incident: INC-1}}
covers: [skills/release]
run: {{prompt: ship it}}
trials: {{k: 3, confirm: 5, pool: 20}}
assert:
  - {{contains: done, source: [final], id: says-done}}
"""


class Repository:
    """Files to be graded. What is added later is newer."""

    def __init__(self) -> None:
        self.tree = Tree({SKILL: "tag, never force"})
        self.cases: dict[str, Case] = {}
        self._clock = 0

    def case(self, name: str = "release", kind: str = "behaviour", *, shipped: bool = True) -> Case:
        """Add a case with its oracle and its null, and return it."""
        text = CASE.format(id=name, kind=kind)
        self.tree.held[f".pawl/evals/{name}.yaml"] = text.encode()
        case = self.cases[name] = read_suite(text, place=name).cases[0]
        if shipped:
            for which, final in (("oracle", "done"), ("null", "nothing")):
                self.put(f"{RECORDS}/{name}/{which}.trial.gz", self.trial(case, final))
        return case

    def trial(self, case: Case, final: str = "done", **manifest: Any) -> Trial:
        """Return a trial of a case on the assets of now."""
        self._clock += 1
        fields: dict[str, Any] = {
            "case": case.id,
            "case_digest": case_digest(case),
            "stimulus": stimulus_digest(case),
            "assets": assets_of(case, self.tree),
            "agent_version": "2.1.0",
            "model": "sonnet",
            "sandbox": Sandbox(kind="bwrap"),
            "recorded_at": f"2026-11-20T00:{self._clock // 60:02}:{self._clock % 60:02}.000000Z",
            "spent": Spent(cost_micros=20_000, cost_basis="priced", wall_ms=1_000 + self._clock),
            **manifest,
        }
        return trial(Given(final=final), **fields)

    def add(self, case: Case, finals: Sequence[str], **manifest: Any) -> list[str]:
        """Add a record for each final answer and return their paths."""
        paths = []
        for final in finals:
            made = self.trial(case, final, **manifest)
            sealed = seal(made, {})
            path = f"{RECORDS}/{case.id}/{sealed.address}.trial.gz"
            self.tree.held[path] = packed_bytes(sealed.data)
            paths.append(path)
        return paths

    def lost(self, case: Case) -> list[str]:
        """Add a record of a trial that something of ours broke."""
        return self.add(
            case, ["?"], ending=Ending(outcome=RunOutcome.INTERRUPTED, infra="disk full")
        )

    def edit(self, name: str, before: str, after: str) -> None:
        """Change the text of a case's file."""
        path = f".pawl/evals/{name}.yaml"
        text = self.tree.held[path].decode()
        assert before in text
        self.tree.held[path] = text.replace(before, after).encode()
        self.cases[name] = read_suite(self.tree.held[path].decode(), place=name).cases[0]

    def quarantine(self, name: str, expires: str = "2026-12-31") -> None:
        """Set one case aside."""
        line = f"- {{case: {name}, owner: kim, expires: {expires}, reason: flaky}}\n"
        self.tree.held[QUARANTINE] = line.encode()

    def policy(self, before: str, after: str) -> None:
        """Bring a policy that differs from the shipped one."""
        text = files("pawl.evals").joinpath("gate.yaml").read_text(encoding="utf-8")
        assert before in text
        self.tree.held[GATE] = text.replace(before, after).encode()

    def copy(self) -> "Repository":
        """Return another repository with the same files."""
        other = Repository()
        other.tree.held = dict(self.tree.held)
        other.cases = dict(self.cases)
        other._clock = self._clock
        return other

    def evals(self, base: "Repository | None" = None, storage: Any = None) -> Evals:
        """Return the evals of the repository as it is."""
        return open_evals(
            Shelf(self.tree),
            Grades(storage, "here"),
            today=TODAY,
            base=None if base is None else Shelf(base.tree),
            base_name=None if base is None else "main",
        )

    def grade(self, *names: str, base: "Repository | None" = None) -> SuiteResult:
        """Grade it."""
        return self.evals(base).grade(names)

    def write_bytes(self, path: str, content: bytes) -> None:
        """Write a file, as the tree's writer does."""
        self.tree.held[path] = content

    def put(self, path: str, made: Trial) -> None:
        """Add a record under a path of its own."""
        self.tree.held[path] = packed_bytes(seal(made, {}).data)


class Decisions:
    """A ledger in memory."""

    def __init__(self) -> None:
        self.drafts: list[Draft] = []

    def record(self, draft: Draft) -> str:
        """Keep an entry and return a hash for it."""
        self.drafts.append(draft)
        return f"{len(self.drafts):064x}"


ACTOR = Actor(person="Kim Doe", source="login", assurance="observed")


def bless_all(
    repository: Repository, *names: str, reason: str = "as it should be", ledger: Any = None
) -> Blessing:
    """Bless cases of a repository."""
    return bless(
        repository.evals(),
        names,
        reason=reason,
        actor=ACTOR,
        now="2026-11-21T10:00:00.000000Z",
        subject="evals of shop",
        writing=repository,
        deciding=Decisions() if ledger is None else ledger,
    )


def blessed(*, guard: bool = True) -> Repository:
    """Return a repository with a behaviour of 20 passes, and a guard of 4, both blessed."""
    repository = Repository()
    repository.add(repository.case(), ["done"] * 20)
    if guard:
        repository.add(repository.case("guard", "guard"), ["done"] * 4)
    told = bless_all(repository)
    assert not told.refused
    return repository
