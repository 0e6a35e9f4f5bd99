"""Budgets, what runs reserve of them, notices, and spend seen outside supervised runs.

Forward only, as every migration: add, then backfill, then remove, each in a release of its own.
A run's models move from its record into a column, so that budgets of a model can be summed.
"""

import msgspec
import sqlalchemy as sa
from alembic import op

from pawl.base import typed

revision = "0003"
down_revision = "0002"

_ROWS_AT_ONCE = 500


def upgrade() -> None:
    """Create the tables, and fill the new column from the records."""
    op.add_column("runs", sa.Column("models", sa.Text))
    op.create_index("runs_started", "runs", ["started_at"])
    _fill_models()
    op.create_table(
        "budgets",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("raised_micros", sa.BigInteger),
        sa.Column("raised_until", sa.Text),
        sa.Column("changed_at", sa.Text, nullable=False),
    )
    _create_reservations_and_notices()
    op.create_table(
        "observed_spend",
        sa.Column("store", sa.Text, nullable=False),
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("project", sa.Text),
        sa.Column("developer", sa.Text),
        sa.Column("agent", sa.Text),
        sa.Column("model", sa.Text),
        sa.Column("cost_micros", sa.BigInteger, nullable=False),
        sa.Column("requests", sa.BigInteger, nullable=False),
        sa.Column("unpriced", sa.BigInteger, nullable=False),
    )
    op.create_index("observed_spend_day", "observed_spend", ["day"])
    op.create_index("observed_spend_store", "observed_spend", ["store", "day"])
    op.create_table(
        "observed_stores",
        sa.Column("store", sa.Text, primary_key=True),
        sa.Column("since", sa.Text, nullable=False),
        sa.Column("observed_at", sa.Text, nullable=False),
    )


def _create_reservations_and_notices() -> None:
    op.create_table(
        "budget_reservations",
        sa.Column("run_id", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("amount_micros", sa.BigInteger, nullable=False),
        sa.Column("project", sa.Text),
        sa.Column("developer", sa.Text),
        sa.Column("agent", sa.Text),
        sa.Column("models", sa.Text),
        sa.Column("started_at", sa.Text, nullable=False),
        sa.Column("expires_at", sa.Text, nullable=False),
        sa.Column("ended_at", sa.Text),
    )
    op.create_index("budget_reservations_state", "budget_reservations", ["state", "started_at"])
    op.create_table(
        "budget_notices",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("budget", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("percent", sa.BigInteger, nullable=False),
        sa.Column("spent_micros", sa.BigInteger, nullable=False),
        sa.Column("limit_micros", sa.BigInteger, nullable=False),
        sa.Column("run_id", sa.Text),
        sa.Column("noticed_at", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("budget_notices_period", "budget_notices", ["period"])


def _fill_models() -> None:
    runs = sa.table("runs", sa.column("run_id"), sa.column("record"), sa.column("models"))
    connection = op.get_bind()
    last = ""
    while True:
        page = (
            sa.select(runs.c.run_id, runs.c.record)
            .where(runs.c.run_id > last, runs.c.record.is_not(None))
            .order_by(runs.c.run_id)
            .limit(_ROWS_AT_ONCE)
        )
        rows = connection.execute(page).all()
        if not rows:
            return
        for row in rows:
            models = typed.decode(row.record, type=_Models).models
            text = msgspec.json.encode(models).decode().replace("\0", "\ufffd")
            change = sa.update(runs).where(runs.c.run_id == row.run_id).values(models=text)
            connection.execute(change)
        last = rows[-1].run_id


class _Models(msgspec.Struct):
    """The one field of a record that is read here; msgspec passes over the others."""

    models: tuple[str, ...] = ()
