"""The dossier of an application from its rows: partners, budget, answers, what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter

from sqlalchemy import Integer, bindparam, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from urbact_calls.applications.models import Application, Document, Partner, SavedSection
from urbact_calls.applications.reads.applications import section_rows
from urbact_calls.calls.models import Call
from urbact_calls.domain.budget import PartnerShare, financing_plan, flat_rate_amount, partner_shares
from urbact_calls.domain.dossier import (
    BudgetFacts,
    BudgetLine,
    Dossier,
    FileFacts,
    OtherApplication,
    PartnerFacts,
    Schedule,
)
from urbact_calls.domain.eligibility.finding import Finding
from urbact_calls.domain.eligibility.rulebook import examine
from urbact_calls.domain.money import NOTHING, Euro
from urbact_calls.domain.network_types import kind_of, rules_of
from urbact_calls.domain.network_types.fields import TICKED, FieldKind, without_private
from urbact_calls.domain.network_types.form import DECLARATIONS
from urbact_calls.domain.network_types.kind import NetworkKind
from urbact_calls.domain.terms import CallTerms, CostMethod
from urbact_calls.domain.vocabulary import (
    ApplicationState,
    CostCategory,
    OrganisationCategory,
    PartnerKind,
    PartnerRole,
)
from urbact_calls.files.reads import counts
from urbact_calls.organisations.models import Organisation
from urbact_calls.organisations.reads import is_unconfirmed
from urbact_calls.reference.known_networks import look_up_region
from urbact_calls.reference.registers import look_up

# Where the types that transfer something ask what it is; both name section and field alike.
PRACTICE_SECTION = PRACTICE_FIELD = "practice"

Amounts = Mapping[tuple[int, CostCategory], int]
"""What was typed in the grid, in cents, by id of the partner and category."""


def partners_of(session: Session, application: Application) -> Sequence[Partner]:
    """The partners in order, the lead partner first, each with organisation, budget lines and documents."""
    return session.scalars(_PARTNERS, {"application_id": application.id}).unique().all()


def partners_of_each(session: Session, ids: Sequence[int]) -> Mapping[int, Sequence[Partner]]:
    """The same for some applications by their ids, in as many statements however many they are."""
    found: dict[int, list[Partner]] = {number: [] for number in ids}
    query = (
        select(Partner)
        .where(Partner.application_id.in_(ids))
        .order_by(Partner.position, Partner.id)
        .options(
            joinedload(Partner.organisation),
            selectinload(Partner.sections),
            selectinload(Partner.budget_lines),
            selectinload(Partner.documents),
        )
    )
    for partner in session.scalars(query):
        found[partner.application_id].append(partner)
    return found


def partners_and_unconfirmed(session: Session, application: Application) -> tuple[list[Partner], tuple[str, ...]]:
    """The same partners, and the names of those of their organisations whose managers nobody has confirmed, in the
    order of their names."""
    rows = session.execute(_PARTNERS_UNCONFIRMED, {"application_id": application.id}).unique().all()
    found = sorted((row.Partner.organisation for row in rows if row.is_unconfirmed), key=attrgetter("folded", "id"))
    return [row.Partner for row in rows], tuple(each.name for each in found)


_PARTNERS = (
    select(Partner)
    .where(Partner.application_id == bindparam("application_id", type_=Integer))
    .order_by(Partner.position, Partner.id)
    .options(
        # Short rows, so one statement fetches them; what partners wrote is long and comes by itself.
        joinedload(Partner.organisation),
        joinedload(Partner.budget_lines),
        joinedload(Partner.documents),
        selectinload(Partner.sections),
    )
)
_PARTNERS_UNCONFIRMED = _PARTNERS.add_columns(is_unconfirmed(Partner.organisation_id).label("is_unconfirmed"))


def facts_of(partner: Partner, terms: CallTerms) -> PartnerFacts:
    """A partner as the rules read it: whether an agency that a city owns is a city is said by the call."""
    organisation = partner.organisation
    return PartnerFacts(
        name=organisation.name,
        seat_city=organisation.seat_city,
        country=organisation.country,
        role=partner.role,
        kind=_kind(organisation, terms),
        nuts2=organisation.nuts2 or "",
        region_category=organisation.region_category,
        region=look_up_region(organisation.country, organisation.nuts2 or ""),
        letter_of_commitment=partner.letter is not None,
    )


def _kind(organisation: Organisation, terms: CallTerms) -> PartnerKind:
    is_agency = organisation.category is OrganisationCategory.CITY_AGENCY
    return PartnerKind.NON_CITY if is_agency and not terms.agency_counts_as_city else organisation.kind


def numbered_documents(partners: Sequence[Partner]) -> Iterator[tuple[int, Document]]:
    """The documents of all partners that were not refused, each with the number of its partner, counted from 1."""
    for number, partner in enumerate(partners, start=1):
        for document in sorted(partner.documents, key=lambda each: each.kind):
            if counts(document.file):
                yield number, document


def stored_amounts(partners: Sequence[Partner]) -> Amounts:
    return {(partner.id, line.category): line.amount_cents for partner in partners for line in partner.budget_lines}


def budget_facts(partners: Sequence[Partner], amounts: Amounts, terms: CallTerms) -> BudgetFacts:
    """The grid as it counts. A category at a flat rate is reckoned from staff cost here and never stored, so that it
    cannot disagree with it. The financing plan is missing while a partner's rate is not known."""
    lines = tuple(
        BudgetLine(partner=number, category=category, amount=amount)
        for number, partner in enumerate(partners, start=1)
        for category in CostCategory
        if (amount := _amount(partner, category, amounts, terms)) is not None
    )
    grid = BudgetFacts(lines=lines)
    return BudgetFacts(lines=lines, financing=financing_plan(shares_of(partners, grid, terms)))


