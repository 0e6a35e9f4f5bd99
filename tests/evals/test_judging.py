"""A judge's file, its question and its answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.errors import BadFile
from pawl.base.typed import decode
from pawl.evals.judging import Judge, judgement_of, question, read_judge

FILE = """\
schema: pawl.eval-judge/1
name: careful-1
command: [judge, --strict]
calibration:
  as_of: 2026-11-01
  labelled:
    - {person: true, judge: true}
    - {person: false, judge: false}
    - {person: true, judge: false}
    - {person: false, judge: false}
"""


def _judge(text: str = FILE) -> Judge:
    return read_judge(text, place="judge.yaml")


@pytest.mark.parametrize(
    ("answer", "score", "reason"),
    [
        (b'{"score": 0.5, "reason": "half"}', 0.5, "half"),
        (b'thinking\n{"score": 1}\n', 1.0, ""),
        (b'{"score": 0}\n{"score": 0.25}\nbye', 0.25, ""),
        (b'{"score": 1.5}', None, ""),
        (b'{"score": "good"}', None, ""),
        (b'{"score": NaN}', None, ""),
        (b"{", None, ""),
        (b"\xff{", None, ""),
        (b"very good", None, ""),
        (b"", None, ""),
        (None, None, ""),
    ],
)
def test_a_score_is_read_from_the_last_object(
    answer: bytes | None, score: float | None, reason: str
) -> None:
    """One number from 0 to 1 in a line of JSON; what makes no sense is no score."""
    found = judgement_of(_judge(), "rubric.md", answer)
    assert (found.score, found.reason, found.rubric) == (score, reason, "rubric.md")


@given(answer=st.binary(max_size=60))
def test_no_answer_breaks_the_reading(answer: bytes) -> None:
    """Whatever a judge says, it is a score within bounds or none."""
    score = judgement_of(_judge(), "r", answer).score
    assert score is None or 0 <= score <= 1


def test_agreement_comes_from_what_people_said() -> None:
    """It is the share of answers on which both said the same, bound to name and command."""
    found = judgement_of(_judge(), "r", b'{"score": 1}')
    assert found.agreement == 0.75
    other = _judge(FILE.replace("--strict", "--mild"))
    assert found.calibration is not None
    assert other.calibration_digest not in (None, found.calibration)
    bare = _judge(FILE.partition("calibration")[0])
    assert (bare.calibration_digest, judgement_of(bare, "r", None).agreement) == (None, None)


@pytest.mark.parametrize(
    "text",
    [
        FILE.replace("[judge, --strict]", "[]"),
        FILE.replace("[judge, --strict]", "['']"),
        FILE.replace("person: true", "person: perhaps"),
        FILE + "more: 1\n",
        FILE.partition("    - ")[0] + "    []\n",
    ],
)
def test_a_file_that_says_nothing_sensible_is_refused(text: str) -> None:
    """An empty command, an unknown key and a calibration without answers are errors."""
    with pytest.raises(BadFile):
        _judge(text)


def test_a_question_is_bounded() -> None:
    """However much an agent says, a judge is shown so much of it."""
    asked = question("r", "p", "x" * 1_000_000, ("a",) * 5000)
    told = decode(asked, type=dict[str, object])
    assert len(str(told["answer"])) == 100_000
    assert len(asked) < 200_000
