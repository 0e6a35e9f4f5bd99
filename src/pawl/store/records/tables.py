"""The tables of the records, as the newest migration leaves them.

A table belongs to the one module that writes it: `ledger` to `ledger.py`, `runs` to `runs.py`,
`evidence` and `assessments` to `evidence.py`, `ceremonies` to `ceremonies.py`, `budgets`,
`budget_reservations` and `budget_notices` to `budgets.py`, `observed_spend` and `observed_stores`
to `spend.py`.
Times are canonical text, money is micro-USD, JSON is text: all three read the same on SQLite
and PostgreSQL. Change a table only together with a new file in `migrations/versions`.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

VERSION = "0003"
"""The newest migration. A test holds it and the migrations together."""

metadata = MetaData()

ledger = Table(
    "ledger",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("prev_hash", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("body_digest", Text, nullable=False),
    Column("policy_digest", Text),
    Column("claimed_at", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Column("idempotency_key", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("hash", Text, nullable=False),
    # Two entries after the same one would be a fork: the store itself refuses it.
    UniqueConstraint("prev_hash", name="ledger_prev_hash"),
    UniqueConstraint("idempotency_key", name="ledger_idempotency_key"),
    Index("ledger_subject", "subject", "seq"),
)

runs = Table(
    "runs",
    metadata,
    Column("run_id", Text, primary_key=True),
    Column("agent", Text, nullable=False),
    Column("agent_version", Text),
    Column("status", Text, nullable=False),
    Column("outcome", Text),
    Column("spec_digest", Text),
    Column("limits", Text),
    Column("project", Text),
    Column("repo", Text),
    Column("branch", Text),
    Column("commit", Text),
    Column("pr", Text),
    Column("workflow", Text),
    Column("developer", Text),
    Column("machine", Text),
    Column("started_at", Text),
    Column("ended_at", Text),
    Column("stop", Text),
    Column("input", BigInteger),
    Column("cache_read", BigInteger),
    Column("cache_write_5m", BigInteger),
    Column("cache_write_1h", BigInteger),
    Column("output", BigInteger),
    Column("reasoning", BigInteger),
    Column("web_searches", BigInteger),
    Column("cost_micros", BigInteger),
    Column("cost_basis", Text),
    Column("reported_micros", BigInteger),
    Column("session_id", Text),
    Column("warnings", Text),
    Column("stderr_tail", Text),
    Column("pid", BigInteger),
    Column("lock_path", Text),
    Column("reason", Text),
    Column("record", Text),
    Column("models", Text),
    Index("runs_status", "status"),
    Index("runs_started", "started_at"),
)

evidence = Table(
    "evidence",
    metadata,
    Column("batch", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("probe", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("observed_at", Text, nullable=False),
    Column("body", Text, nullable=False),
    Index("evidence_subject", "subject", "observed_at"),
)

assessments = Table(
    "assessments",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("as_of", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("assessments_subject", "subject", "as_of"),
)

ceremonies = Table(
    "ceremonies",
    metadata,
    Column("id", Text, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("opened_at", Text, nullable=False),
    Column("ended_at", Text),
    Column("body", Text, nullable=False),
    Index("ceremonies_subject", "subject", "opened_at"),
)

budgets = Table(
    "budgets",
    metadata,
    Column("key", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("raised_micros", BigInteger),
    Column("raised_until", Text),
    Column("changed_at", Text, nullable=False),
)

budget_reservations = Table(
    "budget_reservations",
    metadata,
    Column("run_id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("amount_micros", BigInteger, nullable=False),
    Column("project", Text),
    Column("developer", Text),
    Column("agent", Text),
    Column("models", Text),
    Column("started_at", Text, nullable=False),
    Column("expires_at", Text, nullable=False),
    Column("ended_at", Text),
    Index("budget_reservations_state", "state", "started_at"),
)

budget_notices = Table(
    "budget_notices",
    metadata,
    Column("key", Text, primary_key=True),
    Column("budget", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("percent", BigInteger, nullable=False),
    Column("spent_micros", BigInteger, nullable=False),
    Column("limit_micros", BigInteger, nullable=False),
    Column("run_id", Text),
    Column("noticed_at", Text, nullable=False),
    Column("text", Text, nullable=False),
    Index("budget_notices_period", "period"),
)

observed_spend = Table(
    "observed_spend",
    metadata,
    Column("store", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("project", Text),
    Column("developer", Text),
    Column("agent", Text),
    Column("model", Text),
    Column("cost_micros", BigInteger, nullable=False),
    Column("requests", BigInteger, nullable=False),
    Column("unpriced", BigInteger, nullable=False),
    Index("observed_spend_day", "day"),
    Index("observed_spend_store", "store", "day"),
)

observed_stores = Table(
    "observed_stores",
    metadata,
    Column("store", Text, primary_key=True),
    Column("since", Text, nullable=False),
    Column("observed_at", Text, nullable=False),
)
