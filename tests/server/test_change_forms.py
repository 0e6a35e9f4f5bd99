"""The forms on a change do what their buttons say, to exactly what was seen, or nothing."""

from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from tests.server.change_site import EVERYTHING, Changed, by, form, sign_in
from tests.server.conftest import Ask, Client

from pawl.base.errors import BadFile
from pawl.changes.approval import Said, Source
from pawl.changes.change import Change, State
from pawl.governance.access import Scope
from pawl.services.identity import Identity
from pawl.services.sample_manifests import ASK_ABOVE, KINDER_CHAT, RETRY_ONCE, SHORT_REFUNDS


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Changed]:
    """Return records of their own."""
    changed = Changed(tmp_path / "data")
    yield changed
    changed.close()


@pytest.fixture
def grace(site: Ask, made: Changed, identity: Identity) -> Client:
    """Return the browser of grace, who leads the product."""
    return signed(site, made, identity, "grace")


def signed(
    site: Ask,
    made: Changed,
    identity: Identity,
    person: str,
    scopes: tuple[Scope, ...] = EVERYTHING,
) -> Client:
    """Return the browser of a person who is signed in."""
    client = site(changes=made.desk)
    client.serving.change_pages = made.pages
    sign_in(client, identity, person, scopes)
    return client


def answer_fields(client: Client, change: Change) -> dict[str, str]:
    """Return what the form for an answer brings, as the page has it."""
    text = client.get(f"/changes/{change.id}").text
    found = form(text, f"/changes/{change.id}/answer")
    return {name: unescape(value) for name, value in found.items()}


def command_fields(client: Client, change: Change, command: str) -> dict[str, str]:
    """Return what the form of a command brings."""
    text = client.get(f"/changes/{change.id}").text
    return form(text, f"/changes/{change.id}/command", command=command)


def state(made: Changed, change: Change) -> State:
    """Return where a change stands now."""
    return made.desk.get(change.id).state


def test_an_approval_binds_to_what_the_form_says(made: Changed, grace: Client) -> None:
    """The button names the digest; pressing it approves that, and the page shows who did."""
    change = made.in_review()
    fields = answer_fields(grace, change)
    asked = made.desk.asked(change.id)
    assert (fields["digest"], fields["base_digest"], fields["policy_digest"]) == asked.bound
    assert f"Approve {change.digest[:12]}" in grace.get(f"/changes/{change.id}").text
    done = grace.post(
        f"/changes/{change.id}/answer", data={**fields, "said": "approve", "note": "Tried it."}
    )
    assert (done.status_code, done.headers["location"]) == (303, f"/changes/{change.id}")
    (given,) = made.desk.get(change.id).answers
    assert (given.identity, given.source, given.digest) == (
        "session:grace",
        "session",
        change.digest,
    )
    assert state(made, change) is State.APPROVED
    assert "Tried it." in grace.get(f"/changes/{change.id}").text


def test_what_was_edited_meanwhile_is_not_approved(made: Changed, grace: Client) -> None:
    """409 says what moved, nothing is recorded, and the form below is about what it is now."""
    change = made.in_review()
    fields = answer_fields(grace, change)
    edited = made.told(made.desk.edit(change.id, SHORT_REFUNDS, (), by("ada")))
    made.told(made.desk.submit(change.id, by("ada")))
    answer = grace.post(f"/changes/{change.id}/answer", data={**fields, "said": "approve"})
    assert answer.status_code == 409
    for part in (
        "This is not what you looked at. Nothing was done.", change.digest[:12],
        edited.digest[:12], "prompt/chat is gone.", "prompt/refunds is new.",
    ):  # fmt: skip
        assert part in answer.text
    assert made.desk.get(change.id).answers == ()
    now = form(answer.text, f"/changes/{change.id}/answer")
    assert now["digest"] == edited.digest


