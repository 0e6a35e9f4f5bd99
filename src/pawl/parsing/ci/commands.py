"""Say what one command of a script is for: a gate, a task, an install, a delivery, an agent.

Runs of a tool through another (`uv run pytest`, `timeout 5m npx eslint`) are taken for the tool.
"""

from pathlib import PurePosixPath

import msgspec

from pawl.parsing.ci.pipeline import Gate
from pawl.parsing.ci.table import (
    FAILS_ONLY_WITH,
    FORMATTERS,
    HOLLOW,
    HOLLOW_SHORT,
    NOT_WITH,
    PROGRAMS,
    SUBCOMMANDS,
)
from pawl.parsing.ci.targets import target_gate
from pawl.parsing.ci.targets import words as named

MAX_WRAPPERS = 8

# Wrappers and how many plain words of their own follow; options and assignments are passed over.
WRAPPERS = {
    "sudo": 0, "env": 0, "time": 0, "nice": 0, "command": 0, "exec": 0, "stdbuf": 0, "nohup": 0,
    "xvfb-run": 0, "timeout": 1, "gtimeout": 1, "unbuffer": 0, "xargs": 0, "npx": 0, "bunx": 0,
    "pnpx": 0, "uvx": 0, "dbus-run-session": 0, "retry": 0, "catchsegv": 0, "faketime": 1,
    "builtin": 0, "parallel": 0, "setarch": 1, "linux32": 0, "script": 0, "doppler": 1,
}  # fmt: skip
RUNNERS = {
    ("uv", "run"), ("uv", "tool"), ("poetry", "run"), ("pdm", "run"), ("pipenv", "run"),
    ("rye", "run"), ("conda", "run"), ("mamba", "run"), ("micromamba", "run"), ("pipx", "run"),
    ("bundle", "exec"), ("pnpm", "exec"), ("pnpm", "dlx"), ("yarn", "exec"), ("yarn", "dlx"),
    ("npm", "exec"), ("opam", "exec"), ("mise", "exec"), ("mise", "x"), ("asdf", "exec"),
    ("coverage", "run"), ("kcov", "run"), ("op", "run"), ("nix", "develop"), ("nix-shell", "--run"),
    ("bun", "x"), ("go", "tool"), ("dotnet", "tool"), ("uv", "exec"), ("pants", "run"),
    ("pixi", "exec"), ("stack", "exec"), ("cabal", "exec"), ("hatch", "-e"),
}  # fmt: skip
VALUED = named(
    "-n -e -p -w -c -C -m --with --python --group --extra --package --project "
    "--directory --cwd --prefix --filter -F --only-group --with-requirements "
    "--env-file -k -s --signal --from -P -L -I -j --jobs --name --user -u --env "
    "--workdir --network --volume -v --entrypoint --rcfile --retries --max-attempts "
    "--server-args -a --index --with-editable -r -d --delay -f"
)
"""Options of wrappers that take the word after them."""
VALUELESS = {"sudo": {"-n", "-E", "-H", "-k", "-s"}, "xvfb-run": {"-a", "-e"}, "xargs": {"-r"}}
SHELLS = frozenset({"bash", "sh", "zsh", "dash", "ash", "ksh"})
PYTHONS = ("python", "python3", "py", "pypy", "pypy3")
TASK_RUNNERS = frozenset(
    {"make", "gmake", "just", "task", "tox", "nox", "rake", "gradle", "gradlew", "invoke", "inv",
     "poe", "doit", "npm", "pnpm", "yarn", "bun", "hatch", "pdm", "pixi", "composer", "ninja",
     "mage", "earthly", "moon", "turbo", "lerna", "nx", "wireit", "thx", "taskipy", "duty", "mise"}
)  # fmt: skip


class Nested(msgspec.Struct, frozen=True):
    """A script handed to another shell as text, and the options that shell gets."""

    text: str
    errexit: bool
    pipefail: bool


class Purpose(msgspec.Struct, frozen=True):
    """A gate, why it cannot fail (None: it can), and the task it hides behind."""

    gate: Gate
    hollow: str | None = None
    task: str | None = None


