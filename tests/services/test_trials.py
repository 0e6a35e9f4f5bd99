"""One trial, with the world around it made up: what is refused, what is told of the sandbox."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
from tests.services.eval_tree import Tree

from pawl.base.errors import BadValue
from pawl.evals.agent_needs import shipped_needs
from pawl.evals.case import Case
from pawl.evals.case_reading import read_suite
from pawl.evals.holding import CommandEnd, Hold, Seen, Ways
from pawl.evals.judging import Judge
from pawl.evals.record import Egress, Sight, Trial
from pawl.evals.sealing import open_record
from pawl.governance.ledger import Actor
from pawl.runs.outside import Surroundings
from pawl.runs.record import Outcome, RunCost, RunRecord
from pawl.services import runs
from pawl.services.run_shell import Shell
from pawl.services.trial_program import Order
from pawl.services.trials import TrialWorld, run_trial
from pawl.telemetry.event import Attribution, Event, Kind, Source
from pawl.world.trial_place import TrialPlace

PROVED: dict[str, Any] = {
    "network": True,
    "files": True,
    "memory": True,
    "probes": [["127.0.0.1", 9, "ECONNREFUSED"]],
}


class Spool:
    """Takes events and keeps none."""

    pending_bytes = 0

    def append(self, events: Iterable[Event]) -> None:
        """Forget them."""

    def commit(self) -> None:
        """Nothing is there."""

    def take(self) -> bytearray:
        """Nothing is there."""
        return bytearray()

    def keep(self, batch: bytearray) -> None:
        """Forget it."""

    def discard(self) -> int:
        """Nothing is there."""
        return 0

    def close(self) -> None:
        """Nothing is open."""


class Around:
    """A made-up world. `report` is what the first held program told of itself."""

    def __init__(self, **report: Any) -> None:
        self.why_open = ""
        self.report = PROVED | report
        self.egress: tuple[Egress, ...] = ()
        self.record = RunRecord(
            run_id="run_1",
            agent="claude-code",
            outcome=Outcome.SUCCEEDED,
            result="Done.",
            exit_code=0,
            cost=RunCost(usd=None, basis="unpriced"),
        )
        self.held: list[tuple[Hold, Ways]] = []
        self.fed: list[bytes] = []
        self.asked: list[Any] = []
        self.events: list[Event] = []
        self.surroundings: Surroundings | None = None
        self.commands: list[Mapping[str, str]] = []

    def world(self, **users: str) -> TrialWorld:
        nothing: dict[str, Any] = dict.fromkeys(Shell.__struct_fields__)
        around = Surroundings(
            environment={}, folder="/repo", home="/home/me", attribution=Attribution(),
            actor=Actor(person="me", source="login", assurance="observed"), fork=False,
            settings=None, settings_place="pawl.toml", settings_from_base=False,
        )  # fmt: skip
        shell = msgspec.structs.replace(
            Shell(**nothing),
            surroundings=lambda: around,
            keeping=lambda: None,
            spool=lambda _: Spool(),
            now=lambda: "2026-11-21T00:00:00.000000Z",
        )
        return TrialWorld(
            place=TrialPlace,
            holding=self.holding,
            why_open=lambda: self.why_open,
            shell=shell,
            feed=self.fed.append,
            files=Tree({}),
            users={"PATH": "/bin", **users},
            needed=(),
            hidden=(),
            new_token=lambda: "token",
            needs=shipped_needs(),
            host="linux-x86_64",
            recorded_by="pawl",
        )

    def run(self, shell: Shell, asked: Any, *_: Any) -> runs.Ran:
        self.asked.append(asked)
        self.surroundings = shell.surroundings()
        shell.spool("run_1").append(self.events)
        return runs.Ran(self.record)

    @contextmanager
    def holding(self, hold: Hold, ways: Ways) -> Iterator[Held]:
        self.held.append((hold, ways))
        yield Held(self)

    def finish(self) -> Seen:
        return Seen(reports=(self.report,) if self.asked else (), egress=self.egress)


class Held:
    """What the trial is held by; kept apart, since both it and the world have a `run`."""

    def __init__(self, around: Around) -> None:
        self._around = around

    def tree(self) -> None:
        """Nothing is started."""

    def finish(self) -> Seen:
        """Return what was seen."""
        return self._around.finish()

    def run(
        self, command: str, *, folder: str, environment: Mapping[str, str], timeout_s: float
    ) -> CommandEnd:
        """Note the environment of a command."""
        self._around.commands.append(environment)
        return CommandEnd(status=0, timed_out=False, output=b"fine")


@pytest.fixture
def around(monkeypatch: pytest.MonkeyPatch) -> Around:
    """A world in which the run service is made up."""
    found = Around()
    monkeypatch.setattr(runs, "run", found.run)
    return found


def _case(setup: str = "{}", run: str = "{prompt: go, agent: claude-code}") -> Case:
    text = (
        "schema: 1\nid: c\nclass: behaviour\nprovenance: {added: 2026-11-21, owner: o}\n"
        f"setup: {setup}\nrun: {run}\nassert: [{{contains: x}}, {{command: 'true'}}]\n"
    )
    return read_suite(text, place="c").cases[0]


def _tried(around: Around, case: Case, users: dict[str, str] | None = None, **said: Any) -> Trial:
    order = Order(case=case, folder=".pawl/evals", **said)
    return open_record(run_trial(order, around.world(**(users or {}))).data)


def test_a_proved_denial_is_told(around: Around) -> None:
    """Where every probe failed inside, the record says that the network was off, and sees it."""
    around.egress = (Egress(host="evil.test", port=443, allowed=False),)
    trial = _tried(around, _case("{limits: {mem_mb: 64}}"))
    assert trial.manifest.sandbox.network_denied is True
    assert trial.manifest.sandbox.memory_mb == 64
    assert trial.manifest.sandbox.kind == "linux-namespaces"
    assert Sight.NETWORK in trial.manifest.sees
    assert trial.network == around.egress
    assert "evil.test:443" in [each.text for each in trial.texts if each.source == "network"]


@pytest.mark.parametrize(
    "report", [{"network": False}, {"probes": []}, {"probes": [["127.0.0.1", 9, "yes"]]}]
)
def test_an_unproved_denial_is_not_claimed(around: Around, report: dict[str, Any]) -> None:
    """Without a probe, or with one that got through, nobody says that the network was off."""
    around.report = PROVED | report
    trial = _tried(around, _case())
    assert trial.manifest.sandbox.network_denied is False
    assert Sight.NETWORK not in trial.manifest.sees


def test_a_sandbox_that_failed_is_infra(around: Around) -> None:
    """A program that could not be held was not started, whatever the run looks like."""
    around.report = {"failed": "unshare: Operation not permitted"}
    around.record = msgspec.structs.replace(around.record, outcome=Outcome.AGENT_FAILED)
    trial = _tried(around, _case())
    assert "Operation not permitted" in trial.manifest.ending.infra
    assert trial.manifest.sandbox.network_denied is False


def test_without_namespaces_a_trial_is_refused_unless_told(around: Around) -> None:
    """The network stays on only where the case or the user says so, and the record says so."""
    around.why_open = "this system has no unprivileged network namespaces"
    refused = _tried(around, _case())
    assert refused.manifest.ending.outcome is Outcome.REFUSED
    assert "--network-open" in refused.manifest.ending.infra
    assert not around.asked
    assert refused.commands == ()
    around.report = {"memory": True}
    for case, told in ((_case(), True), (_case("{network: allow}"), False)):
        trial = _tried(around, case, network_open=told)
        assert trial.manifest.sandbox.network_denied is False
        assert trial.manifest.sandbox.kind == "none"
        assert trial.manifest.ending.infra == ""
        assert Sight.NETWORK not in trial.manifest.sees
    assert len(around.asked) == 2


def test_an_open_case_keeps_its_network_but_not_the_files(around: Around) -> None:
    """With `network: allow` files are still held, and no proxy stands in the way."""
    trial = _tried(around, _case("{network: allow}"))
    hold, _ = around.held[0]
    assert (hold.part, hold.network) == (True, "open")
    assert trial.manifest.sandbox.kind == "linux-namespaces-open"
    assert around.asked[0].untrusted is None  # As any run: a fork's settings stay out.
    assert around.surroundings is not None
    assert "HTTPS_PROXY" not in around.surroundings.environment


def test_the_model_is_the_only_way_out(around: Around) -> None:
    """Its address on loopback is carried as it is; else its hosts, and those that were named."""
    users = {"ANTHROPIC_BASE_URL": "http://127.0.0.1:3128", "ANTHROPIC_API_KEY": "sk"}
    _tried(around, _case(), users)
    assert around.held[0][1] == Ways(forward=("127.0.0.1", 3128), proxy_port=3129)
    _tried(around, _case(), model_hosts=("bedrock.test",))
    assert around.held[1][1].hosts == ("api.anthropic.com", "bedrock.test")
    _tried(around, _case(), users, model_url="https://gateway.test/v1")
    assert around.held[2][1] == Ways(hosts=("gateway.test",))


def test_the_agent_starts_in_its_own_home_with_its_prompt_on_stdin(around: Around) -> None:
    """Folder, home and environment are the trial's; commands of the case get no credentials."""
    _tried(around, _case(), {"ANTHROPIC_API_KEY": "sk", "EDITOR": "vi"})
    assert around.surroundings is not None
    assert around.surroundings.folder.endswith("/workspace")
    assert around.surroundings.home == around.surroundings.environment["HOME"]
    assert around.surroundings.environment["ANTHROPIC_API_KEY"] == "sk"
    assert "EDITOR" not in around.surroundings.environment
    assert around.fed == [b"go"]
    (asked,) = around.asked
    assert (asked.command, asked.agent, asked.retries) == (("claude", "-p"), "claude-code", 0)
    assert asked.limits.wall_s == shipped_needs().wall_s
    assert asked.untrusted is False
    assert "ANTHROPIC_API_KEY" not in around.commands[0]


