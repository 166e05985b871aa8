"""Tables of an application: its sections, partners, planned costs, documents, who may open it and who is invited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from urbact_calls.calls.models import Call
from urbact_calls.database import Cents, Coded, Model
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import ApplicationState, CostCategory, PartnerRole, ReportKind, Role
from urbact_calls.files.models import StoredFile
from urbact_calls.files.reads import counts
from urbact_calls.jobs import Args, OfApplication
from urbact_calls.messages.models import MessageArgs
from urbact_calls.organisations.models import Organisation
from urbact_calls.subjects import HasSubject

_BEFORE_SUBMISSION = (ApplicationState.DRAFT, ApplicationState.WITHDRAWN)
_DECIDED = (
    ApplicationState.APPROVED,
    ApplicationState.APPROVED_WITH_CONDITIONS,
    ApplicationState.RESERVE,
    ApplicationState.NOT_APPROVED,
    ApplicationState.POSTPONED,
    ApplicationState.IN_NETWORK,
)

LETTER = "letter_of_commitment"
"""The kind of document of a letter; the other kinds are the fields of the form that ask for a file."""


def _listed(words: Any) -> str:
    return ", ".join(f"'{word.value}'" for word in words)


@dataclass(frozen=True, kw_only=True)
class StepTaken(OfApplication, MessageArgs):
    """What a step of an application asks workers for: the event, and the number of submissions at that moment."""

    event: int
    submission: int


@dataclass(frozen=True, kw_only=True)
class ClosingMessage(OfApplication, MessageArgs):
    """The arguments of the reminder of a draft; it says nothing when the date was moved meanwhile."""

    closes_at: datetime


@dataclass(frozen=True, kw_only=True)
class DigestArgs(Args):
    """The day in Paris whose changes are told the day after."""

    day: date


@dataclass(frozen=True, kw_only=True)
class ChangesMessage(OfApplication, MessageArgs):
    """The arguments of the message about what colleagues changed on a day in Paris."""

    day: date


@dataclass(frozen=True, kw_only=True)
class PartnerMessage(OfApplication, MessageArgs):
    """The arguments of a message to an organisation that was added to a draft."""

    organisation: int


@dataclass(frozen=True, kw_only=True)
class InvitationMessage(OfApplication, MessageArgs):
    """The arguments of an invitation; it is not sent when it was sent again meanwhile."""

    invitation: int
    sends: int


@dataclass(frozen=True, kw_only=True)
class DocumentArgs(OfApplication):
    """Which row of `ApplicationDocument` a worker fills."""

    document: int


class PlannedCost(Model):
    """What one partner plans for one cost category, in cents."""

    __tablename__ = "budget_line"
    __table_args__ = (
        UniqueConstraint("partner_id", "category"),
        CheckConstraint(f"category IN ({_listed(CostCategory)})", name="category"),
        CheckConstraint("amount_cents >= 0", name="not_negative"),
    )

    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id", ondelete="CASCADE"))
    category: Mapped[CostCategory] = mapped_column(Coded(CostCategory, 24))
    amount_cents: Mapped[int] = mapped_column(Cents)

    partner: Mapped[Partner] = relationship(back_populates="budget_lines")


class Document(Model):
    """An uploaded file of a partner: its letter of commitment, or what a field of its part of the form asks for.

    `storage_key` is random; `filename` is display text.
    """

    __tablename__ = "document"
    __table_args__ = (UniqueConstraint("partner_id", "kind"),)

    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(24))
    storage_key: Mapped[str] = mapped_column(String(64), unique=True)
    filename: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))

    partner: Mapped[Partner] = relationship(back_populates="documents")
    file: Mapped[StoredFile | None] = relationship(
        primaryjoin=lambda: foreign(Document.storage_key) == StoredFile.storage_key, viewonly=True, lazy="joined"
    )


class SubmittedFile(Model):
    """A file as it belonged to a submission. It stays when the partner sends another one, or leaves a reopened draft.

    `partner` counts from 1 in the order of the partners of the submitted dossier. Several submissions may name the
    same `storage_key`.
    """

    __tablename__ = "submitted_file"
    __table_args__ = (
        UniqueConstraint("submission_id", "partner", "kind"),
        Index("ix_submitted_file_storage_key", "storage_key"),
    )

    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    partner: Mapped[int]
    kind: Mapped[str] = mapped_column(String(24))
    storage_key: Mapped[str] = mapped_column(String(64))
    filename: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))


class SavedAnswers:
    """Columns of answers that are saved together: `answers` maps field codes of the section to what was typed."""

    code: Mapped[str] = mapped_column(String(40))
    answers: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]
    updated_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))

    def save(self, answers: dict[str, str], actor: Actor, now: datetime) -> None:
        self.answers, self.version = answers, self.version + 1
        self.updated_at, self.updated_by = now, actor.user_id


class PartnerSection(SavedAnswers, Model):
    """A part of the form that each partner fills in about itself."""

    __tablename__ = "partner_section"
    __table_args__ = (UniqueConstraint("partner_id", "code"),)

    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id", ondelete="CASCADE"))

    partner: Mapped[Partner] = relationship(back_populates="sections")


class Partner(Model):
    """An organisation in an application. `may_edit` lets the people of this organisation write in the form."""

    __tablename__ = "partner"
    __table_args__ = (
        UniqueConstraint("application_id", "organisation_id"),
        CheckConstraint("role IN ('lead', 'partner')", name="role"),
        Index("ix_partner_organisation_id", "organisation_id"),
    )

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    role: Mapped[PartnerRole] = mapped_column(Coded(PartnerRole, 8))
    position: Mapped[int]
    may_edit: Mapped[bool] = mapped_column(default=True)

    application: Mapped[Application] = relationship(back_populates="partners")
    organisation: Mapped[Organisation] = relationship()
    budget_lines: Mapped[list[PlannedCost]] = relationship(back_populates="partner", cascade="all, delete-orphan")
    documents: Mapped[list[Document]] = relationship(back_populates="partner", cascade="all, delete-orphan")
    sections: Mapped[list[PartnerSection]] = relationship(back_populates="partner", cascade="all, delete-orphan")

    @property
    def letter(self) -> Document | None:
        """The letter of commitment; one that was refused is missing."""
        document = self.letter_document
        return document if document and counts(document.file) else None

    @property
    def letter_document(self) -> Document | None:
        """The letter that was brought, refused or not."""
        return next((document for document in self.documents if document.kind == LETTER), None)

    @property
    def answers(self) -> dict[str, dict[str, str]]:
        """What was answered about this partner, by section and field code; a file that was refused is no answer."""
        refused = {document.kind for document in self.documents if not counts(document.file)}
        return {
            section.code: {code: "" if code in refused else answer for code, answer in section.answers.items()}
            for section in self.sections
        }


class SavedSection(SavedAnswers, Model):
    """A part of the application form."""

    __tablename__ = "section"
    __table_args__ = (UniqueConstraint("application_id", "code"),)

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"))

    application: Mapped[Application] = relationship(back_populates="sections")


class Application(HasSubject):
    """A lead partner's answer to a call. `reference` is given to the draft and never reused.

    `version` grows with every change of the title block, the partners or the budget, so that a form opened
    before is recognised as stale. `state` is assigned in `workflow.lives` and nowhere else.

    `report_kind`, `reported_submission` (its number), `unmet_findings` and `open_findings` say which report of the
    eligibility check counts and what stands in it: lists of ten thousand cannot count findings each time. They are
    empty until there is a report, and the reports of `eligibility` alone write them. `handled_by` is the
    officer of its `Handler`, for the same reason; `officers.commands.assign` writes both.

    `handed_in_at` is when a submission was received that is kept and not stored yet: until a worker has done that,
    nobody changes the application, and nothing of its call is complete.
    """

    SUBJECT = SubjectKind.APPLICATION
    __tablename__ = "application"
    __table_args__ = (
        UniqueConstraint("call_id", "number"),
        CheckConstraint(f"state IN ({_listed(ApplicationState)})", name="state"),
        CheckConstraint(
            f"state IN ({_listed(_BEFORE_SUBMISSION)}) OR submitted_at IS NOT NULL", name="submitted_when_later"
        ),
        CheckConstraint(f"state NOT IN ({_listed(_DECIDED)}) OR decided_at IS NOT NULL", name="decided_when_decided"),
        Index("ix_application_call_id_state_number", "call_id", "state", "number"),
        # The figures of the office are counted in the index alone, of one call or of all.
        Index(
            "ix_application_state_call_id_findings",
            *("state", "call_id", "unmet_findings", "open_findings", "handled_by", "id"),
        ),
        Index(
            "ix_application_handed_in",
            "call_id",
            sqlite_where=text("handed_in_at IS NOT NULL"),
            postgresql_where=text("handed_in_at IS NOT NULL"),
        ),
    )

    reference: Mapped[str] = mapped_column(String(32), unique=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    number: Mapped[int]
    acronym: Mapped[str] = mapped_column(String(20), default="")
    title: Mapped[str] = mapped_column(String(150), default="")
    state: Mapped[ApplicationState] = mapped_column(Coded(ApplicationState, 32))
    version: Mapped[int] = mapped_column(default=1)
    submission_count: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    handed_in_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    eligibility_declared_at: Mapped[datetime | None]
    assessed_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    report_kind: Mapped[ReportKind | None] = mapped_column(Coded(ReportKind, 12))
    reported_submission: Mapped[int | None]
    unmet_findings: Mapped[int | None]
    open_findings: Mapped[int | None]
    handled_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))

    call: Mapped[Call] = relationship()
    partners: Mapped[list[Partner]] = relationship(
        back_populates="application", order_by="Partner.position", cascade="all, delete-orphan"
    )
    sections: Mapped[list[SavedSection]] = relationship(back_populates="application", cascade="all, delete-orphan")


class ApplicationAccess(Model):
    """A person's own place in an application. Members of the partner organisations have theirs by membership."""

    __tablename__ = "application_access"
    __table_args__ = (
        UniqueConstraint("application_id", "user_id"),
        CheckConstraint("role IN ('lead', 'editor', 'viewer')", name="role"),
    )

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role] = mapped_column(Coded(Role, 8))
    granted_at: Mapped[datetime]


