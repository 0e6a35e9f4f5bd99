"""One trial: a case becomes a sealed record of what an agent did in a throw-away workspace.

The agent is run as `pawl run` runs one: supervised, held to its limits, in the ledger. What a
trial adds is the place it works in, how it is held there, and the record. The network is off
unless the case says otherwise; where it cannot be, the trial does not run unless the user says so,
and the record says what really held.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

import msgspec

from pawl.base.errors import CannotTell
from pawl.base.redaction import redact
from pawl.evals.agent_needs import (
    Need,
    Needs,
    trial_environment,
    upstream_of,
    with_proxy,
)
from pawl.evals.assertion import wanted
from pawl.evals.canaries import masked
from pawl.evals.case import Case, case_digest, stimulus_digest
from pawl.evals.holding import CommandEnd, Hold, Seen, Ways
from pawl.evals.judging import Judge, judgement_of, question
from pawl.evals.record import (
    CommandExit,
    Ending,
    KeptFile,
    Manifest,
    Sandbox,
    Sight,
    Spent,
    Text,
    Trial,
    Workspace,
)
from pawl.evals.recording import texts_of
from pawl.evals.sealing import Sealed, seal
from pawl.evals.steering import AssetFiles, Steering, below
from pawl.evals.trial_ending import ending_of, limits_of, limits_told, sees_of, spent_of
from pawl.evals.workspace_diff import MAX_TEXT, difference
from pawl.runs.config import Asked
from pawl.runs.outside import Surroundings
from pawl.runs.record import Outcome, RunRecord
from pawl.services import runs
from pawl.services.run_around import Shown
from pawl.services.run_loop import PASSED_OVER
from pawl.services.run_shell import Shell
from pawl.services.trial_hearing import Heard, hearing
from pawl.services.trial_program import Order, Program, program_of, ways_of
from pawl.services.trial_setup import Place, Ready, set_up
from pawl.telemetry.event import TRIALS, Kind

MAX_KEPT = 256 * 1024
_MB = 1024 * 1024


class Holding(Protocol):
    """What holds one trial's programs."""

    def tree(self) -> Any:
        """Return the process tree of the agent, which is held and has the way out."""

    def run(
        self, command: str, *, folder: str, environment: Mapping[str, str], timeout_s: float
    ) -> CommandEnd:
        """Run a shell command, held, and without a way out."""

    def finish(self) -> Seen:
        """Return what was seen; no program starts after this."""


class TrialWorld(msgspec.Struct, frozen=True, kw_only=True):
    """Everything outside that a trial touches. `why_open` is why no network can be taken away."""

    place: Callable[[], AbstractContextManager[Place]]
    holding: Callable[[Hold, Ways], AbstractContextManager[Holding]]
    why_open: Callable[[], str]
    shell: Shell
    feed: Callable[[bytes], None]
    """Make bytes our own stdin, which is the agent's."""
    files: AssetFiles
    users: Mapping[str, str]
    """The user's environment."""
    needed: tuple[str, ...]
    """Folders outside of the place that an agent reads, such as the repository."""
    hidden: tuple[str, ...]
    """Folders that no agent is shown: the cases, with what they ask for, and their records."""
    new_token: Callable[[], str]
    needs: Needs
    host: str
    recorded_by: str
    judge: Judge | None = None
    ask: Callable[[Judge, bytes], bytes | None] = lambda *_: None
    """Ask a judge; None where it gave no answer."""


