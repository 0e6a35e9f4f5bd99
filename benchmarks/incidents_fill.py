"""Records full of incidents, for measuring: texts, notes, actions, postmortems and debts.

Texts are made of words whose counts fall as they do in language (Zipf), round the words of one of
some kinds of failure, so that some incidents are alike and most are not.
"""

import random
from itertools import accumulate
from pathlib import Path

import msgspec
from benchmarks.changes import OneTransaction
from tests.services.made_desk import Clock
from tests.services.made_incident_desk import (
    LEO,
    PIA,
    SUE,
    MadeIncidents,
    action,
    incident,
)

from pawl.governance.priority import Domain
from pawl.incidents.action import Proof, Work
from pawl.incidents.learning import IncidentLearning
from pawl.incidents.postmortem import Content, Postmortem
from pawl.incidents.root_cause import RootCause
from pawl.incidents.similarity import Signature, fingerprint
from pawl.store.records.connection import Engine, insert
from pawl.store.records.engine import reading, writing

START = "2025-01-06T00:00:00.000000Z"
HOURS = 1.6
"""Between two incidents: ten thousand are two years."""
KINDS, COMPONENTS, WORDS = 60, 300, 6_000
ACTIONS = 3
TABLES = ("ledger", "incidents", "actions", "postmortems", "debts")
_SYLLABLES = tuple(
    first + second + third
    for first in ("b", "cl", "d", "fr", "g", "l", "m", "pr", "s", "t", "v")
    for second in ("a", "e", "i", "o", "u")
    for third in ("", "n", "r")
)


class Filled(msgspec.Struct, frozen=True):
    """What records were filled with: ids, each one's kind of failure, and the time after it all."""

    names: list[str]
    kinds: list[int]
    until: str


