"""A program of the operator's that rolls out and back, and one that says what is there.

`argv` is called to bring a state about, `read_back` to print it. Both get the order as JSON on
standard input and the most of it as variables: PAWL_INTENT, PAWL_CHANGE, PAWL_DIGEST, PAWL_KIND
(`start`, `advance` or `rollback`), PAWL_STAGE, PAWL_EXPOSURE, PAWL_SEQUENCE and PAWL_WANTED.
`argv` may be called more than once for one PAWL_INTENT and must then do nothing more.
`read_back` prints `{"parts": {component: part}}`, or `{"digests": {component: digest}}`. `timeout`
is for each call; what runs longer is killed with all that it started.
"""

from pawl.base.durations import parse_duration
from pawl.changes.executing import Order, Seen, Unreadable, seen_of, told
from pawl.world.commanded import program, run
from pawl.world.executor import Executor, ExecutorKind, NotExecuted, Opening

_TIMEOUT_S = 300.0


class _Command:
    def __init__(self, opening: Opening) -> None:
        settings, place = opening.settings, opening.place
        self._folder = settings.folder or opening.folder
        self._argv = program(settings.argv, self._folder, f"{place}.argv")
        self._reading = program(settings.read_back, self._folder, f"{place}.read_back")
        self._environment = {
            name: value
            for name, value in opening.environment.items()
            # What is Pawl's own, a token say, is for nobody below it.
            if not name.startswith("PAWL_")
        }
        self.timeout_s = (
            _TIMEOUT_S
            if settings.timeout is None
            else parse_duration(settings.timeout, place=f"{place}.timeout")
        )

    def call(self, order: Order) -> None:
        """Run the program; anything but status 0 is a failure."""
        self._run(self._argv, order, "The command")

    def read_back(self, order: Order) -> Seen:
        """Run the reading program and return what it prints."""
        printed = self._run(self._reading, order, "The read-back command")
        try:
            return seen_of(printed, order.components)
        except Unreadable as error:
            raise NotExecuted(f"The read-back command: {error}.") from error

    def _run(self, argv: tuple[str, ...], order: Order, what: str) -> bytes:
        done = run(
            argv,
            told(order),
            folder=self._folder,
            environment=self._environment | variables(order),
            mark=order.id,
            timeout_s=self.timeout_s,
        )
        if done.problem:
            raise NotExecuted(f"{what}: {done.problem}")
        return done.printed


def variables(order: Order) -> dict[str, str]:
    """Return the most of an order as variables of an environment."""
    return {
        "PAWL_CHANGE": order.change,
        "PAWL_DIGEST": order.digest,
        "PAWL_KIND": order.kind.value,
        # A stage's name is the author's; a null byte in it would keep the program from starting.
        "PAWL_STAGE": order.stage.replace("\0", ""),
        "PAWL_EXPOSURE": f"{order.exposure:g}",
        "PAWL_SEQUENCE": str(order.sequence),
        "PAWL_WANTED": order.wanted,
    }


def _open(opening: Opening) -> Executor:
    return _Command(opening)


EXECUTOR = ExecutorKind(title="Command", open=_open)
