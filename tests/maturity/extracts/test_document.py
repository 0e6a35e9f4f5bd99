"""What is read out of a page of documentation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.extracts.document import EXTRACT, Document, category_of, read
from pawl.maturity.facts.tree import TreeFile

RUNBOOK = """---
owner: "@acme/payments"
---
# Payments API is down

Last reviewed: 2026-09-30
Review by: 30 March 2027

## Symptoms

The alert `PaymentsDown` fires and customers see errors at the till, see
[the dashboard](https://grafana.example/d/pay) and `docs/architecture.md`.

## Steps

1. Look at the pods with `kubectl get pods -n payments`.
2. Restart them:

```bash
# one at a time
kubectl rollout restart deployment/payments \\
  -n payments
cat <<END
kubectl delete everything
END
```

## Rollback

Run `helm rollback payments` and tell @acme/oncall.
"""


def test_a_runbook_gives_its_commands_owner_dates_and_places() -> None:
    """A page's commands, paths, links, owners and review days are found with their lines."""
    page = read("docs/runbooks/payments.md", RUNBOOK)
    assert page.category == "runbook"
    assert page.title == "Payments API is down"
    assert [(each.text, each.line) for each in page.commands] == [
        ("kubectl get pods -n payments", 16),
        ("kubectl rollout restart deployment/payments -n payments", 21),
        ("cat <<END", 23),
        ("helm rollback payments", 30),
    ]
    assert [(each.text, each.line) for each in page.paths] == [("docs/architecture.md", 12)]
    assert [(each.text, each.line) for each in page.links] == [
        ("https://grafana.example/d/pay", 12)
    ]
    assert page.owners == ("@acme/payments", "@acme/oncall")
    assert (page.reviewed, page.review_due) == ("2026-09-30", "2027-03-30")
    assert page.steps == 2
    assert page.rollback
    assert page.placeholders == 0
    assert [(each.text, each.level) for each in page.headings][:2] == [
        ("Payments API is down", 1),
        ("Symptoms", 2),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "TBD",
        "TODO: write this down",
        "To be defined.",
        "Coming soon",
        "<your team name>",
        "[insert the escalation path]",
        "{{ service }}",
        "Describe the steps here",
        "???",
        "...",
        "Lorem ipsum dolor sit amet, consectetur adipiscing elit.",
    ],
)
def test_a_placeholder_counts_as_one_and_not_as_content(line: str) -> None:
    """Words that stand for words still to come are placeholders."""
    assert read("a.md", f"# Title\n\n{line}\n").placeholders >= 1


@pytest.mark.parametrize(
    "line",
    [
        "Add a todo to the list of the todo app.",
        "Use `git push <remote> <branch>` to publish.",
        "The form has a placeholder attribute, see [the docs](x.md).",
        "A <br> tag and an <img src=x> tag.",
        "| --- | --- |",
    ],
)
def test_honest_prose_holds_no_placeholder(line: str) -> None:
    """Words, tags and commands that look alike are not taken for placeholders."""
    assert read("a.md", line).placeholders == 0


def test_repetition_adds_no_content() -> None:
    """A line written a hundred times counts once, and few different words count for little."""
    assert read("a.md", "Restart the service now please.\n" * 100).content_words == 5
    assert read("a.md", "\n".join(f"{'very ' * n}well" for n in range(50))).content_words == 8


def test_what_no_reader_sees_is_not_written() -> None:
    """Text in an HTML comment counts neither as words nor as commands."""
    page = read("a.md", "# T\n<!-- " + "hidden words " * 90 + "\n`make all of it` -->\nSeen.\n")
    assert page.content_words == 1
    assert not page.commands


def test_words_of_scripts_without_spaces_are_counted() -> None:
    """A page in Japanese is not hollow for want of spaces."""
    assert (
        read("a.md", "障害が起きたときは、まず監視画面を確認してください。" * 1).content_words > 8
    )


def test_restructured_text_is_read_too() -> None:
    """Underlined headings, literal blocks and links of rst are found."""
    page = read(
        "docs/run.rst",
        "Restore\n=======\n\nDo this::\n\n    $ pg_restore dump\n    done\n\nSee `it <b.rst>`_.\n\n"
        ".. code-block:: bash\n\n   make check\n\nEnd of it.\n",
    )
    assert [each.text for each in page.headings] == ["Restore"]
    assert [each.text for each in page.commands] == ["pg_restore dump", "make check"]
    assert [each.text for each in page.links] == ["b.rst"]


