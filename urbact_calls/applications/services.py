"""Commands of those who write an application: sections, partners, budget, letters."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from urbact_calls.applications import letters
from urbact_calls.applications.invitations import announce_added, end_access, follow_editing
from urbact_calls.applications.models import LETTER, Application, BudgetLine, Document, Partner, PartnerSection, Section
from urbact_calls.applications.operations import (
    partners_of,
    partners_to_write_for,
    require_letters_writable,
    require_writable,
    stored_amounts,
    typed_categories,
)
from urbact_calls.applications.queries import for_update, relation_to
from urbact_calls.audit.operations import field_changed
from urbact_calls.database import transaction
from urbact_calls.domain.network_types import kind_of
from urbact_calls.domain.network_types.fields import FileAnswer, without_private
from urbact_calls.domain.network_types.fields import Section as FormSection
from urbact_calls.domain.permissions import Actor, Predicate, lead_applicant, partner_editor
from urbact_calls.domain.refusal import NotFound, Refusal, Refused, Stale
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import CostCategory, PartnerRole
from urbact_calls.organisations.models import Organisation
from urbact_calls.organisations.operations import NewOrganisation, find_or_create
from urbact_calls.organisations.queries import by_slug as organisation_by_slug
from urbact_calls.storage import Storage, Stored

SECTION_STALE = message("section.stale", "This section was saved by somebody else.")
PART_STALE = message("part.stale", "This part was saved by somebody else.")
TWICE = message("partner.twice", "{organisation} is in the partnership already.")
TOO_MANY = message("partner.too_many", "{count} partners are more than any call allows; take one out first.")
LEAD = message("partner.lead", "The lead partner cannot be taken out of its own application.")
BUDGET_STALE = message("budget.stale", "The budget or the partnership was changed by somebody else.")
PARTNERSHIP_STALE = message("partnership.stale", "The partnership was changed by somebody else.")


# The two answers of the form that lists and headings show as well.
TITLE_SECTION, TITLE_FIELDS = "identity", ("title", "acronym")

# Far above what any call allows: the grid of a budget must stay a page that can be sent.
MOST_PARTNERS = 30

writer = lead_applicant | partner_editor


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came."""

    filename: str
    content: bytes


def save_section(  # noqa: PLR0913 -- who saves what, where and when; keyword-only after the second
    reference: str, code: str, *, answers: Mapping[str, str], version: int, actor: Actor, now: datetime
) -> None:
    """Keeps the answers of one section; it may be incomplete. The same answers again change nothing.

    Raises Stale if the section was saved since `version`, Refused when the draft cannot be changed any more.
    """
    with transaction() as session:
        application = _locked(session, reference, actor, writer)
        require_writable(application, now)
        section = session.scalar(select(Section).where(Section.application_id == application.id, Section.code == code))
        before = dict(section.answers) if section else {}
        kept = _answers_to_keep(application, code, answers)
        if section is not None and before == kept:
            return
        if version != (section.version if section else 0):
            raise Stale(SECTION_STALE(), current=before)

        if section is None:
            section = Section(application_id=application.id, code=code, answers=kept, version=0, updated_at=now)
            session.add(section)
        section.answers, section.version = kept, section.version + 1
        section.updated_at, section.updated_by = now, actor.user_id
        _keep_title(application, code, kept)
        for field, after in kept.items():
            _changed(session, application, f"{code}.{field}", before.get(field, ""), after, actor, now)


def save_partner_section(  # noqa: PLR0913 -- whose part, what, where and when; keyword-only after the third
    reference: str,
    partner_id: int,
    code: str,
    *,
    answers: Mapping[str, str],
    files: Mapping[str, Upload],
    version: int,
    actor: Actor,
    now: datetime,
    storage: Storage,
) -> None:
    """Keeps what one partner says about itself, with the files that came along. The same answers change nothing.

    Raises NotFound for the part of a partner that is not the actor's to write, letters.TooLarge or letters.NotAPdf
    for a file that cannot be kept, Stale and Refused as `save_section` does. Nothing of a refused file stays.
    """
    for upload in files.values():
        letters.check_file(upload.content)
    stored = {field: storage.put(upload.content) for field, upload in files.items()}
    replaced: list[str] = []
    try:
        with transaction() as session:
            application = _locked(session, reference, actor, writer)
            require_writable(application, now)
            partner = _own_partner(session, application, partner_id, actor)
            section = _partner_section_of_form(application, partner, code)
            row = next((each for each in partner.sections if each.code == code), None)
            before = dict(row.answers) if row else {}
            kept = {field.code: answers.get(field.code, "") for field in section.fields}
            for field, put in stored.items():
                name = letters.clean_name(files[field].filename)
                kept[field] = FileAnswer(name=name, size=put.size, sha256=put.sha256).text
            if row is not None and before == kept and not stored:
                return
            if version != (row.version if row else 0):
                raise Stale(PART_STALE(), current=before)

            for field, put in stored.items():
                name = letters.clean_name(files[field].filename)
                replaced += _keep_document(session, partner, field, put, name, actor, now)
            if row is None:
                row = PartnerSection(code=code, answers=kept, version=0, updated_at=now)
                partner.sections.append(row)
            row.answers, row.version = kept, row.version + 1
            row.updated_at, row.updated_by = now, actor.user_id
            for each in section.fields:
                # The record is read by more people than the contacts of a partner are.
                was, after = (without_private(each, text.get(each.code, "")) for text in (before, kept))
                where = f"partners.{partner.organisation.slug}.{code}.{each.code}"
                _changed(session, application, where, was, after, actor, now)
    except BaseException:
        for put in stored.values():
            storage.remove(put.key)
        raise
    for key in replaced:
        storage.remove(key)


