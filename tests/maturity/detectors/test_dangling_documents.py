"""Pages that name mostly what is gone take credit from what rests on them."""

from tests.maturity.detectors.looking import hits, look, one

from pawl.maturity.detector import Look

CODE = "G05"


def _page(*paths: str, review: str = "") -> str:
    return "# Mail\n\n" + review + "\n".join(f"- Read `{path}` first." for path in paths) + "\n"


def _seen(*paths: str, review: str = "", **more: str) -> Look:
    return look(
        files={"docs/runbooks/mail.md": _page(*paths, review=review), "src/a.py": "", **more}
    )


GONE = ("scripts/one.sh", "scripts/two.sh", "scripts/three.sh")


def test_a_runbook_of_another_time_is_provisional() -> None:
    """Three of four things it names are gone."""
    hit = one(CODE, _seen(*GONE, "src/a.py"))
    assert hit.action == "provisional"
    assert "runbooks-have-substance" in hit.probes
    assert str(hit.places[0]) == "docs/runbooks/mail.md:3"


def test_a_page_whose_paths_are_there_is_not() -> None:
    """One slip among good paths says nothing."""
    there = {f"src/{name}.py": "" for name in "bcde"}
    assert hits(CODE, _seen("src/a.py", *there, GONE[0], **there)) == []


def test_files_that_moved_are_not_gone() -> None:
    """A file that lives on elsewhere under its name was renamed."""
    moved = {path.replace("scripts/", "tools/bin/"): "" for path in GONE}
    assert hits(CODE, _seen(*GONE, **moved)) == []


def test_an_old_review_is_noted_and_removes_nothing() -> None:
    """Whether evidence is too old is the engine's question."""
    hit = one(CODE, _seen("src/a.py", review="Last reviewed: 2025-01-10\n\n"))
    assert hit.action == "note"
    assert hits(CODE, _seen("src/a.py", review="Last reviewed: 2026-10-10\n\n")) == []


DECIDES = {
    "dangling_over": (0.8, lambda: _seen(*GONE, "src/a.py")),
    "dangling_min": (4, lambda: _seen(*GONE, "src/a.py")),
    "review_days": (20, lambda: _seen("src/a.py", review="Last reviewed: 2026-10-10\n\n")),
}
