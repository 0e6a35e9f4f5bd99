"""${message}

Forward only. Add, then backfill, then remove, each in a release of its own: an older Pawl may
still be writing. Never edit a migration that shipped. Raise VERSION in tables.py.
"""

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """${message}."""
    ${upgrades if upgrades else "pass"}