class PartnerInvitation(Model):
    """A person, known by an address, is asked to work on an application for one of its partners.

    The link in the message names the row and `sends`: sending it again makes the link before useless.
    `gave_access` says that accepting gave the person an own place in the application.
    """

    __tablename__ = "partner_invitation"
    __table_args__ = (UniqueConstraint("partner_id", "address"),)

    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id", ondelete="CASCADE"))
    address: Mapped[str] = mapped_column(String(254), index=True)
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    invited_at: Mapped[datetime]
    sent_at: Mapped[datetime]
    sends: Mapped[int] = mapped_column(default=1)
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    revoked_at: Mapped[datetime | None]
    gave_access: Mapped[bool] = mapped_column(default=False)

    partner: Mapped[Partner] = relationship()


class ApplicationDocument(Model):
    """The application as PDF, made by a worker: wanted until it has a `storage_key`. The checksum is that of the
    content that it says, so that the same content is not made twice."""

    __tablename__ = "printed_document"
    __table_args__ = (
        UniqueConstraint("application_id", "content_sha256"),
        CheckConstraint("storage_key IS NULL OR (size IS NOT NULL AND made_at IS NOT NULL)", name="made_when_stored"),
    )

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"))
    content_sha256: Mapped[str] = mapped_column(String(64))
    storage_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    size: Mapped[int | None]
    requested_at: Mapped[datetime] = mapped_column(index=True)
    made_at: Mapped[datetime | None]
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id", ondelete="SET NULL"))
