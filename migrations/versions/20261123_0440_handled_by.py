"""who handles an application, where lists count it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "c41d7a90e6b3"
down_revision = "2f6b8c40d9e1"
branch_labels = None
depends_on = None

FILL = """
UPDATE application SET handled_by = handler.user_id FROM handler WHERE handler.application_id = application.id
"""
INDEX = "ix_application_state_call_id_findings"
COUNTED = ["state", "call_id", "unmet_findings", "open_findings"]


def upgrade() -> None:
    with op.batch_alter_table("application") as batch_op:
        batch_op.drop_index(INDEX)
        batch_op.add_column(sa.Column("handled_by", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_application_handled_by"), "user_account", ["handled_by"], ["id"], ondelete="SET NULL"
        )
    op.execute(FILL)
    op.create_index(INDEX, "application", [*COUNTED, "handled_by", "id"])


def downgrade() -> None:
    op.drop_index(INDEX, table_name="application")
    with op.batch_alter_table("application") as batch_op:
        batch_op.drop_constraint(op.f("fk_application_handled_by"), type_="foreignkey")
        batch_op.drop_column("handled_by")
        batch_op.create_index(INDEX, [*COUNTED, "id"])
