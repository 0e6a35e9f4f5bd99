"""Evidence of maturity, what was made of it, and the assessments that people hold.

Forward only, as every migration: add, then backfill, then remove, each in a release of its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the three tables."""
    op.create_table(
        "evidence",
        sa.Column("batch", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("probe", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("observed_at", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("evidence_subject", "evidence", ["subject", "observed_at"])
    op.create_table(
        "assessments",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("as_of", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_index("assessments_subject", "assessments", ["subject", "as_of"])
    op.create_table(
        "ceremonies",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("opened_at", sa.Text, nullable=False),
        sa.Column("ended_at", sa.Text),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("ceremonies_subject", "ceremonies", ["subject", "opened_at"])