def test_a_base_or_a_policy_that_moved_is_not_approved(made: Changed, grace: Client) -> None:
    """Each is said by itself."""
    change = made.in_review()
    fields = answer_fields(grace, change)
    made.sources.moved = True
    answer = grace.post(f"/changes/{change.id}/answer", data={**fields, "said": "approve"})
    assert (answer.status_code, "What it starts from moved" in answer.text) == (409, True)
    made.sources.moved = False
    answer = grace.post(
        f"/changes/{change.id}/answer",
        data={**fields, "policy_digest": "c" * 64, "said": "approve"},
    )
    assert (answer.status_code, "The policy changed" in answer.text) == (409, True)
    assert made.desk.get(change.id).answers == ()


def test_a_no_says_why(made: Changed, grace: Client) -> None:
    """Without a note it is no answer; with one it holds the change up."""
    change = made.in_review()
    fields = answer_fields(grace, change)
    answer = grace.post(f"/changes/{change.id}/answer", data={**fields, "said": "reject"})
    assert (answer.status_code, "A no says why." in answer.text) == (400, True)
    done = grace.post(
        f"/changes/{change.id}/answer", data={**fields, "said": "reject", "note": "Too long."}
    )
    assert done.status_code == 303
    assert "said no" in grace.get(f"/changes/{change.id}").text
    assert state(made, change) is State.IN_REVIEW


def test_who_may_not_answer_is_refused_and_shown_no_form(
    site: Ask, made: Changed, identity: Identity
) -> None:
    """Neither its author nor somebody without the role can, whatever they send."""
    change = made.in_review()
    asked = made.desk.asked(change.id)
    fields = dict(zip(("digest", "base_digest", "policy_digest"), asked.bound, strict=True))
    client = signed(site, made, identity, "edsger")
    text = client.get(f"/changes/{change.id}").text
    assert 'value="approve"' not in text
    assert "which edsger is not" in text
    csrf = form(text, "/logout")["csrf"]
    answer = client.post(
        f"/changes/{change.id}/answer", data={**fields, "said": "approve", "csrf": csrf}
    )
    assert answer.status_code == 403
    assert "which edsger is not" in answer.text
    assert made.desk.get(change.id).answers == ()


def test_a_form_without_the_proof_does_nothing(made: Changed, grace: Client) -> None:
    """A page of somebody else's cannot approve, roll back or except with our cookie."""
    change = made.rolling()
    for path, fields in (
        ("answer", {"said": "approve", "digest": change.digest}),
        ("command", {"command": "roll-back", "reason": "x", "confirm": "yes"}),
        ("exception", {"rule": "cost", "reason": "x", "owner": "x", "control": "x", "hours": "1"}),
    ):
        for csrf in ({}, {"csrf": "0" * 64}):
            sent = grace.post(f"/changes/{change.id}/{path}", data={**fields, **csrf})
            assert sent.status_code == 403
        foreign = grace.post(
            f"/changes/{change.id}/{path}", data=fields, headers={"Origin": "http://evil.example"}
        )
        assert foreign.status_code == 403
    assert grace.post("/changes/exceptions", data={"command": "approve"}).status_code == 403
    assert grace.post("/changes/simulator", data={"gates": ""}).status_code == 403
    assert state(made, change) is State.ROLLING_OUT


def test_a_token_without_the_scope_approves_nothing(
    site: Ask, made: Changed, identity: Identity
) -> None:
    """To look is one scope, to approve another."""
    change = made.in_review()
    client = signed(site, made, identity, "grace", (Scope.READ, Scope.CHANGE))
    fields = answer_fields(client, change)
    sent = client.post(f"/changes/{change.id}/answer", data={**fields, "said": "approve"})
    assert sent.status_code == 403 or made.desk.get(change.id).answers == ()
    assert state(made, change) is State.IN_REVIEW


@pytest.mark.parametrize("command", ["attest", "revoke", "reject"])
def test_what_takes_approve_elsewhere_takes_it_in_a_form_too(
    site: Ask, made: Changed, identity: Identity, command: str
) -> None:
    """To vouch for content, and to take an answer back, is not for who may only propose."""
    change = made.in_review()
    asked = made.desk.asked(change.id)
    made.desk.answer(change.id, Said.ABSTAIN, asked.bound, by("grace"), Source.SESSION)
    (given,) = made.desk.get(change.id).answers
    client = signed(site, made, identity, "grace", (Scope.READ, Scope.CHANGE))
    fields = {
        "csrf": answer_fields(client, change)["csrf"],
        "command": command,
        "digest": change.digest,
        "answer": given.id,
        "reason": "Because.",
    }
    before = made.desk.timeline(change.id)
    sent = client.post(f"/changes/{change.id}/command", data=fields)
    assert (sent.status_code, "approve" in sent.text) == (403, True)
    assert made.desk.timeline(change.id) == before


