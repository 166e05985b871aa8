"""Fills a new draft from a dossier of the exchange format: what the form would take, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from urbact_calls.applications.invitations.commands import announce_added_step
from urbact_calls.applications.models import Application, Partner, PlannedCost, SavedSection
from urbact_calls.applications.reads.dossier import PRACTICE_FIELD, PRACTICE_SECTION, typed_categories
from urbact_calls.domain.advertising import why_no_name
from urbact_calls.domain.dossier import Dossier, PartnerFacts
from urbact_calls.domain.entries import LARGEST_AMOUNT_CENTS, tidy
from urbact_calls.domain.network_types import kind_of
from urbact_calls.domain.network_types.answers import alphabet_fault, answer_fault, stored_text, text_fault
from urbact_calls.domain.network_types.fields import TICKED
from urbact_calls.domain.network_types.form import DECLARATIONS, IDENTITY
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import Refused
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.text import say
from urbact_calls.domain.vocabulary import OrganisationCategory, PartnerKind, PartnerRole
from urbact_calls.exchange.strict_json import ExchangeFault
from urbact_calls.organisations import commands as organisations
from urbact_calls.organisations.commands import NewOrganisation
from urbact_calls.organisations.models import Organisation
from urbact_calls.organisations.reads import namesakes
from urbact_calls.record.commands import field_changed
from urbact_calls.reference.countries import programme_countries
from urbact_calls.reference.known_networks import regions


@dataclass(frozen=True, slots=True)
class LeadOrganisation:
    """The organisation that leads; `is_new` if nobody had entered it before."""

    organisation: Organisation
    is_new: bool


# As in the form for a new partner.
LONGEST_NAME, LONGEST_SEAT, MOST_PARTNERS = 200, 120, 30


def check(dossier: Dossier, terms: CallTerms) -> None:
    """Raises ExchangeFault for the first thing that the form would not take."""
    for what, where in _faults(dossier, terms):
        raise ExchangeFault(what, where)


def _faults(dossier: Dossier, terms: CallTerms) -> Iterator[tuple[str, str]]:
    if len(dossier.partners) > MOST_PARTNERS:
        yield f"{len(dossier.partners)} partners; up to {MOST_PARTNERS} can be kept", "partners"
    for place, partner in enumerate(dossier.partners):
        for name, text, limit in (
            ("name", partner.name, LONGEST_NAME),
            ("seat_city", partner.seat_city, LONGEST_SEAT),
        ):
            if fault := text_fault(text, limit, is_line=True) or alphabet_fault(text):
                yield fault, f"partners[{place}].{name}"
    kind = kind_of(terms)
    for section in kind.sections if kind else ():
        for code, answer in _answers(dossier).get(section.code, {}).items():
            if fault := answer_fault(section.field(code), answer):
                yield fault, _place(dossier, section.code, code)
    for place, line in enumerate(dossier.budget.lines if dossier.budget else ()):
        if line.amount.cents > LARGEST_AMOUNT_CENTS:
            yield "the amount is larger than any budget", f"budget.lines[{place}].amount_cents"


def _place(dossier: Dossier, section: str, field: str) -> str:
    """Where in the dossier the answer to a field stands."""
    if field in (dossier.sections or {}).get(section, {}):
        return f"sections.{section}.{field}"
    return "practice" if section == PRACTICE_SECTION else field


def _answers(dossier: Dossier) -> dict[str, dict[str, str]]:
    """What the dossier answers, by section and field of the form."""
    answers = {code: dict(fields) for code, fields in (dossier.sections or {}).items()}
    identity = {"title": dossier.title, "acronym": dossier.acronym}
    if named := {field: text for field, text in identity.items() if text is not None}:
        answers[IDENTITY.code] = {**named, **answers.get(IDENTITY.code, {})}
    if dossier.practices and PRACTICE_SECTION not in answers:
        answers[PRACTICE_SECTION] = {PRACTICE_FIELD: dossier.practices[0]}
    if dossier.declarations is not None:
        answers[DECLARATIONS.code] = {code: TICKED if ticked else "" for code, ticked in dossier.declarations.items()}
    return answers


def lead_organisation(session: Session, dossier: Dossier, actor: Actor, now: datetime) -> LeadOrganisation:
    """The organisation of the lead partner. One that nobody has entered is entered, with the actor as its manager.

    Raises Refused if one of the same name has its seat elsewhere: whoever enters it says so on the page.
    """
    facts = dossier.lead
    place = dossier.partners.index(facts)
    known = organisations.same(session, _new_organisation(facts, None))
    if known is not None:
        return LeadOrganisation(known, is_new=False)
    if namesakes(session, tidy(facts.name, is_line=True), facts.country):
        raise Refused(organisations.already_here(facts.name))
    entered = _entered(session, facts, place, now)
    organisations.join_step(session, entered, actor.user_id or 0, now, is_manager=True)
    return LeadOrganisation(entered, is_new=True)


def fill(
    session: Session, application: Application, dossier: Dossier, lead: Organisation, *, actor: Actor, now: datetime
) -> tuple[str, ...]:
    """Writes partners, sections and budget of a checked dossier into a draft that has only its lead partner.

    Gives a sentence for each part of the dossier that the draft does not hold.
    """
    filling = _Filling(session, application, dossier, actor, now)
    partners = filling.partners(lead)
    filling.sections()
    filling.budget(partners)
    session.flush()
    return (*filling.left, *_never_kept(dossier))


@dataclass(frozen=True, slots=True)
class _Filling:
    """A draft while a dossier is written into it; `left` says what the draft does not hold."""

    session: Session
    application: Application
    dossier: Dossier
    actor: Actor
    now: datetime
    left: list[str] = field(default_factory=list)

    def changed(self, name: str, after: object) -> None:
        field_changed(self.session, self.application.subject, name, None, after, self.actor, self.now)

    def partners(self, lead: Organisation) -> list[Partner]:
        """The partners in the order of the dossier; in the draft the lead partner is the first."""
        found: list[Partner] = []
        for place, facts in enumerate(self.dossier.partners):
            organisation = lead if facts.is_lead else _organisation(self.session, facts, place, self.now)
            is_known = any(each.organisation is organisation for each in found)
            if is_known or (organisation.id == lead.id and not facts.is_lead):
                raise ExchangeFault(f"{facts.name} stands twice", f"partners[{place}]")
            self.left.extend(_differences(facts, organisation, place))
            if facts.is_lead:
                found.append(next(each for each in self.application.partners if each.organisation_id == lead.id))
                continue
            position = 2 + sum(each.role is PartnerRole.PARTNER for each in found)
            partner = Partner(
                application=self.application, organisation=organisation, role=PartnerRole.PARTNER, position=position
            )
            self.session.add(partner)
            found.append(partner)
            self.changed(f"partners.{organisation.slug}", facts.name)
            announce_added_step(self.session, self.application, organisation, self.now)
        self.session.flush()
        return found

    def sections(self) -> None:
        given, kind = _answers(self.dossier), kind_of(self.application.call.terms)
        for section in kind.sections if kind else ():
            if section.code not in given:
                continue
            texts = given[section.code]
            answers = {field.code: stored_text(field, texts.get(field.code, "")) for field in section.fields}
            row = SavedSection(code=section.code, answers=answers, updated_at=self.now, updated_by=self.actor.user_id)
            self.application.sections.append(row)
            for code, answer in answers.items():
                if answer:
                    self.changed(f"{section.code}.{code}", answer)
            if section.code == IDENTITY.code:
                self.application.title, self.application.acronym = answers["title"], answers["acronym"]

    def budget(self, partners: list[Partner]) -> None:
        categories = typed_categories(self.application.call.terms)
        for place, line in enumerate(self.dossier.budget.lines if self.dossier.budget else ()):
            if line.category not in categories:
                self.left.append(f"budget.lines[{place}]: {line.category.label} is not typed in this call.")
                continue
            partner, amount = partners[line.partner - 1], line.amount.cents
            self.session.add(PlannedCost(partner=partner, category=line.category, amount_cents=amount))
            self.changed(f"budget.{partner.organisation.slug}.{line.category}", amount)


def _organisation(session: Session, facts: PartnerFacts, place: int, now: datetime) -> Organisation:
    known = organisations.same(session, _new_organisation(facts, None))
    return known or _entered(session, facts, place, now)


def _entered(session: Session, facts: PartnerFacts, place: int, now: datetime) -> Organisation:
    if facts.country not in programme_countries():
        raise ExchangeFault(f'"{facts.country}" is no country of the programme', f"partners[{place}].country")
    for part, typed in (("name", facts.name), ("seat_city", facts.seat_city)):
        if (problem := why_no_name(typed)) is not None:
            raise ExchangeFault(say(problem), f"partners[{place}].{part}")
    region = regions().get(facts.nuts2)
    is_there = region is not None and region.country == facts.country
    entered = organisations.create_step(session, _new_organisation(facts, facts.nuts2 if is_there else None), now)
    # The format says city or not; what kind of city, or of other body, stays unknown.
    entered.category = None
    return entered


def _new_organisation(facts: PartnerFacts, nuts2: str | None) -> NewOrganisation:
    return NewOrganisation(
        name=tidy(facts.name, is_line=True),
        seat_city=tidy(facts.seat_city, is_line=True),
        country=facts.country,
        category=OrganisationCategory.CITY_MUNICIPALITY
        if facts.kind is PartnerKind.CITY
        else OrganisationCategory.NC_AUTHORITY,
        nuts2=nuts2,
    )


def _differences(facts: PartnerFacts, organisation: Organisation, place: int) -> list[str]:
    """What is stored of an organisation counts; where the dossier says something else, that is said."""
    pairs: tuple[tuple[str, str | None, str | None], ...] = (
        ("nuts2", facts.nuts2, organisation.nuts2),
        ("region_category", facts.region_category, organisation.region_category),
        ("kind", facts.kind, organisation.kind),
    )
    return [
        f"partners[{place}].{name}: here it is {stored or 'not known'}."
        for name, said, stored in pairs
        if said and said != stored
    ]


def _never_kept(dossier: Dossier) -> list[str]:
    """Parts of the format that the form does not ask for."""
    given: Mapping[str, bool] = {
        "budget_total_eur: the total is what the budget lines add up to.": dossier.budget_total is not None,
        "budget.financing: it is reckoned from the budget and the rates of the call.": bool(
            dossier.budget and dossier.budget.financing
        ),
        "schedule: the dates are those of the call.": dossier.schedule is not None,
        "language: an application is written in English.": dossier.language not in (None, "en"),
        "practice: the first one is kept.": len(dossier.practices or ()) > 1,
        "letter_of_commitment: the letters themselves are uploaded on the page of the application.": any(
            partner.letter_of_commitment for partner in dossier.partners
        ),
    }
    return [sentence for sentence, applies in given.items() if applies]
