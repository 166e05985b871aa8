"""Regions of the partners of an application: which of them an officer has confirmed, and the dossier with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from urbact_calls.applications.models import Application, Partner
from urbact_calls.applications.submission.reads.facts import contributes
from urbact_calls.domain.budget import financing_plan, partner_shares
from urbact_calls.domain.dossier import Dossier, PartnerFacts
from urbact_calls.domain.refusal import or_not_found
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.vocabulary import ApplicationState
from urbact_calls.eligibility.reports.models import StoredReport
from urbact_calls.eligibility.reports.reads.report import is_official
from urbact_calls.organisations.reads import RegionStatus, region_statuses
from urbact_calls.reference.known_networks import look_up_region


@dataclass(frozen=True, slots=True)
class PartnerRegion:
    """A partner with the status of its region, and what the official report has judged (None before it is made)."""

    partner: Partner
    status: RegionStatus
    judged: PartnerFacts | None = None

    @property
    def token(self) -> str:
        """The version of the region that an officer sees: confirming confirms this and nothing else."""
        organisation = self.status.organisation
        return f"{self.partner.id}|{organisation.nuts2 or ''}|{organisation.region_category or ''}"

    @property
    def is_settled(self) -> bool:
        """Whether a verdict may rest on it: confirmed, and the report has judged by what was confirmed."""
        if self.status.confirmation is None or self.judged is None:
            return self.status.is_settled
        organisation = self.status.organisation
        return bool(
            self.judged.region_category == organisation.region_category
            and (self.judged.nuts2 or None) == organisation.nuts2
        )


def partner_regions(session: Session, application_id: int) -> list[PartnerRegion]:
    """The regions of all partners in the order of the dossier, the lead partner first; three queries."""
    partners = _partners(session, application_id)
    judged = _judged(session, application_id)
    known = region_statuses(session, [partner.organisation for partner in partners])
    # Nobody adds or removes partners after a submission; should it ever happen, nothing counts as judged.
    facts: Sequence[PartnerFacts | None] = judged if len(judged) == len(partners) else [None] * len(partners)
    return [PartnerRegion(*each) for each in zip(partners, known, facts, strict=True)]


def known_regions(session: Session, application_id: int) -> list[RegionStatus]:
    """Where the regions of all partners stand, in the order of the dossier; two queries."""
    return region_statuses(session, [partner.organisation for partner in _partners(session, application_id)])


def _partners(session: Session, application_id: int) -> Sequence[Partner]:
    return session.scalars(
        select(Partner)
        .where(Partner.application_id == application_id)
        .options(joinedload(Partner.organisation))
        .order_by(Partner.position, Partner.id)
    ).all()


def partner_region(session: Session, application_id: int, partner_id: int) -> PartnerRegion:
    """The region of one partner. Raises NotFound."""
    known = {each.partner.id: each for each in partner_regions(session, application_id)}
    return or_not_found(known.get(partner_id), f"partner {partner_id} of application {application_id}")


def unconfirmed(session: Session, application_id: int) -> tuple[str, ...]:
    """The names of the partners whose region an officer must confirm before the verdict, in order."""
    regions = partner_regions(session, application_id)
    return tuple(each.status.organisation.name for each in regions if not each.is_settled)


def with_confirmed_regions(dossier: Dossier, known: Sequence[RegionStatus], terms: CallTerms) -> Dossier:
    """The dossier with the regions that officers have confirmed; the financing plan follows from their rates."""
    if len(known) != len(dossier.partners):
        return dossier
    partners = tuple(_with_region(facts, each) for facts, each in zip(dossier.partners, known, strict=True))
    if partners == dossier.partners:
        return dossier
    budget = dossier.budget
    if budget is not None:
        budget = replace(budget, financing=financing_plan(partner_shares(partners, budget, terms)))
    return replace(dossier, partners=partners, budget=budget)


def _with_region(facts: PartnerFacts, status: RegionStatus) -> PartnerFacts:
    if status.confirmation is None:
        return facts
    nuts2 = status.organisation.nuts2 or ""
    region = look_up_region(facts.country, nuts2)
    return replace(facts, nuts2=nuts2, region_category=status.category, region=region)


def _judged(session: Session, application_id: int) -> Sequence[PartnerFacts]:
    """The partners as the official report of the last submission has them; empty before it is made."""
    reports = select(StoredReport.dossier).join(StoredReport.submission).where(*is_official(application_id))
    dossier = session.scalar(reports.order_by(StoredReport.id.desc()).limit(1))
    return dossier.partners if dossier else ()


@contributes("regions_unconfirmed", states=(ApplicationState.SUBMITTED,))
def case_facts(session: Session, application: Application) -> Mapping[str, object]:
    """The partners whose region an officer must confirm before the verdict."""
    return {"regions_unconfirmed": unconfirmed(session, application.id)}