def _own_partner(session: Session, application: Application, partner_id: int, actor: Actor) -> Partner:
    own = partners_to_write_for(actor, relation_to(session, actor, application), partners_of(session, application))
    partner = next((each for each in own if each.id == partner_id), None)
    if partner is None:
        raise NotFound(f"partner {partner_id}")
    return partner


def _partner_section_of_form(application: Application, partner: Partner, code: str) -> FormSection:
    kind = kind_of(application.call.terms)
    sections = kind.sections_of(partner.role) if kind else ()
    found = next((section for section in sections if section.code == code), None)
    if found is None:
        raise NotFound(f"section {code}")
    return found


def _keep_document(  # noqa: PLR0913 -- one document of one partner
    session: Session, partner: Partner, kind: str, stored: Stored, name: str, actor: Actor, now: datetime
) -> list[str]:
    """Puts a document in the place of the one of its kind; gives the key of the file that nothing names any more."""
    row = next((each for each in partner.documents if each.kind == kind), None)
    old = [row.storage_key] if row else []
    row = row or Document(partner_id=partner.id, kind=kind)
    row.storage_key, row.size, row.sha256 = stored.key, stored.size, stored.sha256
    row.filename, row.media_type = name, letters.MEDIA_TYPE
    row.uploaded_at, row.uploaded_by = now, actor.user_id
    session.add(row)
    return old


def add_partner(reference: str, *, slug: str, version: int, actor: Actor, now: datetime) -> None:
    """Adds an organisation at the end of the partnership. Raises NotFound, Stale, Refused for one that is there."""
    with transaction() as session:
        application = _partnership(session, reference, version, actor, now)
        _add(session, application, organisation_by_slug(session, slug), actor, now)


def add_new_partner(reference: str, *, new: NewOrganisation, version: int, actor: Actor, now: datetime) -> None:
    """Adds an organisation that was typed; one of the same name, country and seat that is known is taken instead.

    Raises Stale, and Refused for one that is in the partnership already.
    """
    with transaction() as session:
        application = _partnership(session, reference, version, actor, now)
        _add(session, application, find_or_create(session, new, now), actor, now)


def _add(session: Session, application: Application, organisation: Organisation, actor: Actor, now: datetime) -> None:
    known = session.scalar(
        select(Partner.id).where(Partner.application_id == application.id, Partner.organisation_id == organisation.id)
    )
    if known is not None:
        raise Refused(Refusal(TWICE(organisation=organisation.name), field="name"))
    last, count = session.execute(
        select(func.max(Partner.position), func.count()).where(Partner.application_id == application.id)
    ).one()
    if count >= MOST_PARTNERS:
        raise Refused(Refusal(TOO_MANY(count=count)))
    session.add(
        Partner(
            application_id=application.id,
            organisation_id=organisation.id,
            role=PartnerRole.PARTNER,
            position=last + 1,
        )
    )
    application.version += 1
    _changed(session, application, "partners", None, organisation.slug, actor, now)
    announce_added(session, application, organisation, now)


def remove_partner(
    reference: str, partner_id: int, *, version: int, actor: Actor, now: datetime, storage: Storage
) -> None:
    """Takes a project partner out, with its budget and its letter. Raises Refused for the lead partner, Stale."""
    with transaction() as session:
        application = _partnership(session, reference, version, actor, now)
        partner = _partner(session, application, partner_id)
        if partner.role == PartnerRole.LEAD:
            raise Refused(Refusal(LEAD()))
        letters_kept = [document.storage_key for document in partner.documents]
        for line in partner.budget_lines:
            _changed(session, application, _cell(partner, line.category), line.amount_cents, None, actor, now)
        _changed(session, application, "partners", partner.organisation.slug, None, actor, now)
        end_access(session, partner)
        session.delete(partner)
        application.version += 1
    # After the commit: until then the rows still name these files.
    for key in letters_kept:
        storage.remove(key)


def set_partner_editing(  # noqa: PLR0913 -- keyword-only after the second
    reference: str, partner_id: int, *, may_edit: bool, version: int, actor: Actor, now: datetime
) -> None:
    """Lets the people of a partner write in the form, or only read it. Raises Stale."""
    with transaction() as session:
        application = _partnership(session, reference, version, actor, now)
        partner = _partner(session, application, partner_id)
        slug = partner.organisation.slug
        _changed(session, application, f"partners.{slug}.may_edit", partner.may_edit, may_edit, actor, now)
        if partner.may_edit != may_edit:
            partner.may_edit = may_edit
            follow_editing(session, partner)
            application.version += 1


