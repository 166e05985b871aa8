"""findings keep code, parameters and the English as issued."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "5e0c2b9a7d14"
down_revision = "5b0d2f7c9a14"
branch_labels = None
depends_on = None

COLUMNS = {"title": False, "message": False, "fix": True}


def upgrade() -> None:
    # Reports that were stored before are not carried over: nothing has been released.
    op.execute("DELETE FROM finding")
    with op.batch_alter_table("finding") as batch_op:
        for name, nullable in COLUMNS.items():
            batch_op.drop_column(name)
            batch_op.add_column(sa.Column(name, sa.JSON(), nullable=nullable))


def downgrade() -> None:
    op.execute("DELETE FROM finding")
    with op.batch_alter_table("finding") as batch_op:
        for name, nullable in COLUMNS.items():
            batch_op.drop_column(name)
            batch_op.add_column(sa.Column(name, sa.Text(), nullable=nullable))
