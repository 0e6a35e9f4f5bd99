"""Judge one step: which of its commands can turn the build red, and what else it does."""

import msgspec

from pawl.parsing.ci.commands import Nested, Purpose, purpose, unwrap
from pawl.parsing.ci.deeds import (
    action_agent,
    action_delivery,
    agent,
    delivery,
    install,
)
from pawl.parsing.ci.pipeline import AgentCall, Gate, GateCommand, Install, Step
from pawl.parsing.ci.table import CHECKING_ACTIONS
from pawl.parsing.shell_fate import Ran, Shell, fates
from pawl.parsing.shell_words import Unreadable

MAX_GATES = 50
MAX_RUN_TEXT = 4000
"""Characters of a step's script that are kept for people to read."""
MAX_NESTED = 4
WEIGHT: tuple[Gate, ...] = ("test", "type", "lint", "security", "build", "agents")
ADVISORY = (
    "advisory", "allowed to fail", "allow failure", "non-blocking", "nonblocking", "informational",
    "experimental", "optional", "may fail", "best effort", "report only", "canary",
)  # fmt: skip


class Deeds(msgspec.Struct):
    """What the commands of one script do, while they are gathered."""

    gates: list[GateCommand] = []
    installs: list[Install] = []
    deploys: str | None = None
    agent: AgentCall | None = None


def says_advisory(*names: str) -> bool:
    """Say whether a step's or job's name tells readers that it only informs."""
    return any(word in name.lower() for name in names for word in ADVISORY)


def _same(gate: Purpose, hidden_by: tuple[str, ...]) -> bool:
    """Say whether the command that hides a failure is the same kind of gate, and can fail."""
    inner = unwrap(hidden_by)
    other = purpose(inner) if isinstance(inner, tuple) and inner else None
    return other is not None and other.gate == gate.gate and other.hollow is None


def judge_command(
    deeds: Deeds, ran: Ran, line: int | None, env: dict[str, str], depth: int
) -> None:
    """Add what one command does to what its script does."""
    at = None if line is None else line + ran.line - 1
    words = unwrap(ran.words)
    if isinstance(words, Nested):
        shell = Shell(words.errexit, words.pipefail)
        if depth < MAX_NESTED:
            judge_script(deeds, words.text, shell, at, env, ran.swallowed, depth + 1)
        return
    if not words:
        return
    found = purpose(words)
    if found is not None and len(deeds.gates) < MAX_GATES:
        swallowed = found.hollow or ran.swallowed
        if ran.hidden_by and not found.hollow and _same(found, ran.hidden_by):
            swallowed = None
        deeds.gates.append(
            GateCommand(
                gate=found.gate,
                command=" ".join(ran.words)[:160],
                line=at,
                swallowed=swallowed,
                task=found.task,
            )
        )
    run = install(words, env, at)
    if run is not None:
        deeds.installs.append(run)
    for command in (ran.words, words):
        wrapped = install(command, env, at) if command != words else None
        if wrapped is not None:
            deeds.installs.append(wrapped)
    deeds.deploys = deeds.deploys or delivery(words)
    deeds.agent = deeds.agent or agent(words, ran.words, at, ran.swallowed)


def judge_script(
    deeds: Deeds,
    text: str,
    shell: Shell,
    line: int | None,
    env: dict[str, str],
    outer: str | None = None,
    depth: int = 0,
) -> None:
    """Add what a script does; raises Unreadable."""
    for ran in fates(text, shell):
        told = msgspec.structs.replace(ran, swallowed=ran.swallowed or outer) if outer else ran
        judge_command(deeds, told, line, env, depth)


def judged(step: Step, shell: Shell | None, *, advisory: bool = False) -> Step:
    """Return a step with what its script or action does.

    `shell` is None for a script that is none of a POSIX shell's; it is then not looked into.
    """
    deeds = Deeds()
    problem = None
    if step.run and shell is not None:
        try:
            judge_script(deeds, step.run, shell, step.line, step.env)
        except Unreadable as error:
            deeds, problem = Deeds(), f"The script could not be followed: {error}."
        except RecursionError:
            deeds, problem = Deeds(), "The script is nested too deeply to be followed."
    if step.uses:
        _judge_action(deeds, step)
    whole = _step_wide(step)
    gates = tuple(
        msgspec.structs.replace(gate, swallowed=gate.swallowed or whole) for gate in deeds.gates
    )
    call = deeds.agent
    if call is not None:
        limit = call.timeout_minutes or step.timeout_minutes
        call = msgspec.structs.replace(
            call, timeout_minutes=limit, swallowed=call.swallowed or whole
        )
    primary = next((kind for kind in WEIGHT if any(g.gate == kind for g in gates)), None)
    reason = next((gate.swallowed for gate in gates if gate.swallowed), None)
    return msgspec.structs.replace(
        step,
        run=step.run[:MAX_RUN_TEXT],
        gate=primary,
        swallowed=reason,
        advisory=advisory or says_advisory(step.name),
        gates=gates,
        agent=call,
        installs=tuple(deeds.installs[:MAX_GATES]),
        deploys=deeds.deploys,
        problem=problem,
    )


def _step_wide(step: Step) -> str | None:
    """Return why nothing in a step counts, whatever its script does."""
    if step.continue_on_error:
        return "`continue-on-error` turns the step green"
    if says_never(step.condition):
        return "its condition is never true"
    return None


def says_never(condition: str) -> bool:
    """Say whether a condition is a constant false."""
    text = condition.strip().removeprefix("${{").removesuffix("}}").strip().lower()
    return text in ("false", "0", "''", "null", "!true", "1 == 0", "'false' == 'true'") or (
        text.startswith("false &&") or text.endswith("&& false")
    )


def _judge_action(deeds: Deeds, step: Step) -> None:
    name = step.uses.lower()
    gate = CHECKING_ACTIONS.get(name)
    if gate is None and name == "nick-fields/retry":
        shell = Shell(errexit=True, pipefail=False)
        try:
            judge_script(deeds, step.inputs.get("command", ""), shell, step.line, step.env)
        except Unreadable:
            return
    if gate is not None:
        deeds.gates.append(
            GateCommand(
                gate=gate, command=step.uses, line=step.line, swallowed=_hollow_inputs(step.inputs)
            )
        )
    deeds.deploys = deeds.deploys or action_delivery(step.uses)
    deeds.agent = action_agent(step.uses, step.inputs, step.line)


def _hollow_inputs(inputs: dict[str, str]) -> str | None:
    for name in ("args", "extra_args", "options"):
        for word in inputs.get(name, "").split():
            if word in ("--exit-zero", "--issues-exit-code=0", "--no-fail", "--soft-fail"):
                return f"`{word}` always ends with 0"
    for name in ("fail_on_error", "fail-on-error", "fail", "exit-code"):
        if inputs.get(name, "").strip().lower() in ("false", "0"):
            return f"`{name}: {inputs[name].strip()}` always ends with 0"
    return None
