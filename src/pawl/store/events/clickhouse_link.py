"""Talking to ClickHouse: a client a thread for questions, a session for each change.

Every failure becomes StoreBroken with the place it happened at and never the password.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from pawl.store.events.clickhouse_place import Place
from pawl.store.events.dialect import SETTINGS, translate, translate_script, values
from pawl.store.events.engine import StoreAway, StoreBroken

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

_CONNECT_S = 10
_ANSWER_S = 600
_WRITE: dict[str, object] = {
    # A row is in only when every server it belongs on has it.
    "distributed_foreground_insert": 1,
    "max_partitions_per_insert_block": 0,
    "session_timeout": 600,
    # A CASE over a column of few values, in a temporary table.
    "allow_suspicious_low_cardinality_types": 1,
    "input_format_skip_unknown_fields": 1,
    "input_format_allow_errors_ratio": 1,
    "date_time_input_format": "best_effort",
}
_CLUSTER: dict[str, object] = {
    "distributed_product_mode": "global",
    # What is inserted is selected by the server that was asked, which has the temporary tables.
    "parallel_distributed_insert_select": 0,
    # Half an answer is none.
    "skip_unavailable_shards": 0,
}
_COPIED: dict[str, object] = {
    "insert_quorum": "auto",
    "insert_quorum_parallel": 0,
    "select_sequential_consistency": 1,
}
"""Where replicas copy from each other: what was written is read, whichever of them answers."""


class Link:
    """The way to one place. Safe to use from several threads."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._clients = threading.local()
        self._opened: list[Client] = []

    def close(self) -> None:
        """Close every client."""
        while self._opened:
            self._opened.pop().close()

    def rows(self, statement: str, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """Answer one statement in the embedded engine's dialect, whichever server answers."""
        asked = translate(statement, parameters, distributed=self.place.cluster is not None)
        with self._explained():
            try:
                return _asked(self._client(), asked, parameters)
            except _lost():
                self._clients = threading.local()
                return _asked(self._client(), asked, parameters)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session with temporary tables of its own, which end with it."""
        with self._explained():
            client = self._connect(session=True)
            session = Session(client, self.place)
            try:
                yield session
            finally:
                session.end()
                client.close()

    def everywhere(self, statements: Sequence[str], *, database: bool = True) -> None:
        """Run statements of ClickHouse's own on each server; all of them must answer."""
        for host in self.place.hosts:
            with self._explained():
                client = self._open(host, session=False, database=database)
                try:
                    for statement in statements:
                        client.command(statement)
                finally:
                    client.close()

    def ask_each(self, statement: str) -> list[list[tuple[Any, ...]]]:
        """Answer a statement of ClickHouse's own by each server; all of them must answer."""
        answers = []
        for host in self.place.hosts:
            with self._explained():
                client = self._open(host, session=False)
                try:
                    answers.append(_asked(client, statement, {}))
                finally:
                    client.close()
        return answers

    def _client(self) -> Client:
        found: Client | None = getattr(self._clients, "client", None)
        if found is None:
            found = self._clients.client = self._connect(session=False)
            self._opened.append(found)
        return found

    def _connect(self, *, session: bool) -> Client:
        """Return a client of the first server that answers."""
        for host in self.place.hosts[:-1]:
            with suppress(_lost()):
                return self._open(host, session=session)
        return self._open(self.place.hosts[-1], session=session)

    def _open(self, host: tuple[str, int], *, session: bool, database: bool = True) -> Client:
        import clickhouse_connect

        place = self.place
        settings = SETTINGS | (_WRITE if session else {})
        settings |= _CLUSTER if place.cluster else {}
        settings |= _COPIED if place.replicated else {}
        return clickhouse_connect.get_client(
            host=host[0],
            port=host[1],
            username=place.user,
            password=place.password,
            database=place.database if database else "default",
            secure=place.secure,
            session_id=uuid.uuid4().hex if session else None,
            autogenerate_session_id=False,
            settings=settings,
            connect_timeout=_CONNECT_S,
            send_receive_timeout=_ANSWER_S,
            query_retries=0,
        )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        from clickhouse_connect.driver.exceptions import Error

        try:
            yield
        except Error as error:
            said = str(error).strip() or type(error).__name__
            if self.place.password:
                said = said.replace(self.place.password, "…")
            told = said.splitlines()[0][:500]
            if isinstance(error, _lost()):
                raise StoreAway(
                    f"a server of the events store is down or cannot be reached: {told}",
                    place=str(self.place),
                    hint="Start ClickHouse there, or mend PAWL_EVENTS_URL. Meanwhile the spool "
                    "keeps events, and a server of Pawl's catches up by itself.",
                ) from error
            raise StoreBroken(
                f"the events store did not answer: {told}",
                place=str(self.place),
                hint="See that every server of it runs, then try again; the spool keeps events.",
            ) from error


class Session:
    """One change: statements in order, with temporary tables between them."""

    def __init__(self, client: Client, place: Place) -> None:
        self._client = client
        self.place = place
        self._temporary: set[str] = set()

    def run(self, statement: str, parameters: Mapping[str, object] | None = None) -> None:
        """Run one statement in the embedded engine's dialect."""
        given = parameters or {}
        many = self.place.cluster is not None
        self._client.command(
            translate(statement, given, distributed=many), parameters=values(given)
        )

    def script(self, text: str) -> None:
        """Run a script in the embedded engine's dialect."""
        for statement in translate_script(text, distributed=self.place.cluster is not None):
            self.raw(statement)

    def raw(
        self,
        statement: str,
        parameters: Mapping[str, object] | None = None,
        settings: dict[str, object] | None = None,
    ) -> None:
        """Run one statement of ClickHouse's own. `GLOBAL ` in it is left out on one server."""
        if not self.place.cluster:
            statement = statement.replace("GLOBAL ", "")
        if statement.startswith("CREATE TEMPORARY TABLE "):
            self._temporary.add(statement.split()[3])
        self._client.command(statement, parameters=values(parameters or {}), settings=settings)

    def table(self, name: str, select: str, parameters: Mapping[str, object] | None = None) -> None:
        """Make a temporary table anew from a SELECT of ClickHouse's own."""
        self.raw(f"DROP TEMPORARY TABLE IF EXISTS {name}")
        self.raw(f"CREATE TEMPORARY TABLE {name} ENGINE = Memory AS {select}", parameters)

    def rows(
        self, statement: str, parameters: Mapping[str, object] | None = None
    ) -> list[tuple[Any, ...]]:
        """Answer one statement of ClickHouse's own."""
        return _asked(self._client, statement, parameters or {})

    def count(self, statement: str) -> int:
        """Answer a statement of ClickHouse's own that tells one number."""
        return int(self.rows(statement)[0][0] or 0)

    def insert_lines(self, table: str, columns: Sequence[str], lines: bytes) -> None:
        """Insert NDJSON; lines that do not fit the table are passed over by the engine."""
        self._client.raw_insert(table, column_names=columns, insert_block=lines, fmt="JSONEachRow")

    def insert_rows(self, table: str, columns: Sequence[str], rows: list[list[Any]]) -> None:
        """Insert values."""
        self._client.insert(table, rows, column_names=list(columns))

    def end(self) -> None:
        """Drop the temporary tables, which would otherwise stay until the session times out."""
        from clickhouse_connect.driver.exceptions import Error

        with suppress(Error):
            for name in sorted(self._temporary):
                self._client.command(f"DROP TEMPORARY TABLE IF EXISTS {name}")


def _asked(
    client: Client, statement: str, parameters: Mapping[str, object]
) -> list[tuple[Any, ...]]:
    found = client.query(statement, parameters=values(parameters))
    return [tuple(row) for row in found.result_rows]


def _lost() -> type[Exception]:
    from clickhouse_connect.driver.exceptions import OperationalError

    return OperationalError
