"""What is carried out of changes' decisions, and what telemetry said of their stages."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "rollout_intents",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("change_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("stage", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.Text, nullable=False),
        sa.Column("claimed_by", sa.Text),
        sa.Column("claimed_until", sa.Text),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("rollout_intents_change", "rollout_intents", ["change_id"])
    op.create_index("rollout_intents_due", "rollout_intents", ["state", "due_at"])
    op.create_table(
        "stage_verdicts",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("change_id", sa.Text, nullable=False),
        sa.Column("stage", sa.BigInteger, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("stage_verdicts_change", "stage_verdicts", ["change_id", "at"])