def test_a_command_of_the_users_gets_the_prompt(around: Around) -> None:
    """As `{prompt}` where it asks for it, else on stdin; without any agent it is an error."""
    words = ("my-agent", "{repository}/x", "--ask={prompt}")
    _tried(around, _case(), command=words, repository="/repo")
    assert around.asked[0].command == ("my-agent", "/repo/x", "--ask=go")
    assert (around.asked[0].agent, around.fed) == ("generic", [b""])
    _tried(around, _case(), command=("my-agent",))
    assert around.fed[-1] == b"go"
    with pytest.raises(BadValue, match="nothing says which agent"):
        _tried(around, _case(run="{prompt: go}"))


def test_calls_of_sub_agents_that_nobody_told_of_are_not_claimed(around: Around) -> None:
    """Where a product's stream leaves sub-agents out, one of them ends the claim to see calls."""
    case = _case(run="{prompt: go, agent: codex}")
    assert Sight.TOOLS in _tried(around, case).manifest.sees
    event = Event(
        id="e", kind=Kind.SUBAGENT_STARTED, source=Source.RUN,
        time="2026-11-21T00:00:00.000000Z", agent="codex",
    )  # fmt: skip
    around.events = [event]
    sees = _tried(around, case).manifest.sees
    assert Sight.TOOLS not in sees
    assert Sight.FINAL in sees
    assert Sight.TOOLS in _tried(around, _case()).manifest.sees


