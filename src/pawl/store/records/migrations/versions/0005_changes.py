"""Changes with their components, evidence, decisions, exceptions, drills and attestations.

Forward only, as every migration: add, then backfill, then remove, each in a release of its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the eight tables."""
    _create_changes()
    _create_gates()


def _create_changes() -> None:
    op.create_table(
        "changes",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("opened_at", sa.Text, nullable=False),
        sa.Column("changed_at", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("changes_state", "changes", ["state", "changed_at"])
    op.create_index("changes_changed", "changes", ["changed_at"])
    op.create_index("changes_digest", "changes", ["digest"])
    op.create_table(
        "change_components",
        sa.Column("component", sa.Text, primary_key=True),
        sa.Column("rolling", sa.Text, nullable=False),
        sa.Column("quarantine", sa.Text, nullable=False),
        sa.Column("history", sa.Text, nullable=False),
    )
    op.create_table(
        "change_evidence",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("change_evidence_digest", "change_evidence", ["digest", "recorded_at"])
    op.create_table(
        "change_attestations",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("change_attestations_digest", "change_attestations", ["digest"])
    op.create_table(
        "change_drills",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("component", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("change_drills_component", "change_drills", ["component", "at"])


def _create_gates() -> None:
    op.create_table(
        "gate_decisions",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("change_id", sa.Text, nullable=False),
        sa.Column("moment", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("allowed", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("snapshot", sa.Text, nullable=False),
    )
    op.create_index("gate_decisions_change", "gate_decisions", ["change_id", "at"])
    op.create_index("gate_decisions_at", "gate_decisions", ["at"])
    op.create_table(
        "gate_parts",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table(
        "exceptions",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("incident", sa.Text, nullable=False),
        sa.Column("requested_at", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("exceptions_digest", "exceptions", ["digest"])
    op.create_index("exceptions_incident", "exceptions", ["incident"])
