"""The operating cadence: which routines are kept, and what was recorded of each occurrence.

Forward only, as every migration: add, then backfill, then remove, each in a release of its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0009"


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "cadence_routines",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("since", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table(
        "routine_occurrences",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("routine", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("due_at", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("routine_occurrences_due", "routine_occurrences", ["due_at"])
    op.create_index("routine_occurrences_routine", "routine_occurrences", ["routine", "due_at"])