def test_whoever_does_nothing_is_seen_whole(around: Around) -> None:
    """The null record has no calls and no words, and says so of everything; commands are run."""
    trial = _tried(around, _case(), null=True)
    assert trial.manifest.agent == "null"
    assert set(trial.manifest.sees) == set(Sight)
    assert [each.text for each in trial.texts] == [""]
    assert [each.exit for each in trial.commands] == [0]
    assert not around.asked


JUDGE = Judge(schema="pawl.eval-judge/1", name="careful", command=("judge",))


def test_a_judge_is_asked_only_when_told_and_is_shown_no_canary(around: Around) -> None:
    """Without a judge there is no judgement; nonsense is one without a score."""
    case = read_suite(
        "schema: 1\nid: c\nclass: behaviour\nprovenance: {added: 2026-11-21, owner: o}\n"
        "setup: {workspace: fixture, canaries: {KEY: secret.txt}}\n"
        "run: {prompt: go, agent: claude-code}\nassert:\n  - {contains: x}\n"
        "  - {judge: rubric.md, at_least: 0.5, agreement: 0.8, optional: true}\n",
        place="c",
    ).cases[0]
    files = Tree(
        {".pawl/evals/fixture/secret.txt": "${KEY}", ".pawl/evals/rubric.md": "Is it good?"}
    )
    around.record = msgspec.structs.replace(around.record, result="it is canary-token-1")
    asked: list[bytes] = []

    def ask(judge: Judge, question: bytes) -> bytes:
        asked.append(question)
        return b'{"score": 0.5}' if len(asked) == 1 else b"well"

    world = msgspec.structs.replace(
        around.world(), files=files, new_token=lambda: "canary-token-1", ask=ask
    )
    order = Order(case=case, folder=".pawl/evals")
    assert open_record(run_trial(order, world).data).judgements == ()
    assert asked == []
    world = msgspec.structs.replace(world, judge=JUDGE)
    scores = [
        each.score
        for _ in range(2)
        for each in open_record(run_trial(order, world).data).judgements
    ]
    assert scores == [0.5, None]
    assert b"Is it good?" in asked[0]
    assert b"it is ${KEY}" in asked[0]
    assert b"canary-token-1" not in asked[0]
