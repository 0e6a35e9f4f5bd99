"""Runs of drills.

Forward only, as every migration: add, then backfill, then remove, each in a release of its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "drill_runs",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("drill", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("verdict", sa.Text),
        sa.Column("planned_at", sa.Text, nullable=False),
        sa.Column("ended_at", sa.Text),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("drill_runs_planned", "drill_runs", ["planned_at"])
    op.create_index("drill_runs_drill", "drill_runs", ["drill", "planned_at"])
