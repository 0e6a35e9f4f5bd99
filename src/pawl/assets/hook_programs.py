"""What hooks run: their commands as a shell reads them, and the scripts of the tree among them.

Nothing is expanded but the folders that a product itself names: `$CLAUDE_PROJECT_DIR` is the
folder of the project, `${CLAUDE_PLUGIN_ROOT}` that of the plugin. A word inside `[[ -f x ]]` is no
script.
"""

import posixpath
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

import msgspec

from pawl.assets.asset import Asset, Kind
from pawl.assets.assets import Assets
from pawl.assets.settings import Hook, hooks_of
from pawl.base.patterns import regex
from pawl.parsing.ci.commands import SHELLS, Nested, program, unwrap
from pawl.parsing.shell_status import simples, words_of
from pawl.parsing.shell_tree import Block, Case, Pipe, Simple, parse
from pawl.parsing.shell_words import Unreadable, Word, targets

MAX_COMMAND = 60_000
MAX_TEXTS = 200
MAX_DEPTH = 3
"""Shells within shells that are looked into."""
_TESTS = frozenset({"[[", "[", "test"})
_INTERPRETERS = ("python", "node", "ruby", "perl", "php", "deno", "bun", "tsx", "ts-node", "pwsh")
_STARTS = frozenset(
    {"sudo", "env", "time", "nice", "command", "exec", "nohup", "timeout", "gtimeout", "stdbuf"}
)
"""Programs that start what follows them as it is."""
_SUFFIXES = (".sh", ".bash", ".zsh", ".py", ".js", ".mjs", ".cjs", ".ts", ".rb", ".pl", ".ps1")
_FOLDER = regex(
    r"(?:\$\{(CLAUDE_PROJECT_DIR|CLAUDE_PLUGIN_ROOT|GEMINI_PROJECT_DIR|PWD)(?::-[^}]{0,80})?\}"
    r"|\$(CLAUDE_PROJECT_DIR|CLAUDE_PLUGIN_ROOT|GEMINI_PROJECT_DIR|PWD)"
    r"|\$\((git rev-parse --show-toplevel)[^)]{0,40}\)|\$\((pwd)\))(/.{0,300})?"
)
_PATH = regex(r"(?:\./)?(?:[\w.@+ -]{1,80}/){0,12}[\w.@+ -]{1,80}")
_GENERATED = frozenset(
    {"node_modules", "dist", "build", "target", "out", ".venv", "venv", "vendor", ".git", ".cache"}
)


class HookUse(msgspec.Struct, frozen=True, kw_only=True):
    """One hook with the file that has it. `root` is its project's folder, or its plugin's.

    `beside` is the folder of the skill that brings it, where scripts may be looked up as well.
    """

    hook: Hook
    asset: Asset
    root: str
    of_plugin: bool
    beside: str | None = None

    @property
    def name(self) -> str:
        """What makes the hook the same one when lines move."""
        return f"{self.hook.event} {self.hook.matcher} {self.hook.command[:200]}"

    @property
    def is_shell(self) -> bool:
        """Say whether a POSIX shell reads its command."""
        return self.hook.kind == "command" and self.hook.values.get("shell") != "powershell"


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """A script that a command runs. `path` is its place in the tree.

    `direct` says that it is started itself and not handed to an interpreter; `asked` that the
    command asks first whether it is there; `of_cwd` that it is looked up in whatever folder the
    session works in.
    """

    written: str
    path: str
    direct: bool
    asked: bool
    of_cwd: bool


def hook_uses(assets: Assets) -> tuple[HookUse, ...]:
    """Return the hooks of settings, of files of hooks, of plugins' manifests and of pages."""
    return tuple(_uses(assets))


