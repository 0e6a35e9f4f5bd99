"""A pipeline runs whatever version of an agent is the newest that day.

Bad: `uses: anthropics/claude-code-action@v1`, `npm install -g @anthropic-ai/claude-code`,
`curl https://claude.ai/install.sh | bash`, `npx -y @openai/codex exec …`. A tag moves, and a
package without a version is what was published last: options change under the pipeline, and
whoever takes over the publisher's account runs code beside your secrets.

Instead: the commit of the action (40 hex digits, the tag in a comment), and an exact version of
the program (`@anthropic-ai/claude-code@2.1.329`).
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.ci_hits import hit_on, written_here
from pawl.assets.ci_knowledge import known
from pawl.assets.flow import Flow, Step
from pawl.assets.rule import Hit, Rule
from pawl.assets.shell_commands import Command
from pawl.assets.step_commands import commands_of_step
from pawl.base.finding import Confidence, Severity
from pawl.base.patterns import regex
from pawl.parsing.ci.commands import program

_COMMIT = regex(r"[0-9a-f]{40}")
_EXACT = regex(r"(?:@|==|#)v?\d+\.\d+[\w.+-]{0,60}$|[@=]\$|@\$?\{|==\$")
_NUMBER = regex(r"v?\d+\.\d+\.\d+[\w.-]{0,40}|\$.{1,80}")
_INSTALLERS = frozenset(
    {"npm", "npx", "pnpm", "pnpx", "yarn", "bun", "bunx", "pip", "pip3", "pipx", "uv", "uvx",
     "python", "python3", "brew", "volta"}
)  # fmt: skip
_MOVING = frozenset({"", "latest", "preview", "nightly", "next", "stable", "beta", "alpha"})


def _check(assets: Assets) -> Iterator[Hit]:
    for agent in written_here(assets):
        use, action = agent.use, agent.use.action
        if action is None or use.step.uses.startswith("."):
            continue
        if _COMMIT.fullmatch(use.step.ref) is None:
            named = f"@{use.step.ref}" if use.step.ref else ""
            yield hit_on(agent, f"{use.step.uses}{named[:80]} is no commit.", subject="action")
        name = action.version_input
        if name and use.step.inputs.get(name, "").strip() in _MOVING:
            said = f"`{name}` names no version"
            yield hit_on(agent, f"{said}, so that the newest program is run.", subject=name)
    for flow in assets.agent_flows:
        for job, step in flow.steps():
            for line, what in dict.fromkeys(_installs(flow, step)):
                message = f"{what} is installed without an exact version."
                yield Hit(path=flow.path, line=line, message=message, subject=f"{job.id} {what}")


def _installs(flow: Flow, step: Step) -> Iterator[tuple[int | None, str]]:
    """Yield the lines on which a step installs an agent of no exact version, and which."""
    packages = {each.package for each in known().programs.values() if each.package}
    sites = [each.installer for each in known().programs.values() if each.installer]
    if not any(name in step.run for name in (*packages, *sites)):
        return
    for command in commands_of_step(step):
        words = command.texts
        if not words:
            continue
        site = next((each for each in sites if any(each in word for word in words[:8])), None)
        if site is not None and program(words[0]) in ("curl", "wget") and not _told(command):
            yield step.line_of(command.line), site
        if not any(program(word) in _INSTALLERS for word in words[:4]):
            continue
        for word in words[1:]:
            name = _package(word)
            if name in packages and not _EXACT.search(word):
                yield step.line_of(command.line), name


def _package(word: str) -> str:
    """Return the package that a word names, without its version or extras."""
    scope = word[:1] == "@"
    bare = word[1:] if scope else word
    for sign in ("@", "==", "[", ">", "~", "#"):
        bare = bare.partition(sign)[0]
    return f"@{bare}" if scope else bare


def _told(command: Command) -> bool:
    """Say whether the shell that runs an installer is told a version."""
    return any(_NUMBER.fullmatch(word) for words in command.reads for word in words[1:])


RULE = Rule(
    title="An agent in a pipeline has no exact version",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.WORKFLOW}),
    check=_check,
    source="https://docs.github.com/en/actions/reference/security/secure-use",
    as_of="2026-11-21",
    hint="Name the commit of the action, and an exact version of the program.",
)
