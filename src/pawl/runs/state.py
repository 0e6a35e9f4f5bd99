"""What the supervision of one run knows: read by the shell, changed only by `supervise.step`."""

from enum import StrEnum

from pawl.base.times import parse_time
from pawl.runs.agent import Exit, Launch
from pawl.runs.limits import Used
from pawl.runs.loop import Detector
from pawl.runs.meter import Meter, Metered, Price
from pawl.runs.record import Stop
from pawl.runs.spec import RunSpec


class Phase(StrEnum):
    """Where a run stands."""

    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    KILLING = "killing"
    ENDED = "ended"


class State:
    """All a run's supervision knows. Read it; only `step` changes it."""

    def __init__(self, spec: RunSpec, launch: Launch, price: Price, started: str, now: float):
        self.spec = spec
        self.launch = launch
        self.phase = Phase.STARTING
        self.meter = Meter(price)
        self.metered = Metered()
        self.used = Used()
        self.tool_calls: dict[str, int] = {}
        self.stop: Stop | None = None
        self.interrupted: int | None = None
        self.exit: Exit | None = None
        self.warnings: list[str] = []
        self.detector = Detector(spec.loops)
        self.started = parse_time(started)
        self.launched = started
        self.origin = self.began = self.heard = self.now = now
        self.kill_at: float | None = None
        self.events = 0
        self.calls: set[str] = set()
        self.responses: set[str] = set()
        self.subagents: set[str] = set()
        self.forbidden: dict[str, str] = {}
        """Calls outside the policy, by id, which the hook should have refused."""
        self.overshoot: Stop | None = None
        """A limit found over only after the run had ended by itself."""
