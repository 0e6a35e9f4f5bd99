"""Tests can fail: they assert something that the code under test decides.

Looks at: every test function of the languages that Pawl reads (Python by its syntax tree; others
by lexing), and helper functions of the same tree that a test relies on.
Fooled by: tests that run code and compare nothing; comparisons of constants; mere "is there"
checks; assertions that are never reached or whose failure is caught; skipped and expected
failures: none of these counts. A helper named like an assertion is looked into wherever the tree
defines it; one from a package is believed, and `by_helper` says how often.
Yes: some tests assert. No: there are test functions, or source without any, and none asserts.
Cannot tell: no tree, or tests only in languages that are not read.
"""

from pawl.base.finding import Place
from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.extracts.test_code import CodeOfTests, HollowTest
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.tree import Tree
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, not_applicable, yes
from pawl.parsing.languages import SOURCE, TEST

_WHY = {
    "none": "asserts nothing",
    "constant": "compares constants",
    "existence": "asks only whether something is there",
    "skipped": "is skipped",
    "trusts": "relies on a helper that asserts nothing",
}


def judge(facts: Facts) -> Answer:
    """Count the test functions that could fail."""
    if isinstance(facts.tree, Absent):
        return cannot_tell(facts.tree)
    tree = facts.tree
    read = dict(tree.read("test-code", CodeOfTests))
    functions = sum(code.functions for code in read.values())
    if not functions:
        return _without_tests(tree, read)
    asserting = sum(code.asserting for code in read.values())
    believed, hollow_trust = _trusted(read)
    asserting += believed
    hollow = [(path, each) for path, code in read.items() for each in code.hollow] + hollow_trust
    hollow.sort(key=lambda each: (each[1].why == "skipped", each[0], each[1].line))
    values = {
        "asserting": Share(asserting, functions, census=tree.is_census("test-code")),
        "functions": functions,
        "skipped": sum(code.skipped for code in read.values()),
        "by_helper": believed,
    }
    told = {
        "values": values,
        "places": tuple(Place(path, test.line) for path, test in hollow),
        "inputs": [tree.tree, functions, asserting],
    }
    reason = f"{asserting} of {functions} test functions assert something that could fail"
    if hollow:
        reason += f"; the first that does not {_WHY[hollow[0][1].why]}"
    if not asserting:
        return no(f"{reason}.", Kind.TREE, **told)
    return yes(f"{reason}.", Depth.SUBSTANTIVE, Kind.TREE, **told)


def _without_tests(tree: Tree, read: dict[str, CodeOfTests]) -> Answer:
    unread = [path for path, code in read.items() if not code.parsed]
    if unread:
        return cannot_tell(f"{len(unread)} test files could not be parsed.")
    if any(file.path not in read for file in tree.of_role(TEST)):
        return cannot_tell("The tests here are written in languages whose tests are not read.")
    if SOURCE in tree.roles:
        return no("There is source code and no test function.", Kind.TREE, inputs=[tree.tree])
    return not_applicable("The commit holds no source code in a language known.")


def _trusted(read: dict[str, CodeOfTests]) -> tuple[int, list[tuple[str, HollowTest]]]:
    """Return how many tests rest on a helper that may assert, and those whose helpers do not."""
    helpers: dict[str, bool] = {}
    for code in read.values():
        for name, asserts in code.helpers.items():
            helpers[name] = helpers.get(name, False) or asserts
    believed = 0
    hollow: list[tuple[str, HollowTest]] = []
    for path, code in read.items():
        for test in code.trusting:
            # A helper that the tree does not define comes from a package, and is believed.
            if any(helpers.get(name, True) for name in test.trusts):
                believed += 1
            else:
                hollow.append((path, HollowTest(test.name, test.line, "trusts")))
    return believed, hollow


PROBE = Probe(
    claim="Tests can fail: they assert something that the code under test decides.",
    area="code",
    version=1,
    kinds=(Kind.TREE,),
    depth=Depth.SUBSTANTIVE,
    values={
        "asserting": "test functions that could fail, among all",
        "functions": "test functions",
        "skipped": "test functions that never run, or are expected to fail",
        "by_helper": "asserting ones that rest on a helper whose body was judged elsewhere or not",
    },
    remedy=Remedy("State in each hollow test what the code must return, or delete the test.", 2),
    judge=judge,
)
