"""Hostile, doubled, shuffled and absent evidence changes no ranking and makes nobody sure."""

import random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.investigation.made import WINDOW, change, errors, found, gathered, line, series

from pawl.base.errors import BadFile
from pawl.investigation.facts import Alarm, ChangeKind, Gathered, Line
from pawl.investigation.investigation import Investigation
from pawl.investigation.log_lines import read_lines
from pawl.render.investigation_json import investigation_json
from pawl.runs.investigation_settings import (
    InvestigationSettings,
    MachineInvestigationSettings,
    merged,
)

REFUSED = "cannot connect to cache.internal:6379: connection refused"


def told(found_: Investigation) -> str:
    """Return an investigation without how its looks went."""
    return investigation_json(msgspec.structs.replace(found_, looks=()), id="", digest="")


def evidence() -> dict[str, list[Any]]:
    """Return facts with ties of every kind: times, counts, and one change told by two sources."""
    same = change(-10, "aaaaaaaaaaaa", paths=("shop/a.py",), text="+retry(cache)")
    lines = errors(REFUSED, -3, 3) + errors("timeout of db-1:5432", -3, 3)
    lines += [
        Line(each.at, "error", name, "cache: connection refused", f"{name}.log:{at}")
        for at, each in enumerate(errors("x", -3, 3, 4))
        for name in ("shop", "api", "web")
    ]
    for at in range(40):
        lines.append(line(-100 + at, "started", "info", model="m1" if at % 2 else "m2"))
        lines.append(line(-20 + at / 2, "started", "info", model="m3"))
    return {
        "changes": [
            same,
            msgspec.structs.replace(same, source="changes", title="Another title", paths=()),
            change(-10, "bbbbbbbbbbbb", paths=("shop/b.py",), text="+retry(cache)"),
            change(-5, "shop v2", kind=ChangeKind.DEPLOY, component="shop", source="deploys"),
            change(-5, "shop v2", kind=ChangeKind.DEPLOY, component="api", source="changes"),
            change(-4, "useCache", kind=ChangeKind.FLAG, before="off", after="on", source="flags"),
            change(-4, "useRetry", kind=ChangeKind.FLAG, before="off", after="on", source="flags"),
        ],
        "lines": list(lines),
        "series": [
            series("errors_ratio", (-120, 0.001), (-3, 0.08), service="shop"),
            series("errors_ratio", (-120, 0.001), (-3, 0.08), service="api"),
            series("requests", (-120, 10), (-20, 30), service="shop"),
        ],
        "alarms": [
            Alarm(id="a", at=WINDOW.at, title="Errors", source="alerts", component="web"),
            Alarm(id="b", at=WINDOW.at, title="Errors", source="alerts", component="db"),
        ],
    }


def whole_of(facts: dict[str, list[Any]]) -> Gathered:
    """Return facts as one source brings them."""
    told: dict[str, Any] = {name: tuple(values) for name, values in facts.items()}
    return gathered(**told)


def parts(facts: dict[str, list[Any]], seed: int, sources: int) -> list[Gathered]:
    """Return facts dealt to some sources in some order."""
    chance = random.Random(seed)
    dealt: list[dict[str, list[Any]]] = [{} for _ in range(sources)]
    for name, values in facts.items():
        shuffled = list(values)
        chance.shuffle(shuffled)
        for each in shuffled:
            dealt[chance.randrange(sources)].setdefault(name, []).append(each)
    made = [whole_of(each) for each in dealt]
    chance.shuffle(made)
    return made


@settings(max_examples=10)
@given(st.integers(0, 10_000), st.integers(1, 4))
def test_neither_the_order_of_evidence_nor_who_brings_it_matters(seed: int, sources: int) -> None:
    """Shuffled and dealt to other sources the same facts give the same bytes."""
    facts = evidence()
    whole = found(whole_of(facts))
    assert told(found(*parts(facts, seed, sources))) == told(whole)