def _uses(assets: Assets) -> Iterator[HookUse]:
    for each in assets.settings:
        root = posixpath.dirname(each.asset.folder)
        for hook in each.hooks:
            yield HookUse(hook=hook, asset=each.asset, root=root, of_plugin=False)
    manifests = (each for each in assets.plugins if each[0].name == "plugin.json")
    for asset, config in (*assets.hook_files, *manifests):
        root = posixpath.dirname(asset.folder)
        for hook in hooks_of(config, asset.path):
            of_plugin = asset.product != "codex"
            yield HookUse(hook=hook, asset=asset, root=root, of_plugin=of_plugin)
    for asset, config in assets.hook_pages:
        plugin = assets.plugin_of(asset.path)
        root = _project_of(asset.folder) if plugin is None else plugin
        for hook in hooks_of(config, asset.path):
            yield HookUse(
                hook=hook,
                asset=asset,
                root=root,
                of_plugin=plugin is not None,
                beside=asset.folder if asset.kind is Kind.SKILL else None,
            )


def _project_of(folder: str) -> str:
    """Return the folder of the project that a page below `.claude/` belongs to."""
    before, found, _ = f"/{folder}/".rpartition("/.claude/")
    return before.strip("/") if found else ""


@lru_cache(maxsize=1024)
def tree_of(command: str) -> Block | None:
    """Return a command as a shell reads it; None for what no shell would run."""
    if len(command) > MAX_COMMAND:
        return None
    try:
        return parse(command)
    except Unreadable:
        return None


def simples_of(use: HookUse) -> tuple[Simple, ...]:
    """Return the simple commands of a hook, those of shells within it too."""
    if not use.is_shell or "args" in use.hook.values:
        return ()
    return commands_in(use.hook.command)


@lru_cache(maxsize=1024)
def commands_in(command: str) -> tuple[Simple, ...]:
    """Return the simple commands of a shell text, those of shells within it too."""
    return tuple(_commands(command, 0))


def _commands(command: str, depth: int) -> Iterator[Simple]:
    tree = tree_of(command)
    for simple in () if tree is None else simples(tree):
        yield simple
        for text in _within(simple) if depth < MAX_DEPTH else ():
            yield from _commands(text, depth + 1)


def _within(simple: Simple) -> Iterator[str]:
    """Yield the shell texts within a command: substitutions, and what it hands to a shell."""
    for word in simple.words:
        yield from word.inner
    for _, word in simple.assigns:
        yield from word.inner
    nested = unwrap(words_of(simple))
    if isinstance(nested, Nested):
        yield nested.text


@lru_cache(maxsize=1024)
def words_in(command: str) -> tuple[str, ...]:
    """Return every word of a shell text that is expanded: arguments, values, redirections, cases.

    A word in the inside of another stands in that one's text.
    """
    found: list[str] = []
    texts = [command, *(text for each in commands_in(command) for text in _within(each))]
    for text in texts[:MAX_TEXTS]:
        tree = tree_of(text)
        if tree is None:
            continue
        found += [word.text for word in targets(text)]
        found += [word.text for word in _cases(tree)]
        for simple in simples(tree):
            found += [word.text for word in simple.words]
            found += [word.text for _, word in simple.assigns]
    return tuple(found)


def _cases(node: object) -> Iterator[Word]:
    if isinstance(node, Case) and node.word is not None:
        yield node.word
    if isinstance(node, tuple):
        for each in node:
            yield from _cases(each)
    elif isinstance(node, msgspec.Struct) and not isinstance(node, Simple | Word):
        for name in node.__struct_fields__:
            yield from _cases(getattr(node, name))


@lru_cache(maxsize=1024)
def pipes_in(command: str) -> tuple[tuple[Simple, ...], ...]:
    """Return the pipelines of a shell text that join simple commands, as those commands."""
    return tuple(_pipes(tree_of(command)))


def _pipes(node: object) -> Iterator[tuple[Simple, ...]]:
    if isinstance(node, Pipe):
        parts = tuple(part for part in node.parts if isinstance(part, Simple))
        if len(parts) == len(node.parts) > 1:
            yield parts
    if isinstance(node, tuple):
        for each in node:
            yield from _pipes(each)
    elif isinstance(node, msgspec.Struct) and not isinstance(node, Simple):
        for name in node.__struct_fields__:
            yield from _pipes(getattr(node, name))


def texts_of(assets: Assets, use: HookUse) -> Iterator[tuple[str, str]]:
    """Yield the shell texts of a hook with their paths: its command (no path) and its scripts."""
    if not use.is_shell or "args" not in use.hook.values:
        yield "", use.hook.command if use.is_shell else ""
    for script in scripts_of(use):
        text = assets.text(script.path)
        if text is not None and language_of(script.path, text) == "shell":
            yield script.path, text


