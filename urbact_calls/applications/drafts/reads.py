"""Sections of the form and what is saved of them, and the entries of registers that the form offers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application, Partner, SavedSection
from urbact_calls.calls.models import Call
from urbact_calls.domain.network_types import kind_of
from urbact_calls.domain.network_types.fields import Register, Section
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import or_not_found
from urbact_calls.domain.terms import CallTerms, LabelRegister
from urbact_calls.experts.reads import public_lead_experts
from urbact_calls.reference.registers import register as registers_register


def sections_of(application: Application, partner: Partner | None = None) -> tuple[Section, ...]:
    """The sections of the form in order, or those that one of the partners fills in about itself."""
    kind = kind_of(application.call.terms)
    if kind is None:
        return ()
    return kind.sections if partner is None else kind.sections_of(partner.role)


def section_of(application: Application, code: str, partner: Partner | None = None) -> Section:
    """One of `sections_of`. Raises NotFound."""
    sections = sections_of(application, partner)
    return or_not_found(next((each for each in sections if each.code == code), None), f"section {code}")


def own_starts(session: Session, call_code: str, actor: Actor) -> Sequence[Application]:
    """The applications of a call that the actor has started, the newest last."""
    return session.scalars(
        select(Application)
        .join(Call)
        .where(Call.code == call_code, Application.created_by == actor.user_id)
        .order_by(Application.number)
    ).all()


def section_row(session: Session, application: Application, code: str) -> SavedSection | None:
    """One saved section; None before it was saved for the first time."""
    return session.scalar(
        select(SavedSection).where(SavedSection.application_id == application.id, SavedSection.code == code)
    )


Offers = Callable[[Register], tuple[Mapping[str, str], bool]]
"""For a register: what is stored of each entry with a word about it, and whether nothing else will do."""

_LABELS = {
    Register.GOOD_PRACTICES: LabelRegister.GOOD_PRACTICE,
    Register.UIA_PROJECTS: LabelRegister.UIA_PROJECT,
}


def offers_of(session: Session, terms: CallTerms) -> Offers:
    """The registers as a call asks for them: the labels of the year that it names."""
    return lambda register: (
        (_experts(session), True) if register is Register.EXPERTS else (_titles(_LABELS[register], terms), False)
    )


def _titles(register: LabelRegister, terms: CallTerms) -> dict[str, str]:
    """Titles with their city. Both registers are partial, and some entries have no title: those must be typed."""
    year = terms.lead_label.year if terms.lead_label and terms.lead_label.register is register else None
    return {
        entry.title: f"{entry.city}, {entry.country}"
        for entry in sorted(registers_register(register), key=lambda entry: entry.title or "")
        if entry.title and (year is None or entry.year == year)
    }


def _experts(session: Session) -> dict[str, str]:
    """Names of experts; two of one name are told apart by the address of their pages."""
    found: dict[str, str] = {}
    for profile in public_lead_experts(session):
        name = profile.user.name
        found[name if name not in found else f"{name} ({profile.slug})"] = profile.country or ""
    return found
