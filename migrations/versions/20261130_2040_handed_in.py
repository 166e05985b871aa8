"""Adds when a submission was received that is kept and not stored yet.

Expand only: nothing waits to be stored. A program of before stores each submission in its request and never looks here.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "5e0b7d42c9a6"
down_revision = "5d8e21b7c09a"
branch_labels = None
depends_on = None

WAITS = sa.text("handed_in_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("application", sa.Column("handed_in_at", sa.DateTime(timezone=True)))
    op.create_index("ix_application_handed_in", "application", ["call_id"], sqlite_where=WAITS, postgresql_where=WAITS)


def downgrade() -> None:
    op.drop_index("ix_application_handed_in", "application")
    op.drop_column("application", "handed_in_at")
