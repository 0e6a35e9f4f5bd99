"""The assessment that a grave incident opens when it is closed."""

from typing import Any

import msgspec
from tests.incidents.made_incidents import at, declared, in_state

from pawl.governance.ledger import Actor
from pawl.governance.priority import Domain
from pawl.incidents.incident import Incident, State
from pawl.maturity.after_incident import shipped_rule
from pawl.maturity.ceremony_terms import Ceremony, Refusal
from pawl.maturity.confirm import Trigger
from pawl.services.post_incident import Opened, open_after

BY = Actor(person="pawl", source="pawl", assurance="observed")
CLOSED = in_state(State.CLOSED)
DAY = 86_400


class Desk:
    """Opens everything, or refuses everything."""

    def __init__(self, refusal: Refusal | None = None) -> None:
        self.opened: list[tuple[str, str, Trigger]] = []
        self.refusal = refusal

    def open(
        self, subject: str, model: str, trigger: Trigger, actor: Actor, now: str
    ) -> str | Refusal:
        if self.refusal is not None:
            return self.refusal
        self.opened.append((subject, model, trigger))
        return f"asm_{len(self.opened)}"

    def held(self) -> tuple[Ceremony, ...]:
        return tuple(
            Ceremony(id=f"asm_{n}", subject=s, model=m, trigger=t, opened_at=t.at)
            for n, (s, m, t) in enumerate(self.opened)
        )


def opened(
    *incidents: Incident, desk: Desk | None = None, now: str = at(DAY), **other: Any
) -> tuple[Opened, ...]:
    desk = desk or Desk()
    return open_after(
        incidents,
        other.get("held", desk.held()),
        other.get("subjects", ("repo:https://example.org/shop.git",)),
        desk,
        shipped_rule(),
        BY,
        now,
    )


def test_a_grave_incident_opens_one() -> None:
    """Of the model and the dimensions that the rule names, with the incident's id."""
    desk = Desk()
    (told,) = opened(CLOSED, desk=desk)
    assert (told.incident, told.ceremony) == ("inc-1", "asm_1")
    ((_, model, trigger),) = desk.opened
    assert (model, trigger.cause, trigger.ref) == ("eng", "incident", "inc-1")
    assert trigger.dimensions == ("reliability",)
    secure = msgspec.structs.replace(CLOSED, id="inc-9", domain=Domain.SECURITY)
    opened(secure, desk=desk)
    assert desk.opened[1][2].dimensions == ("reliability", "security")


def test_doing_it_again_changes_nothing() -> None:
    """Each incident opens one for each subject, whatever became of it."""
    desk = Desk()
    opened(CLOSED, CLOSED, desk=desk)
    assert len(desk.opened) == 1
    assert opened(CLOSED, desk=desk) == ()


def test_what_could_not_be_opened_is_tried_again() -> None:
    """A refusal says why, and the next closing takes it up, for as long as the rule looks back."""
    (told,) = opened(CLOSED, desk=Desk(Refusal(code="one-at-a-time", message="One is open.")))
    assert (told.ceremony, told.why_not) == ("", "One is open.")
    assert len(opened(CLOSED)) == 1
    assert opened(CLOSED, now=at(shipped_rule().catch_up_days * DAY + 2 * DAY)) == ()


def test_what_opens_none() -> None:
    """An incident that is open, was declined, or is not grave."""
    minor = msgspec.structs.replace(CLOSED, severity=3)
    others = [in_state(each) for each in State if each is not State.CLOSED]
    assert opened(minor, *others, declared()) == ()


def test_only_subjects_that_it_counts_for() -> None:
    """An incident of a scope is of that project; one without a scope is of all."""
    subjects = ("repo:https://example.org/shop.git", "repo:mail")
    assert len(opened(CLOSED, subjects=subjects)) == 2
    shop = msgspec.structs.replace(CLOSED, scope="shop/search")
    (told,) = opened(shop, subjects=subjects)
    assert told.subject == "repo:https://example.org/shop.git"
