"""Which words stand in which incidents.

Forward only, as every migration: add, then backfill, then remove, each in a release of its own.
They are taken of what is on record when they are first asked for.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Create the three tables."""
    op.create_table(
        "incident_words",
        sa.Column("incident", sa.Text, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("paper", sa.BigInteger, nullable=False),
        sa.Column("way", sa.BigInteger, nullable=False),
        sa.Column("length", sa.BigInteger, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
    )
    op.create_index(
        "incident_words_standing",
        "incident_words",
        ["incident", "version", "paper", "way", "length"],
    )
    op.create_table(
        "incident_postings",
        sa.Column("word", sa.Text, primary_key=True),
        sa.Column("incident", sa.Text, primary_key=True),
    )
    op.create_index("incident_postings_incident", "incident_postings", ["incident"])
    op.create_table(
        "incident_word_counts",
        sa.Column("word", sa.Text, primary_key=True),
        sa.Column("incidents", sa.BigInteger, nullable=False),
    )