def test_output_in_a_console_block_is_no_command() -> None:
    """Of a block with prompts only the prompted lines were typed."""
    page = read("a.md", "```console\n$ make test\nkubectl is fine\n```\n```python\nmake = 1\n```\n")
    assert [each.text for each in page.commands] == ["make test"]


@pytest.mark.parametrize(
    ("path", "category"),
    [
        ("README.md", "readme"),
        ("docs/adr/0001-use-x.md", "adr"),
        ("docs/decisions/0002-y.md", "adr"),
        ("ops/runbooks/db.md", "runbook"),
        ("docs/payments-runbook.md", "runbook"),
        ("docs/postmortems/2026-01-01.md", "postmortem"),
        ("AGENTS.md", "agent"),
        (".claude/skills/x/SKILL.md", "agent"),
        ("docs/agents.md", "other"),
        ("docs/setup.md", "other"),
    ],
)
def test_a_path_says_what_kind_of_page_it_is(path: str, category: str) -> None:
    """Pages are told apart by folder and name."""
    assert category_of(path) == category


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("docs/a.md", True),
        ("docs/a.txt", True),
        ("requirements.txt", False),
        ("README", True),
        ("node_modules/x/README.md", False),
        ("tests/fixtures/docs/a.md", False),
        ("src/a.py", False),
        ("LICENSE.md", False),
    ],
)
def test_only_pages_that_people_keep_are_wanted(path: str, wanted: bool) -> None:
    """Foreign pages, test data and lists are not documentation."""
    assert EXTRACT.wants(TreeFile(path, 10, "a" * 40)) is wanted


def test_labelled_lines_are_kept_by_label() -> None:
    """Fields come from front matter, labelled lines, tables and short sections."""
    page = read(
        "docs/adr/1.md",
        "# One\n\n**Status:** accepted\n\n| Owner | Team Blue |\n|---|---|\n\n"
        "## Review date\n\n2027-01-05\n",
    )
    assert page.fields["status"] == "accepted"
    assert page.owners == ("Team Blue",)
    assert page.review_due == "2027-01-05"


def test_an_owner_still_to_be_named_is_none() -> None:
    """`Owner: TBD` names nobody."""
    assert read("a.md", "Owner: TBD\n").owners == ()


@given(
    st.text(max_size=400) | st.text(alphabet="#`~<>[](){}:|@.-=\n \tabTDO12$\\/*_", max_size=400)
)
def test_any_text_is_a_page(text: str) -> None:
    """Odd content never raises, and shares stay shares."""
    for path in ("a.md", "a.rst", "a.adoc", "docs/a.txt"):
        page = read(path, text)
        assert isinstance(page, Document)
        assert 0 <= page.placeholder_share <= 1
        assert page.content_words >= 0
        for mention in (*page.commands, *page.paths, *page.links):
            assert 1 <= mention.line <= page.lines


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("docs/adr/template.md", True),
        ("docs/runbooks/RUNBOOK_TEMPLATE.md", True),
        ("docs/templates/runbook.md", True),
        ("docs/runbooks/email-templates.md", False),
        ("docs/runbooks/mail.md", False),
    ],
)
def test_a_template_is_told_by_its_path(path: str, template: bool) -> None:
    """A page to copy from is no page to use; a page about templates is none to copy from."""
    assert read(path, "# Title\n").template is template


@pytest.mark.parametrize(
    "line",
    [
        "Owner: Team Blue",
        "**On-Call Team**: Team Blue",
        "service_owner: Team Blue",
        "| Maintainers | Team Blue |",
        "- Escalation: Team Blue",
    ],
)
def test_an_owner_is_found_behind_many_labels(line: str) -> None:
    """Whoever is responsible is named in many words and shapes."""
    assert read("a.md", line).owners == ("Team Blue",)


@pytest.mark.parametrize(
    ("line", "reviewed", "due"),
    [
        ("Last reviewed: 2026-01-02", "2026-01-02", None),
        ("**Last Updated:** 2026-01-02", "2026-01-02", None),
        ("last_verified_at: 2 January 2026", "2026-01-02", None),
        ("Review date: January 2, 2026", None, "2026-01-02"),
        ("Next review: 2026-01-02", None, "2026-01-02"),
        ("Revisit by 2026-01-02", None, None),
        ("Last reviewed: 2026-02-30", None, None),
    ],
)
def test_days_of_review_are_told_apart_from_days_it_is_due(
    line: str, reviewed: str | None, due: str | None
) -> None:
    """A label says whether a review was or is to be; a day that is in no calendar is none."""
    page = read("a.md", line)
    assert (page.reviewed, page.review_due) == (reviewed, due)
