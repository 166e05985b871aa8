"""What the PDF of an application says, in the order of the form, and how far its making is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application, ApplicationDocument
from urbact_calls.applications.reads.dossier import build_dossier, findings_on_draft
from urbact_calls.applications.submission.reads.facts import latest_submission
from urbact_calls.domain import serialization
from urbact_calls.domain.budget import partner_shares, per_fund, totals
from urbact_calls.domain.dossier import BudgetFacts, Dossier, PartnerFacts
from urbact_calls.domain.eligibility.finding import Finding
from urbact_calls.domain.money import Euro
from urbact_calls.domain.network_types import kind_of
from urbact_calls.domain.network_types.fields import Section
from urbact_calls.domain.network_types.kind import NetworkKind
from urbact_calls.domain.network_types.reading import Reading, reading
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.vocabulary import ApplicationState, CostCategory, JobState
from urbact_calls.jobs import Job
from urbact_calls.typesetting import LAYOUT


def document_content(session: Session, application: Application) -> DocumentContent:
    """What a PDF made now would say."""
    terms = application.call.terms
    kind = kind_of(terms)
    is_draft = application.state is ApplicationState.DRAFT
    submission = None if is_draft else latest_submission(session, application)
    if submission is None:
        dossier, stamp = build_dossier(session, application, None), None
    else:
        dossier = submission.dossier
        stamp = Stamp(submission.number, submission.received_at, submission.committed_at, submission.fingerprint)
    return DocumentContent(
        reference=application.reference,
        title=dossier.title or "",
        acronym=dossier.acronym or "",
        call=f"{application.call.title} ({application.call.code})",
        is_demonstration=application.call.is_demonstration,
        is_withdrawn=application.state is ApplicationState.WITHDRAWN,
        stamp=stamp,
        sections=tuple(_section(each, kind.given(each, dossier)) for each in kind.sections) if kind else (),
        partners=dossier.partners,
        profiles=_profiles(dossier, kind) if kind and kind.partner_sections else (),
        budget=budget_table(dossier, terms) if dossier.budget else None,
        findings=findings_on_draft(dossier, terms) if is_draft else (),
    )


@dataclass(frozen=True, slots=True)
class DocumentSection:
    title: str
    answers: tuple[Reading, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerCosts:
    """What one partner plans, and who pays; without a known rate nothing is said of the shares."""

    name: str
    amounts: tuple[Euro, ...]
    whole: Euro
    rate: str
    fund_amount: Euro | None
    own_amount: Euro | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetTable:
    """The grid with one row per partner, and who pays. `funds` gives what each fund pays of the known shares."""

    categories: tuple[str, ...]
    rows: tuple[PartnerCosts, ...]
    sums: tuple[Euro, ...]
    whole: Euro
    funds: tuple[tuple[str, Euro], ...]
    rates_unknown: int


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which submission this is, when it was received and stored, and the SHA-256 of what was submitted."""

    number: int
    received_at: datetime
    stored_at: datetime
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentContent:
    """All that the PDF says but the moment it was made. Without a stamp it is a draft.

    `profiles` is what each partner says about itself, in the order of the partners.
    """

    reference: str
    title: str
    acronym: str
    call: str
    is_demonstration: bool
    is_withdrawn: bool
    stamp: Stamp | None
    sections: tuple[DocumentSection, ...]
    partners: tuple[PartnerFacts, ...]
    profiles: tuple[tuple[DocumentSection, ...], ...]
    budget: BudgetTable | None
    findings: tuple[Finding, ...]

    @property
    def numbers(self) -> Mapping[str, int]:
        """The numbers of the parts behind the sections."""
        parts = ("partners", *(["profiles"] if self.profiles else []), "budget", "letters")
        return {part: number for number, part in enumerate(parts, len(self.sections) + 1)}

    @property
    def sha256(self) -> str:
        """The same content in the same layout gives the same PDF."""
        text = json.dumps([LAYOUT, serialization.to_json(self)], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def _profiles(dossier: Dossier, kind: NetworkKind) -> tuple[tuple[DocumentSection, ...], ...]:
    return tuple(
        tuple(
            _section(section, dossier.profile_answers(number).get(section.code, {}))
            for section in kind.sections_of(partner.role)
        )
        for number, partner in enumerate(dossier.partners)
    )


def _section(section: Section, answers: Mapping[str, str]) -> DocumentSection:
    # Without what is private: no address and no telephone number of a person comes on it.
    return DocumentSection(section.label, tuple(reading(section, answers)))


def budget_table(dossier: Dossier, terms: CallTerms) -> BudgetTable:
    """The budget of a dossier at the rates of its call."""
    grid = dossier.budget or BudgetFacts(lines=())
    shares = partner_shares(dossier.partners, grid, terms)
    sums = totals(grid, terms, partners=len(shares))
    categories = [category for category in CostCategory if terms.cost_term(category).allowed]
    return BudgetTable(
        categories=tuple(category.label for category in categories),
        rows=tuple(
            PartnerCosts(
                name=partner.name,
                amounts=tuple(grid.amount_of(each.partner, category) for category in categories),
                whole=each.planned,
                rate=f"{each.rate} {each.fund.label}" if each.fund else "not known",
                fund_amount=each.fund_amount if each.fund else None,
                own_amount=each.own_amount if each.fund else None,
            )
            for partner, each in zip(dossier.partners, shares, strict=True)
        ),
        sums=tuple(sums.per_category[category] for category in categories),
        whole=sums.whole,
        funds=tuple((fund.label, amount) for fund, amount in per_fund(shares).items()),
        rates_unknown=sum(each.rate is None for each in shares),
    )


@dataclass(frozen=True, slots=True)
class DocumentStatus:
    """How far the PDF of the application as it is now is: `document` when it can be read, `job_state` while not."""

    document: ApplicationDocument | None
    job_state: JobState | None

    @property
    def is_ready(self) -> bool:
        return self.document is not None

    @property
    def is_coming(self) -> bool:
        return self.job_state in (JobState.READY, JobState.RUNNING)

    @property
    def has_failed(self) -> bool:
        return self.job_state is not None and not self.is_coming


def document_status(session: Session, application: Application) -> DocumentStatus:
    """The PDF of the application as it is now, or how far it is."""
    sha256 = document_content(session, application).sha256
    rows = document_rows(session, application)
    ready = next((row for row in rows if row.storage_key and row.content_sha256 == sha256), None)
    if ready is not None:
        return DocumentStatus(ready, None)
    waiting = next((row for row in rows if row.storage_key is None), None)
    if waiting is None:
        return DocumentStatus(None, None)
    state = session.scalar(select(Job.state).where(Job.id == waiting.job_id)) if waiting.job_id else None
    return DocumentStatus(None, state or JobState.DEAD)


def document_rows(session: Session, application: Application) -> Sequence[ApplicationDocument]:
    return session.scalars(
        select(ApplicationDocument)
        .where(ApplicationDocument.application_id == application.id)
        .order_by(ApplicationDocument.id.desc())
    ).all()
