"""What an agent adapter is: pure functions that know one product.

An adapter turns a run's specification into a launch, and the bytes of the agent's output into
canonical events. It spawns nothing and reads no file, so recorded streams test it whole.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from pawl.base.errors import Refused
from pawl.runs.spec import RunSpec
from pawl.telemetry.event import Event, Source


class World(msgspec.Struct, frozen=True, kw_only=True):
    """What the shell found out for the adapter before a launch.

    `environment` is the user's environment, `home` the user's home directory, `session_uuid` a
    fresh UUID the adapter may give the agent's conversation, `hook_command` the argv that answers
    the agent's tool hook, `settings` the text of a settings file the command names (by the path
    as written), `started` the canonical time of the launch.
    """

    environment: Mapping[str, str]
    home: str
    session_uuid: str
    hook_command: tuple[str, ...]
    started: str
    settings: Mapping[str, str] = {}


class Transcript(msgspec.Struct, frozen=True, kw_only=True):
    """A file tree the agent writes while it runs, followed as a second source of usage.

    `root` is a directory and `pattern` a glob below it; `{session}` in either stands for the
    session id once it is known, `{session8}` for its first eight characters. `format` is an id in
    `pawl.telemetry.formats`. Only what is appended after the launch belongs to the run.
    """

    format: str
    root: str
    pattern: str


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """How to start the agent, and what to make of what it prints.

    `set_env` and `unset_env` change the child's environment. `streaming` says that stdout is a
    stream of JSON lines that the reader understands. `handback` names the output format the user
    asked for, in the product's own words; the adapter renders it at the end unless `verbatim`,
    when stdout passes through as it comes. `refuses_tools` says that the product asks our hook
    before each tool call. `warnings` are for the user.
    """

    argv: tuple[str, ...]
    set_env: Mapping[str, str] = {}
    unset_env: tuple[str, ...] = ()
    streaming: bool = False
    handback: str = "text"
    verbatim: bool = True
    hides: tuple[str, ...] = ()
    """Types of stream lines that Pawl asked for and the user did not; `Reader.hidden` says so of
    each line."""
    transcripts: tuple[Transcript, ...] = ()
    refuses_tools: bool = False
    subagent_tools: tuple[str, ...] = ()
    """Names of tools that start a sub-agent, so that one too many is refused beforehand."""
    free_tools: tuple[str, ...] = ()
    """Tools the product needs to answer at all; an allow-list need not name them."""
    turns_source: Source = Source.RUN
    """Where model responses of the main loop are counted: the stream, or a transcript."""
    calls_sources: tuple[Source, ...] = (Source.RUN, Source.TRANSCRIPT)
    """Who is believed on tool calls; both only where both name a call by the same id."""
    session_id: str | None = None
    warnings: tuple[str, ...] = ()


class Exit(msgspec.Struct, frozen=True, kw_only=True):
    """How the process ended: an exit code, or the signal that killed it; the tail of stderr."""

    code: int | None
    signal: int | None
    stderr_tail: str = ""
    stdout_text: str = ""
    """What the agent printed, bounded; only where it does not stream."""
    stdout_truncated: bool = False


class AgentError(msgspec.Struct, frozen=True, kw_only=True):
    """Why the agent failed, and whether another try can help."""

    class_: str = msgspec.field(name="class")
    """`transient`, `permanent` or `needs-user`."""
    message: str
    status: int | None = None


class Conclusion(msgspec.Struct, frozen=True, kw_only=True):
    """What the adapter makes of a finished process.

    `outcome` is `succeeded`, `agent_failed`, `unreadable` or `interrupted`; limits and refusals
    are Pawl's own and decided above. `handback` is what goes to stdout in the format the user
    asked for (None where the stream passed through as it came). `reported_micros` is the agent's
    own figure for this run alone; None when it told none.
    """

    outcome: str
    result: str | None = None
    structured_output: msgspec.Raw | None = None
    error: AgentError | None = None
    session_id: str | None = None
    agent_version: str | None = None
    turns: int | None = None
    reported_micros: int | None = None
    permission_denials: tuple[msgspec.Raw, ...] = ()
    handback: bytes | None = None
    warnings: tuple[str, ...] = ()


class Reader(Protocol):
    """A fold over one agent's stdout. It keeps state but touches nothing outside itself."""

    hidden: bool
    """Whether the line last fed is one that Pawl asked for and the user did not: where stdout
    passes through, leave it out (unless the user wants the agent's stream unchanged)."""

    def feed(self, line: bytes, time: str) -> list[Event]:
        """Return the events in one line (without its newline), seen at a canonical time.

        A line it cannot read is no error here: it is counted, and `conclude` tells.
        """

    def conclude(self, exit: Exit) -> Conclusion:
        """Return what the run came to, after the last line."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of headless work for any product; None is left to the product.

    `program` is the command name or path to start it by, `settings` the path of a settings file.
    The prompt goes to stdin: it may be longer than an argument, and process lists show those.
    """

    program: str
    model: str | None = None
    permission_mode: str | None = None
    settings: str | None = None
    arguments: tuple[str, ...] = ()

    def refuse(self, product: str, *names: str) -> None:
        """Raise Refused where one of these is asked for, since the product has no flag for it."""
        for name in names:
            if getattr(self, name) is not None:
                raise Refused(
                    f"{product} takes no {name.replace('_', ' ')} on its command line.",
                    place=name,
                    hint="Leave it out, or give the product's own flags as `arguments`.",
                )


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """One product. `binaries` are the command names it is recognised by.

    `prepare` raises `pawl.base.errors.Refused` when what was asked cannot be promised, such as
    an untrusted run of a product whose project settings cannot be kept from loading.
    """

    product: str
    binaries: tuple[str, ...]
    prepare: Callable[[RunSpec, World], Launch]
    reader: Callable[[RunSpec, Launch], Reader]
    headless: Callable[[Task], tuple[str, ...]] | None = None
    """The argv for a task whose prompt comes on stdin; None where nobody knows one."""
