"""Which places a URL names, and the tables that are made there."""

import pytest

from pawl.base.errors import BadValue
from pawl.store.events.clickhouse_place import read_place
from pawl.store.events.clickhouse_schema import statements


def test_a_url_names_every_server_of_a_cluster() -> None:
    """Hosts with ports, a user, a database and a cluster; the password is not in its text."""
    place = read_place("clickhouse://app:p%40ss@a:9000,b,[::1]:8124/pawl?cluster=prod&secure=1")
    assert place.hosts == (("a", 9000), ("b", 8443), ("::1", 8124))
    assert (place.user, place.password, place.database) == ("app", "p@ss", "pawl")
    assert (place.cluster, place.secure, place.replicated) == ("prod", True, False)
    assert "p@ss" not in str(place)


@pytest.mark.parametrize(
    "url",
    [
        "http://host/db",
        "clickhouse://host",
        "clickhouse://host/a;b",
        "clickhouse://host:0/db",
        "clickhouse://host:x/db",
        "clickhouse://u:secret-word@host/db?cluster=a'b",
        "clickhouse://host/db?clutser=a",
        "clickhouse:///db",
    ],
)
def test_urls_that_name_nothing(url: str) -> None:
    """A URL must name hosts, a database and nothing unknown; the password is not repeated."""
    with pytest.raises(BadValue) as raised:
        read_place(url)
    assert "secret-word" not in str(raised.value)


def test_replicated_tables_are_made_for_keeper() -> None:
    """With `replicated` each table is one that replicas copy; this DDL is read, not run, here."""
    place = read_place("clickhouse://a:8123,b:8123/pawl?cluster=prod&replicated=1")
    made = statements(place)
    rows = [text for text in made if "_rows (" in text]
    assert len(rows) == 12
    for text in rows:
        assert "'/clickhouse/tables/{shard}/pawl/" in text
        assert "'{replica}'" in text
        assert "non_replicated" not in text
    assert any(
        "ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/pawl/events_rows',"
        " '{replica}', round)" in text
        for text in rows
    )
