"""Run a batch: many supervised runs beside each other, one durable result line an item.

An attempt is written into the journal before its supervisor starts, and what a killed batch left
in flight is looked at before anything new starts: a run that had ended is a result, any other is
undone, charged and started again.
"""

import msgspec

from pawl.base.errors import BadValue, PawlError
from pawl.base.money import MICROS_PER_USD
from pawl.runs.batch import Batch, decide
from pawl.runs.batch_ending import Summary, summary
from pawl.runs.batch_events import (
    Begun,
    Command,
    Conclude,
    Decline,
    Event,
    Finished,
    GiveBack,
    Halt,
    Rested,
    Rules,
    Start,
    Started,
    Why,
)
from pawl.runs.batch_item import Item, Template, command_of, stdin_of
from pawl.runs.batch_result import Ending, ending_of, lost
from pawl.runs.batch_resume import (
    read_journal,
    read_results,
    refuse_another_command,
    refuse_changed,
)
from pawl.runs.outside import Signalled
from pawl.runs.record import Outcome, RunRecord, read_record
from pawl.services.batch_world import Gone, Progress, World

LOOK_EVERY_S = 0.5
"""How often the progress is drawn while nothing happens."""
KILL_AFTER_S = 20.0
"""How much longer than its grace a supervisor may take to end before it is killed."""
_SIGTERM = 15
_ASKED_WRONGLY = 2
_INTERRUPTED = (130, 143)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What to do. `place` is the file of the items, `results` where their lines go, `flags` what
    every `pawl run` is told."""

    items: tuple[Item, ...]
    template: Template
    place: str
    results: str
    rules: Rules
    deadline_s: float | None = None
    flags: tuple[str, ...] = ()
    grace_s: float = 10.0


def run_batch(world: World, asked: Asked, progress: Progress) -> Summary:
    """Run what is left of a batch and return what it came to.

    Raises BadValue where the results are of another command or of edited items, BadFile for files
    that are no batch's, Unavailable when the disk takes nothing more; the runs are ended then and
    the batch can be resumed.
    """
    return _Call(world, asked, progress).run()


class _Call:
    def __init__(self, world: World, asked: Asked, progress: Progress) -> None:
        self._world, self._asked, self._progress = world, asked, progress
        self._batch = Batch(asked.items, asked.rules)
        self._item_of: dict[str, str] = {}
        self._began = world.monotonic()
        self._kill_at: float | None = None

    def run(self) -> Summary:
        batch, world = self._batch, self._world
        self._restore()
        resumed = batch.done
        try:
            self._take_in_flight()
            batch.begin_call()
            self._hear(0.0)  # Whoever asked to end meanwhile is heard before anything starts.
            self._progress.look(batch)
            while self._start_what_may() or batch.running:
                self._hear(self._patience())
                self._look_at_the_clock()
                self._progress.look(batch)
        except BaseException:
            self._wind_down()
            raise
        wall_ms = round(1000 * (world.monotonic() - self._began))
        return summary(batch, results=self._asked.results, resumed=resumed, wall_ms=wall_ms)

    # -- what an earlier call left --------------------------------------------------------------

    def _restore(self) -> None:
        files, asked = self._world.files, self._asked
        begun, events = read_journal(files.journal_lines(), f"{asked.results}.batch/journal.ndjson")
        told = read_results(files.result_lines(), asked.results)
        if begun is None and told:
            raise BadValue(
                "there are results and no journal, so nobody knows of which command.",
                place=asked.results,
                hint="Name another file with --out, or begin anew with --anew: what is there is"
                " kept under another name.",
            )
        refuse_another_command(begun, asked.template.digest, asked.results)
        refuse_changed(asked.items, told, asked.place)
        self._batch.restore(events, told)
        if begun is None:
            digest = asked.template.digest
            self._note(Begun(command_digest=digest, at=self._world.now()))
        kept = {each.run_id for each in told if each.record is not None}
        over = {e.run_id for e in events if isinstance(e, Started)} - set(
            self._batch.running.values()
        )
        for run_id in over:
            files.drop(run_id, keep_record=run_id in kept)

    def _take_in_flight(self) -> None:
        """Settle the attempts that were running when an earlier call died."""
        left = dict(self._batch.running)
        if not left:
            return
        self._world.settle_dead()
        adopted = 0
        for item, run_id in left.items():
            record = self._record(run_id)
            ending = None if record is None else ending_of(record)
            if ending is None or ending.outcome in (Outcome.INTERRUPTED, Outcome.REFUSED):
                cost = None if ending is None else ending.cost_micros
                self._do(GiveBack(item, run_id, cost))
            else:
                adopted += 1
                self._conclude(item, run_id, ending)
        self._progress.say(
            f"resumed: {len(left)} in flight when the last call ended, {adopted} of them had"
            f" finished, {len(left) - adopted} start again"
        )

    # -- the loop -------------------------------------------------------------------------------

    def _start_what_may(self) -> bool:
        """Start all that may start; return whether something is due later."""
        batch, asked = self._batch, self._asked
        while batch.halt is None and len(batch.running) < asked.rules.jobs:
            item = batch.next_item(self._world.monotonic())
            if item is None:
                return batch.next_due() is not None
            entry = batch.items[item]
            if entry.cwd is not None and not self._world.is_folder(entry.cwd):
                self._do(Decline(item, f"the folder {entry.cwd!r} cannot be entered."))
                continue
            run_id = self._world.new_run_id()
            why = self._do(Start(item, run_id, self._world.now()))
            if why is Why.BUDGET:
                if not batch.running:
                    self._stop(Halt(by="max-usd", detail="the next item's cap does not fit."))
                return False
            assert why is None
            self._spawn(entry, run_id)
        return False

    def _spawn(self, item: Item, run_id: str) -> None:
        asked, cap = self._asked, self._batch.standing[item.id].cap
        flags = asked.flags if cap is None else (*asked.flags, "--max-usd", _dollars(cap))
        try:
            pid = self._world.children.start(
                run_id,
                flags,
                command_of(asked.template, item, asked.place),
                folder=item.cwd,
                stdin=stdin_of(asked.template, item, asked.place),
            )
        except PawlError:
            self._item_of.pop(run_id)
            self._do(GiveBack(item.id, run_id, 0))
            raise
        self._world.files.started(run_id, pid)

    def _patience(self) -> float:
        now = self._world.monotonic()
        due, deadline = self._batch.next_due(), self._asked.deadline_s
        waits = [] if due is None else [due - now]
        if deadline is not None:
            waits.append(self._began + deadline - now)
        # What is past waits for something else: a free place, or the end of what runs.
        return min((LOOK_EVERY_S, *(each for each in waits if each > 0)))

    def _look_at_the_clock(self) -> None:
        now = self._world.monotonic()
        deadline = self._asked.deadline_s
        if deadline is not None and now - self._began >= deadline and self._kill_at is None:
            self._stop(Halt(by="deadline", detail="the time for the whole batch is over."))
            self._end_all(_SIGTERM)
        if self._kill_at is not None and now >= self._kill_at:
            self._world.children.kill_all()

    def _hear(self, timeout_s: float) -> None:
        for happening in self._world.children.wait(timeout_s):
            self._take(happening)

    def _take(self, happening: Gone | Signalled) -> None:
        if isinstance(happening, Signalled):
            number = happening.number
            self._stop(Halt(by="interrupted", detail=f"signal {number}.", signal=number))
            self._end_all(number)
        else:
            self._ended(happening)

    def _ended(self, gone: Gone) -> None:
        run_id = gone.run_id
        item = self._item_of.pop(run_id)
        record = self._record(run_id)
        if record is None:
            self._ended_without_record(item, gone)
            return
        ending = ending_of(record)
        if ending.outcome is Outcome.REFUSED:
            # Not about this item: a budget, a policy or a missing program refuses the next, too.
            self._do(GiveBack(item, run_id, 0))
            self._stop(Halt(by="refused", detail=ending.error or "the run was refused."))
        elif ending.outcome is Outcome.INTERRUPTED and self._kill_at is not None:
            self._do(GiveBack(item, run_id, ending.cost_micros))
        elif ending.outcome is Outcome.INTERRUPTED:
            self._conclude(item, run_id, msgspec.structs.replace(ending, transient=True))
        else:
            self._conclude(item, run_id, ending)

    def _ended_without_record(self, item: str, gone: Gone) -> None:
        """Settle an attempt nobody tells of: its supervisor was ended, or could not work at all.

        One that could not work, for a bad setting, a full disk or a broken installation, is no
        answer about its item, and the next would fare the same.
        """
        self._world.settle_dead()
        if self._kill_at is not None:
            self._do(GiveBack(item, gone.run_id, None))
        elif gone.status < 0 or gone.status in _INTERRUPTED:
            how = f"signal {-gone.status}" if gone.status < 0 else "an interruption"
            self._conclude(item, gone.run_id, lost(f"its supervisor was ended by {how}."))
        else:
            asked_wrongly = gone.status == _ASKED_WRONGLY
            self._do(GiveBack(item, gone.run_id, 0 if asked_wrongly else None))
            by = "asked-wrongly" if asked_wrongly else "supervisor"
            said = _last_words(gone.stderr) or f"`pawl run` exited with {gone.status}."
            self._stop(Halt(by=by, detail=said))

    # -- deciding and keeping -------------------------------------------------------------------

    def _conclude(self, item: str, run_id: str, ending: Ending) -> None:
        kept = self._world.files.kept_record(run_id) if ending.answer.cut else None
        self._do(Conclude(item, run_id, ending, self._world.chance(), kept))

    def _do(self, command: Command) -> Why | None:
        """Have a command decided and what it comes to made durable; return why it is refused."""
        decided = decide(self._batch, command, self._world.monotonic())
        if isinstance(decided, Why):
            assert decided is Why.BUDGET, f"{command} is refused: {decided}"
            return decided
        for event in decided:
            self._keep(event)
            self._batch.apply(event, self._world.monotonic())
            self._after(event)
        return None

    def _keep(self, event: Event) -> None:
        if isinstance(event, Finished):
            self._world.files.add_result(msgspec.json.encode(event.result) + b"\n")
        else:
            self._note(event)

    def _note(self, line: msgspec.Struct) -> None:
        self._world.files.add_journal(msgspec.json.encode(line) + b"\n")

    def _after(self, event: Event) -> None:
        files, limit = self._world.files, self._asked.rules.stop_after_failures
        if isinstance(event, Started):
            self._item_of[event.run_id] = event.item
        elif isinstance(event, Finished):
            result = event.result
            if result.run_id is not None:
                files.drop(result.run_id, keep_record=result.record is not None)
            self._progress.finished(result, self._batch)
            if limit is not None and self._batch.failures >= limit:
                failed = f"{self._batch.failures} items failed."
                self._stop(Halt(by="stop-after-failures", detail=failed))
        else:
            files.drop(event.run_id)
            if isinstance(event, Rested):
                self._progress.say(
                    f"{event.item}: {event.error or 'failed'}; next try in {event.wait_s:.1f} s"
                )

    def _stop(self, halt: Halt) -> None:
        before = self._batch.halt
        self._batch.stop(halt)
        if self._batch.halt is not before:
            rest = " Running items end first." if self._batch.running else ""
            self._progress.say(f"stopped by {halt.by}: {halt.detail}{rest}")

    def _end_all(self, number: int) -> None:
        self._world.children.tell_all(number)
        if self._kill_at is None:
            self._kill_at = self._world.monotonic() + self._asked.grace_s + KILL_AFTER_S

    def _wind_down(self) -> None:
        """End what runs before an error goes on; what it came to is found when resuming."""
        self._world.children.tell_all(_SIGTERM)
        left = len(self._item_of)
        until = self._world.monotonic() + self._asked.grace_s + KILL_AFTER_S
        while left > 0 and (wait := until - self._world.monotonic()) > 0:
            happened = self._world.children.wait(wait)
            left -= sum(not isinstance(each, Signalled) for each in happened)
        self._world.children.kill_all()

    def _record(self, run_id: str) -> RunRecord | None:
        text = self._world.files.record(run_id)
        try:
            return None if text is None else read_record(text)
        except (msgspec.DecodeError, UnicodeDecodeError, PawlError):
            return None


def _dollars(micros: int) -> str:
    whole, rest = divmod(micros, MICROS_PER_USD)
    return f"{whole}.{rest:06d}"


def _last_words(stderr: str) -> str:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    return " ".join(lines[-2:])[:1000]
