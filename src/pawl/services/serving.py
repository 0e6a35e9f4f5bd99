"""What the server keeps going while it answers: the spool drained, transcripts imported.

Both run in threads of their own. A failure of either is kept and shown, never fatal: the pages
go on with what the store holds.
"""

import threading
import time
import traceback
from collections.abc import Callable

import msgspec

from pawl.base.errors import PawlError, Unavailable
from pawl.services.activity_pages import ActivityPages
from pawl.services.alert_server import AlertServer
from pawl.services.budget_desk import Desk
from pawl.services.cadence_server import CadenceServer
from pawl.services.change_pages import ChangePages
from pawl.services.changes import ChangeDesk
from pawl.services.drill_pages import DrillPages
from pawl.services.hooks import Hooks
from pawl.services.identity import Identity
from pawl.services.incident_pages import IncidentPages
from pawl.services.incident_server import IncidentServer
from pawl.services.incidents import IncidentDesk
from pawl.services.ingest import Ingest
from pawl.services.investigation_serving import ServedInvestigations
from pawl.services.ledger_keeper import LedgerKeeper
from pawl.services.maturity_pages import MaturityPages
from pawl.services.metering import Meter
from pawl.services.oncall_server import OnCallServer
from pawl.services.pages import ImportProgress, Pages
from pawl.services.rollout_server import RolloutServer
from pawl.services.signed_approvals import TakeSigned

DRAIN_EVERY_S = 1.0

REST_S = 0.05
"""Seconds between two drains at least."""

IMPORT_EVERY_S = 20.0
"""Seconds between two looks at the transcripts; one that finds nothing new costs a walk."""


class DrainState(msgspec.Struct, frozen=True, kw_only=True):
    """How the draining of the spool goes. `last` is the canonical instant of the last success."""

    rounds: int = 0
    events: int = 0
    last: str | None = None
    failure: str = ""


