"""Record what the gate of the evals said, so that what came to be of it can be told later."""

import msgspec

from pawl.base.canonical import digest
from pawl.evals.case import Case, case_digest
from pawl.evals.suite_result import INVALID, SuiteResult
from pawl.governance.ledger import Actor
from pawl.store.records.connection import Engine
from pawl.store.records.eval_history import JudgedCase, record_judged

_NOT_TRIED = frozenset({INVALID, "quarantined"})


def subject_of(project: str) -> str:
    """Return what entries of the ledger call the evals of a project."""
    return f"evals of {project}"


def record_verdict(
    engine: Engine,
    result: SuiteResult,
    cases: dict[str, Case],
    *,
    project: str,
    live: bool,
    actor: Actor,
    now: str,
) -> None:
    """Append a verdict to the ledger, with the cases that it took into account.

    Those are the ones of which a trial counted. A case that was only written, that is set aside or
    that cannot tell good from nothing has held nothing up.
    `cases` are all there are, by id; `live` says that trials were run for it. The answer itself
    is bound by its digest, and is not kept.
    """
    told = dict.fromkeys(
        (each.case, each.file)
        for each in result.cases
        if each.fresh and each.verdict not in _NOT_TRIED
    )
    record_judged(
        engine,
        subject=subject_of(project),
        verdict=result.verdict.value,
        result=digest(msgspec.to_builtins(result)),
        live=live,
        cases=(
            JudgedCase(case=name, file=file, digest=case_digest(cases[name]))
            for name, file in told
            if name in cases
        ),
        actor=actor,
        now=now,
    )
