"""Incidents, their actions, postmortems and debts, and the steps of learning that were done."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "incidents",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("ongoing", sa.BigInteger, nullable=False),
        sa.Column("severity", sa.BigInteger, nullable=False),
        sa.Column("domain", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("same_key", sa.Text, nullable=False),
        sa.Column("open_key", sa.Text),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("root_cause_key", sa.Text, nullable=False),
        sa.Column("declared_at", sa.Text, nullable=False),
        sa.Column("next_due_at", sa.Text),
        *_common(),
    )
    # A key is held by one incident at most; none at all by as many as like.
    op.create_index("incidents_open_key", "incidents", ["open_key"], unique=True)
    op.create_index("incidents_same_key", "incidents", ["same_key", "declared_at"])
    op.create_index("incidents_declared", "incidents", ["declared_at", "id"])
    op.create_index("incidents_state", "incidents", ["state", "declared_at"])
    op.create_index("incidents_ongoing", "incidents", ["ongoing", "severity"])
    op.create_index("incidents_due", "incidents", ["next_due_at"])
    op.create_index("incidents_fingerprint", "incidents", ["fingerprint", "declared_at", "id"])
    op.create_index("incidents_root_cause", "incidents", ["root_cause_key", "declared_at", "id"])
    op.create_index("incidents_version", "incidents", ["id", "version"])
    _left_behind()


def _left_behind() -> None:
    op.create_table(
        "actions",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("incident", sa.Text, nullable=False),
        sa.Column("component", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("done", sa.BigInteger, nullable=False),
        sa.Column("blocker", sa.BigInteger, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("due_at", sa.Text, nullable=False),
        sa.Column("first_due_at", sa.Text, nullable=False),
        *_common(),
    )
    op.create_index("actions_incident", "actions", ["incident"])
    op.create_index("actions_done", "actions", ["done", "due_at"])
    op.create_index("actions_first_due", "actions", ["first_due_at"])
    op.create_index("actions_owner", "actions", ["owner"])
    op.create_table(
        "postmortems",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("incident", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("root_cause_key", sa.Text, nullable=False),
        sa.Column("published_at", sa.Text),
        *_common(),
    )
    op.create_index("postmortems_incident", "postmortems", ["incident"], unique=True)
    op.create_table(
        "debts",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("root_cause_key", sa.Text, nullable=False),
        sa.Column("component", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("last_seen_at", sa.Text, nullable=False),
        *_common(),
    )
    op.create_index("debts_state", "debts", ["state", "last_seen_at"])
    op.create_table(
        "learning_steps",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("incident", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("done_at", sa.Text, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
    )
    op.create_index("learning_steps_incident", "learning_steps", ["incident", "done_at"])


def _common() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
