"""Instructions name a script or target that no file of the repository has.

Bad: "run `npm run typecheck`" where no package.json has that script. The agent tries it, reads the
error, tries others, and learns nothing for the next time.

Instead: name the script that exists, or add it. Names are looked for in every package.json,
makefile and justfile of the tree; where one of them includes others, nothing is said.
"""

from collections.abc import Callable, Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.documented import bare, said_in
from pawl.assets.rule import Hit, Rule
from pawl.assets.targets import Known, recipes, scripts, targets
from pawl.base.finding import Confidence, Severity
from pawl.base.patterns import regex

_PACKAGES = frozenset({"npm", "pnpm", "yarn", "bun"})
_NAME = regex(r"[A-Za-z_][\w:.-]{0,80}")
_LOOKUP: dict[str, tuple[Callable[[Assets], Known], str]] = {
    "script": (scripts, "package.json"),
    "target": (targets, "makefile"),
    "recipe": (recipes, "justfile"),
}


def _check(assets: Assets) -> Iterator[Hit]:
    known: dict[str, Known] = {}
    for page in assets.memories:
        told: set[tuple[str, str]] = set()
        if not any(word in page.body for word in ("npm ", "yarn ", "bun ", "make ", "just ")):
            continue
        for said in said_in(page):
            for kind, name in _names(bare(said.words)):
                lookup, where = _LOOKUP[kind]
                if kind not in known:
                    known[kind] = lookup(assets.whole)
                held = known[kind]
                if not held.files or held.open or name in held.names or (kind, name) in told:
                    continue
                told.add((kind, name))
                yield Hit(
                    path=page.path,
                    line=said.line,
                    message=f"No {where} of the repository has a {kind} `{name}`.",
                    subject=f"{kind} {name}",
                )


def _names(words: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield the scripts and targets that a command names."""
    if len(words) < 2:
        return
    plain = [word for word in words[1:] if not word.startswith("-")]
    if words[0] in _PACKAGES and "--if-present" not in words:
        if plain[:1] in (["run"], ["run-script"]) and words[1] in ("run", "run-script"):
            yield from (("script", name) for name in plain[1:2] if _is_script(name))
    elif words[0] in ("make", "gmake") and not {"-f", "--file", "-C", "--directory"} & set(words):
        names = (word for word in plain if "=" not in word and _NAME.fullmatch(word))
        yield from (("target", name) for name in names)
    elif words[0] == "just" and not words[1].startswith("-") and _NAME.fullmatch(words[1]):
        yield "recipe", words[1]


def _is_script(name: str) -> bool:
    file = name.endswith((".ts", ".js", ".mjs", ".cjs", ".tsx", ".jsx"))
    return not file and _NAME.fullmatch(name) is not None


RULE = Rule(
    title="Instructions name a command that the repository does not have",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.MEMORY}),
    check=_check,
    source="https://docs.npmjs.com/cli/v11/commands/npm-run",
    as_of="2026-11-21",
    hint="Name the one that exists, or add it.",
)