def program(word: str) -> str:
    """Return a program's name without folder and extension: `./node_modules/.bin/tsc` → `tsc`."""
    name = word.replace("\\", "/").rstrip("/").rpartition("/")[2].lower()
    for suffix in (".exe", ".cmd", ".bat"):
        name = name.removesuffix(suffix)
    return name.partition("@")[0] or name


def _after_options(words: tuple[str, ...], plain: int, valueless: set[str]) -> tuple[str, ...]:
    """Return what follows a wrapper's options, assignments and its own plain words."""
    at = 0
    while at < len(words):
        word = words[at]
        if word == "--":
            return words[at + 1 :]
        if word.startswith("-") and len(word) > 1:
            takes = word in VALUED and word not in valueless
            at += 2 if takes else 1
        elif "=" in word and word.partition("=")[0].replace("_", "a").isalnum():
            at += 1
        elif plain:
            plain -= 1
            at += 1
        else:
            return words[at:]
    return ()


def unwrap(words: tuple[str, ...]) -> tuple[str, ...] | Nested:
    """Return the command that a command runs, without what is wrapped around it."""
    for _ in range(MAX_WRAPPERS):
        if not words:
            return ()
        name = program(words[0])
        rest = words[1:]
        if name in SHELLS:
            return _nested(rest)
        if name in WRAPPERS:
            words = _after_options(rest, WRAPPERS[name], VALUELESS.get(name, set()))
        elif (name, rest[0] if rest else "") in RUNNERS:
            inner = rest[2:] if rest[:2] == ("tool", "run") else rest[1:]
            if name == "coverage" and "-m" in inner:
                inner = inner[inner.index("-m") + 1 :]
            valueless = {"-e", "-s", "-p"} if name == "coverage" else set()
            words = _after_options(inner, 0, valueless)
        elif name.startswith(PYTHONS) and "-m" in rest:
            words = rest[rest.index("-m") + 1 :]
        elif name.startswith(PYTHONS) and rest and rest[0].endswith(".py"):
            words = rest
        elif name == "pawl" and rest[:1] == ("run",) and "--" in rest:
            words = rest[rest.index("--") + 1 :]
        elif name in ("docker", "podman") and "run" in rest[:3]:
            return _contained(rest)
        else:
            return words
    return words


def _nested(words: tuple[str, ...]) -> tuple[str, ...] | Nested:
    errexit = pipefail = False
    for at, word in enumerate(words):
        if word == "pipefail":
            pipefail = True
        elif word[:1] == "-" and not word.startswith("--"):
            errexit |= "e" in word[1:]
            if "c" in word[1:]:
                text = words[at + 1] if at + 1 < len(words) else ""
                return Nested(text, errexit, pipefail)
        elif word[:1] not in ("-", "+"):
            return words[at:]
    return ()


