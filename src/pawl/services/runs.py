"""Run an agent inside limits and leave a record, whatever happens."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from pawl.base.errors import Refused, Unavailable
from pawl.runs import config, outcome, supervise
from pawl.runs.agent import Agent, Launch, World
from pawl.runs.attempts import joined, remaining, total, without_contents
from pawl.runs.limits import Used
from pawl.runs.outside import Signalled, Surroundings
from pawl.runs.record import Outcome, RunRecord
from pawl.runs.spec import RunSpec
from pawl.runs.state import State
from pawl.services.run_agents import find_agent
from pawl.services.run_around import Around, ProcessTree, Shown, Watching
from pawl.services.run_books import Books, Folder, Records, ended_event, put_in_order
from pawl.services.run_environment import agent_environment
from pawl.services.run_loop import Attempt, Finished
from pawl.services.run_refused import own_event, refuse, terms
from pawl.services.run_shell import Shell
from pawl.telemetry.content import Gathered, gather_from
from pawl.telemetry.event import Attribution, Event, Kind
from pawl.telemetry.usage import ZERO

if TYPE_CHECKING:
    from pawl.services.budgeting import Plan
    from pawl.services.contents import Keeping


class Ran(msgspec.Struct, frozen=True):
    """A finished run: what is told of it, and what goes to stdout as it is.

    `told` are the warnings that were shown while it ran.
    """

    record: RunRecord
    handback: bytes | None = None
    told: tuple[str, ...] = ()


def run(shell: Shell, asked: config.Asked, shown: Shown, report: Callable[[Ran], bytes]) -> Ran:
    """Supervise one run from the question to the record.

    `report` turns the result into the bytes for stdout; they are written once everything is
    durable. Raises PawlError for what is wrong before anything is started and cannot be
    recorded as a refusal: a bad file, or a data folder that takes nothing.
    """
    around = shell.surroundings()
    settings = _settings(around)
    terms = config.terms(
        asked,
        settings,
        fork=around.fork,
        ours=around.settings_from_base,
        place=around.settings_place,
    )
    spec = RunSpec(
        run_id=asked.run_id or shell.new_run_id(),
        command=asked.command,
        agent=terms.agent or "unknown",
        cwd=around.folder,
        limits=terms.limits,
        loops=terms.loops,
        tools=terms.tools,
        untrusted=terms.untrusted,
        unpriced=terms.unpriced,
        attribution=_owners(around.attribution, terms.project),
    )
    try:
        agent = find_agent(asked.command, terms.agent)
        spec = msgspec.structs.replace(spec, agent=agent.product)
        launch = _prepare(shell, spec, agent, around)
        shell.find_program(launch.argv[0], around.environment, around.folder)
    except Refused as error:
        with shell.watch() as watch:
            ran = Ran(refuse(shell, spec, error))
            watch.put("stdout", report(ran))
            _flush(watch)
            return ran
    plan = shell.budgets(around, settings, terms)
    return _Run(shell, spec, agent, around, terms, shown, plan, shell.keeping()).run(launch, report)


class _Run:
    def __init__(
        self,
        shell: Shell,
        spec: RunSpec,
        agent: Agent,
        around: Surroundings,
        terms: config.Terms,
        shown: Shown,
        plan: "Plan | None",
        keeping: "Keeping | None",
    ) -> None:
        self._shell = shell
        self._plan = plan
        self._keeping = keeping
        self._gathered: Gathered | None = None
        self._spec = spec
        self._agent = agent
        self._around = around
        self._terms = terms
        self._shown = shown
        self._books = Books(shell.records)
        self._trace = (shell.new_token(), shell.new_token()[:16])
        self._attempts = 0
        self._started = shell.now()

    def run(self, launch: Launch, report: Callable[[Ran], bytes]) -> Ran:
        # Signals are heard from before the first trace of the run to after the last, so none of
        # them can leave it without its record.
        with self._shell.watch() as self._watch:
            kept = msgspec.structs.replace(self._spec, command=self._spec.command[:1])
            folder = self._shell.folder(self._spec.run_id, msgspec.json.encode(kept))
            try:
                ran = self._supervised(launch, folder, report)
            except BaseException:
                self._books.finish()
                folder.release()
                raise
            return self._close_books(ran, folder)

    def _supervised(self, launch: Launch, folder: Folder, report: Callable[[Ran], bytes]) -> Ran:
        shell = self._shell
        self._open_spool()
        token = shell.new_token()
        hooks = shell.hooks(token, folder) if launch.refuses_tools else None
        try:
            self._keep([self._event(Kind.RUN_STARTED, self._started_attributes())])
            if hooks is not None:
                self._watch.listen(hooks)
            hook = (hooks.path, token) if hooks else None
            ran = self._started_or_refused(launch, hook, folder)
            self._end(ran.record, folder)
            self._watch.put("stdout", report(ran))
            _flush(self._watch)
            return ran
        finally:
            if hooks is not None:
                hooks.close()
            self._spool.close()

    def _open_spool(self) -> None:
        self._spool = self._shell.spool(self._spec.run_id)
        if self._keeping is not None:
            from pawl.services.run_contents import ContentSpool

            self._spool = kept = ContentSpool(self._spool, self._keeping, self._spec)
            self._gathered = kept.gathered

    def _started_or_refused(
        self, launch: Launch, hook: tuple[str, str] | None, folder: Folder
    ) -> Ran:
        try:
            return self._all_attempts(self._reserved(launch), hook, folder)
        except Refused as error:
            return Ran(outcome.refused(self._spec, str(error), started=self._started))

    def _reserved(self, launch: Launch) -> Launch:
        """Return the launch of a run that holds what the budgets ask for; raises Refused."""
        if self._plan is None:
            return launch
        shell, around = self._shell, self._around
        self._spec, launch, told = self._plan.reserve(
            self._spec,
            launch,
            lambda spec: _prepare(shell, spec, self._agent, around),
            lambda: self._put_in_order(shell.records),
            around.actor,
            self._started,
        )
        for text in told:
            self._say(text)
        return launch

    def _put_in_order(self, records: Callable[[], Records]) -> None:
        """Put in order what dead supervisors left: what they reserved comes back, too."""
        shell = self._shell
        with shell.ordering():
            left = shell.abandoned()
            if left:
                put_in_order(
                    left,
                    records(),
                    now=shell.now,
                    open_spool=shell.spool,
                    kill_marked=shell.kill_marked,
                )

    # -- attempts ---------------------------------------------------------------------------

    def _all_attempts(self, launch: Launch, hook: tuple[str, str] | None, folder: Folder) -> Ran:
        tree = self._shell.tree()
        so_far: RunRecord | None = None
        told: tuple[str, ...] = ()
        used = Used()
        spec = self._spec
        while True:
            self._attempts += 1
            environment = agent_environment(
                self._around.environment, spec, launch, trace=self._trace, hook=hook
            )
            state, finished = self._attempt(spec, launch, environment, tree, folder)
            last = outcome.assemble(
                spec,
                state,
                finished.conclusion,
                finished.exit,
                ended=self._shell.now(),
                processes=finished.processes,
                warnings=finished.warnings,
            )
            record = joined(so_far, used, last, attempts=self._attempts)
            told += tuple(state.warnings)
            ran = Ran(record, finished.conclusion.handback, told)
            used = total(used, state.used)
            wait_s = self._wait_before_next(last)
            left = remaining(self._spec.limits, used)
            if wait_s is None or left is None:
                return ran
            signal = self._pause(wait_s, last)
            if signal is not None:
                ended = msgspec.structs.replace(
                    record, outcome=Outcome.INTERRUPTED, signal=signal, error=None
                )
                return Ran(ended, ran.handback, told)
            so_far = record
            spec = msgspec.structs.replace(self._spec, limits=left)
            launch = _prepare(self._shell, spec, self._agent, self._around)

    def _attempt(
        self,
        spec: RunSpec,
        launch: Launch,
        environment: dict[str, str],
        tree: ProcessTree,
        folder: Folder,
    ) -> tuple[State, Finished]:
        shell = self._shell
        self._books.finish()  # No thread may run while the process forks.
        state = supervise.begin(
            spec, launch, shell.price, started=shell.now(), now=shell.monotonic()
        )
        around = Around(
            tree=tree,
            watch=self._watch,
            following=shell.following(),
            spool=self._spool,
            monotonic=shell.monotonic,
            now=shell.now,
            open_transcript=shell.open_transcript,
            on_disk_full=self._terms.on_disk_full,
        )
        reader = self._agent.reader(spec, launch)
        gather_from(reader, self._gathered)
        attempt = Attempt(state, launch, reader, around, self._shown)
        attempt.start(environment, self._around.folder)
        self._open_books(folder)
        return state, attempt.supervise()

    def _wait_before_next(self, last: RunRecord) -> float | None:
        wait_s = outcome.retry_delay(
            last, self._attempts, retries=self._terms.retries, chance=self._shell.chance()
        )
        if wait_s is None:
            return None
        if not self._shell.stdin_again():
            self._say("not tried again: the agent has read stdin, which cannot be read twice")
            return None
        return wait_s

    def _pause(self, wait_s: float, last: RunRecord) -> int | None:
        """Wait before another attempt; return the signal that ended the wait, if one did."""
        why = last.error.message if last.error else ""
        self._say(f"attempt {self._attempts} failed ({why}); the next starts in {wait_s:.1f} s")
        attributes = {"by": "pawl", "attempt": str(self._attempts + 1), "wait_s": f"{wait_s:.3f}"}
        if last.error and last.error.status is not None:
            attributes["status"] = str(last.error.status)
        self._keep([self._event(Kind.RETRY, attributes)])
        until = self._shell.monotonic() + wait_s
        while (left := until - self._shell.monotonic()) > 0:
            for happening in self._watch.wait(left):
                if isinstance(happening, Signalled):
                    return happening.number
        return None

    # -- ledger, spool, record --------------------------------------------------------------

    def _open_books(self, folder: Folder) -> None:
        shell, spec, started = self._shell, self._spec, self._started
        lock = folder.lock_path

        def start(records: Records) -> None:
            records.start(spec, self._around.actor, started, pid=shell.pid, lock_path=lock)
            if spec.limits.usd_micros is not None:
                # The table is read now, beside the agent, and not when its first answer is here.
                shell.price("", ZERO, started[:10])
            self._put_in_order(lambda: records)

        if self._attempts == 1:
            self._books.tell(start)

    def _end(self, record: RunRecord, folder: Folder) -> None:
        """Make the ending durable, in the run's folder first, then have the ledger told.

        The folder comes first because whoever finds it after a crash goes by it: an ending that
        had been told as an event alone would be told again as an interruption.
        """
        stored = without_contents(record)
        try:
            folder.keep_record(msgspec.json.encode(stored))
        except OSError as error:
            self._say(f"the record could not be kept in the run's folder: {error.strerror}")
        self._keep([ended_event(self._spec, stored, self._shell.now())])
        now = self._shell.now()

        def settle(records: Records) -> None:
            if stored.stop is not None:
                records.stop(stored.run_id, stored.stop, stored.ended_at or now)
            records.settle(stored, now)
            if self._plan is not None:
                self._plan.look(self._spec, stored, self._around.actor, now)

        self._books.tell(settle)

    def _close_books(self, ran: Ran, folder: Folder) -> Ran:
        self._books.finish()
        for text in self._plan.told if self._plan else ():
            self._say(text)
        _flush(self._watch)
        failure = self._books.failure
        if failure is None:
            folder.remove()
            return ran
        folder.release()
        text = f"The ledger could not be written, the next start tries again: {failure.message}"
        warned = (*ran.record.warnings, text)
        return Ran(msgspec.structs.replace(ran.record, warnings=warned), ran.handback, ran.told)

    def _keep(self, events: list[Event]) -> None:
        self._spool.append(events)
        try:
            self._spool.commit()
        except Unavailable:
            if self._terms.on_disk_full == "stop" and self._attempts == 0:
                raise
            self._spool.discard()

    def _event(self, kind: Kind, attributes: dict[str, str]) -> Event:
        number = f":{self._attempts}" if kind is Kind.RETRY else ""
        time = self._started if kind is Kind.RUN_STARTED else self._shell.now()
        return own_event(self._spec, kind, time, attributes, number)

    def _started_attributes(self) -> dict[str, str]:
        attributes = terms(self._spec)
        if "TRACEPARENT" not in self._around.environment:
            attributes["trace_id"] = self._trace[0]
        return attributes

    def _say(self, text: str) -> None:
        self._watch.put("stderr", f"pawl: {text}\n".encode(errors="replace"))


def _flush(watch: Watching) -> None:
    """Wait until our own output is taken; a signal or a reader that is gone ends that."""
    while watch.kept_bytes:
        if any(isinstance(each, Signalled) for each in watch.wait(1.0)):
            return


def _prepare(shell: Shell, spec: RunSpec, agent: Agent, around: Surroundings) -> Launch:
    world = World(
        environment=around.environment,
        home=around.home,
        session_uuid=shell.new_uuid(),
        hook_command=shell.hook_command,
        started=shell.now(),
        settings=shell.settings_texts(spec.command, spec.cwd),
    )
    return agent.prepare(spec, world)


def _settings(around: Surroundings) -> config.Settings:
    if around.settings is None:
        return config.Settings()
    # Only where there is a file: reading TOML takes a part of the start nobody else needs.
    from pawl.base.loading import load_toml

    return load_toml(around.settings, config.Settings, place=around.settings_place)


def _owners(found: Attribution, project: str | None) -> Attribution:
    return found if project is None else msgspec.structs.replace(found, project=project)
