"""partner sections."""

from __future__ import annotations

import json
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

import urbact_calls.database

revision = "8d3f51c2e7a4"
down_revision = "7d31c9a4e6b2"
branch_labels = None
depends_on = None


# The work plan was one text for each work package, and is a table of them since; the fourth text stays.
_PACKAGES = ("management", "transnational", "local_level")
_SECTION = sa.table("section", sa.column("id", sa.Integer), sa.column("code", sa.String), sa.column("answers", sa.JSON))


def _rewrite_work_plans(change: Callable[[dict[str, str]], dict[str, str]]) -> None:
    bind = op.get_bind()
    for row in bind.execute(sa.select(_SECTION.c.id, _SECTION.c.answers).where(_SECTION.c.code == "work_plan")).all():
        bind.execute(sa.update(_SECTION).where(_SECTION.c.id == row.id).values(answers=change(row.answers)))


def _as_table(answers: dict[str, str]) -> dict[str, str]:
    texts = [answers.get(code, "") for code in _PACKAGES]
    kept = {code: text for code, text in answers.items() if code not in _PACKAGES}
    if any(texts):
        rows = [{"activities": text} if text else {} for text in (*texts, "")]
        kept["work_packages"] = json.dumps(rows, ensure_ascii=False)
    return kept


def _as_texts(answers: dict[str, str]) -> dict[str, str]:
    rows = json.loads(answers.get("work_packages") or "[]")
    texts = {code: row.get("activities", "") for code, row in zip(_PACKAGES, rows, strict=False)}
    return {**dict.fromkeys(_PACKAGES, ""), **texts, "communication": answers.get("communication", "")}


def upgrade() -> None:
    op.create_table(
        "partner_section",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", urbact_calls.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_partner_section_partner_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["updated_by"], ["user_account.id"], name=op.f("fk_partner_section_updated_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_section")),
        sa.UniqueConstraint("partner_id", "code", name=op.f("uq_partner_section_partner_id_code")),
    )
    _rewrite_work_plans(_as_table)


def downgrade() -> None:
    _rewrite_work_plans(_as_texts)
    op.drop_table("partner_section")
