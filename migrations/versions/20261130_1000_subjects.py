"""subjects by kind and id instead of a text, what a step had seen, versions of expert applications."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "5b0d2f7c9a14"
down_revision = "c41d7a90e6b3"
branch_labels = None
depends_on = None

# Nothing has been released, so what was kept under a text is not taken over.
TABLES = ("workflow_event", "refused_attempt", "field_change", "delivery", "job")


def upgrade() -> None:
    for table in TABLES:
        op.execute(sa.delete(sa.table(table)))
    with op.batch_alter_table("workflow_event") as batch:
        batch.drop_constraint(op.f("uq_workflow_event_object_ref_number"), type_="unique")
        batch.drop_index(op.f("ix_workflow_event_object_ref"))
        batch.drop_column("object_ref")
        batch.drop_column("machine")
        batch.add_column(sa.Column("subject_kind", sa.String(24), nullable=False))
        batch.add_column(sa.Column("subject_id", sa.Integer(), nullable=False))
        batch.add_column(sa.Column("version", sa.Integer(), nullable=False))
        batch.add_column(sa.Column("seen", sa.Integer(), nullable=True))
        batch.create_unique_constraint(
            op.f("uq_workflow_event_subject_kind_subject_id_number"), ["subject_kind", "subject_id", "number"]
        )
    for table, columns in (("refused_attempt", ()), ("field_change", ("id",))):
        with op.batch_alter_table(table) as batch:
            batch.drop_index(f"ix_{table}_{'_'.join(('object_ref', *columns))}")
            batch.drop_column("object_ref")
            batch.add_column(sa.Column("subject_kind", sa.String(24), nullable=False))
            batch.add_column(sa.Column("subject_id", sa.Integer(), nullable=False))
            names = ("subject_kind", "subject_id", *columns)
            batch.create_index(f"ix_{table}_{'_'.join(names)}", list(names))
    for table, columns in (("delivery", ("id",)), ("job", ())):
        with op.batch_alter_table(table) as batch:
            batch.drop_index(f"ix_{table}_{'_'.join(('object_ref', *columns))}")
            batch.drop_column("object_ref")
            batch.add_column(sa.Column("subject_kind", sa.String(24), nullable=True))
            batch.add_column(sa.Column("subject_id", sa.Integer(), nullable=True))
            names = ("subject_kind", "subject_id", *columns)
            batch.create_index(f"ix_{table}_{'_'.join(names)}", list(names))
    with op.batch_alter_table("expert_application") as batch:
        batch.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("expert_application") as batch:
        batch.alter_column("version", server_default=None)


def downgrade() -> None:
    for table in TABLES:
        op.execute(sa.delete(sa.table(table)))
    with op.batch_alter_table("expert_application") as batch:
        batch.drop_column("version")
    for table, columns in (("delivery", ("id",)), ("job", ()), ("refused_attempt", ()), ("field_change", ("id",))):
        with op.batch_alter_table(table) as batch:
            batch.drop_index(f"ix_{table}_{'_'.join(('subject_kind', 'subject_id', *columns))}")
            batch.drop_column("subject_kind")
            batch.drop_column("subject_id")
            is_open = table in ("delivery", "job")
            batch.add_column(sa.Column("object_ref", sa.String(80), nullable=is_open))
            names = ("object_ref", *columns)
            batch.create_index(f"ix_{table}_{'_'.join(names)}", list(names))
    with op.batch_alter_table("workflow_event") as batch:
        batch.drop_constraint(op.f("uq_workflow_event_subject_kind_subject_id_number"), type_="unique")
        for column in ("subject_kind", "subject_id", "version", "seen"):
            batch.drop_column(column)
        batch.add_column(sa.Column("object_ref", sa.String(80), nullable=False))
        batch.add_column(sa.Column("machine", sa.String(24), nullable=False))
        batch.create_index(op.f("ix_workflow_event_object_ref"), ["object_ref"])
        batch.create_unique_constraint(op.f("uq_workflow_event_object_ref_number"), ["object_ref", "number"])
