"""Processes that do one piece of work each."""

import os
from pathlib import Path

from pawl.evals.judging import Judge
from pawl.world.trial_workers import Workers, ask, feed_stdin


def test_each_piece_of_work_hands_back_its_bytes() -> None:
    """Results come by number, whatever their size, and one that broke is None."""

    def breaks() -> bytes:
        raise ValueError

    with Workers() as crew:
        crew.start(1, lambda: b"x" * 300_000)
        crew.start(2, breaks)
        crew.start(3, lambda: str(os.getpid()).encode())
        found: dict[int, bytes | None] = {}
        while len(found) < 3:
            found |= dict(crew.wait())
    assert found[1] == b"x" * 300_000
    assert found[2] is None
    assert found[3] != str(os.getpid()).encode()


def test_work_under_way_is_ended_with_the_crew(tmp_path: Path) -> None:
    """Whoever leaves early waits for no work: it is told to end, and cleans up after itself."""
    reading, writing = os.pipe()

    def lasting() -> bytes:
        try:
            os.write(writing, b"!")
            while True:
                os.read(reading, 0)
        finally:
            (tmp_path / "cleaned").touch()

    with Workers() as crew:
        crew.start(1, lasting)
        assert os.read(reading, 1) == b"!"
    for fd in (reading, writing):
        os.close(fd)
    assert (tmp_path / "cleaned").exists()


def test_a_prompt_is_read_from_its_beginning() -> None:
    """What is fed is this process's stdin, more than a pipe holds."""

    def work() -> bytes:
        feed_stdin(b"a" * 200_000)
        with open(0, "rb") as stdin:
            return str(len(stdin.read())).encode()

    with Workers() as crew:
        crew.start(1, work)
        assert crew.wait() == [(1, b"200000")]


def test_a_judge_is_asked_within_its_time() -> None:
    """Its answer is what it printed; one that fails, hangs or is not there gave none."""

    def answer(*command: str, timeout_s: float = 30.0) -> bytes | None:
        judge = Judge(schema="pawl.eval-judge/1", name="j", command=command, timeout_s=timeout_s)
        return ask(judge, b"question")

    assert answer("cat") == b"question"
    assert answer("sh", "-c", "echo no; exit 1") is None
    assert answer("sleep", "60", timeout_s=0.1) is None
    assert answer("no-such-judge-anywhere") is None
    assert answer("true") == b""