def words_run(simple: Simple) -> tuple[str, ...]:
    """Return the command that a command runs, without what is wrapped around it."""
    found = unwrap(words_of(simple))
    return () if isinstance(found, Nested) else found


def scripts_of(use: HookUse) -> tuple[Script, ...]:
    """Return the scripts of the tree that a hook names, each once."""
    arguments = use.hook.values.get("args")
    if isinstance(arguments, list):
        words = (use.hook.command, *(each for each in arguments[:40] if isinstance(each, str)))
        script = _script(use, words, "", frozenset())
        return () if script is None else (script,)
    found: dict[str, Script] = {}
    folder: str | None = ""
    commands = simples_of(use)
    told = [words_of(each) for each in commands]
    asked = frozenset(word for words in told if words[:1] and words[0] in _TESTS for word in words)
    for words in told:
        if words[:1] in (("cd",), ("pushd",)):
            folder = _folder(use, words[1] if len(words) > 1 else "~")
            continue
        script = None if folder is None else _script(use, words, folder, asked)
        if script is not None:
            found.setdefault(script.path, script)
    return tuple(found.values())


def _folder(use: HookUse, word: str) -> str | None:
    """Return the folder that a `cd` goes to, below the root; None for one that is not known."""
    place = _place(word, use)
    return None if place is None else place[0]


def _script(
    use: HookUse, words: tuple[str, ...], folder: str, asked: frozenset[str]
) -> Script | None:
    if not words or words[0] in _TESTS:
        return None
    run = unwrap(words)
    if isinstance(run, Nested) or not run:
        return None
    own = words[: len(words) - len(run)]
    interpreted = any(program(word) in SHELLS for word in own)
    interpreted |= bool(own) and program(own[0]) not in _STARTS
    word: str | None = run[0]
    if _interprets(run[0]) or run[0] in (".", "source"):
        interpreted = True
        word = next((each for each in run[1:6] if not each.startswith("-")), None)
        if any(each in ("-c", "-m", "-e", "-p", "--eval", "-Command") for each in run[1:4]):
            return None
    if word is None or not (word.endswith(_SUFFIXES) or "/" in word):
        return None
    place = _place(word, use)
    if place is None:
        return None
    path, of_cwd = place
    path = posixpath.normpath(posixpath.join(folder, path)) if of_cwd else path
    if path.startswith("..") or not _GENERATED.isdisjoint(path.split("/")):
        return None
    whole = posixpath.normpath(posixpath.join(use.root, path))
    return Script(
        written=word,
        path=whole,
        direct=not interpreted,
        asked=word in asked,
        of_cwd=of_cwd and not folder,
    )


def _interprets(word: str) -> bool:
    return program(word).startswith(_INTERPRETERS)


def _place(word: str, use: HookUse) -> tuple[str, bool] | None:
    """Return a path below the hook's root, and whether it hangs on the folder one works in."""
    match = _FOLDER.fullmatch(word)
    of_cwd = False
    if match is not None:
        name = match[1] or match[2] or match[3] or match[4]
        of_plugin = name == "CLAUDE_PLUGIN_ROOT"
        if of_plugin != use.of_plugin:
            return None  # Another folder than the one whose files we see.
        word = (match[5] or "/").lstrip("/") or "."
    elif word.startswith(("/", "~", "$", "-")) or "://" in word:
        return None
    else:
        of_cwd = True
    if word == ".":
        return "", of_cwd
    if _PATH.fullmatch(word) is None and not word.startswith("../"):
        return None
    return posixpath.normpath(word), of_cwd


Language = Literal["shell", "python", "node", "other"]


def language_of(path: str, text: str) -> Language:
    """Return what a script is written in, by its name or its first line."""
    first = text[:200].partition("\n")[0] if text.startswith("#!") else ""
    if path.endswith(".py") or "python" in first:
        return "python"
    if path.endswith((".js", ".mjs", ".cjs", ".ts")) or "node" in first:
        return "node"
    if path.endswith((".sh", ".bash", ".zsh")) or "sh" in first:
        return "shell"
    return "other"
