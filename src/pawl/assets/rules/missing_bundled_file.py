"""A page points at a file of its own that is not there.

Bad: `[the format](references/format.md)`, `${CLAUDE_SKILL_DIR}/scripts/fill.py` or `python
scripts/fill.py` where the skill's folder has no such file. The agent finds out in the midst of the
task and makes up what it does not find. A plugin is installed without what is around it: a link out
of its folder leads nowhere.

Instead: mend the path, or bring the file into the folder.
"""

import posixpath
from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.pages import Mention, Page
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.base.patterns import regex

MAX_NAMED = 100
_RELATIVE = regex(r"\]\((?!https?:|#|mailto:)")
_VARIABLE = regex(
    r"\$\{?(CLAUDE_SKILL_DIR|CLAUDE_PLUGIN_ROOT)\}?[\"']?/([\w@+-][\w.@+-]{0,80}"
    r"(?:/[\w.@+-]{1,80}){0,8})(?![\w/*{$<\[])"
)
_RUN = regex(
    r"(?:\b(?:python3?|bash|sh|node|uv run|bun|deno run|tsx|ruby|perl)\s{1,3})"
    r"(?:\./)?(scripts/[\w.@+-]{1,80}(?:/[\w.@+-]{1,80}){0,4}\.(?:py|sh|js|mjs|cjs|ts|rb|pl))\b"
)
_BROUGHT = (".md", ".py", ".sh", ".bash", ".js", ".mjs", ".cjs", ".ts", ".rb", ".pl", ".ps1")
"""What a page of its own brings along; other files there are often what a run leaves."""
_MADE = frozenset({"dist", "build", "out", "output", "node_modules", "target", "data", "reports"})
"""Folders that a build or a run fills."""
_STAND_IN = regex(
    r"(?i)(?:.{0,200}[/_.-])?(?:path|your|my|example|foo|bar|some|file|name|xxx|topic|template"
    r"|new|link|url|image|script)(?:[/_.-].{0,200})?"
)
"""Names that stand for a name in a sample."""


def _check(assets: Assets) -> Iterator[Hit]:
    for page in (*assets.skills, *assets.agents, *assets.commands):
        told: set[str] = set()
        for mention, message, mild in _found(assets, page):
            if mention.text not in told:
                told.add(mention.text)
                yield Hit(
                    path=page.path,
                    line=mention.line,
                    message=message,
                    subject=mention.text,
                    severity=Severity.MEDIUM if mild else None,
                )


def _found(assets: Assets, page: Page) -> Iterator[tuple[Mention, str, bool]]:
    if page.asset.kind is Kind.SKILL and _RELATIVE.search(page.body):
        yield from _links(assets, page)
    for mention, path in _by_variable(assets, page):
        if not assets.exists(path):
            yield mention, f"`{mention.text}` is not there.", False
    if page.asset.kind is Kind.SKILL and "scripts/" in page.body:
        yield from _run(assets, page)


def _links(assets: Assets, page: Page) -> Iterator[tuple[Mention, str, bool]]:
    """Yield the links of a skill that lead nowhere; those into one missing folder together."""
    gone: dict[str, list[Mention]] = {}
    for mention in page.links():
        why = _link(assets, page, mention.text)
        folder = mention.text.removeprefix("./").partition("/")[0]
        if why is None:
            continue
        own = folder != ".." and "/" in mention.text.removeprefix("./")
        if own and not assets.exists(posixpath.join(page.asset.folder, folder)):
            gone.setdefault(folder, []).append(mention)
        else:
            yield mention, f"`{mention.text}` {why}.", False
    for folder, mentions in gone.items():
        first, *others = dict.fromkeys(mention.text for mention in mentions)
        more = f", nor are {len(others)} others in `{folder}/`" if others else ""
        yield mentions[0], f"`{first}` is not there{more}.", False


def _link(assets: Assets, page: Page, text: str) -> str | None:
    """Return what is wrong with a link of a skill, or None."""
    path = posixpath.normpath(posixpath.join(page.asset.folder, text))
    if path.startswith("../") or path == "..":
        return "leads out of the repository"
    if not assets.exists(path):
        # Some pages write links from the root of the repository or of the plugin.
        plugin = assets.plugin_of(page.path)
        roots = ["", *([] if plugin is None else [plugin])]
        if any(assets.exists(posixpath.normpath(posixpath.join(r, text))) for r in roots):
            return None
        return None if _STAND_IN.fullmatch(text[:300]) else "is not there"
    plugin = assets.plugin_of(page.path)
    if plugin and not f"{path}/".startswith(f"{plugin}/"):
        return "is outside of the plugin, which is installed without it"
    return None


def _by_variable(assets: Assets, page: Page) -> Iterator[tuple[Mention, str]]:
    """Yield what a page names below the folders that the product fills in, and its path."""
    if "CLAUDE_SKILL_DIR" not in page.body and "CLAUDE_PLUGIN_ROOT" not in page.body:
        return
    plugin = assets.plugin_of(page.path)
    for _, match in zip(range(MAX_NAMED), _VARIABLE.finditer(page.body), strict=False):
        if match[1] == "CLAUDE_SKILL_DIR":
            root = page.asset.folder if page.asset.kind is Kind.SKILL else None
        else:
            root = plugin
        text = match[2].rstrip(".")
        made = text.partition("/")[0] in _MADE or not text.endswith(_BROUGHT)
        if root is None or made or _STAND_IN.fullmatch(text):
            continue
        line = page.body.count("\n", 0, match.start()) + page.front.body_line
        path = posixpath.normpath(posixpath.join(root, text))
        yield Mention(f"{match[1]}/{text}", line), path


def _run(assets: Assets, page: Page) -> Iterator[tuple[Mention, str, bool]]:
    """Yield scripts that a skill runs from its folder `scripts`, where it has one without them."""
    if not assets.exists(posixpath.join(page.asset.folder, "scripts")):
        return
    for _, match in zip(range(MAX_NAMED), _RUN.finditer(page.body), strict=False):
        text = match[1]
        path = posixpath.normpath(posixpath.join(page.asset.folder, text))
        if assets.exists(path) or assets.exists(posixpath.normpath(text)):
            continue
        if not _STAND_IN.fullmatch(text):
            line = page.body.count("\n", 0, match.start()) + page.front.body_line
            yield Mention(text, line), f"`{text}` is not among the skill's scripts.", True


RULE = Rule(
    title="A page points at a file of its own that is not there",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SKILL, Kind.AGENT, Kind.COMMAND}),
    check=_check,
    source="https://agentskills.io/specification",
    as_of="2026-11-21",
    hint="Mend the path, or bring the file into the folder.",
)
