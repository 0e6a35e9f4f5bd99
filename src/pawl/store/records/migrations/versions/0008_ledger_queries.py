"""Two indexes, by which the ledger is asked for entries of a type and of a time.

Forward only, as every migration: add, then backfill, then remove, each in a release of its own.
"""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create both indexes."""
    op.create_index("ledger_type", "ledger", ["type", "seq"])
    op.create_index("ledger_recorded", "ledger", ["recorded_at", "seq"])
