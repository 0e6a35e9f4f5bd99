"""How to deploy is written down, with commands that still exist.

Looks at pages whose path, title or headings speak of deploying, releasing or rolling out, and at
their commands. A command resolves when what it names is there: a target of the Makefile, justfile
or package.json, a script or file of the tree, a workflow, or a delivering program that the
pipelines call too.

What would fool it: a page full of commands that died long ago, which do not resolve; a page about
deploying without any command; a template nobody filled in. Commands that name nothing of this
repository are not counted.

Yes: some documented command resolves; `resolved` is the share. No: there is no such page, or none
of its commands resolves. Cannot tell: no tree was given.
"""

import re
from functools import cached_property

from pawl.base.finding import Place
from pawl.base.patterns import regex
from pawl.maturity.evidence import Depth, Kind
from pawl.maturity.extracts.document import Document
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.tree import Tree
from pawl.maturity.looking.delivery_text import Tasks, steps
from pawl.maturity.looking.recent import share_of
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes
from pawl.parsing.ci.commands import Nested, program, unwrap
from pawl.parsing.ci.deeds import delivery
from pawl.parsing.shell_fate import Shell, fates
from pawl.parsing.shell_words import Unreadable

ABOUT = regex(
    r"(?i)\b(?:deploy\w*|releasing|roll(?:ing)?[ -]?outs?|shipping"
    r"|release (?:process|procedure|guide|checklist|steps|instructions|runbook)"
    r"|(?:how to|making a|cutting a) (?:new )?release)\b"
)
"""What a page about deploying says in a title. A bare "release" heads the notes of one."""
RUNNERS = frozenset({"make", "gmake", "just", "npm", "pnpm", "yarn", "bun"})
FILE = regex(r"^(?:\./)?[\w.-]+(?:/[\w.-]+)+$|^\./[\w.-]+$|^[\w-]+\.(?:sh|py|ya?ml|tf)$")


def speaks_of_deploying(path: str, page: Document) -> bool:
    """Say whether a page is about deploying, by its name, title or headings."""
    stem = re.sub(r"[^A-Za-z0-9]+", " ", path.rpartition("/")[2].rpartition(".")[0])
    texts = [stem, page.title, *(heading.text for heading in page.headings)]
    named = stem.strip().lower() in ("release", "releases") and "notes" not in path.lower()
    return not page.template and (named or any(ABOUT.search(text) for text in texts))


def _pipeline_programs(tree: Tree) -> set[str]:
    """Return the delivering programs that workflows call."""
    found: set[str] = set()
    for _, _, _, step in steps(tree):
        if step.deploys and step.run:
            for words in _commands(step.run):
                if delivery(words):
                    found.add(program(words[0]))
    return found


def _commands(text: str) -> list[tuple[str, ...]]:
    try:
        ran = fates(text.removeprefix("$ "), Shell(False, False))
    except (Unreadable, RecursionError):
        return []
    unwrapped = [unwrap(each.words) for each in ran]
    return [words for words in unwrapped if words and not isinstance(words, Nested)]


class _Resolver:
    """What the commands of a page may name in one tree."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.tasks = Tasks(tree)
        self.programs = _pipeline_programs(tree)

    def resolves(self, words: tuple[str, ...]) -> bool | None:
        """Say whether what a command names is there; None when it names nothing of the tree."""
        name = program(words[0])
        if name in RUNNERS:
            return self._target(name, words[1:])
        if name == "gh" and words[1:3] == ("workflow", "run"):
            return bool({word.rpartition("/")[2] for word in words[3:]} & self._workflows)
        files = [word for word in words if FILE.match(word) and "://" not in word]
        if files and (words[0] in files or name in ("bash", "sh", "python", "python3")):
            return self._is_there(files[0])
        if delivery(words):
            if files:
                return all(map(self._is_there, files)) or name in self.programs
            return True if name in self.programs else None
        return None

    def _target(self, runner: str, rest: tuple[str, ...]) -> bool | None:
        plain = [word for word in rest if not word.startswith("-") and "=" not in word]
        plain = [word for word in plain if word not in ("run", "run-script")]
        if not plain or (runner not in ("make", "gmake", "just") and plain[0] in ("ci", "install")):
            return None
        found = self.tasks.find(runner, plain[0])
        return bool(found) and not all(task.empty and not task.needs for _, task in found)

    def _is_there(self, word: str) -> bool:
        path = word.removeprefix("./").rstrip("/")
        if path in self.tree.paths:
            return True
        start = f"{path}/" if path else ""
        # A folder that holds folders alone is nothing that a command could be given.
        return any("/" not in file.path[len(start) :] for file in self.tree.below(start))

    @cached_property
    def _workflows(self) -> set[str]:
        paths = self.tree.paths
        return {path.rpartition("/")[2] for path in paths if "workflows/" in path}


def judge(facts: Facts) -> Answer:
    """Judge the commands of the pages about deploying."""
    tree = facts.tree
    if isinstance(tree, Absent):
        return cannot_tell(tree)
    pages = [
        (path, page)
        for path, page in tree.read("document", Document)
        if page.category in ("runbook", "readme", "other") and speaks_of_deploying(path, page)
    ]
    resolver = _Resolver(tree)
    good: list[Place] = []
    dead: list[Place] = []
    for path, page in pages:
        for command in page.commands:
            for words in _commands(command.text):
                found = resolver.resolves(words)
                if found is not None:
                    (good if found else dead).append(Place(path, command.line))
    total = len(good) + len(dead)
    inputs = [tree.tree, [path for path, _ in pages]]
    values = {"commands": total, "resolved": share_of(len(good), total)}
    if not pages:
        return no("No page says how to deploy or release.", Kind.TREE, inputs=inputs)
    where = "One page says" if len(pages) == 1 else f"{len(pages)} pages say"
    if not good:
        said = f"{where} how to deploy, and none of {total} commands there resolves."
        told = {"values": values, "places": tuple(dead) or (Place(pages[0][0]),)}
        return no(said, Kind.TREE, inputs=inputs, **told)
    return yes(
        f"{where} how to deploy, and {len(good)} of {total} commands there resolve.",
        Depth.SUBSTANTIVE,
        Kind.TREE,
        values=values,
        places=tuple(dead),
        inputs=inputs,
    )


PROBE = Probe(
    claim="How to deploy is written down, with commands that exist.",
    area="delivery",
    version=1,
    kinds=(Kind.TREE,),
    depth=Depth.SUBSTANTIVE,
    values={
        "commands": "documented commands that name something of this repository",
        "resolved": "share of them whose target, script or file is there",
    },
    remedy=Remedy("Write the deployment down with the commands that the pipeline runs.", 1.0),
    judge=judge,
)
