"""A second process reads as the first one does."""

from pawl.base.catalogue import discover
from pawl.maturity import extracts
from pawl.maturity.extract import Extract
from pawl.maturity.reading import read_content
from pawl.world.second_reader import SecondReader

TEXT = b"# Title\n\nSome words about `src/a.py` and more of them.\n"


def test_answers_are_those_of_the_first_process() -> None:
    """The same extracts by name give the same values, in the order of the files."""
    names = tuple(discover(extracts, "EXTRACT", Extract))[:3]
    jobs = [("README.md", "1", TEXT, names), ("b.bin", "2", b"\0", names)]
    with SecondReader() as beside:
        told = beside.read(jobs).answers()
    own = discover(extracts, "EXTRACT", Extract)
    assert told == [read_content(path, content, names, own) for path, _, content, _ in jobs]


def test_a_process_that_dies_loses_no_answer() -> None:
    """What cannot be had from it is told as None, so that somebody else reads it."""
    with SecondReader() as beside:
        beside.start()
        pool = beside._pool
        assert pool is not None
        pool.submit(int).result()
        for process in list(pool._processes.values()):
            process.kill()
            process.join()
        assert beside.read([("a", "1", b"a", ())]).answers() is None
        assert beside.read([("a", "1", b"a", ())]).is_done()
