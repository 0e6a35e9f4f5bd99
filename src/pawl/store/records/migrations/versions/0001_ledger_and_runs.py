"""The ledger, and the runs that its first entries tell of.

Forward only. Add, then backfill, then remove, each in a release of its own: an older Pawl may
still be writing. Never edit a migration that shipped.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the two tables."""
    op.create_table(
        "ledger",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("prev_hash", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("body_digest", sa.Text, nullable=False),
        sa.Column("policy_digest", sa.Text),
        sa.Column("claimed_at", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.Text, nullable=False),
        sa.Column("idempotency_key", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.UniqueConstraint("prev_hash", name="ledger_prev_hash"),
        sa.UniqueConstraint("idempotency_key", name="ledger_idempotency_key"),
    )
    op.create_index("ledger_subject", "ledger", ["subject", "seq"])
    op.create_table(
        "runs",
        sa.Column("run_id", sa.Text, primary_key=True),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("agent_version", sa.Text),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("spec_digest", sa.Text),
        sa.Column("limits", sa.Text),
        sa.Column("project", sa.Text),
        sa.Column("repo", sa.Text),
        sa.Column("branch", sa.Text),
        sa.Column("commit", sa.Text),
        sa.Column("pr", sa.Text),
        sa.Column("workflow", sa.Text),
        sa.Column("developer", sa.Text),
        sa.Column("machine", sa.Text),
        sa.Column("started_at", sa.Text),
        sa.Column("ended_at", sa.Text),
        sa.Column("stop", sa.Text),
        sa.Column("input", sa.BigInteger),
        sa.Column("cache_read", sa.BigInteger),
        sa.Column("cache_write_5m", sa.BigInteger),
        sa.Column("cache_write_1h", sa.BigInteger),
        sa.Column("output", sa.BigInteger),
        sa.Column("reasoning", sa.BigInteger),
        sa.Column("web_searches", sa.BigInteger),
        sa.Column("cost_micros", sa.BigInteger),
        sa.Column("cost_basis", sa.Text),
        sa.Column("reported_micros", sa.BigInteger),
        sa.Column("session_id", sa.Text),
        sa.Column("warnings", sa.Text),
        sa.Column("stderr_tail", sa.Text),
        sa.Column("pid", sa.BigInteger),
        sa.Column("lock_path", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("record", sa.Text),
    )
    op.create_index("runs_status", "runs", ["status"])
