"""Changes on record: each command with its events, tables, decision and messages."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from tests.changes.made_changes import POLICY, ROSTER, at, evidence, manifest, with_gates
from tests.services.made_desk import (
    ANN,
    CI,
    CODER,
    DEPLOYER,
    LEO,
    LIA,
    PIA,
    STRANGER,
    SUE,
    Made,
    change,
    other_text,
    refused,
)

from pawl.alerts.budget_letter import Mailing
from pawl.alerts.policy import Policy as Routes
from pawl.alerts.policy import Route
from pawl.base.errors import BadFile, CannotTell, Unavailable
from pawl.changes.approval import Said, Source
from pawl.changes.change import Change, State
from pawl.changes.evidence import Evidence
from pawl.changes.facts import Attested, Drill
from pawl.changes.manifest import Manifest, Risk, parts_digest
from pawl.changes.parts import Model
from pawl.changes.registry import registry_of
from pawl.changes.verdict import Verdict
from pawl.services.change_terms import PAWL_ITSELF, By, NoSuchChange
from pawl.store.records.check import check
from pawl.store.records.connection import Engine
from pawl.store.records.engine import reading, writing
from pawl.store.records.outbox import OutboxRecords


@pytest.fixture
def made(engine: Engine) -> Made:
    return Made(engine)


def entries(engine: Engine) -> int:
    with reading(engine) as connection:
        (row,) = connection.execute("SELECT COUNT(*) AS entries FROM ledger")
    return int(row["entries"])


def test_a_change_goes_all_the_way_and_back(made: Made) -> None:
    """Opened, approved, rolled out, live, rolled back: the registry and the ledger know it all."""
    known = made.live()
    assert known.state is State.LIVE
    live = made.desk.live("prompt/support")
    assert live is not None
    assert (live.change, live.approved_by, live.decision) == (known.id, ("leo",), known.decision)
    assert made.desk.decision(known.decision).allowed
    back = change(made.desk.roll_back(known.id, "Complaints.", PIA))
    assert made.desk.registry().rolling == {"prompt/support": (known.id,)}
    wrong = made.desk.confirm(known.id, "0" * 64, PIA)
    refused(wrong, "read-back-differs")
    back = change(made.desk.confirm(known.id, parts_digest(back.manifest.base), PIA))
    assert back.state is State.ROLLED_BACK
    assert made.desk.registry().rolling == {}
    assert list(made.desk.registry().quarantine) == [f"prompt/support@{live.part}"]
    assert made.desk.registry() == registry_of(made.records.happened(made.clock()))
    assert check(made.engine, replay=True).difference is None
    types = [each.type for each in made.desk.timeline(known.id)]
    assert types[0] == "change.opened"
    assert types[-1] == "change.rolled-back"
    assert "gate.evidence-recorded" in types


def test_what_was_rolled_back_needs_a_new_approval(made: Made) -> None:
    """I18: the same content, as itself or as another change, does not start on the old approval."""
    known = made.live()
    change(made.desk.roll_back(known.id, "Complaints.", PIA))
    change(made.desk.confirm(known.id, parts_digest(known.manifest.base), PIA))
    again = change(made.desk.submit(known.id, ANN))
    assert again.state is State.IN_REVIEW
    made.clock.wind(hours=1)
    assert change(made.answered(again, LIA)).state is State.APPROVED


def test_a_command_told_twice_with_one_key_happens_once(made: Made) -> None:
    """I34: the second time it returns the change as it is and records nothing."""
    desk = made.desk
    one = change(desk.open(manifest(), (), ANN, key="k"))
    steps: list[Callable[[], Any]] = [
        lambda: desk.open(manifest(), (), ANN, key="k"),
        lambda: desk.edit(one.id, other_text("Be brief."), (), ANN, key="k"),
        lambda: desk.submit(one.id, ANN, key="k"),
        lambda: desk.answer(
            one.id, Said.APPROVE, desk.asked(one.id).bound, LEO, Source.PROVIDER_REVIEW, key="k"
        ),
        lambda: desk.start(one.id, DEPLOYER, key="k"),
        lambda: desk.roll_back(one.id, "No.", PIA, key="k"),
    ]
    made.proved(msgspec.structs.replace(one, manifest=other_text("Be brief.")))
    for number, step in enumerate(steps):
        first = change(step())
        known = entries(made.engine)
        again = change(step())
        assert (again.id, again.version) == (first.id, first.version), number
        # A question that is asked again may be answered again; nothing happens to the change.
        assert entries(made.engine) - known <= 1, number
    assert desk.get(one.id).state is State.ROLLING_BACK
    assert len(desk.get(one.id).answers) == 1
    assert check(made.engine, replay=True).difference is None


def test_the_same_review_read_twice_is_one_answer(made: Made) -> None:
    """I6: whoever reads reviews again and again adds nothing."""
    known = made.submitted()
    asked = made.desk.asked(known.id)
    for _ in range(3):
        told = made.desk.answer(
            known.id, Said.APPROVE, asked.bound, PAWL_ITSELF, Source.PROVIDER_REVIEW, "review-9",
            identity="github:2",
        )  # fmt: skip
        assert change(told).state is State.APPROVED
    assert [each.identity for each in made.desk.get(known.id).answers] == ["github:2"]


def test_an_edit_makes_answers_stale(made: Made) -> None:
    """I3: an approval of what it was is refused, and the one that was given does not count."""
    known = made.approved()
    asked = made.desk.asked(known.id)
    edited = change(made.desk.edit(known.id, other_text("Be brief."), (), ANN))
    assert edited.state is State.DRAFT
    made.proved(edited)
    assert change(made.desk.submit(known.id, ANN)).state is State.IN_REVIEW
    late = made.desk.answer(known.id, Said.APPROVE, asked.bound, LIA, Source.SESSION)
    assert edited.digest[:12] in refused(late, "stale").reasons[0]
    assert change(made.answered(edited, LEO, ref="new")).state is State.APPROVED


@pytest.mark.parametrize(
    ("by", "code"),
    [
        (STRANGER, "not-allowed"),
        (CODER, "not-allowed"),
        (DEPLOYER, "not-allowed"),
        (By(identity="git:leo@example.com", source="git-config", assurance="declared"),
         "weak-source"),
        (By(identity="github:2", source="session", assurance="authenticated"), "weak-source"),
    ],
)  # fmt: skip
def test_who_cannot_answer(made: Made, by: By, code: str) -> None:
    """I2, I5: no stranger, no agent, no service, no name in git, no claim to a better source."""
    known = made.submitted()
    asked = made.desk.asked(known.id)
    told = made.desk.answer(known.id, Said.APPROVE, asked.bound, by, Source.PROVIDER_REVIEW)
    refused(told, code)
    assert made.desk.get(known.id).answers == ()


def test_nobody_brings_the_answer_of_somebody_else(made: Made) -> None:
    """An answer of another person is believed from a service only, and not by its mere name."""
    known = made.submitted()
    asked = made.desk.asked(known.id)
    typed_in = msgspec.structs.replace(DEPLOYER, source="git-config", assurance="declared")
    for by, source in ((SUE, Source.SESSION), (typed_in, Source.PROVIDER_REVIEW)):
        told = made.desk.answer(
            known.id, Said.APPROVE, asked.bound, by, source, identity="github:2"
        )
        refused(told, "weak-source")
    assert made.desk.get(known.id).answers == ()


def test_an_author_does_not_approve_their_own(made: Made) -> None:
    """I2: the answer is on record and does not count."""
    made.world.people = msgspec.structs.replace(
        made.world.roster(),
        grants=(*made.world.roster().grants,
                *(msgspec.structs.replace(each, person="ann", role="product-lead")
                  for each in made.world.roster().grants[:1])),
    )  # fmt: skip
    known = change(made.answered(made.submitted(), ANN))
    assert known.state is State.IN_REVIEW
    assert len(known.answers) == 1


def test_leaving_before_the_start_takes_the_approval_away(made: Made) -> None:
    """I7: the start asks with the roster of that moment."""
    known = made.approved()
    roster = made.world.roster()
    made.world.people = msgspec.structs.replace(
        roster, grants=tuple(each for each in roster.grants if each.person != "leo")
    )
    refused(made.desk.start(known.id, DEPLOYER), "blocked")


COMMANDS: dict[str, Callable[[Made, Change], Any]] = {
    "open": lambda made, known: made.desk.open(manifest(), (), ANN),
    "edit": lambda made, known: made.desk.edit(known.id, other_text("x"), (), ANN),
    "answer": lambda made, known: made.desk.answer(
        known.id, Said.APPROVE, ("", "", ""), LEO, Source.PROVIDER_REVIEW
    ),
    "asked": lambda made, known: made.desk.asked(known.id),
    "check": lambda made, known: made.desk.check(known.id, "start", ANN),
    "look": lambda made, known: made.desk.look(known.id, "start"),
    "start": lambda made, known: made.desk.start(known.id, DEPLOYER),
    "judge": lambda made, known: made.desk.judge(known.id, ANN),
    "reject": lambda made, known: made.desk.reject(known.id, "No.", LEO),
    "withdraw": lambda made, known: made.desk.withdraw(known.id, "No.", ANN),
    "evidence": lambda made, known: made.desk.add_evidence(
        known.id, evidence(known.manifest, "lint"), CI
    ),
    "attest": lambda made, known: made.desk.attest(known.id, ANN),
    "except": lambda made, known: made.desk.request_exception(
        known.id, "cost", ANN, reason="x", owner="ann", compensating_control="x", hours=1
    ),
    "glass": lambda made, known: made.desk.break_glass(
        known.id, "cost", SUE, incident="i", reason="x", compensating_control="x", hours=1
    ),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("what", "error"),
    [
        ("policy_read", BadFile("gates: expected a list.", place=".pawl/gates.yaml")),
        ("people", BadFile("no roster.", place=".pawl/roster.yaml")),
        ("policy_read", Unavailable("the code host does not answer.")),
    ],
)
def test_an_unreadable_policy_is_no_answer(
    made: Made, command: str, what: str, error: Exception
) -> None:
    """Whatever is asked, nobody can tell; nothing is recorded, nothing goes out."""
    known = made.approved()
    before = entries(made.engine)
    setattr(made.world, what, error)
    with pytest.raises(CannotTell):
        COMMANDS[command](made, known)
    assert entries(made.engine) == before


@pytest.mark.parametrize("command", ["start", "answer", "check", "judge"])
def test_facts_that_nobody_can_gather_are_no_answer(made: Made, command: str) -> None:
    """A provider that is down fails closed."""
    known = made.approved()
    made.world.around = Unavailable("the code host does not answer.")
    with pytest.raises(CannotTell, match="code host"):
        COMMANDS[command](made, known)
    assert made.desk.get(known.id) == known


@pytest.mark.parametrize("what", ["policy_read", "people"])
def test_the_way_back_is_open_when_nothing_can_be_read(made: Made, what: str) -> None:
    """I17: no gate, no policy and no roster holds a rollback up."""
    known = made.started()
    setattr(made.world, what, BadFile("broken.", place=".pawl"))
    assert change(made.desk.roll_back(known.id, "Down.", PIA)).state is State.ROLLING_BACK
    failed = change(made.desk.fail_rollback(known.id, "Unreachable.", PIA))
    assert failed.state is State.ROLLBACK_FAILED
    assert change(made.desk.roll_back(known.id, "Again.", PIA)).trigger_at == failed.trigger_at
    done = made.desk.confirm(known.id, parts_digest(known.manifest.base), PIA)
    assert change(done).state is State.ROLLED_BACK
    assert check(made.engine, replay=True).difference is None


def test_an_agent_does_not_roll_back(made: Made) -> None:
    """An agent may propose, and never decides; with a readable roster that is known."""
    known = made.started()
    refused(made.desk.roll_back(known.id, "I think so.", CODER), "not-allowed")
    made.world.policy_read = BadFile("broken.", place=".pawl")
    refused(made.desk.roll_back(known.id, "I think so.", CODER), "not-allowed")


def test_a_policy_without_a_firm_gate_is_no_policy(made: Made) -> None:
    """Nobody gets round the gates that stand in every policy by bringing another one."""
    known = made.submitted()
    gates = tuple(each for each in POLICY.gates.gates if each.id != "approvals")
    loose = msgspec.structs.replace(
        POLICY, gates=msgspec.structs.replace(POLICY.gates, gates=gates)
    )
    made.world.policy_read = loose
    with pytest.raises(CannotTell, match="approvals"):
        made.desk.judge(known.id, ANN)


def test_two_changes_of_one_component_do_not_go_out_at_once(made: Made) -> None:
    """I19: the second is blocked, by name, until the first has ended."""
    first, second = made.approved(), made.approved(other_text("Be brief."))
    change(made.desk.start(first.id, DEPLOYER))
    told = refused(made.desk.start(second.id, DEPLOYER), "blocked")
    assert any(first.id in reason for reason in told.reasons)
    (kept, *_) = made.desk.decisions_of(second.id)
    assert not kept.decision.allowed
    change(made.desk.roll_back(first.id, "No.", PIA))
    refused(made.desk.start(second.id, DEPLOYER), "blocked")
    change(made.desk.confirm(first.id, parts_digest(first.manifest.base), PIA))
    assert change(made.desk.start(second.id, DEPLOYER)).state is State.ROLLING_OUT


def test_live_is_only_what_was_approved(made: Made) -> None:
    """I20: what was read back decides, and not that somebody says so."""
    known = made.started(low())
    made.clock.wind(hours=1)
    verdicts = (made.verdict(known, 0),)
    refused(made.desk.finish(known.id, verdicts, "0" * 64, DEPLOYER), "advance")
    change(made.desk.advance(known.id, verdicts, DEPLOYER))
    made.clock.wind(hours=1)
    verdicts = (made.verdict(known, 1),)
    refused(made.desk.finish(known.id, verdicts, "0" * 64, DEPLOYER), "read-back-differs")
    read = parts_digest(known.manifest.parts)
    assert change(made.desk.finish(known.id, verdicts, read, DEPLOYER)).state is State.LIVE


def low() -> Manifest:
    return msgspec.structs.replace(manifest(), declared_risk=Risk.LOW)


def test_what_needs_no_approval_is_approved_when_it_is_submitted(made: Made) -> None:
    """The gate that does not apply asks nobody."""
    known = made.opened(low())
    made.proved(known)
    assert change(made.desk.submit(known.id, ANN)).state is State.APPROVED


def test_evidence_that_comes_late_approves_a_change_that_waits_for_it(made: Made) -> None:
    """The change is judged after each piece."""
    known = made.opened(low())
    assert change(made.desk.submit(known.id, ANN)).state is State.IN_REVIEW
    made.proved(known)
    assert made.desk.get(known.id).state is State.APPROVED


def test_evidence_names_who_handed_it_over_and_is_kept_once(made: Made) -> None:
    """Its producer and the time are ours, whatever it says; a stranger hands over none."""
    known = made.opened()
    piece = evidence(known.manifest, "lint", producer="ci:trusted", recorded_at=at(-500))
    kept = made.desk.add_evidence(known.id, piece, CI)
    assert isinstance(kept, Evidence)
    assert kept.producer == CI.identity
    assert kept.recorded_at > at(0)
    assert made.desk.add_evidence(known.id, piece, CI) == kept
    assert made.desk.evidence_of(known.id) == (kept,)
    typed = msgspec.structs.replace(STRANGER, assurance="declared")
    refused(made.desk.add_evidence(known.id, piece, typed), "not-allowed")


def test_evidence_that_is_gone_is_known_to_be_gone(made: Made) -> None:
    """I11: taking a verdict away opens nothing, and the check of the ledger names it."""
    known = made.approved()
    bad = evidence(known.manifest, "evals", Verdict.FAIL, number=7, produced_at=at(0))
    assert isinstance(made.desk.add_evidence(known.id, bad, CI), Evidence)
    refused(made.desk.start(known.id, DEPLOYER), "blocked")
    with writing(made.engine) as connection:
        connection.execute("DELETE FROM change_evidence WHERE body LIKE '%\"fail\"%'")
    refused(made.desk.start(known.id, DEPLOYER), "cannot-tell")
    found = check(made.engine, replay=True).difference
    assert found is not None
    assert found.place.startswith("change_evidence ev-")


def test_a_decision_replays_to_the_same_bytes_a_year_later(
    made: Made, opened: Callable[[], Engine]
) -> None:
    """I14: whatever has changed since, each decision is judged as it was."""
    known = made.live()
    kept = made.desk.decisions_of(known.id)
    assert [each.decision.allowed for each in kept] == [True, True, False]
    made.clock.wind(hours=24 * 365)
    later = Made(opened(), made.clock, policy=with_gates(cost={"given": {"share_max": 0.01}}))
    later.world.people = msgspec.structs.replace(later.world.roster(), people=(), grants=())
    for each in kept:
        again = later.desk.replay(each.decision_id)
        assert again.identical, again.why
        assert again.status == 0
        assert again.stored == again.again
        assert later.desk.replay(each.decision_id[:12]).decision_id == each.decision_id
    (first, *_) = later.desk.simulate(later.world.policy("").policy, 50)
    assert (first.was, first.would_be, first.gates) == (True, False, ("cost",))
    with pytest.raises(NoSuchChange):
        later.desk.replay("0" * 64)


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE gate_decisions SET body = REPLACE(body, 'pass', 'fail')", "gate_decisions"),
        ("UPDATE gate_decisions SET snapshot = REPLACE(snapshot, 'prompt', 'promptx')",
         "gate_decisions"),
        ("DELETE FROM gate_decisions", "gate_decisions"),
        ("UPDATE gate_parts SET body = REPLACE(body, 'leo', 'lea') WHERE kind = 'roster'",
         "gate_parts roster"),
        ("UPDATE gate_parts SET body = '{}' WHERE kind = 'policy'", "gate_parts policy"),
        ("UPDATE changes SET state = 'live'", "changes"),
        ("UPDATE changes SET title = 'Other'", "changes"),
        ("DELETE FROM change_components", "change_components"),
        ("UPDATE change_components SET quarantine = '{}'", "change_components"),
        ("UPDATE change_evidence SET body = REPLACE(body, 'pass', 'fail')", "change_evidence"),
        ("UPDATE change_drills SET component = 'tool'", "change_drills"),
        ("UPDATE change_attestations SET at = '2020'", "change_attestations"),
        ("UPDATE exceptions SET incident = 'i'", "exceptions"),
    ],
)  # fmt: skip
def test_a_table_that_was_altered_is_found(made: Made, statement: str, place: str) -> None:
    """I32, I33: replaying the ledger names the first row that it does not make."""
    known = made.live()
    assert isinstance(made.desk.attest(known.id, ANN), Attested)
    assert isinstance(made.desk.record_drill("prompt", True, ANN), Drill)
    made.desk.request_exception(
        known.id, "cost", ANN, reason="x", owner="ann", compensating_control="x", hours=1
    )
    change(made.desk.roll_back(known.id, "No.", PIA))
    change(made.desk.confirm(known.id, parts_digest(known.manifest.base), PIA))
    assert check(made.engine, replay=True).difference is None
    with writing(made.engine) as connection:
        connection.execute(statement)
    found = check(made.engine, replay=True).difference
    assert found is not None
    assert found.place.startswith(place)


def test_time_ends_approvals_and_rollbacks_by_itself(made: Made) -> None:
    """An approval that nobody used ends, a rollback that takes too long has failed; once each."""
    idle = made.approved()
    going = change(made.desk.start(made.approved(elsewhere()).id, DEPLOYER))
    assert made.desk.tick(PAWL_ITSELF) == ()
    change(made.desk.roll_back(going.id, "No.", PIA))
    made.clock.wind(seconds=601)
    assert [each.state for each in made.desk.tick(PAWL_ITSELF)] == [State.ROLLBACK_FAILED]
    made.clock.wind(hours=72)
    assert [each.id for each in made.desk.tick(PAWL_ITSELF)] == [idle.id]
    assert made.desk.get(idle.id).state is State.EXPIRED
    assert made.desk.tick(PAWL_ITSELF) == ()


def elsewhere() -> Manifest:
    plan = manifest()
    return msgspec.structs.replace(
        plan,
        title="Elsewhere",
        parts={"prompt/other": plan.parts["prompt/support"]},
        base={"prompt/other": plan.base["prompt/support"]},
    )


def test_boards_and_names(made: Made) -> None:
    """Changes by state and scope, newest first; an id may be shortened as far as it is clear."""
    one = made.opened()
    two = made.opened(msgspec.structs.replace(manifest(), scope="shop/search"))
    change(made.desk.submit(one.id, ANN))
    assert [each.id for each in made.desk.list()] == [one.id, two.id]
    assert [each.id for each in made.desk.list((State.DRAFT,))] == [two.id]
    assert [each.id for each in made.desk.list(scope="shop")] == [two.id]
    assert made.desk.list(scope="sho") == ()
    (newest,) = made.desk.list(limit=1)
    assert [each.id for each in made.desk.list(before=newest.changed_at)] == [two.id]
    assert made.desk.counts() == {State.IN_REVIEW: 1, State.DRAFT: 1}
    assert made.desk.get(two.id[:8]).id == two.id
    for wrong in ("", "chg_", "%", "nothing", two.id + "x"):
        with pytest.raises(NoSuchChange):
            made.desk.get(wrong)


def test_a_manifest_without_a_digest_is_refused(made: Made) -> None:
    """What has no canonical form is nothing that anybody could approve."""
    odd = Model(family="f", model="m", parameters={"temperature": float("nan")})
    wrong = manifest(parts={"model/m": odd}, base={"model/m": None})
    refused(made.desk.open(wrong, (), ANN), "bad-manifest")
    known = made.opened()
    refused(made.desk.edit(known.id, wrong, (), ANN), "bad-manifest")


def test_people_are_told(engine: Engine) -> None:
    """Asked, approved, blocked and rolled back are messages of the same transaction, each once."""
    mailing = Mailing(policy=Routes(routes=(Route(to=("chat",), rules=("change",)),)),
                      channels=("chat",))  # fmt: skip
    made = Made(engine, mailing=lambda: mailing)
    known = made.approved()
    other = made.approved(other_text("Be brief."))
    change(made.desk.start(known.id, DEPLOYER))
    for _ in range(3):
        refused(made.desk.start(other.id, DEPLOYER), "blocked")
    change(made.desk.roll_back(known.id, "Complaints.", PIA))
    letters = OutboxRecords(engine).letters("waiting")
    said = [each.notice.alerts[0].summary for each in letters]
    assert sum("asks for a review of product-lead" in each for each in said) == 2
    assert sum("is approved" in each for each in said) == 2
    assert sum("is blocked" in each for each in said) == 1
    assert sum("is going back" in each for each in said) == 1
    roles = dict(letters[0].notice.alerts[0].scope)["roles"]
    assert "product-lead" in roles or "product-eng" in roles


def test_a_broken_file_of_channels_holds_nothing_up(engine: Engine) -> None:
    """What nobody can be told now waits for a server that can read its channels."""

    def broken() -> Mailing:
        raise BadFile("no channels.", place="pawl.toml")

    made = Made(engine, mailing=broken)
    made.submitted()
    with reading(engine) as connection:
        rows = connection.execute("SELECT channel, state FROM outbox")
    assert rows == [{"channel": "", "state": "waiting"}]


def test_something_alongside_is_kept_or_undone_with_the_event(engine: Engine) -> None:
    """What is done in an event's transaction fails it when it fails."""
    seen: list[str] = []

    def alongside(connection: object, after: Change, happened: Any) -> None:
        seen.append(happened.type.value)
        if len(seen) > 1:
            raise RuntimeError("stop")

    made = Made(engine, alongside=(alongside,))
    known = made.opened()
    with pytest.raises(RuntimeError):
        made.desk.submit(known.id, ANN)
    assert made.desk.get(known.id) == known
    assert seen == ["change.opened", "change.submitted"]


def test_an_agent_does_not_vouch_for_the_way_back(made: Made) -> None:
    """Whoever writes a change cannot say for it that going back was tried; nor can who has left."""
    refused(made.desk.record_drill("prompt", True, CODER), "not-allowed")
    gone = tuple(
        msgspec.structs.replace(each, active_to="2026-01-01T00:00:00.000000Z")
        if each.id == "lia"
        else each
        for each in ROSTER.people
    )
    made.world.people = msgspec.structs.replace(ROSTER, people=gone)
    refused(made.desk.record_drill("prompt", True, LIA), "not-allowed")
    assert isinstance(made.desk.record_drill("prompt", True, DEPLOYER), Drill)