def _amount(partner: Partner, category: CostCategory, amounts: Amounts, terms: CallTerms) -> Euro | None:
    staff = amounts.get((partner.id, CostCategory.STAFF))
    if staff is not None:
        reckoned = flat_rate_amount(category, Euro(staff), terms)
        if reckoned is not None:
            return reckoned
    elif flat_rate_amount(category, NOTHING, terms) is not None:
        return None
    typed = amounts.get((partner.id, category))
    return None if typed is None else Euro(typed)


def typed_categories(terms: CallTerms) -> tuple[CostCategory, ...]:
    """The cost categories that people type: those the call pays and does not reckon from staff cost."""
    return tuple(
        term.category
        for category in CostCategory
        if (term := terms.cost_term(category)).allowed
        and not (term.method is CostMethod.FLAT_RATE_OF_STAFF and term.rate is not None)
    )


def shares_of(partners: Sequence[Partner], grid: BudgetFacts, terms: CallTerms) -> tuple[PartnerShare, ...]:
    """Who pays what for each partner, in the order of the partners."""
    return partner_shares([facts_of(partner, terms) for partner in partners], grid, terms)


def build_dossier(
    session: Session,
    application: Application,
    received_at: datetime | None,
    other_applications: tuple[OtherApplication, ...] | None = None,
) -> Dossier:
    """The facts of an application as they are in the database; `received_at` is None while it is a draft.

    Without `other_applications` only those count that the lead partner itself leads: an applicant reads reports on
    this dossier, and who else applies is nobody's business before the call has closed.
    """
    partners = partners_of(session, application)
    return assemble(
        application,
        partners,
        answers_of(session, application),
        received_at=received_at,
        other_applications=led_by_the_same(session, application) if other_applications is None else other_applications,
    )


def assemble(
    application: Application,
    partners: Sequence[Partner],
    answers: Mapping[str, Mapping[str, str]],
    *,
    received_at: datetime | None,
    other_applications: tuple[OtherApplication, ...] | None,
) -> Dossier:
    """A dossier from rows that were read before; no query."""
    terms = application.call.terms
    facts = tuple(facts_of(partner, terms) for partner in partners)
    amounts = stored_amounts(partners)
    budget = budget_facts(partners, amounts, terms) if amounts else None
    return Dossier(
        call=application.call.code,
        acronym=application.acronym or None,
        title=application.title or None,
        submitted_at=received_at,
        partners=facts,
        other_applications=other_applications,
        budget=budget,
        budget_total=budget.total if budget else None,
        practices=_practices(answers, terms),
        # Ticks are no texts: counted among the words of the form they would change what is said of its language.
        sections={code: texts for code, texts in answers.items() if code != DECLARATIONS.code},
        profiles=tuple(profile_of(partner, terms) for partner in partners),
        files=tuple(
            FileFacts(partner=number, kind=each.kind, name=each.filename, sha256=each.sha256)
            for number, each in numbered_documents(partners)
        ),
        sections_missing=sections_missing_of(application, partners, answers),
        declarations=_declarations(answers, terms),
        # The form asks for no dates: a network runs as long as its call says.
        schedule=Schedule(start=terms.network_start, end=terms.network_end)
        if terms.network_start and terms.network_end
        else None,
        lead_labels=look_up(terms.lead_label, next(each for each in facts if each.is_lead)),
    )


