"""Evidence that only the assessed wrote is provisional where others could have seen it."""

from tests.maturity.detectors.looking import ago, hits, look, one, record

from pawl.maturity.detector import Look

CODE = "G02"


def _commit(number: int, author: str, path: str, *trailers: tuple[str, str]) -> dict[str, object]:
    return {
        "id": f"c{number}",
        "parents": [],
        "author": author,
        "committer": author,
        "authored_at": ago(number),
        "committed_at": ago(number),
        "subject": "Change",
        "trailers": trailers,
        "files": [{"path": path, "added": 1, "removed": 0}],
    }


def _seen(*commits: dict[str, object], kinds: tuple[str, ...] = ("tree",), level: int = 3) -> Look:
    return look(
        record("p", kinds=kinds, places=("docs/a.md",)),
        sections={"history": {"commits": list(commits), "complete_since": ago(365)}},
        serves={"p": ("m.d.L3.c",)},
        levels={"m.d.L3.c": level},
        team=("ada@example.com",),
    )


OWN = _commit(1, "ada@example.com", "docs/a.md")
OTHER = _commit(2, "bob@example.com", "docs/b.md")


def test_pages_of_the_assessed_alone_are_provisional() -> None:
    """Somebody else works here and never touched the page."""
    hit = one(CODE, _seen(OWN, OTHER))
    assert (hit.action, hit.criteria, hit.probes) == ("provisional", ("m.d.L3.c",), ("p",))
    assert "ada" not in str(hit)


def test_a_page_that_somebody_else_touched_is_not() -> None:
    """An outsider's commit, or an outsider in a trailer, is a second pair of eyes."""
    assert hits(CODE, _seen(OWN, _commit(2, "bob@example.com", "docs/a.md"))) == []
    paired = _commit(1, "ada@example.com", "docs/a.md", ("Co-authored-by", "B <bob@example.com>"))
    assert hits(CODE, _seen(paired)) == []


def test_machines_are_nobody_else() -> None:
    """A bot and an agent beside the team leave it alone."""
    bot = _commit(3, "dependabot[bot]@users.noreply.github.com", "docs/a.md")
    agent = _commit(4, "noreply@anthropic.com", "docs/a.md")
    assert one(CODE, _seen(OWN, bot, agent)).action == "note"


def test_a_team_that_works_alone_is_only_noted() -> None:
    """Where nobody else works, nobody else could have written it."""
    assert one(CODE, _seen(OWN)).action == "note"


def test_what_a_provider_recorded_is_nobody_s_writing() -> None:
    """A record of CI or telemetry is not touched."""
    assert hits(CODE, _seen(OWN, OTHER, kinds=("ci",))) == []


def test_without_a_team_list_nothing_is_said() -> None:
    """Who is assessed is not guessed."""
    seen = _seen(OWN, OTHER)
    plain = look(*seen.records.values(), serves=seen.serves, levels=seen.levels)
    assert hits(CODE, plain) == []


DECIDES = {"from_level": (4, lambda: _seen(OWN, OTHER))}
