"""Makes every table of the program's first release, as they were then: nothing here follows the models of today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "8f2d5b60c1e4"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
SCHEMA = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def upgrade() -> None:
    SCHEMA.create_all(op.get_bind(), checkfirst=False)


def downgrade() -> None:
    SCHEMA.drop_all(op.get_bind(), checkfirst=False)


def table(
    name: str,
    *parts: sa.Column[Any] | sa.Index,
    unique: Sequence[str] = (),
    indexed: Sequence[str] = (),
    checks: Mapping[str, str] | None = None,
) -> None:
    """Adds a table to `SCHEMA`: with a column `id` if no other column is its key, and its checks by name."""
    has_key = any(isinstance(part, sa.Column) and part.primary_key for part in parts)
    sa.Table(
        name,
        SCHEMA,
        *([] if has_key else [sa.Column("id", sa.Integer, primary_key=True)]),
        *parts,
        *(sa.UniqueConstraint(*columns.split(", ")) for columns in unique),
        *(sa.Index(None, *columns.split(", ")) for columns in indexed),
        *(sa.CheckConstraint(condition, name=check) for check, condition in (checks or {}).items()),
    )


def required(kind: Any, *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def optional(kind: Any, *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind) for name in names]


def strings(**lengths: int) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.String(length), nullable=False) for name, length in lengths.items()]


def optional_strings(**lengths: int) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.String(length)) for name, length in lengths.items()]


def links(to: str, on_delete: str, *names: str) -> list[sa.Column[Any]]:
    """Columns that name a row of the table `to`."""
    return [sa.Column(name, sa.ForeignKey(f"{to}.id", ondelete=on_delete), nullable=False) for name in names]


def optional_links(to: str, on_delete: str, *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.ForeignKey(f"{to}.id", ondelete=on_delete)) for name in names]


table(
    "call",
    *strings(code=20, type=8, title=150),
    *required(sa.Text, "summary"),
    *required(INSTANT, "opens_at", "closes_at", "created_at"),
    *optional(INSTANT, "published_at"),
    *required(sa.Boolean, "is_historical", "is_demonstration"),
    *required(sa.JSON, "terms"),
    *optional(sa.JSON, "results"),
    sa.Column("version", sa.Integer, nullable=False, server_default="0"),
    unique=["code"],
    checks={"opens_before_it_closes": "opens_at < closes_at"},
)
table(
    "european_place",
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    *strings(name=200, country=2, admin1=20),
    # In the order of the code points, so that the index finds what begins with a text, as on SQLite.
    *required(sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql"), "folded"),
    *required(sa.Float, "latitude", "longitude"),
    indexed=["folded, id"],
)
table(
    "organisation",
    *strings(slug=120, name=200, folded=200, seat_city=120, country=2, kind=12),
    *optional(sa.Text, "other_names", "provenance"),
    *optional_strings(category=24, nuts2=8, region_category=20, region_confidence=12, region_basis=12, confidence=12),
    *optional(sa.Float, "latitude", "longitude"),
    *optional(sa.Integer, "geonameid"),
    *required(sa.Boolean, "is_verified"),
    *required(INSTANT, "created_at"),
    unique=["country, folded, seat_city", "slug"],
    indexed=["country", "folded"],
    checks={
        "kind": "kind IN ('city', 'non-city')",
        "region_basis": "region_basis IS NULL OR region_basis IN ('place', 'source', 'chosen', 'officer')",
        "region_category": "region_category IS NULL OR region_category IN ('less developed', 'transition', 'more developed')",
    },
)
table(
    "reference_table",
    sa.Column("name", sa.String(60), primary_key=True),
    *strings(sha256=64),
    *required(sa.Integer, "rows"),
    *required(sa.JSON, "marks"),
    *required(INSTANT, "loaded_at"),
)
table(
    "user_account",
    *strings(email=254, name=120, password_hash=200),
    *required(sa.Integer, "epoch"),
    *optional_strings(theme=8),
    *required(INSTANT, "created_at"),
    *optional(INSTANT, "confirmed_at", "disabled_at"),
    unique=["email"],
)
table(
    "api_token",
    *links("user_account", "CASCADE", "user_id"),
    *strings(sha256=64),
    *required(INSTANT, "created_at", "expires_at"),
    *optional(INSTANT, "revoked_at", "last_used_at"),
    unique=["sha256"],
    indexed=["user_id"],
)
table(
    "application",
    *strings(reference=32, acronym=20, title=150, state=32),
    *links("call", "NO ACTION", "call_id"),
    *required(sa.Integer, "number", "version", "submission_count"),
    *required(INSTANT, "created_at"),
    *links("user_account", "NO ACTION", "created_by"),
    *optional(INSTANT, "submitted_at", "eligibility_declared_at", "assessed_at", "decided_at"),
    *optional_strings(report_kind=12),
    *optional(sa.Integer, "reported_submission", "unmet_findings", "open_findings"),
    *optional_links("user_account", "SET NULL", "handled_by"),
    sa.Index(
        "ix_application_state_call_id_findings",
        *("state", "call_id", "unmet_findings", "open_findings", "handled_by", "id"),
    ),
    unique=["call_id, number", "reference"],
    indexed=["call_id, state, number"],
    checks={
        "decided_when_decided": "state NOT IN ('approved', 'approved_with_conditions', 'reserve', 'not_approved', 'postponed', 'in_network') OR decided_at IS NOT NULL",
        "state": "state IN ('draft', 'submitted', 'clarification', 'eligible', 'ineligible', 'assessed', 'approved', 'approved_with_conditions', 'reserve', 'not_approved', 'postponed', 'in_network', 'withdrawn')",
        "submitted_when_later": "state IN ('draft', 'withdrawn') OR submitted_at IS NOT NULL",
    },
)
table(
    "call_subscription",
    *links("call", "NO ACTION", "call_id"),
    *strings(address=254, key=64),
    *required(INSTANT, "asked_at"),
    *optional(INSTANT, "confirmed_at"),
    unique=["call_id, address", "key"],
    indexed=["call_id"],
)
table(
    "expert_profile",
    *links("user_account", "CASCADE", "user_id"),
    *strings(slug=80, state=20),
    *required(sa.Integer, "version"),
    *required(sa.Boolean, "is_demonstration"),
    *optional_strings(track=8, country=2, cv_key=32, cv_filename=120, cv_sha256=64),
    *required(sa.JSON, "kinds", "validated_kinds", "themes", "languages"),
    *optional(sa.Integer, "years", "cv_size"),
    *optional(sa.Text, "skills", "summary", "reason"),
    *optional(INSTANT, "cv_uploaded_at", "consented_at", "submitted_at", "decided_at"),
    *required(INSTANT, "created_at"),
    *optional_links("user_account", "SET NULL", "decided_by"),
    unique=["slug", "user_id"],
    indexed=["state, id"],
    checks={
        "state": "state IN ('draft', 'submitted', 'validated_lead', 'validated_ad_hoc', 'refused')",
        "submitted": "state = 'draft' OR submitted_at IS NOT NULL",
        "track": "track IS NULL OR track IN ('lead', 'ad_hoc')",
        "years": "years IS NULL OR years BETWEEN 0 AND 70",
    },
)
table(
    "field_change",
    *strings(field=120, subject_kind=24),
    *optional(sa.JSON, "before", "after"),
    *optional_links("user_account", "SET NULL", "actor_id"),
    *required(INSTANT, "at"),
    *required(sa.Integer, "subject_id"),
    indexed=["subject_kind, subject_id, id"],
)
table(
    "job",
    *strings(key=200, kind=80, state=12, policy=8),
    *required(sa.JSON, "args"),
    *required(sa.Integer, "attempts"),
    *required(INSTANT, "next_at", "created_at"),
    *optional(INSTANT, "lease_until", "done_at"),
    *optional_strings(owner=80, error_code=80, subject_kind=24),
    *optional_links("user_account", "SET NULL", "actor_id"),
    *optional(sa.Integer, "subject_id"),
    unique=["key"],
    indexed=["state, next_at", "subject_kind, subject_id"],
)
table(
    "meeting",
    *links("call", "CASCADE", "call_id"),
    *strings(reference=60),
    *required(sa.Date, "held_on"),
    *required(sa.Boolean, "is_written_procedure"),
    *required(INSTANT, "created_at"),
    unique=["reference"],
    indexed=["call_id"],
)
table(
    "membership",
    *links("user_account", "CASCADE", "user_id"),
    *links("organisation", "CASCADE", "organisation_id"),
    *required(sa.Boolean, "is_manager"),
    *required(INSTANT, "requested_at"),
    *optional(INSTANT, "accepted_at"),
    *optional_links("user_account", "SET NULL", "accepted_by"),
    unique=["user_id, organisation_id"],
    indexed=["organisation_id"],
)
table(
    "muted_email",
    *links("user_account", "CASCADE", "user_id"),
    *strings(email_key=60),
    *required(INSTANT, "muted_at"),
    unique=["user_id, email_key"],
)
table(
    "panel_member",
    *links("call", "CASCADE", "call_id"),
    *links("user_account", "CASCADE", "user_id"),
    *required(sa.Boolean, "is_chair"),
    *optional_strings(country=2),
    *required(INSTANT, "invited_at"),
    unique=["call_id, user_id"],
    indexed=["user_id"],
)
table(
    "ranking",
    *links("call", "CASCADE", "call_id"),
    *required(INSTANT, "sealed_at"),
    *optional_links("user_account", "SET NULL", "sealed_by"),
    *strings(fingerprint=64),
    *required(sa.JSON, "partners_by_category"),
    indexed=["call_id"],
)
table(
    "refused_attempt",
    *strings(transition=40, subject_kind=24),
    *optional_links("user_account", "SET NULL", "actor_id"),
    *required(sa.JSON, "refusals"),
    *required(INSTANT, "at"),
    *required(sa.Integer, "subject_id"),
    indexed=["subject_kind, subject_id"],
)
table(
    "region_confirmation",
    *links("organisation", "CASCADE", "organisation_id"),
    *optional_strings(nuts2=8),
    *strings(region_category=20),
    *optional(sa.Text, "reason"),
    *optional_links("user_account", "SET NULL", "confirmed_by"),
    *required(INSTANT, "confirmed_at"),
    indexed=["organisation_id"],
    checks={"region_category": "region_category IN ('less developed', 'transition', 'more developed')"},
)
table(
    "role_grant",
    *links("user_account", "CASCADE", "user_id"),
    *strings(role=24),
    *optional_strings(country=2),
    *required(INSTANT, "granted_at"),
    *optional_links("user_account", "SET NULL", "granted_by"),
    unique=["user_id, role"],
    checks={
        "role": "role IN ('expert', 'assessor', 'panel_chair', 'programme_officer', 'programme_manager', 'managing_authority', 'committee', 'national_point', 'auditor', 'administrator')",
    },
)
table(
    "workflow_event",
    *required(sa.Integer, "number", "version", "subject_id"),
    *strings(transition=40, target=32, subject_kind=24),
    *optional_strings(source=32),
    *optional(sa.Integer, "seen"),
    *optional_links("user_account", "SET NULL", "actor_id"),
    *optional(sa.Text, "reason"),
    *required(INSTANT, "at"),
    unique=["subject_kind, subject_id, number"],
)
table(
    "allocation",
    *links("application", "CASCADE", "application_id"),
    *links("user_account", "NO ACTION", "user_id"),
    *required(sa.Date, "due_on"),
    *required(INSTANT, "allocated_at"),
    *optional_links("user_account", "SET NULL", "allocated_by"),
    *optional_strings(conflict=10),
    *optional(sa.Text, "conflict_note"),
    *optional(INSTANT, "declared_at", "released_at"),
    unique=["application_id, user_id"],
    indexed=["application_id, released_at", "user_id, released_at"],
    checks={"conflict": "conflict IS NULL OR conflict IN ('none', 'conflict')"},
)
table(
    "application_access",
    *links("application", "CASCADE", "application_id"),
    *links("user_account", "CASCADE", "user_id"),
    *strings(role=8),
    *required(INSTANT, "granted_at"),
    unique=["application_id, user_id"],
    indexed=["user_id"],
    checks={"role": "role IN ('lead', 'editor', 'viewer')"},
)
table(
    "consensus_sheet",
    *links("application", "CASCADE", "application_id"),
    *links("call", "CASCADE", "call_id"),
    *strings(state=12),
    *required(sa.Integer, "version"),
    *required(sa.Text, "recommendation"),
    *optional(sa.Integer, "total_points"),
    *optional(sa.BigInteger, "standing"),
    *required(INSTANT, "opened_at"),
    *optional(INSTANT, "signed_at"),
    unique=["application_id"],
    indexed=["call_id, standing"],
    checks={"state": "state IN ('open', 'signed')"},
)
table(
    "decision",
    *links("application", "CASCADE", "application_id"),
    *links("meeting", "CASCADE", "meeting_id"),
    *strings(outcome=28),
    *required(sa.Text, "reasons", "conditions"),
    *optional(sa.Date, "conditions_due_on"),
    *required(INSTANT, "recorded_at"),
    *optional_links("user_account", "SET NULL", "recorded_by", "announced_by"),
    *optional(INSTANT, "announced_at"),
    unique=["application_id, meeting_id"],
    indexed=["announced_at", "meeting_id, outcome"],
    checks={
        "conditions_when_approved_with_conditions": "outcome <> 'approved_with_conditions' OR conditions <> ''",
        "outcome": "outcome IN ('approved', 'approved_with_conditions', 'reserve', 'not_approved', 'postponed')",
    },
)
table(
    "delivery",
    *strings(event=200, email_key=60, address=254, subject=250, message_id=120),
    *optional_links("user_account", "SET NULL", "user_id", "resent_by"),
    *required(sa.Text, "text", "html"),
    *required(INSTANT, "created_at"),
    *optional(INSTANT, "sent_at"),
    *optional_strings(leave_href=300, subject_kind=24),
    *optional_links("job", "SET NULL", "job_id"),
    *optional_links("delivery", "SET NULL", "resent_of"),
    *optional(sa.Text, "resend_reason"),
    sa.Column("resends", sa.Integer, nullable=False, server_default="0"),
    *optional(sa.Integer, "subject_id"),
    unique=["event, address", "message_id"],
    indexed=["address, id", "email_key, id", "job_id", "resent_of", "subject_kind, subject_id, id", "user_id"],
)
table(
    "divergence",
    *links("application", "CASCADE", "application_id"),
    *strings(criterion=12),
    *required(sa.Integer, "lowest", "highest"),
    unique=["application_id, criterion"],
)
table(
    "handler",
    *links("application", "CASCADE", "application_id"),
    *links("user_account", "CASCADE", "user_id"),
    *required(INSTANT, "assigned_at"),
    *optional_links("user_account", "SET NULL", "assigned_by"),
    unique=["application_id"],
    indexed=["user_id, assigned_at, id"],
)
table(
    "internal_note",
    *links("application", "NO ACTION", "application_id"),
    *optional_links("user_account", "SET NULL", "author_id"),
    *required(sa.Text, "text"),
    *required(INSTANT, "written_at"),
    indexed=["application_id, id"],
)
table(
    "network",
    *strings(slug=80, name=150, folded=150, type=8, call_code=20),
    *optional_links("application", "NO ACTION", "application_id"),
    *required(sa.Boolean, "is_demonstration"),
    *optional_strings(state=12, theme=200, website=300, confidence=12),
    *required(sa.Integer, "version"),
    *optional(sa.Text, "themes_folded", "summary", "provenance"),
    *optional(sa.Date, "starts_on", "ends_on"),
    *optional(sa.BigInteger, "envelope_cents"),
    *optional(INSTANT, "founded_at", "activated_at", "completed_at"),
    unique=["application_id", "slug"],
    indexed=["call_code", "folded", "type, slug"],
    checks={
        "founded_or_sourced": "application_id IS NOT NULL OR provenance IS NOT NULL",
        "state": "state IS NULL OR state IN ('forming', 'active', 'completed')",
    },
)
table(
    "partner",
    *links("application", "CASCADE", "application_id"),
    *links("organisation", "NO ACTION", "organisation_id"),
    *strings(role=8),
    *required(sa.Integer, "position"),
    *required(sa.Boolean, "may_edit"),
    unique=["application_id, organisation_id"],
    indexed=["organisation_id"],
    checks={"role": "role IN ('lead', 'partner')"},
)
table(
    "place",
    *links("ranking", "CASCADE", "ranking_id"),
    *links("application", "NO ACTION", "application_id"),
    *required(sa.Integer, "place", "total_points"),
    *optional(sa.BigInteger, "standing"),
    *required(sa.Boolean, "is_tied", "is_below_threshold"),
    unique=["ranking_id, application_id"],
    indexed=["ranking_id, place"],
)
table(
    "printed_document",
    *links("application", "CASCADE", "application_id"),
    *strings(content_sha256=64),
    *optional_strings(storage_key=64),
    *optional(sa.Integer, "size"),
    *required(INSTANT, "requested_at"),
    *optional(INSTANT, "made_at"),
    *optional_links("job", "SET NULL", "job_id"),
    unique=["application_id, content_sha256", "storage_key"],
    indexed=["requested_at"],
    checks={"made_when_stored": "storage_key IS NULL OR (size IS NOT NULL AND made_at IS NOT NULL)"},
)
table(
    "section",
    *links("application", "CASCADE", "application_id"),
    *strings(code=40),
    *required(sa.JSON, "answers"),
    *required(sa.Integer, "version"),
    *required(INSTANT, "updated_at"),
    *optional_links("user_account", "SET NULL", "updated_by"),
    unique=["application_id, code"],
)
table(
    "submission",
    *links("application", "CASCADE", "application_id"),
    *required(sa.Integer, "number"),
    *required(sa.JSON, "dossier"),
    *strings(fingerprint=64),
    *optional(sa.BigInteger, "budget_cents"),
    *required(INSTANT, "received_at", "committed_at"),
    *optional_links("user_account", "SET NULL", "submitted_by"),
    unique=["application_id, number"],
)
table(
    "budget_line",
    *links("partner", "CASCADE", "partner_id"),
    *strings(category=24),
    *required(sa.BigInteger, "amount_cents"),
    unique=["partner_id, category"],
    checks={
        "category": "category IN ('STAFF', 'OFFICE_ADMIN', 'TRAVEL_ACCOMMODATION', 'EXTERNAL_EXPERTISE', 'EQUIPMENT', 'INFRASTRUCTURE_WORKS')",
        "not_negative": "amount_cents >= 0",
    },
)
table(
    "consensus_points",
    *links("consensus_sheet", "CASCADE", "sheet_id"),
    *strings(criterion=12),
    *optional(sa.Integer, "points"),
    *required(sa.Text, "comment"),
    unique=["sheet_id, criterion"],
)
table(
    "document",
    *links("partner", "CASCADE", "partner_id"),
    *strings(kind=24, storage_key=64, filename=200, media_type=80, sha256=64),
    *required(sa.Integer, "size"),
    *required(INSTANT, "uploaded_at"),
    *optional_links("user_account", "SET NULL", "uploaded_by"),
    unique=["partner_id, kind", "storage_key"],
)
table(
    "expert_search",
    *links("network", "CASCADE", "network_id"),
    *strings(role=8),
    *required(sa.Text, "task"),
    *required(INSTANT, "opened_at"),
    *optional_links("user_account", "SET NULL", "opened_by"),
    *optional(INSTANT, "closed_at"),
    indexed=["closed_at, opened_at", "network_id"],
    checks={"role": "role IN ('lead', 'ad_hoc')"},
)
table(
    "individual_sheet",
    *links("allocation", "CASCADE", "allocation_id"),
    *strings(state=12),
    *required(sa.Integer, "version"),
    *required(sa.Text, "recommendation"),
    *optional(sa.Integer, "total_points"),
    *optional(INSTANT, "updated_at", "submitted_at"),
    unique=["allocation_id"],
    checks={"state": "state IN ('open', 'submitted')"},
)
table(
    "member",
    *links("network", "CASCADE", "network_id"),
    *links("organisation", "NO ACTION", "organisation_id"),
    *strings(role=8),
    *required(sa.Integer, "position"),
    *optional(sa.Text, "provenance"),
    *optional_strings(confidence=12),
    unique=["network_id, organisation_id"],
    indexed=["organisation_id"],
    checks={"role": "role IN ('lead', 'partner')"},
)
table(
    "network_stage",
    *links("network", "CASCADE", "network_id"),
    *required(sa.Integer, "position"),
    *strings(code=40, label=80),
    *optional(sa.Date, "starts_on", "ends_on"),
    unique=["network_id, code"],
)
table(
    "partner_invitation",
    *links("partner", "CASCADE", "partner_id"),
    *strings(address=254),
    *optional_links("user_account", "SET NULL", "invited_by", "accepted_by"),
    *required(INSTANT, "invited_at", "sent_at"),
    *required(sa.Integer, "sends"),
    *optional(INSTANT, "accepted_at", "revoked_at"),
    *required(sa.Boolean, "gave_access"),
    unique=["partner_id, address"],
)
table(
    "partner_section",
    *links("partner", "CASCADE", "partner_id"),
    *strings(code=40),
    *required(sa.JSON, "answers"),
    *required(sa.Integer, "version"),
    *required(INSTANT, "updated_at"),
    *optional_links("user_account", "SET NULL", "updated_by"),
    unique=["partner_id, code"],
)
table(
    "report",
    *links("application", "CASCADE", "application_id"),
    *links("submission", "CASCADE", "submission_id"),
    *strings(kind=12, rulebook_version=20, verdict=12),
    *required(sa.JSON, "dossier"),
    *required(INSTANT, "made_at"),
    unique=["submission_id, kind, rulebook_version"],
    indexed=["application_id"],
    checks={"kind": "kind IN ('provisional', 'official')"},
)
table(
    "signature",
    *links("consensus_sheet", "CASCADE", "sheet_id"),
    *links("user_account", "NO ACTION", "user_id"),
    *required(sa.Integer, "sheet_version"),
    *required(INSTANT, "signed_at"),
    unique=["sheet_id, user_id"],
)
table(
    "unnamed_member",
    *links("network", "CASCADE", "network_id"),
    *required(sa.Integer, "number"),
    *strings(country=2, role=8, confidence=12),
    *required(sa.Text, "provenance", "note"),
    unique=["network_id, number"],
    checks={"role": "role IN ('lead', 'partner')"},
)
table(
    "agreement",
    *links("member", "CASCADE", "member_id"),
    *strings(storage_key=32, filename=120, sha256=64),
    *required(sa.Integer, "size"),
    *required(INSTANT, "uploaded_at"),
    *optional_links("user_account", "SET NULL", "uploaded_by"),
    unique=["member_id"],
)
table(
    "criterion_points",
    *links("individual_sheet", "CASCADE", "sheet_id"),
    *strings(criterion=12),
    *optional(sa.Integer, "points"),
    *required(sa.Text, "comment"),
    unique=["sheet_id, criterion"],
)
table(
    "expert_application",
    *links("expert_search", "CASCADE", "search_id"),
    *links("expert_profile", "NO ACTION", "profile_id"),
    *strings(state=12),
    *required(sa.Integer, "version"),
    *required(sa.Text, "motivation"),
    *required(INSTANT, "submitted_at"),
    *optional(INSTANT, "decided_at"),
    *optional(sa.Text, "reason"),
    indexed=["profile_id", "search_id"],
    checks={
        "decided": "state = 'submitted' OR decided_at IS NOT NULL",
        "state": "state IN ('submitted', 'appointed', 'declined', 'withdrawn')",
    },
)
table(
    "finding",
    *links("report", "CASCADE", "report_id"),
    *required(sa.Integer, "position"),
    *strings(code=60, outcome=16, source=250),
    *required(sa.JSON, "title", "message"),
    *optional(sa.JSON, "fix"),
    *required(sa.Boolean, "is_blocking", "is_curable"),
    *optional_strings(settled_outcome=16),
    *optional_links("user_account", "SET NULL", "settled_by"),
    *optional(INSTANT, "settled_at"),
    *optional(sa.Text, "note"),
    unique=["report_id, code"],
    checks={
        "outcome": "outcome IN ('met', 'not_met', 'to_be_checked', 'not_enforced')",
        "settled_outcome": "settled_outcome IS NULL OR settled_outcome IN ('met', 'not_met')",
    },
)
table(
    "local_group",
    *links("member", "CASCADE", "member_id"),
    *optional_strings(coordinator=120, contact=200),
    unique=["member_id"],
)
table(
    "plan",
    *links("member", "CASCADE", "member_id"),
    *strings(kind=28),
    *optional_strings(title=200, url=300),
    *optional(sa.Date, "published_on"),
    unique=["member_id, kind"],
)
table(
    "recommendation",
    *links("network", "CASCADE", "network_id"),
    *optional_links("member", "SET NULL", "member_id"),
    *strings(title=200),
    *optional(sa.Text, "text"),
    *optional_strings(url=300),
    *optional(sa.Date, "published_on"),
    *required(INSTANT, "created_at"),
    *optional_links("user_account", "SET NULL", "created_by"),
    indexed=["network_id"],
)
table(
    "appointment",
    *links("expert_application", "CASCADE", "expert_application_id"),
    *links("network", "NO ACTION", "network_id"),
    *links("expert_profile", "NO ACTION", "profile_id"),
    *strings(role=8),
    *required(sa.Integer, "days"),
    *required(sa.BigInteger, "daily_fee_cents", "amount_cents"),
    *required(INSTANT, "appointed_at"),
    *optional_links("user_account", "SET NULL", "appointed_by"),
    unique=["expert_application_id"],
    indexed=["network_id", "profile_id"],
    checks={
        "amount": "amount_cents = days * daily_fee_cents",
        "days": "days > 0",
        "role": "role IN ('lead', 'ad_hoc')",
    },
)
