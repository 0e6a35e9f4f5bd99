"""Which documents say nothing."""

from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.extracts.document import Document, read
from pawl.maturity.looking.hollow import DEFAULT, Limits, copies, hollow
from pawl.parsing.likeness import is_alike

PROSE = (
    "When the queue of outgoing mail grows beyond ten thousand entries the relay has stopped "
    "accepting connections. First look whether the relay answers at all, then whether its disk is "
    "full, and only afterwards restart it, because a restart drops whatever is in flight. Tell the "
    "support desk before you begin so that nobody is surprised by letters that arrive twice. "
)
BODY = f"# Mail\n\n{PROSE}\n\n`systemctl restart relay`\n"


def _pages(**texts: str) -> dict[str, Document]:
    return {path: read(path, text) for path, text in texts.items()}


def test_a_page_with_words_and_a_command_is_not_hollow() -> None:
    """Sixty words and something to do are enough."""
    assert hollow(_pages(**{"runbooks/mail.md": BODY})) == {}


def test_each_sign_of_a_hollow_page_is_named() -> None:
    """Few words, placeholders and the want of any handle are each a reason."""
    found = hollow(
        _pages(
            **{
                "short.md": "# Mail\n\nRestart it with `systemctl restart relay`.",
                "later.md": BODY + "\n## Contacts\n\nTBD TBD TBD TBD\n",
                "handless.md": PROSE,
            }
        )
    )
    assert "words of content" in found["short.md"]
    assert "placeholders" in found["later.md"]
    assert found["handless.md"] == "no command, link, owner or date"


def test_of_copies_one_is_kept() -> None:
    """Three pages alike are one page and two copies; another page is no copy."""
    other = read("d.md", PROSE.replace("mail", "lorries").replace("relay", "gate")[::-1])
    found = hollow(
        {
            **_pages(**{"a.md": BODY, "b.md": BODY.replace("# Mail", "# Post"), "c.md": BODY}),
            "d.md": other,
        }
    )
    assert found["b.md"] == "alike to a.md"
    assert found["c.md"] == "alike to a.md"
    assert "a.md" not in found
    assert "alike" not in found.get("d.md", "")


def test_a_copy_of_a_template_is_hollow_and_the_template_is_kept() -> None:
    """What was copied from a template and not filled in is the copy, whatever their order."""
    assert hollow(_pages(**{"z-template.md": BODY, "a.md": BODY})) == {
        "a.md": "alike to z-template.md"
    }


def test_a_page_that_points_is_judged_by_its_target() -> None:
    """A short page linking to a full one is no empty page; pointing in a circle is."""
    found = hollow(
        _pages(
            **{
                "CLAUDE.md": "See [the rules](AGENTS.md).",
                "AGENTS.md": BODY,
                "x.md": "[y](y.md)",
                "y.md": "[x](x.md)",
            }
        )
    )
    assert sorted(found) == ["x.md", "y.md"]


def test_limits_can_be_tighter() -> None:
    """The limits are the caller's: another number, another answer."""
    pages = _pages(**{"a.md": BODY})
    assert "a.md" in hollow(pages, Limits(words=400))


def _compared_with_all(documents: dict[str, Document]) -> dict[str, str]:
    """Find copies the slow way: each page against each one kept before."""
    kept: list[str] = []
    found: dict[str, str] = {}
    for path in sorted(documents, key=lambda path: (not documents[path].template, path)):
        mine = documents[path]
        alike = (
            other for other in kept if is_alike(mine.sketch, documents[other].sketch, DEFAULT.alike)
        )
        twin = next(alike, None)
        if twin is None:
            kept.append(path)
        elif not mine.template:
            found[path] = twin
    return found


HASHES = st.sets(st.integers(0, 30), max_size=24).map(lambda found: tuple(sorted(found)))


@given(st.lists(st.tuples(HASHES, st.booleans()), max_size=12))
def test_comparing_only_pages_with_something_in_common_loses_none(
    pages: list[tuple[tuple[int, ...], bool]],
) -> None:
    """The copies are those of comparing every page with every other."""
    documents = {
        f"{at:02}.md": Document(category="other", sketch=sketch, template=template)
        for at, (sketch, template) in enumerate(pages)
    }
    # Twins of the first ones, so that there is something to find.
    documents |= {f"twin-{path}": page for path, page in list(documents.items())[:4]}
    assert copies(documents) == _compared_with_all(documents)