def save_budget(
    reference: str, *, amounts: Mapping[tuple[int, CostCategory], int | None], version: int, actor: Actor, now: datetime
) -> None:
    """Keeps cells of the grid; None empties a cell. The same figures again change nothing.

    Only cells count that this actor may write and that the call lets people type. Raises Stale with the stored
    grid, Refused when the draft cannot be changed any more.
    """
    with transaction() as session:
        application = _locked(session, reference, actor, writer)
        require_writable(application, now)
        partners = partners_of(session, application)
        stored = stored_amounts(partners)
        if version != application.version:
            raise Stale(BUDGET_STALE(), current=stored)

        writable = partners_to_write_for(actor, relation_to(session, actor, application), partners)
        own = {partner.id: partner for partner in writable}
        typed = typed_categories(application.call.terms)
        changed = {
            cell: amount
            for cell, amount in amounts.items()
            if cell[0] in own and cell[1] in typed and stored.get(cell) != amount
        }
        for (partner_id, category), amount in changed.items():
            partner = own[partner_id]
            _write_cell(session, partner, category, amount)
            before = stored.get((partner_id, category))
            _changed(session, application, _cell(partner, category), before, amount, actor, now)
        if changed:
            application.version += 1


def keep_letter(  # noqa: PLR0913 -- keyword-only after the second
    reference: str, partner_id: int, *, content: bytes, filename: str, actor: Actor, now: datetime, storage: Storage
) -> None:
    """Keeps a partner's letter of commitment in place of the one before.

    Raises letters.TooLarge or letters.NotAPdf for a file that cannot be kept, Refused when nothing can be changed any
    more. Nothing of a refused file stays.
    """
    letters.check(content)
    stored = storage.put(content)
    try:
        with transaction() as session:
            application = _locked(session, reference, actor, writer)
            require_letters_writable(application, now)
            partner = _own_partner(session, application, partner_id, actor)
            was = partner.letter.sha256 if partner.letter else None
            name = letters.clean_name(filename)
            replaced = _keep_document(session, partner, LETTER, stored, name, actor, now)
            field = f"letters.{partner.organisation.slug}"
            _changed(session, application, field, was, stored.sha256, actor, now)
    except BaseException:
        storage.remove(stored.key)
        raise
    for key in replaced:
        storage.remove(key)


def _locked(session: Session, reference: str, actor: Actor, permission: Predicate) -> Application:
    """The application, locked; NotFound for somebody who may not do this, whatever the page before allowed."""
    application = for_update(session, reference)
    if not permission(actor, relation_to(session, actor, application)):
        raise NotFound(f"application {reference}")
    return application


def _partnership(session: Session, reference: str, version: int, actor: Actor, now: datetime) -> Application:
    application = _locked(session, reference, actor, lead_applicant)
    require_writable(application, now)
    if version != application.version:
        raise Stale(PARTNERSHIP_STALE())
    return application


def _partner(session: Session, application: Application, partner_id: int) -> Partner:
    partner = session.get(Partner, partner_id)
    if partner is None or partner.application_id != application.id:
        raise NotFound(f"partner {partner_id}")
    return partner


def _answers_to_keep(application: Application, code: str, answers: Mapping[str, str]) -> dict[str, str]:
    """An answer for each field of the section, and for nothing else."""
    kind = kind_of(application.call.terms)
    if kind is None:
        raise NotFound(f"section {code}")
    try:
        fields: Collection[str] = [field.code for field in kind.section(code).fields]
    except KeyError as problem:
        raise NotFound(f"section {code}") from problem
    return {field: answers.get(field, "") for field in fields}


def _keep_title(application: Application, code: str, answers: Mapping[str, str]) -> None:
    if code == TITLE_SECTION:
        for field in TITLE_FIELDS:
            if field in answers:
                setattr(application, field, answers[field])


def _write_cell(session: Session, partner: Partner, category: CostCategory, amount: int | None) -> None:
    line = next((each for each in partner.budget_lines if each.category == category), None)
    if amount is None:
        if line is not None:
            partner.budget_lines.remove(line)
    elif line is not None:
        line.amount_cents = amount
    else:
        partner.budget_lines.append(BudgetLine(category=category, amount_cents=amount))


def _cell(partner: Partner, category: str) -> str:
    return f"budget.{partner.organisation.slug}.{category}"


def _changed(  # noqa: PLR0913 -- what a change is made of
    session: Session, application: Application, field: str, before: object, after: object, actor: Actor, now: datetime
) -> None:
    # The column of the record holds 120 characters, and so does the slug of an organisation alone.
    field_changed(
        session,
        subject=application.subject,
        field=field[:120],
        before=before,
        after=after,
        actor=actor,
        now=now,
    )