class Words:
    """Words and what is written with them; the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.chance = chance = random.Random(seed)
        found: dict[str, None] = {}
        while len(found) < WORDS:
            found["".join(chance.choices(_SYLLABLES, k=chance.choice((1, 2, 2, 3, 3, 4))))] = None
        self.all = list(found)
        self.shares = list(accumulate(1 / (rank + 3) for rank in range(WORDS)))
        self.kinds = [chance.sample(self.all[200:], 25) for _ in range(KINDS)]

    def text(self, kind: int, length: int) -> str:
        """Return so many words, a third of them of a kind of failure."""
        chance = self.chance
        own = chance.choices(self.kinds[kind], k=length // 3)
        rest = chance.choices(self.all, cum_weights=self.shares, k=length - len(own))
        words = own + rest
        chance.shuffle(words)
        return " ".join(words)

    def error(self, kind: int) -> str:
        """Return a line of a log, with ids and numbers that are new each time."""
        chance = self.chance
        return (
            f"2026-01-0{chance.randint(1, 9)}T12:00:0{chance.randint(0, 9)}Z ERROR "
            f"{' '.join(self.kinds[kind][:6])} id={chance.getrandbits(64):016x} "
            f"10.0.{chance.randint(0, 255)}.7:8080 after {chance.randint(1, 9999)} ms"
        )


def fill(engine: Engine, incidents: int, ongoing: int, seed: int = 7) -> Filled:
    """Fill records that are empty, and return with what.

    The last `ongoing` go on, half of them without a commander. Each of the others left actions
    behind, one in five a published postmortem; one in fifty of them is a confirmed repeat.
    """
    words, names, kinds = Words(seed), list[str](), list[int]()
    last = dict[tuple[int, str], str]()
    with writing(engine) as connection:
        made = MadeIncidents(OneTransaction(connection), Clock(START))  # type: ignore[arg-type]
        for number in range(incidents):
            kind = words.chance.randrange(KINDS)
            component = f"prompt/{words.all[words.chance.randrange(COMPONENTS)]}"
            known = made.declared(
                words.text(kind, 8),
                severity=words.chance.randint(1, 4),
                domains=(words.chance.choice(list(Domain)),),
                components=(component,),
                fingerprint=fingerprint(
                    Signature(component=component, failure_class=words.kinds[kind][0])
                ),
                text=f"{words.text(kind, 60)}\n{words.error(kind)}",
            )
            names.append(known.id)
            kinds.append(kind)
            made.clock.wind(seconds=120)
            if number < incidents - ongoing:
                _worked_on(made, words, kind, known.id)
                _left_behind(made, words, kind, known.id, component, number)
                _repeated(made, last.get((kind, component)), known.id, number)
                last[kind, component] = known.id
            elif number % 2:
                incident(made.desk.accept(known.id, SUE))
            made.clock.wind(hours=HOURS)
        return Filled(names, kinds, made.clock())


def _worked_on(made: MadeIncidents, words: Words, kind: int, name: str) -> None:
    desk = made.desk
    incident(desk.accept(name, SUE))
    for _ in range(3):
        made.clock.wind(seconds=240)
        incident(desk.note(name, words.text(kind, 25), SUE))
    told = (words.text(kind, 30), words.text(kind, 15), words.text(kind, 15))
    incident(desk.update(name, *told, SUE))
    incident(desk.mitigate(name, SUE))
    made.clock.wind(seconds=600)
    incident(desk.resolve(name, SUE))


def _left_behind(
    made: MadeIncidents, words: Words, kind: int, name: str, component: str, number: int
) -> None:
    desk = made.desk
    due = made.clock()[:10].replace("2025", "2026").replace("2026", "2027", number % 10 == 0)
    for one in range(ACTIONS):
        opened = action(
            desk.open_action(
                name, f"Mend {one}: {words.text(kind, 6)}", "leo", due, Work.CODE, component, SUE,
                blocker=one == 0,
            )
        )  # fmt: skip
        if number % 10 or one:
            action(desk.claim_action(opened.id, LEO))
            proof = Proof(place=f"commit {number}", digest=f"{number:040x}")
            action(desk.verify_action(opened.id, proof, SUE))
    if number % 5 == 0:
        _written(made, words, kind, name, component)


def _written(made: MadeIncidents, words: Words, kind: int, name: str, component: str) -> None:
    desk = made.desk
    assert isinstance(desk.begin_postmortem(name, "sue", SUE), Postmortem)
    content = Content(
        summary=words.text(kind, 60),
        impact=words.text(kind, 40),
        what_happened=words.text(kind, 150),
        lucky=words.text(kind, 20),
        failed_control=words.text(kind, 20),
        root_cause=RootCause(
            cause_class=f"class-{kind % 12}",
            component=component,
            trigger=f"trigger {kind}",
            missing_control="nobody tried it",
        ),
        learning=IncidentLearning(
            incidentId=name, rootCause="", newEvalCases=("evals/cases/one.yaml",), gateUpdates=(),
            owner="sue",
        ),
    )  # fmt: skip
    assert isinstance(desk.revise(name, content, SUE), Postmortem)
    assert isinstance(desk.ask_review(name, SUE), Postmortem)
    told = desk.publish(name, PIA)
    assert isinstance(told, Postmortem), told


def _repeated(made: MadeIncidents, before: str | None, name: str, number: int) -> None:
    if before is not None and number % 4 == 0:
        incident(made.desk.confirm_repeat(name, before, SUE))


def copied(source: Engine, target: Engine) -> None:
    """Copy the records of incidents into others, which have none."""
    with reading(source) as one, writing(target) as other:
        for table in TABLES:
            rows = one.execute(f"SELECT * FROM {table}")
            for at in range(0, len(rows), 2_000):
                insert(other, table, *rows[at : at + 2_000])


def filled(engine: Engine, folder: Path, incidents: int, ongoing: int) -> Filled:
    """Return what a folder was filled with, filling it when that has not been done."""
    note = folder / "filled.json"
    if note.is_file():
        return msgspec.json.decode(note.read_bytes(), type=Filled)
    told = fill(engine, incidents, ongoing)
    note.write_bytes(msgspec.json.encode(told))
    return told
