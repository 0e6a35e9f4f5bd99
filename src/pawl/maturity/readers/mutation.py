"""Mutation testing: the mutation-testing-elements report (Stryker and others), and mutmut's.

A mutant counts as killed when a test failed or ran out of time on it, as survived when none did
or none ran it. Mutants that did not compile, were ignored or are still waiting count for nothing.
"""

import msgspec

from pawl.maturity.facts.reports import MutationRun
from pawl.parsing.bounds import cut, decode, refuse, repository_path

MAX_FILES = 10_000

_KILLED = frozenset(("Killed", "Timeout"))
_SURVIVED = frozenset(("Survived", "NoCoverage"))


class _Mutant(msgspec.Struct, frozen=True):
    status: str


class _File(msgspec.Struct, frozen=True):
    mutants: tuple[_Mutant, ...]


class _Framework(msgspec.Struct, frozen=True):
    name: str = ""


class _Elements(msgspec.Struct, frozen=True, rename="camel"):
    schema_version: str
    files: dict[str, _File]
    framework: _Framework | None = None


class _Mutmut(msgspec.Struct, frozen=True):
    killed: int
    survived: int
    total: int
    no_tests: int = 0
    timeout: int = 0
    suspicious: int = 0


def read_elements(text: str, source: str, digest: str) -> MutationRun:
    """Return what a mutation-testing-elements report counts; raises BadFile."""
    told = decode(text, _Elements, source, "a mutation testing report")
    statuses = [mutant.status for file in told.files.values() for mutant in file.mutants]
    return MutationRun(
        source=source,
        digest=digest,
        tool=cut(told.framework.name if told.framework else "") or "mutation-testing-elements",
        killed=sum(status in _KILLED for status in statuses),
        survived=sum(status in _SURVIVED for status in statuses),
        files=tuple(sorted(map(repository_path, told.files))[:MAX_FILES]),
    )


def read_mutmut(text: str, source: str, digest: str) -> MutationRun:
    """Return what mutmut's exported statistics count; raises BadFile."""
    told = decode(text, _Mutmut, source, "mutmut's statistics")
    counts = (told.killed, told.survived, told.total, told.no_tests, told.timeout)
    if min(*counts, told.suspicious) < 0:
        refuse("a count below zero.", source)
    if told.killed + told.survived > told.total:
        refuse("more mutants killed and survived than there are.", source)
    return MutationRun(
        source=source,
        digest=digest,
        tool="mutmut",
        killed=told.killed + told.timeout,
        survived=told.survived + told.no_tests + told.suspicious,
    )