class _Went(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent did, as far as its own run told."""

    ending: Ending
    heard: Heard
    agent_sees: tuple[Sight, ...]
    final: str | None = None
    record: RunRecord | None = None


def run_trial(order: Order, world: TrialWorld) -> Sealed:
    """Run one trial and return its sealed record.

    Raises PawlError where nothing could be tried: a case that cannot be set up, an agent that is
    not known, a data folder that takes nothing. A run that was refused or broke leaves a record.
    """
    case = order.case
    steering = Steering(world.files)
    assets = steering.assets_of(case, order.folder)
    why_open = world.why_open()
    with world.place() as place:
        ready = set_up(case, order.folder, world.files, steering, place, world.new_token)
        program = program_of(order, ready.settings)
        environment = trial_environment(
            world.needs,
            program.product,
            world.users,
            place.homes,
            passed=order.passed,
            own=case.setup.env,
        )
        ways = ways_of(order, world.needs, program.product, environment, upstream_of(world.users))
        hold = _hold(case, place, world, why_open)
        refused = _refused(order, why_open)
        with world.holding(hold, ways) as holding:
            if hold.network == "none":
                environment = with_proxy(environment, ways.proxy_port)
            if order.null or refused:
                went = _nothing(refused)
            else:
                went = _ran(
                    order, program, world, _around(case, world, place, environment), holding, hold
                )
            after = _after(case, place, ready, world, holding, environment, run=not refused)
            seen = holding.finish()
        trial = _trial(order, program, assets, went, seen, hold, after, world)
        if went.record is not None:
            trial = _judged(order, trial, went.final, ready.tokens, world)
        return seal(trial, ready.tokens)


def _judged(
    order: Order, trial: Trial, final: str | None, tokens: Mapping[str, str], world: TrialWorld
) -> Trial:
    """Return a trial with what the judge said of it, where one was asked for.

    It is shown no canary and no secret: its model may be anybody's.
    """
    judge = world.judge
    rubrics = wanted(order.case).rubrics
    if judge is None or not rubrics:
        return trial
    shown = None if final is None else redact(masked(final, tokens))
    changed = tuple(masked(each.path, tokens) for each in trial.workspace.changes)
    found = []
    for rubric in rubrics:
        path = below(order.folder, rubric)
        text = world.files.content(path, MAX_TEXT)
        if text is None:
            raise CannotTell("The rubric of the case is missing.", place=f"{order.case.id}: {path}")
        asked = question(text.decode("utf-8", "replace"), order.case.run.prompt, shown, changed)
        found.append(judgement_of(judge, rubric, world.ask(judge, asked)))
    return msgspec.structs.replace(trial, judgements=tuple(found))


def _around(
    case: Case, world: TrialWorld, place: Place, environment: Mapping[str, str]
) -> Surroundings:
    """Return the surroundings of the agent: the user's, but in the throw-away place.

    The run is told apart as the work of an eval, so that its cost can be.
    """
    homes, users = place.homes, world.shell.surroundings()
    workflow = users.attribution.workflow or f"{TRIALS}{case.id}"
    return users._replace(
        environment=environment,
        folder=homes.workspace,
        home=homes.home,
        attribution=msgspec.structs.replace(users.attribution, workflow=workflow),
    )


def _hold(case: Case, place: Place, world: TrialWorld, why_open: str) -> Hold:
    homes = place.homes
    memory = case.setup.limits.mem_mb
    denied = case.setup.network == "deny" and not why_open
    return Hold(
        part=not why_open,
        network="none" if denied else "open",
        writable=homes,
        tmp=homes.temporary,
        needed=(*world.needed, homes.workspace.rpartition("/")[0]),
        hidden=world.hidden,
        memory=None if memory is None else memory * _MB,
    )


def _refused(order: Order, why_open: str) -> str:
    """Return why a trial does not run, or nothing."""
    if order.case.setup.network == "allow" or not why_open or order.network_open or order.null:
        return ""
    return (
        f"the case wants the network off, and {why_open}; with --network-open it runs with the"
        " network on, and its record says so"
    )


def _nothing(refused: str) -> _Went:
    if refused:
        return _Went(
            ending=Ending(outcome=Outcome.REFUSED, infra=refused), heard=Heard(), agent_sees=()
        )
    # Whoever does nothing is seen whole.
    every = tuple(Sight)
    ending = Ending(outcome=Outcome.SUCCEEDED, exit_status=0)
    return _Went(ending=ending, heard=Heard(), agent_sees=every, final="")


def _ran(
    order: Order,
    program: Program,
    world: TrialWorld,
    around: Surroundings,
    holding: Holding,
    hold: Hold,
) -> _Went:
    # What a fork's change brings along is what is to be tried, and where the agent is held it can
    # neither reach anybody nor leave anything behind. Else it is a run like any other.
    trusted = hold.part and hold.network == "none"
    case, heard = order.case, Heard()
    limits = limits_of(case.setup.limits, world.needs.wall_s, readable=program.readable)
    asked = Asked(
        command=program.argv,
        agent=program.product,
        limits=limits,
        retries=0,
        untrusted=False if trusted else None,
    )
    world.feed(program.stdin)
    shell = hearing(world.shell, heard, around, holding.tree)
    ran = runs.run(shell, asked, Shown.JSON, lambda _: b"")
    record = ran.record
    garbled = heard.lost or any(told.startswith(PASSED_OVER) for told in record.warnings)
    need: Need = world.needs.of(program.product)
    sees = set(need.sees)
    if need.hides_subagents and any(each.kind is Kind.SUBAGENT_STARTED for each in heard.events):
        sees -= {Sight.TOOLS, Sight.TOOL_ARGS, Sight.TOOL_RESULT, Sight.DENIALS}
    return _Went(
        ending=ending_of(record, readable=program.readable, events=heard.events),
        heard=heard,
        agent_sees=sees_of(record, sees, network=False, workspace=False, garbled=garbled),
        final=record.result,
        record=record,
    )


class _After(msgspec.Struct, frozen=True, kw_only=True):
    workspace: Workspace
    complete: bool
    commands: tuple[CommandExit, ...]


def _after(
    case: Case,
    place: Place,
    ready: Ready,
    world: TrialWorld,
    holding: Holding,
    environment: Mapping[str, str],
    *,
    run: bool,
) -> _After:
    """Look at what was left behind, then run the commands of the case in it."""
    wants = wanted(case)
    found = difference(
        ready.before, place.snapshot(), ready.old, lambda path: place.read(path, MAX_TEXT)
    )
    kept = tuple(_kept(path, place.read(path, MAX_KEPT + 1)) for path in wants.files)
    secret = {name for need in world.needs.agents.values() for name in need.credentials}
    bare = {name: value for name, value in environment.items() if name not in secret}
    commands = tuple(
        _command(
            each,
            holding.run(
                each,
                folder=place.homes.workspace,
                environment=bare,
                timeout_s=world.needs.command_s,
            ),
        )
        for each in (wants.commands if run else ())
    )
    return _After(
        workspace=Workspace(changes=found.changes, kept=kept),
        complete=found.complete,
        commands=commands,
    )


def _kept(path: str, content: bytes | None) -> KeptFile:
    if content is None:
        return KeptFile(path=path, text=None)
    text = content[:MAX_KEPT].decode("utf-8", "replace")
    return KeptFile(path=path, text=text, cut=len(content) > MAX_KEPT)


def _command(command: str, end: CommandEnd) -> CommandExit:
    output = end.output.decode("utf-8", "replace")
    return CommandExit(command=command, exit=end.status, timed_out=end.timed_out, output=output)


def _trial(
    order: Order,
    program: Program,
    assets: dict[str, str],
    went: _Went,
    seen: Seen,
    hold: Hold,
    after: _After,
    world: TrialWorld,
) -> Trial:
    case, record = order.case, went.record
    limits = limits_of(case.setup.limits, world.needs.wall_s, readable=program.readable)
    memory = case.setup.limits.mem_mb if seen.did("memory") else None
    network = hold.network == "none" and (seen.network_denied if record else True)
    sees = {*went.agent_sees}
    sees |= {Sight.NETWORK} if network and not seen.lost else set()
    sees |= {Sight.WORKSPACE} if after.complete and went.ending.outcome != "refused" else set()
    if not after.complete:
        sees -= {Sight.WORKSPACE}
    ending = went.ending
    if seen.failure and record is not None:
        broken = f"the sandbox could not be made: {seen.failure}"
        ending = msgspec.structs.replace(ending, infra=broken)
    models = record.models if record else ()
    sent = [f"{each.host}:{each.port}" for each in seen.egress]
    return Trial(
        manifest=Manifest(
            case=case.id,
            case_digest=case_digest(case),
            stimulus=stimulus_digest(case),
            assets=assets,
            agent=program.product,
            agent_version=record.agent_version if record else None,
            model=program.model or (models[0] if models else None),
            limits=dict(limits_told(limits, memory)) if record else {},
            sandbox=_sandbox(seen, hold, memory, ran=record is not None),
            host=world.host,
            recorded_by=world.recorded_by,
            recorded_at=world.shell.now(),
            sees=tuple(sight for sight in Sight if sight in sees),
            ending=ending,
            spent=spent_of(record) if record else Spent(),
        ),
        events=went.heard.events,
        texts=(
            *texts_of(went.heard.contents, went.final),
            *(Text(source="network", text=each) for each in (*sent, *seen.heads)),
        ),
        workspace=after.workspace,
        commands=after.commands,
        network=seen.egress,
    )


def _sandbox(seen: Seen, hold: Hold, memory: int | None, *, ran: bool) -> Sandbox:
    """Return what really held; of a trial in which nothing ran, what would have."""
    if not hold.part:
        return Sandbox(kind="none", network_denied=False, memory_mb=memory)
    files = seen.did("files") if ran else True
    kind = "linux-namespaces" if files else "linux-network-namespace"
    if hold.network == "open":
        return Sandbox(kind=f"{kind}-open", network_denied=False, memory_mb=memory)
    return Sandbox(kind=kind, network_denied=seen.network_denied if ran else None, memory_mb=memory)