def test_rolling_back_takes_a_reason_and_a_second_look_and_nothing_else(
    made: Changed, grace: Client
) -> None:
    """No digest and no gate is asked, also where the policy does not read."""
    change = made.rolling()
    fields = command_fields(grace, change, "roll-back")
    assert "digest" not in fields
    at = f"/changes/{change.id}/command"
    unsaid = grace.post(at, data={**fields, "confirm": "yes"})
    assert (unsaid.status_code, "Say why" in unsaid.text) == (400, True)
    unsure = grace.post(at, data={**fields, "reason": "Refunds fail."})
    assert (unsure.status_code, "the box was not ticked" in unsure.text) == (400, True)
    assert "Refunds fail." in unsure.text
    assert state(made, change) is State.ROLLING_OUT
    made.sources.broken = BadFile("broken.", place=".pawl/gates.yaml")
    done = grace.post(at, data={**fields, "reason": "Refunds fail.", "confirm": "yes"})
    assert done.status_code == 303
    assert state(made, change) is State.ROLLING_BACK
    assert "Refunds fail." in grace.get(f"/changes/{change.id}").text


@pytest.mark.parametrize(("command", "after"), [("reject", "rejected"), ("withdraw", "withdrawn")])
def test_an_end_takes_a_reason(made: Changed, grace: Client, command: str, after: str) -> None:
    """Without one nothing happens; with one it ends, and the reason is shown."""
    change = made.in_review()
    fields = command_fields(grace, change, command)
    at = f"/changes/{change.id}/command"
    assert grace.post(at, data=fields).status_code == 400
    assert state(made, change) is State.IN_REVIEW
    assert grace.post(at, data={**fields, "reason": "Not like this."}).status_code == 303
    assert state(made, change) == after
    assert "Not like this." in grace.get(f"/changes/{change.id}").text


def test_submitting_and_starting_are_about_what_was_seen(
    site: Ask, made: Changed, identity: Identity
) -> None:
    """A draft that was edited meanwhile is not submitted; one that was not is."""
    ada = signed(site, made, identity, "ada")
    change = made.told(made.desk.open(KINDER_CHAT, (), by("ada")))
    fields = command_fields(ada, change, "submit")
    made.told(made.desk.edit(change.id, RETRY_ONCE, (), by("ada")))
    sent = ada.post(f"/changes/{change.id}/command", data=fields)
    assert (sent.status_code, "Nothing was done" in sent.text) == (409, True)
    fields = command_fields(ada, change, "submit")
    assert ada.post(f"/changes/{change.id}/command", data=fields).status_code == 303
    assert state(made, change) is not State.DRAFT


def test_a_start_that_the_gates_hold_up_says_why(
    site: Ask, made: Changed, identity: Identity
) -> None:
    """The gates are asked at the start itself, and their reasons are shown."""
    ada = signed(site, made, identity, "ada")
    first = made.rolling()
    second = made.in_review(KINDER_CHAT)
    bound = made.desk.asked(second.id).bound
    made.told(made.desk.answer(second.id, Said.APPROVE, bound, by("grace"), Source.SESSION))
    fields = command_fields(ada, second, "start")
    sent = ada.post(f"/changes/{second.id}/command", data=fields)
    assert sent.status_code == 409
    assert "That was not done" in sent.text
    assert first.id in sent.text


def test_a_yes_that_would_not_count_is_said_before_it_is_given(
    site: Ask, made: Changed, identity: Identity
) -> None:
    """A session is not enough for a change of high risk, and the form says so."""
    change = made.in_review(ASK_ABOVE)
    client = signed(site, made, identity, "edsger")
    assert "does not count" in client.get(f"/changes/{change.id}").text


