"""Sessions as rows, names of tokens, wrong passwords."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "4c7e1a92d0b5"
down_revision = "c41f7e0a9b26"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """There were no sessions before: whoever is signed in signs in again. Tokens made before have no name."""
    op.create_table(
        "browser_session",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("browser", sa.String(60), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_browser_session"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name="fk_browser_session_user_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("sha256", name="uq_browser_session_sha256"),
    )
    op.create_index("ix_browser_session_user_id", "browser_session", ["user_id"])
    op.create_index("ix_browser_session_used_at", "browser_session", ["used_at"])
    op.create_table(
        "wrong_passwords",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_wrong_passwords"),
        sa.UniqueConstraint("key", name="uq_wrong_passwords_key"),
    )
    op.create_index("ix_wrong_passwords_last_at", "wrong_passwords", ["last_at"])
    op.add_column("api_token", sa.Column("name", sa.String(80)))


def downgrade() -> None:
    with op.batch_alter_table("api_token") as api_token:
        api_token.drop_column("name")
    op.drop_table("wrong_passwords")
    op.drop_table("browser_session")
