"""A skill or command allows itself any command, or to write any file.

Bad: `allowed-tools: Bash, Read`, `allowed-tools: Bash(python *)`. What stands there runs without a
question for as long as the skill is used. The list takes nothing away: it only stops questions.
`Bash` without a pattern is every command; an interpreter runs any other program.

Instead: name the commands it needs (`Bash(git diff *)`, `Bash(npm test)`), and let writes be asked
for.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.judgement import roles
from pawl.assets.pages import Mention, Page
from pawl.assets.profiles import is_claude, is_read
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.base.patterns import regex
from pawl.parsing.ci.commands import PYTHONS, SHELLS, program
from pawl.parsing.permission_rules import judge_rule

_RUNNERS = frozenset({*SHELLS, *PYTHONS, "node", "deno", "bun", "ruby", "perl", "php", "npx"})
_RUNNERS |= {"bunx", "uvx", "pipx"}
_TEXT = frozenset({"-c", "-lc", "-e", "--eval", "eval", "-p", "-r"})
"""Options by which an interpreter takes a program as text."""
_BLANK = regex(r"[\s:]")


def _check(assets: Assets) -> Iterator[Hit]:
    for page in (*assets.skills, *assets.commands):
        if is_read(page) and is_claude(page):
            yield from _of(page)


def _of(page: Page) -> Iterator[Hit]:
    told: set[str] = set()
    for tool in page.tools("allowed-tools") or ():
        why = _wide(tool)
        if why is not None and tool.text not in told:
            told.add(tool.text)
            yield Hit(
                path=page.path,
                line=tool.line,
                message=f"`{tool.text[:80]}` is allowed without a question: {why}.",
                subject=tool.text[:100],
            )


def _wide(tool: Mention) -> str | None:
    if tool.text in roles().writes:
        return "it may change any file of the project"
    judged = judge_rule(tool.text)
    return judged.wide if judged.unbound and not _names_program(tool.text) else None


def _names_program(rule: str) -> bool:
    """Say whether a rule for an interpreter or a runner of packages says what that is to run."""
    words = [word for word in _BLANK.split(rule.partition("(")[2].rstrip(")")) if word]
    if not words or program(words[0]) not in _RUNNERS or _TEXT & set(words):
        return False
    return any(not word.startswith("-") and "*" not in word for word in words[1:])


RULE = Rule(
    title="A skill or command allows itself any command or any write",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SKILL, Kind.COMMAND}),
    check=_check,
    source="https://code.claude.com/docs/en/skills",
    as_of="2026-11-21",
    hint="Name the commands that it needs, such as `Bash(git diff *)`.",
    products=("claude-code",),
)
