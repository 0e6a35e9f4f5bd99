"""Instructions for agents stand in the repository, are true of it, and are kept by several.

Claims: agents that work here are told the same, and what they are told is right.

Looks at: CLAUDE.md, AGENTS.md, GEMINI.md, Copilot's, Cursor's and Windsurf's files in the tree,
with what they import. Words that say something are counted, copies once. Paths, links, imports,
targets and scripts that they name must exist; of imports the lint says which do not
(`missing-import`), as the product looks them up. Authors are the people who wrote or approved
changes of these files, from the history and the host's export, counted and never named.

Fooled by: a generated stub (below 40 words, more than 5 % placeholders or without a command, path,
link or date it is hollow and adds no words), the same file under four names (its words count
once), agents and bots as authors (left out). Git names can be typed, so a second author is a
claim unless the host recorded the approval.

Yes: at least one file has substance. No: there is none, or all are hollow. Cannot tell: the files
were not looked at. `authors` is left out when nothing tells who wrote them.
"""

import posixpath

from pawl.base.finding import Place
from pawl.maturity.evidence import Depth, Kind, Share, Value
from pawl.maturity.extracts.document import Document
from pawl.maturity.extracts.instructions import Instructions
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.looking.hollow import copies, weakness
from pawl.maturity.looking.identities import people
from pawl.maturity.looking.mentions import Present, Reference, references
from pawl.maturity.looking.steered import steering_of
from pawl.maturity.probe import Answer, Probe, Remedy, no, yes

_RULES = ("missing-import",)


def _judge(facts: Facts) -> Answer:
    steering, tree = steering_of(facts, _RULES), facts.tree
    if isinstance(steering, Answer):
        return steering
    assert not isinstance(tree, Absent)
    found = dict(tree.read("instructions", Instructions))
    if not found:
        return no(
            "No instructions for agents stand in the repository.",
            Kind.TREE,
            values={"files": 0, "words": 0, "resolved": Share(0, 0)},
        )
    pages = _pages(found, dict(tree.read("document", Document)))
    weak = {path: reason for path, page in pages.items() if (reason := weakness(page))}
    copied = copies(pages)
    counted = {path: page for path, page in pages.items() if path not in weak | copied}
    files = [path for path in found if path in counted or _imports_one(path, found, counted)]
    lost = {(each.path, each.line) for each in steering.of(_RULES)}
    named = _named(found, pages, Present(tree), lost)
    missing = [(path, each) for path, each in named if not each.there]
    words = sum(page.content_words for page in counted.values())
    resolved = Share(len(named) - len(missing), len(named), tree.is_census("instructions"))
    values: dict[str, Value] = {"files": len(files), "words": words, "resolved": resolved}
    told = {
        "values": values,
        "places": (
            *(Place(path, each.line) for path, each in missing),
            *(Place(path, 1) for path in sorted(weak)),
        ),
        "inputs": tree.blobs_of(pages),
    }
    reason = f"{len(files)} files of {words} words tell agents how to work here"
    if missing:
        path, each = missing[0]
        reason += f"; {len(missing)} of {len(named)} things they name are not there"
        reason += f", as {each.text} in {path}"
    if not files:
        path = min(weak, default=min(found))
        return no(f"{path} is hollow: {weak.get(path, 'a copy')}.", Kind.TREE, **told)
    authors, kinds = _authors(facts, frozenset(pages))
    if authors is not None:
        values["authors"] = authors
        reason += f"; {authors} people wrote or approved them"
    return yes(f"{reason}.", Depth.SUBSTANTIVE, Kind.TREE, *kinds, **told)


def _named(
    found: dict[str, Instructions],
    pages: dict[str, Document],
    present: Present,
    lost: set[tuple[str, int | None]],
) -> list[tuple[str, Reference]]:
    """Return what the pages name and import, each thing of a page once; `lost` are dead imports."""
    imports = {
        (path, each.text): Reference(each.text, each.line, (path, each.line) not in lost)
        for path, file in found.items()
        for each in file.imports
    }
    named = [
        (path, each)
        for path, page in pages.items()
        for each in references(path, page, present)
        if (path, each.text) not in imports
    ]
    named += [(path, each) for (path, _), each in imports.items()]
    return named


def _pages(found: dict[str, Instructions], documents: dict[str, Document]) -> dict[str, Document]:
    """Return the pages of the instructions and of what they import."""
    paths = set(found)
    for path, each in found.items():
        folder = posixpath.dirname(path)
        paths |= {posixpath.normpath(posixpath.join(folder, it.text)) for it in each.imports}
    return {path: documents[path] for path in sorted(paths) if path in documents}


def _imports_one(path: str, found: dict[str, Instructions], counted: dict[str, Document]) -> bool:
    """Say whether a short file stands for one with substance by importing it."""
    folder = posixpath.dirname(path)
    names = {posixpath.normpath(posixpath.join(folder, it.text)) for it in found[path].imports}
    return bool(names & set(counted))


def _authors(facts: Facts, paths: frozenset[str]) -> tuple[int | None, tuple[Kind, ...]]:
    """Return how many people wrote or approved changes of these files; None when unknown."""
    accounts: list[str] = []
    kinds: list[Kind] = []
    if not isinstance(facts.history, Absent):
        for commit in facts.history.commits:
            if paths.isdisjoint(change.path for change in commit.files):
                continue
            kinds.append(Kind.HISTORY)
            accounts.append(commit.author)
            accounts += [value for key, value in commit.trailers if key.lower().startswith("co-")]
    if not isinstance(facts.host, Absent):
        for change in facts.host.changes:
            if change.merged_at is None or paths.isdisjoint(change.files):
                continue
            kinds.append(Kind.HOST)
            accounts.append(change.author)
            accounts += [
                review.author
                for review in change.reviews
                if review.state == "approved" and not review.bot
            ]
    if not kinds:
        return None, ()
    return len(people(accounts)), tuple(dict.fromkeys(kinds))


PROBE = Probe(
    claim="Instructions are shared",
    area="adoption",
    version=2,
    kinds=(Kind.TREE, Kind.HISTORY, Kind.HOST),
    depth=Depth.SUBSTANTIVE,
    values={
        "files": "files of instructions with substance",
        "words": "words in them that say something, copies counted once",
        "resolved": "share of what they name (paths, links, imports, targets) that exists",
        "authors": "people who wrote or approved changes of them, where that is known",
    },
    remedy=Remedy(
        "Write down commands, conventions and what not to do; mend or drop what no longer exists; "
        "have a second person review it.",
        1.0,
    ),
    judge=_judge,
)
