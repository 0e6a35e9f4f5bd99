"""What the eval commands beside grading answer: the cases, a blessing, an import."""

from typing import Literal

import msgspec

from pawl.evals.baseline import Key
from pawl.evals.counts import CaseClass
from pawl.evals.importers.imported import Left


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """One case as it stands. `on` are the keys it is judged on, `blessed` the trials of their
    baselines, `changed` what made records stale."""

    id: str
    kind: CaseClass = msgspec.field(name="class")
    file: str
    covers: tuple[str, ...]
    incident: str | None
    fresh: int
    stale: int
    infra: int
    cannot_tell: int
    refused: int
    blessed: int
    on: tuple[str, ...]
    changed: tuple[str, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]


class Cases(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `pawl eval list`, as `pawl.eval-list/1` documents it."""

    schema: Literal["pawl.eval-list/1"] = "pawl.eval-list/1"
    cases: tuple[Listed, ...]


class ImportedSuite(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `pawl eval import`, as `pawl.eval-import/1` documents it.

    `file` is the suite that was written, empty where no case was made.
    """

    schema: Literal["pawl.eval-import/1"] = "pawl.eval-import/1"
    file: str
    cases: tuple[str, ...]
    left: tuple[Left, ...]


class Blessed(msgspec.Struct, frozen=True, kw_only=True):
    """One baseline as it is now. `before` and `after` are passes and trials, None where none."""

    case: str
    key: Key
    before: tuple[int, int] | None
    after: tuple[int, int]
    replaces: tuple[str, ...]
    note: str = ""


class NotBlessed(msgspec.Struct, frozen=True, kw_only=True):
    """One line that stays as it was, and why."""

    case: str
    key: Key | None
    why: str


class Blessing(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `pawl eval bless`, as `pawl.eval-blessing/1` documents it.

    `digest` is what the ledger's entry binds; both are empty where nothing was blessed.
    """

    schema: Literal["pawl.eval-blessing/1"] = "pawl.eval-blessing/1"
    blessed: tuple[Blessed, ...]
    refused: tuple[NotBlessed, ...]
    digest: str = ""
    ledger: str = ""