def answers_of(session: Session, application: Application) -> dict[str, dict[str, str]]:
    """What was answered, by section and field code."""
    return {code: row.answers for code, row in section_rows(session, application).items()}


def sections_missing_of(
    application: Application, partners: Sequence[Partner], answers: Mapping[str, Mapping[str, str]]
) -> tuple[str, ...]:
    """Labels of the parts of the form that still miss a mandatory answer, in form order."""
    kind = kind_of(application.call.terms)
    missing = list(kind.missing(answers)) if kind else []
    if len(partners) < 2:
        missing.append("Partners")
    missing += [
        f"Profile of {partner.organisation.name}" for partner in partners if kind and profile_gaps(partner, kind)
    ]
    if not any(line.amount_cents > 0 for partner in partners for line in partner.budget_lines):
        missing.append("Budget")
    return tuple(missing)


def profile_gaps(partner: Partner, kind: NetworkKind) -> tuple[str, ...]:
    """Labels of the sections that this partner has still to fill in about itself, in form order."""
    answers = partner.answers
    return tuple(
        section.label
        for section in kind.sections_of(partner.role)
        if not section.is_filled(answers.get(section.code, {}))
    )


def profile_of(partner: Partner, terms: CallTerms) -> dict[str, dict[str, str]]:
    """What a partner says about itself as the programme judges it: without e-mail addresses and telephone numbers."""
    kind, answers = kind_of(terms), partner.answers
    if kind is None:
        return {}
    return {
        section.code: {
            field.code: without_private(field, answers[section.code].get(field.code, "")) for field in section.fields
        }
        for section in kind.partner_sections
        if section.code in answers
    }


def findings_on_draft(dossier: Dossier, terms: CallTerms) -> tuple[Finding, ...]:
    """What the rule book says of a draft. The rule about the hour has no answer before the application is received."""
    found = examine(dossier, terms, rules_of(terms)).findings
    return tuple(finding for finding in found if finding.code != "submission.on_time")


def _practices(answers: Mapping[str, Mapping[str, str]], terms: CallTerms) -> tuple[str, ...] | None:
    if terms.lead_label is None:
        return None
    named = answers.get(PRACTICE_SECTION, {}).get(PRACTICE_FIELD, "").strip()
    return (named,) if named else ()


def _declarations(answers: Mapping[str, Mapping[str, str]], terms: CallTerms) -> dict[str, bool] | None:
    """The ticks of the form. A section that was never saved declares nothing, neither yes nor no."""
    kind = kind_of(terms)
    if kind is None:
        return None
    return {
        field.code: answers[section.code].get(field.code) == TICKED
        for section in kind.sections
        for field in section.fields
        if field.kind is FieldKind.TICK and section.code in answers
    }


def answers_of_each(session: Session, ids: Sequence[int]) -> Mapping[int, dict[str, dict[str, str]]]:
    """`answers_of` some applications, by their ids; one query."""
    found: dict[int, dict[str, dict[str, str]]] = {number: {} for number in ids}
    columns = (SavedSection.application_id, SavedSection.code, SavedSection.answers)
    for application_id, code, answers in session.execute(select(*columns).where(SavedSection.application_id.in_(ids))):
        found[application_id][code] = answers
    return found


def led_by_the_same(session: Session, application: Application) -> tuple[OtherApplication, ...]:
    """The other submitted applications of this call with the same lead partner."""
    return led_by_the_same_each(session, [application])[application.id]


def led_by_the_same_each(
    session: Session, applications: Sequence[Application]
) -> Mapping[int, tuple[OtherApplication, ...]]:
    """The same for some applications, by their ids; one query."""
    found: dict[int, tuple[OtherApplication, ...]] = {each.id: () for each in applications}
    own, lead, other = aliased(Partner), aliased(Partner), aliased(Application)
    rows = session.execute(
        select(Application.id, Call.code, other.title, other.reference, Organisation.name, Organisation.country)
        .join(Application.call)
        .join(own, (own.application_id == Application.id) & (own.role == PartnerRole.LEAD))
        .join(lead, (lead.organisation_id == own.organisation_id) & (lead.role == PartnerRole.LEAD))
        .join(other, (other.id == lead.application_id) & (other.call_id == Application.call_id))
        .join(Organisation, Organisation.id == own.organisation_id)
        .where(
            Application.id.in_(list(found)),
            other.id != Application.id,
            other.state.not_in((ApplicationState.DRAFT, ApplicationState.WITHDRAWN)),
        )
        .order_by(other.number)
    )
    for application_id, code, title, reference, name, country in rows:
        one = OtherApplication(call=code, title=title or reference, lead_name=name, lead_country=country)
        found[application_id] += (one,)
    return found
