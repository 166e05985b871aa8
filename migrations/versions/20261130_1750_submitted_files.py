"""Keeps the files of each submission: `submitted_file`.

A submission of before gets the files that have not been replaced since it was committed; of the others nothing is
known any more, and its fingerprint stays as it was given out, without them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "c41f7e0a9b26"
down_revision = "d3a9f10c7b52"
branch_labels = None
depends_on = None

FILES_OF_BEFORE = """
INSERT INTO submitted_file
    (submission_id, partner, kind, storage_key, filename, media_type, size, sha256)
SELECT submission.id, numbered.number, document.kind, document.storage_key, document.filename, document.media_type,
    document.size, document.sha256
FROM submission
JOIN (
    SELECT id, application_id,
        ROW_NUMBER() OVER (PARTITION BY application_id ORDER BY position, id) AS number
    FROM partner
) AS numbered ON numbered.application_id = submission.application_id
JOIN document ON document.partner_id = numbered.id
JOIN application ON application.id = submission.application_id
WHERE submission.number = application.submission_count
    AND document.uploaded_at <= submission.committed_at
"""


def upgrade() -> None:
    op.create_table(
        "submitted_file",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("submission_id", sa.Integer, nullable=False),
        sa.Column("partner", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("storage_key", sa.String(64), nullable=False),
        sa.Column("filename", sa.String(200), nullable=False),
        sa.Column("media_type", sa.String(80), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name="fk_submitted_file_submission_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_submitted_file"),
        sa.UniqueConstraint("submission_id", "partner", "kind", name="uq_submitted_file_submission_id_partner_kind"),
    )
    op.create_index("ix_submitted_file_storage_key", "submitted_file", ["storage_key"])
    op.execute(FILES_OF_BEFORE)


def downgrade() -> None:
    op.drop_table("submitted_file")
