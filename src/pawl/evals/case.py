"""What an eval case is: a task for an agent, and what must be true of how it went.

A case has two digests. `case_digest` is of all of it. `stimulus_digest` is only of what an agent
is given (the setup and the run): a record stays good for a case whose assertions changed, because
grading is repeated at will, and goes stale with what the agent was given.

Fields with their default value do not enter a digest, so a new field leaves old digests alone.
"""

from functools import cache
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from pawl.base.canonical import digest
from pawl.evals.counts import CaseClass

Id = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Path = Annotated[str, Meta(min_length=1, max_length=1000)]
Day = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Count = Annotated[int, Meta(ge=1, le=1000)]

_ORDER = (
    *("id", "class", "provenance", "covers", "setup", "run", "trials", "assert", "pass_when"),
)
"""Keys of a case as people read them: who and why, what is given, what must hold."""
MAX_PROMPT = 200_000
"""Characters of a prompt; with more it is a file of the workspace."""


class Provenance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a case comes from, and who answers for it."""

    added: Day
    owner: Name
    incident: Name | None = None
    postmortem: Path | None = None
    root_cause: Name | None = None
    source: Name | None = None
    """The run, file or tool that it was drafted or imported from."""


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a trial is ended from outside; None is no limit."""

    turns: Annotated[int, Meta(ge=1)] | None = None
    usd: Annotated[float, Meta(gt=0, le=1_000_000)] | None = None
    wall_s: Annotated[float, Meta(gt=0, le=1_000_000)] | None = None
    mem_mb: Annotated[int, Meta(ge=1, le=10_000_000)] | None = None


class Setup(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands ready when the agent starts."""

    workspace: Path | None = None
    """A folder beside the case file; each trial works on its own copy. None: an empty one."""
    git: bool = False
    """The copy is a git repository with one commit."""
    env: dict[str, str] = {}
    network: Literal["deny", "allow"] = "deny"
    limits: Limits = Limits()
    canaries: dict[Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9_]{0,39}$")], Path] = {}
    """Name → file of the workspace in which `${NAME}` becomes a token made anew for each trial."""


class Run(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the agent is started. `agent` and `model` are None where a suite is run with several."""

    prompt: Annotated[str, Meta(min_length=1, max_length=MAX_PROMPT)]
    agent: Name | None = None
    mode: Literal["headless"] = "headless"
    model: Name | None = None
    permission_mode: Name | None = None
    settings: Path | None = None
    arguments: tuple[str, ...] = ()


class Trials(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often: `k` at first, `confirm` more of a suspect, `pool` in the baseline.

    The defaults gave at most two false alarms in a hundred unchanged suites, by simulation of
    20 to 200 cases. Cases of one `cluster` are not independent of one another.
    """

    k: Count = 3
    confirm: Count = 5
    pool: Count = 20
    cluster: Annotated[str, Meta(max_length=200)] = ""


class Case(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One eval case as its file has it. `pawl.evals.assertion` reads its assertions."""

    id: Id
    case_class: CaseClass = msgspec.field(name="class")
    provenance: Provenance
    run: Run
    asserts: Annotated[tuple[dict[str, Any], ...], Meta(min_length=1, max_length=100)] = (
        msgspec.field(name="assert")
    )
    schema: Literal[1] = 1
    covers: tuple[Name, ...] = ()
    """Names of assets, such as `skills/release`: a change of one calls for this case."""
    setup: Setup = Setup()
    trials: Trials = Trials()
    pass_when: Annotated[str, Meta(min_length=1, max_length=2000)] = "all"
    """`all`, or `and`, `or`, `not` and brackets over the ids of assertions."""


class Suite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The cases of one file. A file that is one case is a suite of one, without a name."""

    cases: Annotated[tuple[Case, ...], Meta(min_length=1)]
    schema: Literal[1]
    suite: Annotated[str, Meta(max_length=200)] = ""


def case_digest(case: Case) -> str:
    """Return the digest of a whole case, whatever the order and spacing of its file."""
    return digest(_told(case))


def stimulus_digest(case: Case) -> str:
    """Return the digest of what an agent is given: a record of another one is stale."""
    return digest({"id": case.id, "setup": _told(case.setup), "run": _told(case.run)})


def written(case: Case) -> dict[str, Any]:
    """Return a case as its file would have it: only what differs from the defaults."""
    found = _told(case)
    return {name: found[name] for name in _ORDER if name in found}


def _told(value: msgspec.Struct) -> dict[str, Any]:
    """Return the fields of a struct that differ from their defaults, by the names of the file."""
    told: dict[str, Any] = {}
    for field in _fields(type(value)):
        found = getattr(value, field.name)
        default = field.default
        if field.default_factory is not msgspec.NODEFAULT:
            default = field.default_factory()
        if found != default:
            inner = isinstance(found, msgspec.Struct)
            told[field.encode_name] = _told(found) if inner else msgspec.to_builtins(found)
    return told


@cache
def _fields(kind: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    """Return the fields of a type; working them out takes longer than reading a value by them."""
    return msgspec.structs.fields(kind)
