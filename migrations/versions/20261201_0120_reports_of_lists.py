"""Adds an index of the reports that were made by a closing list.

The clock asks every few seconds which applications of a closed call have no report by its list; the rows of reports are
long, and the index alone answers.
"""

from __future__ import annotations

from alembic import op

revision = "5f2a90c47d13"
down_revision = "5e0b7d42c9a6"
branch_labels = None
depends_on = None

INDEX = "ix_report_closing_list_id_application_id"


def upgrade() -> None:
    op.create_index(INDEX, "report", ["closing_list_id", "application_id"])


def downgrade() -> None:
    op.drop_index(INDEX, "report")