def test_exceptions_are_asked_for_given_and_ended_by_forms(
    site: Ask, made: Changed, identity: Identity, grace: Client
) -> None:
    """Whoever asked cannot give it; somebody who may can, and it can be ended."""
    change = made.told(made.desk.open(KINDER_CHAT, (), by("ada")))
    made.told(made.desk.submit(change.id, by("ada")))
    ada = signed(site, made, identity, "ada")
    text = ada.get(f"/changes/{change.id}").text
    fields = form(text, f"/changes/{change.id}/exception") | {
        "rule": "lint", "reason": "The linter is down.", "owner": "ada", "control": "Read twice.",
        "hours": "4",
    }  # fmt: skip
    at = f"/changes/{change.id}/exception"
    assert ada.post(at, data={**fields, "hours": "-1"}).status_code == 400
    assert ada.post(at, data={**fields, "digest": "d" * 64}).status_code == 409
    assert ada.post(at, data=fields).status_code == 303
    (asked,) = made.desk.exceptions()
    own = form(ada.get("/changes/exceptions").text, "/changes/exceptions", command="approve")
    refused = ada.post("/changes/exceptions", data=own)
    assert (refused.status_code, "That was not done" in refused.text) == (409, True)
    given = form(grace.get("/changes/exceptions").text, "/changes/exceptions", command="approve")
    assert given["id"] == asked.exception.id
    assert grace.post("/changes/exceptions", data=given).status_code == 303
    assert "active" in grace.get("/changes/exceptions").text
    ended = form(grace.get("/changes/exceptions").text, "/changes/exceptions", command="revoke")
    assert grace.post("/changes/exceptions", data=ended).status_code == 303
    (last,) = made.desk.exceptions()
    assert last.exception.revoked_at is not None


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("answer", {"said": "maybe"}),
        ("command", {"command": "delete"}),
        ("command", {"command": "submit", "extra": "x"}),
    ],
)
def test_what_means_nothing_is_refused(
    made: Changed, grace: Client, path: str, fields: dict[str, str]
) -> None:
    """An unknown answer, command or field is 400, and changes nothing."""
    change = made.in_review()
    csrf = answer_fields(grace, change)["csrf"]
    sent = grace.post(f"/changes/{change.id}/{path}", data={**fields, "csrf": csrf})
    assert sent.status_code == 400
    assert state(made, change) is State.IN_REVIEW


def test_a_command_about_no_change_is_not_there(made: Changed, grace: Client) -> None:
    """It is 404 for every form."""
    csrf = answer_fields(grace, made.in_review())["csrf"]
    for path, fields in (
        ("answer", {"said": "approve"}),
        ("command", {"command": "submit"}),
        ("exception", {"hours": "1"}),
        ("glass", {"hours": "1", "confirm": "yes"}),
    ):
        sent = grace.post(f"/changes/chg_none/{path}", data={**fields, "csrf": csrf})
        assert sent.status_code == 404


def test_an_answer_is_taken_back_by_who_gave_it(made: Changed, grace: Client) -> None:
    """It is shown as taken back, and counts no more."""
    change = made.in_review()
    fields = answer_fields(grace, change)
    sent = grace.post(
        f"/changes/{change.id}/answer", data={**fields, "said": "reject", "note": "Too long."}
    )
    assert sent.status_code == 303
    back = command_fields(grace, change, "revoke")
    assert grace.post(f"/changes/{change.id}/command", data=back).status_code == 303
    (answer,) = made.desk.get(change.id).answers
    assert answer.revoked_at is not None
    assert "It was taken back" in grace.get(f"/changes/{change.id}").text


def test_what_an_agent_wrote_is_owned_by_a_button(
    site: Ask, made: Changed, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The owner says so of exactly what was seen, and the gate then holds nothing up."""
    monkeypatch.setattr(made.sources, "attests", False)
    change = made.in_review(RETRY_ONCE)
    ada = signed(site, made, identity, "ada")
    fields = command_fields(ada, change, "attest")
    assert fields["digest"] == change.digest
    stale = ada.post(f"/changes/{change.id}/command", data={**fields, "digest": "d" * 64})
    assert stale.status_code == 409
    assert ada.post(f"/changes/{change.id}/command", data=fields).status_code == 303
    assert "ada owns it." in ada.get(f"/changes/{change.id}").text