def _contained(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command run in a container: from the first word that is a known program."""
    for at, word in enumerate(words):
        if at and (program(word) in PROGRAMS or program(word) in TASK_RUNNERS):
            return words[at:]
    return words


def purpose(words: tuple[str, ...]) -> Purpose | None:
    """Return what an unwrapped command checks, or None when it checks nothing."""
    if not words:
        return None
    name, rest = program(words[0]), words[1:]
    if name.startswith("cargo") and rest and rest[0].startswith("+"):
        rest = rest[1:]
    if _asks_only(name, rest):
        return None
    gate = _tool_gate(name, rest)
    if gate is not None:
        return Purpose(gate, _hollow(name, rest))
    task = _task(name, rest)
    if task is None:
        return _script(words[0], rest)
    found = next((each for each in map(target_gate, task[1]) if each), None)
    if found is None:
        return None
    targets = " ".join(task[1])
    return Purpose(found, _hollow(name, rest), f"{task[0]}:{targets}"[:120])


def _asks_only(name: str, rest: tuple[str, ...]) -> bool:
    """Say whether the arguments make the program tell something instead of checking."""
    told = set(rest[:1]) & set(NOT_WITH[""])
    if "--help" in rest or "--version" in rest or (told and name not in TASK_RUNNERS):
        return True
    if name == "go" and "-run" in rest[:-1]:
        return rest[rest.index("-run") + 1] in ("^$", "XXX", "NONE", "none")
    return bool(set(rest) & set(NOT_WITH.get(name, ())))


def _tool_gate(name: str, rest: tuple[str, ...]) -> Gate | None:
    first = next((word for word in rest if not word.startswith("-")), "")
    both = f"{name} {first}"
    for known in (both, name):
        if known in FORMATTERS:
            return "lint" if set(rest) & set(FORMATTERS[known]) else None
    for known in (both, name):
        if known in FAILS_ONLY_WITH:
            flags = FAILS_ONLY_WITH[known]
            if not any(word.partition("=")[0] in flags for word in rest):
                return None
    if name in SUBCOMMANDS:
        table = SUBCOMMANDS[name]
        for word in (*rest[:6], ""):
            if word in table:
                return table[word]
        if name == "semgrep" and "--error" in rest:
            return "security"
    if name == "semgrep":
        return None
    return PROGRAMS.get(name)


def _hollow(name: str, rest: tuple[str, ...]) -> str | None:
    pairs = {f"{word} {rest[at + 1]}" for at, word in enumerate(rest[:-1])}
    for said in (*rest, *sorted(pairs)):
        if said in HOLLOW:
            return HOLLOW[said]
    for word in rest:
        if word in HOLLOW_SHORT.get(name, ()):
            return f"`{name} {word}` does not fail"
    return None


def _task(name: str, rest: tuple[str, ...]) -> tuple[str, tuple[str, ...]] | None:
    """Return `(runner, targets)` of a task runner's command."""
    if name not in TASK_RUNNERS:
        return None
    plain = _plain_words(name, rest)
    if name in ("npm", "pnpm", "yarn", "bun"):
        if plain[:1] in (("run",), ("run-script",), ("rum",)):
            return name, plain[1:2]
        if plain[:1] in (("t",), ("tst",)):
            return name, ("test",)
        if plain[:1] in (("workspace",), ("workspaces",)):
            plain = tuple(word for word in plain[1:] if word not in ("foreach", "run"))
            return name, plain[-1:]
        return name, plain[:1]
    if name in ("tox", "nox"):
        # A run without names runs the default environments, which are tests by convention.
        chosen = tuple(
            part for word in _values(rest, "-e", "-s", "-f", "--session") for part in word
        )
        known = [each for each in chosen if each[0] not in "$`" or target_gate(each)]
        return name, tuple(known) or ("tests",)
    if name in ("hatch", "pdm", "pixi", "composer", "mise"):
        return name, plain[1:2] if plain[:1] in (("run",), ("run-script",)) else plain[:1]
    return name, plain[:6]


def _plain_words(name: str, rest: tuple[str, ...]) -> tuple[str, ...]:
    plain: list[str] = []
    skip = False
    for word in rest:
        if word == "--":
            break
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = word in ("-C", "-f", "--prefix", "--filter", "-F", "--cwd", "-w", "-p", "--dir")
            skip = skip or (word == "-j" and name not in ("make", "gmake"))
        elif "=" not in word and not word.isdigit():
            plain.append(word)
    return tuple(plain)


def _values(rest: tuple[str, ...], *options: str) -> list[list[str]]:
    """Return the values of options: `-e py311,lint`, `-s=lint`, `-elint`."""
    found = []
    for at, word in enumerate(rest):
        name, equals, value = word.partition("=")
        if name in options:
            value = value if equals else rest[at + 1] if at + 1 < len(rest) else ""
        elif word[:2] in options and len(word) > 2:
            value = word[2:]
        else:
            continue
        found.append([part for part in value.split(",") if part])
    return found


def _script(word: str, rest: tuple[str, ...]) -> Purpose | None:
    """Judge a script of the repository by its name: `./ci/run-tests.sh`, `tools/lint.py`."""
    path = PurePosixPath(word)
    own = "/" in word or path.suffix in (".sh", ".py")
    if not own or word.startswith(("/usr", "/bin", "http")):
        return None
    gate = target_gate(path.stem) or target_gate(rest[0] if rest else "")
    return Purpose(gate, None, f"script:{word}"[:120]) if gate else None
