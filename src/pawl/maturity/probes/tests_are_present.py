"""The code comes with tests.

Looks at: the paths of the commit's files, by each language's own conventions for test files, and,
for the languages whose tests Pawl reads, whether a test file holds any test function.
Fooled by: fixtures and vendored trees, which are left out of both sides; empty files named like
tests, which do not count where they could be read. Presence says nothing of worth: see
`tests-assert`.
Yes: there is a test file. No: there is source and no test file. Cannot tell: no tree was given.
"""

from pawl.base.finding import Place
from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.extracts.test_code import READ_LANGUAGES, CodeOfTests
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.tree import Tree, TreeFile
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, not_applicable, yes
from pawl.parsing.languages import SOURCE, TEST, language_of


def judge(facts: Facts) -> Answer:
    """Count test files beside source files."""
    if isinstance(facts.tree, Absent):
        return cannot_tell(facts.tree)
    tree = facts.tree
    paths = [file.path for file in tree.files if _holds_text(file)]
    source = [file.path for file in tree.of_role(SOURCE) if _holds_text(file)]
    tests = _test_files(tree, paths)
    if not source and not tests:
        return not_applicable("The commit holds no source code in a language known.")
    values = {
        "test_files": len(tests),
        "source_files": len(source),
        "share": Share(len(tests), len(tests) + len(source)),
    }
    told = {"values": values, "inputs": [tree.tree, len(paths)]}
    if not tests:
        places = tuple(Place(path) for path in source[:3])
        reason = f"{len(source)} source files come without any test file."
        return no(reason, Kind.TREE, places=places, **told)
    reason = f"{len(tests)} test files stand beside {len(source)} source files."
    return yes(reason, Depth.EXISTS, Kind.TREE, **told)


def _holds_text(file: TreeFile) -> bool:
    return file.kind in ("file", "executable") and file.size > 0


def _test_files(tree: Tree, paths: list[str]) -> list[str]:
    """Return the files that hold tests: by name, and by content where that was read."""
    read = dict(tree.read("test-code", CodeOfTests))
    skipped = {each.path for each in tree.skipped}
    inline = {path for path, code in read.items() if code.functions}
    census = tree.is_census("test-code")
    named = {file.path for file in tree.of_role(TEST)}

    def judged(path: str) -> bool:
        return census and language_of(path) in READ_LANGUAGES

    return [
        path
        for path in paths
        if path in inline
        or (path in named and (not judged(path) or path in skipped or _unparsed(read.get(path))))
    ]


def _unparsed(code: CodeOfTests | None) -> bool:
    return code is not None and not code.parsed


PROBE = Probe(
    claim="The code comes with tests.",
    area="code",
    version=1,
    kinds=(Kind.TREE,),
    depth=Depth.EXISTS,
    values={
        "test_files": "files that hold tests",
        "source_files": "files of product code",
        "share": "test files among test and source files",
    },
    remedy=Remedy("Write a first test for the code that changes most often.", 1),
    judge=judge,
)
