"""Exactly one role answers for each kind of work in each scope."""

from importlib.resources import files

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.errors import BadFile
from pawl.governance.priority import Domain
from pawl.governance.raci import (
    Raci,
    Row,
    Work,
    accountable,
    check_raci,
    excepting_roles,
    load_raci,
    row_of,
    shipped_raci,
)

SEED = {
    Work.PROMPT: ("product-eng", "product-lead", ("platform",), ("support",)),
    Work.POLICY: ("security-eng", "security-lead", ("product", "legal"), ("platform",)),
    Work.ROUTING_COST: ("platform-eng", "platform-lead", ("product",), ("finance",)),
    Work.INCIDENT: ("on-call", "incident-commander", ("all-owners",), ("stakeholders",)),
}


def test_the_four_rows_are_the_sources() -> None:
    """Prompt, policy, routing and incident have the responsible and accountable of the source."""
    rows = {row.work: row for row in shipped_raci().rows}
    assert {
        work: (row.responsible, row.accountable, row.consulted, row.informed)
        for work, row in rows.items()
    } == SEED


def test_every_work_has_somebody_who_answers() -> None:
    """Work without a row of its own is judged as another kind that has one."""
    raci = shipped_raci()
    assert all(accountable(raci, work, "any/scope") for work in Work)
    assert accountable(raci, Work.TOOLS, "") == "security-lead"


SCOPES = st.sampled_from(["", "shop", "shop/search", "shop/search/rank", "shopping"])


@given(st.sets(SCOPES), SCOPES)
def test_exactly_one_role_is_accountable_in_every_scope(scopes: set[str], asked: str) -> None:
    """The narrowest row that holds a scope counts there, and there is never a second one."""
    raci = shipped_raci()
    own = tuple(
        Row(work=Work.PROMPT, scope=scope, responsible="eng", accountable=f"lead of {scope}")
        for scope in sorted(scopes - {""})
    )
    checked = check_raci(msgspec.structs.replace(raci, rows=(*raci.rows, *own)), place="raci.yaml")
    row = row_of(checked, Work.PROMPT, asked)
    assert row is not None
    holding = [
        each for each in ("shop", "shop/search", "shop/search/rank", "shopping")
        if each in scopes and (asked == each or asked.startswith(f"{each}/"))
    ]  # fmt: skip
    assert row.scope == (max(holding, key=len) if holding else "")


def test_exceptions_are_for_the_domain_and_those_above() -> None:
    """The owner of cost cannot except security, the owner of security can except cost."""
    raci = shipped_raci()
    assert excepting_roles(raci, Domain.SECURITY) == ("security-lead",)
    assert "platform-lead" in excepting_roles(raci, Domain.COST)
    assert "platform-lead" not in excepting_roles(raci, Domain.QUALITY)


def replaced(**fields: object) -> Raci:
    return msgspec.structs.replace(shipped_raci(), **fields)


@pytest.mark.parametrize(
    ("raci", "words"),
    [
        (replaced(rows=(*shipped_raci().rows, shipped_raci().rows[0])), "2 accountable roles"),
        (replaced(judged_as={}), "nobody answers for tools"),
        (replaced(owners={Domain.SECURITY: "lead"}), "safety has no owner"),
        (
            replaced(
                rows=(
                    *shipped_raci().rows,
                    Row(work=Work.CODE, responsible="eng", accountable=" "),
                )
            ),
            "no accountable",
        ),
    ],
)
def test_a_table_in_which_an_answer_is_open_is_refused(raci: Raci, words: str) -> None:
    """Two accountable roles, or none, do not load."""
    with pytest.raises(BadFile, match=words):
        check_raci(raci, place="raci.yaml")


def test_a_typing_error_is_refused() -> None:
    """An unknown key is no silent default."""
    text = files("pawl.governance").joinpath("raci.yaml").read_text()
    with pytest.raises(BadFile):
        load_raci(text.replace("judged_as:", "judged_like:"), place="raci.yaml")


def test_the_digest_is_of_what_it_says() -> None:
    """Spacing and comments change no digest, another role does."""
    text = files("pawl.governance").joinpath("raci.yaml").read_text()
    same = load_raci("# A comment\n" + text.replace("  - {", "  -   {"), place="raci.yaml")
    other = load_raci(text.replace("product-lead", "product-head"), place="raci.yaml")
    assert same.digest == shipped_raci().digest != other.digest