class Serving:
    """The pages with their upkeep.

    `drain` loads what the spool holds into the events store and returns the number of events;
    `import_machine` reads this machine's transcripts and reports progress as it goes, again every
    `import_every_s` seconds where that is given; `close` gives the store back. `ingest` takes in
    what senders of telemetry bring; without one nothing is taken. Drains begin `drain_every_s`
    apart. `identity` knows tokens and sessions, `changes` is the desk of changes and gates. `hooks`
    hear what machines send in with a proof of their own; `signed` takes what somebody signed.
    """

    def __init__(
        self,
        *,
        pages: Pages,
        drain: Callable[[], int],
        import_machine: Callable[[Callable[[ImportProgress], None]], None] | None = None,
        close: Callable[[], None] = lambda: None,
        import_every_s: float | None = None,
        drain_every_s: float = DRAIN_EVERY_S,
        maturity: MaturityPages | None = None,
        budgets: Desk | None = None,
        ingest: Ingest | None = None,
        alerts: AlertServer | None = None,
        activity: ActivityPages | None = None,
        meter: Meter | None = None,
        identity: Identity | None = None,
        changes: ChangeDesk | None = None,
        incidents: IncidentDesk | None = None,
        drills: DrillPages | None = None,
        hooks: Hooks | None = None,
        signed: TakeSigned | None = None,
        ledger: LedgerKeeper | None = None,
        rollouts: RolloutServer | None = None,
        change_pages: ChangePages | None = None,
        cadence: CadenceServer | None = None,
        incident_pages: IncidentPages | None = None,
        incident_server: IncidentServer | None = None,
        oncall: OnCallServer | None = None,
        investigations: ServedInvestigations | None = None,
    ) -> None:
        self.pages = pages
        self.maturity = maturity
        self.budgets = budgets
        self.ingest = ingest
        self.alerts = alerts
        self.activity = activity
        self.meter = meter
        self.identity = identity
        self.changes = changes
        self.incidents = incidents
        self.drills = drills
        self.hooks = hooks
        self.signed = signed
        self.ledger = ledger
        self.rollouts = rollouts
        self.change_pages = change_pages
        self.cadence = cadence
        self.incident_pages = incident_pages
        self.incident_server = incident_server
        self.oncall = oncall
        self.investigations = investigations
        self.progress = ImportProgress()
        self.drained = DrainState()
        self._drain = drain
        self._import = import_machine
        self._close = close
        self._import_every_s = import_every_s
        self._drain_every_s = drain_every_s
        self._ending = threading.Event()
        self._draining = threading.Lock()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start draining and importing in the background."""
        self._threads = [threading.Thread(target=self._keep_draining, name="pawl-drain")]
        if self._import is not None:
            self.progress = ImportProgress(state="running")
            self._threads.append(
                threading.Thread(target=self._keep_importing, name="pawl-import", daemon=True)
            )
        for thread in self._threads:
            thread.start()
        if self.alerts is not None:
            self.alerts.start()
        if self.ledger is not None:
            self.ledger.start()
        if self.rollouts is not None:
            self.rollouts.start()
        if self.cadence is not None:
            self.cadence.start()
        if self.incident_server is not None:
            self.incident_server.start()
        if self.oncall is not None:
            self.oncall.start()

    def stop(self) -> None:
        """End the threads (an import at its next report), drain once more, close the store.

        What was acknowledged to senders of telemetry is in the spool before that last drain.
        """
        self._ending.set()
        if self.ingest is not None:
            self.ingest.stop()
        if self.alerts is not None:
            self.alerts.stop()
        for thread in self._threads:
            thread.join(timeout=10)
        if self._threads:
            self.drain_once()
        self._threads = []
        if self.ledger is not None:
            self.ledger.stop()
        if self.rollouts is not None:
            self.rollouts.stop()
        if self.cadence is not None:
            self.cadence.stop()
        if self.incident_server is not None:
            self.incident_server.stop()
        if self.oncall is not None:
            self.oncall.stop()
        self._close()

    @property
    def ready(self) -> bool:
        """True once the store has been drained and while draining works."""
        return self.drained.rounds > 0 and not self.drained.failure

    def catch_up(self) -> None:
        """Load what the spool holds now; raises Unavailable when that fails."""
        self.drain_once()
        failure = self.drained.failure
        if failure:
            raise Unavailable(
                f"new events are not being loaded: {failure}",
                place="spool",
                hint="See the server's log, then try again.",
            )

    def drain_once(self) -> None:
        """Load what the spool holds now, and note how it went."""
        with self._draining:
            self._drain_and_note()

    def _drain_and_note(self) -> None:
        try:
            events = self._drain()
        except (PawlError, OSError) as error:
            self.drained = msgspec.structs.replace(self.drained, failure=str(error))
            return
        except Exception as defect:
            # The pages must say so, and the next round may succeed.
            traceback.print_exc()
            self.drained = msgspec.structs.replace(self.drained, failure=_told(defect))
            return
        self.drained = DrainState(
            rounds=self.drained.rounds + 1,
            events=self.drained.events + events,
            last=self.pages.now,
        )

    def import_once(self) -> str:
        """Read this machine's transcripts; return `done`, `failed`, or `running` when cut short."""
        assert self._import is not None
        try:
            self._import(self._report)
            self.drain_once()  # Whoever sees that it is done also sees what it brought.
            self.progress = msgspec.structs.replace(self.progress, state="done")
        except _Ended:
            pass
        except (PawlError, OSError) as error:
            self.progress = msgspec.structs.replace(
                self.progress, state="failed", message=str(error)
            )
        except Exception as defect:
            traceback.print_exc()
            self.progress = msgspec.structs.replace(
                self.progress, state="failed", message=_told(defect)
            )
        return self.progress.state

    def _keep_draining(self) -> None:
        """Begin a drain each `drain_every_s`, and while it takes longer, one after the other."""
        began = time.monotonic()
        self.drain_once()
        while not self._ending.wait(max(REST_S, self._drain_every_s - (time.monotonic() - began))):
            began = time.monotonic()
            self.drain_once()

    def _keep_importing(self) -> None:
        """Import once with progress for the page, then again and again, quietly."""
        self.import_once()
        while self._import_every_s is not None and not self._ending.wait(self._import_every_s):
            self.look_again()

    def look_again(self) -> None:
        """Read what is new in the transcripts; a failure is shown until a look succeeds."""
        assert self._import is not None
        try:
            self._import(self._stay_quiet)
        except _Ended:
            return
        except (PawlError, OSError) as error:
            self.progress = ImportProgress(state="failed", message=str(error))
        except Exception as defect:
            traceback.print_exc()
            self.progress = ImportProgress(state="failed", message=_told(defect))
        else:
            self.progress = msgspec.structs.replace(self.progress, state="done", message="")

    def _stay_quiet(self, progress: ImportProgress) -> None:
        if self._ending.is_set():
            raise _Ended

    def _report(self, progress: ImportProgress) -> None:
        if self._ending.is_set():
            raise _Ended
        self.progress = progress


def _told(defect: Exception) -> str:
    return f"A defect of Pawl's ({type(defect).__name__}); the server's log has the details."


class _Ended(Exception):
    """The server ends while an import runs; what was read so far is kept."""
