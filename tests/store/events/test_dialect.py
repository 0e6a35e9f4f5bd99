"""What sqlglot does not carry over, ours does; the engines themselves are compared elsewhere."""

from datetime import datetime

import pytest

from pawl.store.events.dialect import translate, translate_script, values


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (
            "SELECT quantile_cont(x, 0.95)",
            '[arraySort(groupArray("x"))], [(toFloat64(count("x")) - 1) * 0.95]), 1)',
        ),
        ("SELECT median(x)", '[(toFloat64(count("x")) - 1) * 0.5]), 1)'),
        ("SELECT y, -x AS x FROM t ORDER BY x DESC, y", 'ORDER BY 2 DESC, "y"'),
        (
            "SELECT time_bucket(INTERVAL '5 minutes', t)",
            "SELECT toStartOfInterval(\"t\", INTERVAL '5' MINUTES)",
        ),
        ("SELECT epoch_ms(t)", 'SELECT toUnixTimestamp64Milli("t")'),
        ("SELECT hash(x)", 'SELECT cityHash64("x")'),
        ("SELECT lower(x)", 'SELECT lowerUTF8("x")'),
        ("SELECT strpos(lower(x), 'a')", "SELECT positionUTF8(lowerUTF8(\"x\"), 'a')"),
        ("SELECT try_cast(x AS BIGINT)", 'SELECT toInt64OrNull("x")'),
        ("SELECT bool_or(x)", 'SELECT max("x")'),
        ("SELECT TIMESTAMP '2026-01-01 00:00:00'", "toDateTime64('2026-01-01 00:00:00', 6, 'UTC')"),
        ("SELECT lead(x) OVER (ORDER BY y)", 'lead(toNullable("x"))'),
        ("SELECT x IS DISTINCT FROM y", 'NOT ("x" IS NOT DISTINCT FROM "y")'),
    ],
)
def test_each_difference_is_turned(ours: str, theirs: str) -> None:
    """Functions that the other engine has under another name or with another meaning."""
    assert theirs in translate(ours, {}, distributed=False)


def test_parameters_carry_their_types() -> None:
    """A parameter is bound by the server, with the type of its value."""
    given = {"since": datetime(2026, 1, 2, 3), "name": "x", "limit": 5}
    found = translate("SELECT $since, $name, $limit", given, distributed=False)
    assert found == "SELECT {since: DateTime64(6, 'UTC')}, {name: String}, {limit: Int64}"
    assert values(given)["since"] == "2026-01-02 03:00:00.000000"


def test_sets_and_joins_go_to_every_server_of_a_cluster() -> None:
    """What only the asked server holds is sent along to those that hold the rows."""
    ours = "SELECT a FROM t JOIN s ON s.a = t.a WHERE b IN (SELECT b FROM u) AND c IN (1, 2)"
    found = translate(ours, {}, distributed=True)
    assert "GLOBAL" not in translate(ours, {}, distributed=False)
    assert found.count("GLOBAL IN (SELECT") == 1
    assert "GLOBAL JOIN" in found


def test_temporary_tables_are_made_anew() -> None:
    """A script's temporary table replaces the one of the step before it."""
    found = translate_script("CREATE OR REPLACE TEMP TABLE t AS SELECT 1 AS a;", distributed=False)
    assert found == (
        'DROP TEMPORARY TABLE IF EXISTS "t"',
        'CREATE TEMPORARY TABLE "t" ENGINE = Memory AS SELECT 1 AS "a"',
    )


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT list(x ORDER BY y DESC)",
        "SELECT try_cast(x AS DATE)",
        "SELECT quantile_cont(x, [0.5, 0.9])",
    ],
)
def test_what_would_mean_something_else_is_refused(statement: str) -> None:
    """Outside the portable subset there is an error, not another answer."""
    with pytest.raises(ValueError, match="portable subset"):
        translate(statement, {}, distributed=False)