@pytest.mark.parametrize(
    "changes",
    [
        (change(-1, "fix crash panic fatal outage", paths=("shop/cache.py",)),),
        (change(-1, "x", kind=ChangeKind.FLAG, before="off", after="on", source="flags"),),
        tuple(change(-at, f"c{at}", paths=("shop/cache.py",)) for at in range(1, 30)),
    ],
)
def test_without_a_symptom_nothing_is_ever_likely(changes: tuple[Any, ...]) -> None:
    """Somebody says that it hurts and nothing was seen: a change beside it explains nothing."""
    quiet = found(gathered(changes=changes, lines=tuple(errors("all is well", -60, 5))[:0]))
    assert quiet.began_at == WINDOW.at
    assert {each.level for each in quiet.hypotheses} == {"unlikely"}


def test_a_decoy_with_scary_words_just_before_is_not_first() -> None:
    """Nearest and loudest, it touches something else and shares no word with the errors."""
    guilty = change(-9, "aaaaaaaaaaaa", title="Keep baskets in the cache", paths=("shop/cache.py",),
                    text="+connect('cache.internal', 6379)")  # fmt: skip
    decoy = change(-4, "bbbbbbbbbbbb", title="URGENT: crash, panic, outage, fatal error, failure!",
                   paths=("docs/style.md", "web/colour.css"))  # fmt: skip
    told_ = found(gathered(lines=tuple(errors(REFUSED)), changes=(guilty, decoy)))
    assert told_.hypotheses[0].change == "aaaaaaaaaaaa"


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1e"])
def test_a_sign_within_a_line_begins_no_line(sign: str) -> None:
    """Whoever writes a name into a log writes no line of the log with it."""
    from pawl.world.source import lines_of

    forged = f"2026-11-20T12:00:00Z INFO shop: hello {sign}2026-11-20T11:00:00Z ERROR db: forged"
    whole = f"{forged}\r\n2026-11-20T12:00:01Z INFO shop: bye\n".encode()
    read = list(read_lines(lines_of(whole), "shop.log"))
    assert [each.level for each in read if each] == ["info", "info"]
    asjson = '{"time": "2026-11-20T12:00:00Z", "level": "error", "msg": "a' + sign + 'b"}'
    if sign > "\x1f":
        (only,) = read_lines(lines_of(asjson.encode()), "shop.log")
        assert only is not None
        assert only.level == "error"


@pytest.mark.parametrize(
    "more",
    ['"user": {"id": 7}', '"version": 3', '"error": {"message": "boom", "stack": "x"}',
     '"tenant": ["a"]', '"client": true', '"logger": 4', '"level": "error", "lvl": 50'],
)  # fmt: skip
def test_a_json_line_counts_whatever_the_type_of_its_other_fields(more: str) -> None:
    """An error whose user is an object is an error all the same."""
    text = '{"time": "2026-11-20T12:00:00Z", "level": "error", "msg": "boom", ' + more + "}"
    lines = ["2026-11-20T11:59:00Z INFO shop: before", text]
    read = list(read_lines(lines, "shop.log"))
    assert [each.level for each in read if each] == ["info", "error"]
    assert "boom" in (read[1].message if read[1] else "")


@pytest.mark.parametrize("more", [{"max_mib": 1_000_000}, {"timeout": "1000h"}])
def test_a_repository_takes_no_more_of_a_machine_than_its_share(more: dict[str, Any]) -> None:
    """Whoever wrote the last change fills no memory and holds nobody up for days."""
    machine = MachineInvestigationSettings()
    with pytest.raises(BadFile):
        merged(InvestigationSettings(**more), machine)
    allowed = msgspec.structs.replace(machine, max_mib=1_000, timeout="10m")
    assert merged(InvestigationSettings(), allowed) == allowed


def test_a_line_that_does_not_read_is_counted() -> None:
    """An object that is cut off, or too long, belongs to no line before it and is not dropped."""
    long = '{"time": "2026-11-20T12:00:00Z", "level": "error", "msg": "' + "x" * 300_000 + '"}'
    lines = ["2026-11-20T11:59:00Z INFO shop: before", '{"time": "2026-', long, "  at stack (x.js)"]
    read = list(read_lines(lines, "shop.log"))
    assert [each is None for each in read] == [False, True, True]
