"""Incidents left to a small team, a clock that jumps and a ticker that dies: the promises hold.

What must hold is checked from plain values and events, and not with the code that decides.
"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from tests.incidents.made_incidents import PEOPLE, TERMS, action, at, declared, paging, published

from pawl.incidents.action import State as ActionState
from pawl.incidents.commands import (
    Accept,
    BeginPostmortem,
    Claim,
    Close,
    Command,
    Decline,
    Merge,
    Mitigate,
    Offer,
    PublishPostmortem,
    Reopen,
    Resolve,
    TakeOver,
    Tick,
)
from pawl.incidents.declaring import holder_of
from pawl.incidents.event import Happened, Refusal, after, made, plain
from pawl.incidents.incident import MATTER, Happening, Incident, Milestone, State
from pawl.incidents.transitions import decide

WHO = st.sampled_from(("github:1", "github:2", "github:3", "github:4", "github:90", "x:9"))
ENDED = (State.DECLINED, State.MERGED)
ENDS_WAITING = (
    Happening.ACCEPTED,
    Happening.RESOLVED,
    Happening.DECLINED,
    Happening.MERGED,
)


class Team(RuleBasedStateMachine):
    """A team whose clock may stand, go on, jump ahead or go back."""

    names = Bundle("names")

    def __init__(self) -> None:
        super().__init__()
        self.clock = 0.0
        self.incidents: dict[str, Incident] = {}
        self.ledger: dict[str, list[Happened]] = {}
        self.actions: dict[str, ActionState] = {}

    def _do(self, name: str, command: Command) -> None:
        now = self.incidents[name]
        answer = decide(now, command, at(self.clock))
        if isinstance(answer, Refusal):
            return
        for event in answer:
            now = after(now, event)
            self.ledger[name].append(event)
        self.incidents[name] = now

    @rule(seconds=st.sampled_from((0, 1, 60, 119, 120, 180, 300, 301, 86_400, -30, -4000)))
    def pass_time(self, seconds: int) -> None:
        """Let time go by, or a clock be set."""
        self.clock += seconds

    @rule(target=names, key=st.sampled_from(("", "a", "b")))
    def declare(self, key: str) -> str:
        """Declare something, unless that very thing is open."""
        holder = holder_of(key, self.incidents.values())
        if holder is not None:
            return holder.id
        name = f"inc-{len(self.incidents)}"
        self.incidents[name] = declared(name, at(self.clock), key=key)
        self.ledger[name] = [
            Happened(
                type=Happening.DECLARED,
                subject=name,
                at=at(self.clock),
                by="github:1",
                sets=plain(self.incidents[name]),
            )
        ]
        return name

    @rule(name=names, by=WHO, proved=st.booleans())
    def accept(self, name: str, by: str, proved: bool) -> None:
        """Somebody takes command, or tries to, under their own name or one that they typed."""
        self._do(name, Accept(by=by, people=PEOPLE, proved=proved))

    @rule(name=names, by=WHO, to=WHO)
    def offer(self, name: str, by: str, to: str) -> None:
        """Somebody hands command over, or tries to."""
        self._do(name, Offer(by=by, to=to, people=PEOPLE))

    @rule(name=names, by=WHO)
    def take_over(self, name: str, by: str) -> None:
        """Somebody relieves whoever commands, or tries to."""
        self._do(name, TakeOver(by=by, reason="Asleep.", people=PEOPLE))

    @rule(name=names)
    def tick(self, name: str) -> None:
        """The ticker comes by, once or after a long time."""
        self._do(name, Tick(by="pawl"))

    @rule(
        name=names,
        kind=st.sampled_from((Mitigate, Resolve, BeginPostmortem)),
        ago=st.sampled_from((None, 0, 50, 500)),
    )
    def go_on(self, name: str, kind: type[Command], ago: float | None) -> None:
        """Mitigate, resolve and write, with claims of when it was."""
        when = "" if ago is None else at(self.clock - ago)
        if kind is Mitigate:
            self._do(name, Mitigate(by="github:1", at=when))
        elif kind is Resolve:
            self._do(name, Resolve(by="github:1", at=when, mitigated_at=when))
        else:
            self._do(name, BeginPostmortem(by="github:1"))

    @rule(name=names, ago=st.sampled_from((0, 100, 9000)))
    def claim(self, name: str, ago: float) -> None:
        """Somebody finds out when it began."""
        start = Claim(by="github:1", milestone=Milestone.STARTED, at=at(self.clock - ago))
        self._do(name, start)

    @rule(name=names)
    def publish(self, name: str) -> None:
        """The postmortem is published."""
        self._do(name, PublishPostmortem(by="github:1", postmortem=published()))

    @rule(name=names, state=st.sampled_from(ActionState))
    def act(self, name: str, state: ActionState) -> None:
        """The action of an incident is somewhere."""
        if self.incidents[name].state is not State.CLOSED:
            self.actions[name] = state

    @rule(name=names)
    def close(self, name: str) -> None:
        """Somebody tries to close it."""
        paper = published() if name == "inc-1" else None
        own = tuple(
            action(incident=each, id=each, state=state) for each, state in self.actions.items()
        )
        self._do(name, Close(by="github:1", actions=own, terms=TERMS, postmortem=paper))

    @rule(name=names)
    def reopen(self, name: str) -> None:
        """It is back."""
        now = self.incidents[name]
        holder = holder_of(now.key, self.incidents.values())
        new = paging(max(at(self.clock), now.changed_at), now.spell + 1)
        self._do(
            name,
            Reopen(by="github:1", reason="Back.", paging=new, holder=holder.id if holder else ""),
        )

    @rule(name=names)
    def decline(self, name: str) -> None:
        """It is none."""
        self._do(name, Decline(by="github:1", reason="A test."))

    @rule(name=names, other=names)
    def merge(self, name: str, other: str) -> None:
        """Two are one, or somebody says so."""
        self._do(name, Merge(by="github:1", target=self.incidents[other]))

    @invariant()
    def milestones_never_go_back(self) -> None:
        """I21: our own times are in order, and so are the claims of the matter."""
        for each in self.incidents.values():
            ours = [each.milestones[it].recorded_at for it in Milestone if it in each.milestones]
            if each.spell == 1:
                late = [it for it in Milestone if it not in (Milestone.STARTED, Milestone.DETECTED)]
                ours = [each.milestones[it].recorded_at for it in late if it in each.milestones]
                assert ours == sorted(ours)
            claims = [each.milestones[it].at for it in MATTER if it in each.milestones]
            assert claims == sorted(claims)
            assert all(it.at <= it.recorded_at for it in each.milestones.values())

    @invariant()
    def one_commands(self) -> None:
        """I22: exactly one from acceptance to resolution, none before and after."""
        for each in self.incidents.values():
            open_ended = [it for it in each.commanders if it.until is None]
            led = each.state in (State.COMMANDED, State.MITIGATED)
            assert len(open_ended) == (1 if led else 0)
            ends = [it.until for it in each.commanders[:-1]]
            starts = [it.since for it in each.commanders[1:]]
            assert all(end and end <= start for end, start in zip(ends, starts, strict=True))
            assert {it.person for it in each.commanders} <= {"ann", "leo", "sue", "pia"}

    @invariant()
    def a_breach_is_told_once(self) -> None:
        """I23: once in each spell, if it was accepted too late; never if it was in time."""
        for events in self.ledger.values():
            breached, due = 0, ""
            for each in events:
                if each.type in (Happening.DECLARED, Happening.REOPENED):
                    deadlines = each.sets["paging"]["deadlines"]
                    due = next(it["due_at"] for it in deadlines if it["breach"])
                    breached = 0
                    waiting = True
                elif each.type == Happening.BREACHED:
                    breached += 1
                    assert waiting
                    assert each.at >= due
                    assert breached == 1
                elif each.type in ENDS_WAITING:
                    if waiting and each.at != due:
                        assert (breached == 1) == (each.at > due)
                    waiting = False

    @invariant()
    def one_holds_a_key(self) -> None:
        """I24: no two ongoing incidents have one key."""
        keys = [
            each.key
            for each in self.incidents.values()
            if each.key and each.state in (State.DECLARED, State.COMMANDED, State.MITIGATED)
        ]
        assert len(keys) == len(set(keys))

    @invariant()
    def merging_ends(self) -> None:
        """I25: from every merged incident the way leads to one that is not merged."""
        for each in self.incidents.values():
            seen = set()
            while each.state is State.MERGED:
                assert each.id not in seen
                seen.add(each.id)
                each = self.incidents[each.merged_into]

    @invariant()
    def what_is_closed_is_done(self) -> None:
        """I26: no unfinished action, and the postmortem was published; all here are severe."""
        for name, each in self.incidents.items():
            if each.state is State.CLOSED:
                open_still = self.actions.get(name, ActionState.VERIFIED)
                assert open_still in (ActionState.VERIFIED, ActionState.WONT_DO)
                assert name == "inc-1"

    @invariant()
    def a_replay_is_the_same(self) -> None:
        """The events alone give the very same incident."""
        for name, events in self.ledger.items():
            found = made(events[0], Incident)
            for each in events[1:]:
                found = after(found, each)
            assert found == self.incidents[name]


TestTeam = Team.TestCase
TestTeam.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
