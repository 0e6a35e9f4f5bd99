"""A judge: a command of the user's that scores a trial by a rubric, and how far it is trusted.

Which command that is stands in a file (`pawl.eval-judge/1`), and so does what people said of the
same answers (`calibration`). What the judge is shown comes from the agent and may try to talk it
round, so a judge only ever advises.
"""

from typing import Annotated, Any, Literal

import msgspec

from pawl.base.canonical import canonical_json, digest
from pawl.base.errors import BadFile
from pawl.base.loading import load_yaml
from pawl.base.typed import decode
from pawl.evals.record import Judgement

MAX_ANSWER = 1024 * 1024
"""Bytes of a judge's answer that are read."""
MAX_SHOWN = 100_000
"""Characters of each text that a judge is shown."""
MAX_REASON = 2000


class Labelled(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer that a person and the judge have both looked at: whether each found it good."""

    person: bool
    judge: bool


class Calibration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What people said of answers that the judge scored, and when."""

    as_of: str
    labelled: Annotated[tuple[Labelled, ...], msgspec.Meta(min_length=1, max_length=100_000)]

    @property
    def agreement(self) -> float:
        """The share of answers on which both said the same, 0 to 1."""
        return sum(each.person is each.judge for each in self.labelled) / len(self.labelled)


class Judge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The judge's file. Its name and command belong to what was calibrated."""

    schema: Literal["pawl.eval-judge/1"]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    command: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    timeout_s: Annotated[float, msgspec.Meta(gt=0, le=3600)] = 120.0
    calibration: Calibration | None = None

    @property
    def calibration_digest(self) -> str | None:
        """The digest of the calibration with what was calibrated; None where there is none."""
        if self.calibration is None:
            return None
        told = msgspec.to_builtins(self.calibration)
        return digest({"name": self.name, "command": list(self.command), "calibration": told})


class _Score(msgspec.Struct, frozen=True):
    score: float
    reason: str = ""


def read_judge(text: str, *, place: str) -> Judge:
    """Return the judge of a file; raises BadFile."""
    judge = load_yaml(text, Judge, place=place)
    if not judge.command[0].strip():
        raise BadFile("names no command.", place=f"{place}: command")
    return judge


def question(rubric: str, prompt: str, final: str | None, changed: tuple[str, ...]) -> bytes:
    """Return what a judge is asked, as one JSON object; its answer is one as well."""
    asked: dict[str, Any] = {
        "schema": "pawl.eval-judge-question/1",
        "answer_with": 'one JSON object: {"score": 0 to 1, "reason": "one sentence"}',
        "rubric": rubric[:MAX_SHOWN],
        "task": prompt[:MAX_SHOWN],
        "answer": None if final is None else final[:MAX_SHOWN],
        "files_changed": list(changed[:1000]),
    }
    return canonical_json(asked)


def judgement_of(judge: Judge, rubric: str, answer: bytes | None) -> Judgement:
    """Return what a judge said; the score is None where its answer makes no sense.

    The answer is the last line that is a JSON object. None is no answer at all.
    """
    found = _score(answer)
    calibration = judge.calibration
    return Judgement(
        rubric=rubric,
        score=None if found is None else found.score,
        judge=judge.name,
        reason="" if found is None else found.reason[:MAX_REASON],
        calibration=judge.calibration_digest,
        agreement=None if calibration is None else calibration.agreement,
    )


def _score(answer: bytes | None) -> _Score | None:
    for line in reversed((answer or b"")[:MAX_ANSWER].splitlines()):
        if line.strip().startswith(b"{"):
            try:
                found = decode(line, type=_Score)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                return None
            return found if 0 <= found.score <= 1 else None
    return None
