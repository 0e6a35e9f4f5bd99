"""How a hook's script refuses: by status 2, by an answer that the product reads, or by neither.

Statuses of shell scripts are found by reading them as a shell does, those of Python and Node by
the few calls that end a program. A status that is computed counts as one that may be 2.
"""

from functools import lru_cache

import msgspec

from pawl.assets.hook_programs import Language, commands_in
from pawl.base.patterns import regex
from pawl.parsing.shell_status import words_of

MAX_SCRIPT = 60_000
NEAR = 4
"""Lines before the end of a script among which it says why it ends."""
_READ = regex(
    r"[\"']permissionDecision\\?[\"']|[\"']behavior\\?[\"']\s{0,4}:|hookSpecificOutput"
    r"|[\"']decision\\?[\"']\s{0,4}[:=]\s{0,4}\\?[\"'](?:block|approve)"
    r"|[\"']?decision\\?[\"']?\s{0,4}:\s{0,4}\\?[\"']block"
    r"|[\"']?continue\\?[\"']?\s{0,4}:\s{0,4}[Ff]alse|[\"']decision[\"']\]\s{0,4}="
)
_UNREAD = regex(
    r"\\?[\"'](result|action|status|verdict|outcome|decision)\\?[\"']\s{0,4}:\s{0,4}"
    r"\\?[\"'](?:block|blocked|deny|denied|reject|rejected|refuse|refused)\\?[\"']"
    r"|\\?[\"'](allow|allowed|approved?)\\?[\"']\s{0,4}:\s{0,4}[Ff]alse\b"
    r"|\\?[\"'](block|blocked|deny|denied)\\?[\"']\s{0,4}:\s{0,4}[Tt]rue\b"
)
_SAYS = regex(
    r"(?i)\b(?:block(?:ed|ing)|den(?:y|ied|ying)|forbidden|not allowed|not permitted"
    r"|refus(?:ed|ing)|reject(?:ed|ing)|prohibited|disallowed|must not|may not)\b"
    r"|[\N{NO ENTRY SIGN}\N{NO ENTRY}\N{OCTAGONAL SIGN}]"
)
_TELLS = regex(r"\b(?:echo|printf|print|console\.(?:error|log)|write|cat)\b|>&2|stderr")
_ENDS = {
    "python": regex(r"(?:\bexit|SystemExit)\(\s{0,4}([^)\n]{0,60})\)"),
    "node": regex(r"process\.(?:exit\(|exitCode\s{0,4}=)\s{0,4}([^);\n]{0,60})"),
}


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """How a script refuses.

    `by_status` says that it may end with 2, `by_answer` that it prints what the product reads.
    `status_line` is where it says that something is refused and ends with 1, `unread` what it
    prints that nothing reads.
    """

    by_status: bool = False
    by_answer: bool = False
    status_line: int | None = None
    unread: str = ""


@lru_cache(maxsize=256)
def refusal_of(text: str, language: Language) -> Refusal:
    """Return how a script refuses; one that is too long may refuse in any way."""
    if len(text) > MAX_SCRIPT:
        return Refusal(by_status=True, by_answer=True)
    lines = [_uncommented(line, language) for line in text.split("\n")]
    bare = "\n".join(lines)
    ends = _shell_ends(text) if language == "shell" else _ends(bare, language)
    if ends is None:
        return Refusal(by_status=True, by_answer=True)
    wrong = next((at for at, status in ends if status == "1" and _is_told(lines, at)), None)
    unread = _UNREAD.search(bare)
    return Refusal(
        by_status=any(status not in ("", "0", "1", "False", "None") for _, status in ends),
        by_answer=_READ.search(bare) is not None,
        status_line=wrong,
        unread="" if unread is None else unread[0].replace("\\", ""),
    )


def _shell_ends(text: str) -> list[tuple[int, str]] | None:
    """Return where a shell script ends, with the status; None where it cannot be read."""
    commands = commands_in(text)
    if not commands and text.strip():
        return None
    found = []
    for each in commands:
        words = words_of(each)
        if words[:1] in (("exit",), ("return",)):
            found.append((each.line, words[1] if len(words) > 1 else ""))
        elif any("exit(" in word or "exit 2" in word for word in words):
            found.append((each.line, "$"))  # Another language within, or a trap.
    return found


def _ends(bare: str, language: Language) -> list[tuple[int, str]] | None:
    pattern = _ENDS.get(language)
    if pattern is None:
        return None
    return [
        (bare.count("\n", 0, match.start()) + 1, match[1].strip())
        for match in pattern.finditer(bare)
    ]


def _is_told(lines: list[str], at: int) -> bool:
    """Say whether the lines before a script's end say that something is refused."""
    before = lines[max(0, at - 1 - NEAR) : at]
    return any(_SAYS.search(line[:400]) and _TELLS.search(line[:400]) for line in before)


def _uncommented(line: str, language: Language) -> str:
    mark = "//" if language == "node" else "#"
    return "" if line.lstrip().startswith(mark) else line
