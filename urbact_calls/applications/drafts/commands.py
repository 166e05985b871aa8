"""Commands on drafts: start one, save a section, save what a partner says about itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from urbact_calls import pdfs
from urbact_calls.applications.drafts.reads import own_starts, section_of, section_row
from urbact_calls.applications.models import (
    Application,
    ApplicationAccess,
    Document,
    Partner,
    PartnerSection,
    SavedSection,
    SubmittedFile,
)
from urbact_calls.applications.reads.applications import (
    for_update,
    may_write,
    partners_to_write_for,
    relation_to,
    require_writable,
)
from urbact_calls.applications.reads.dossier import partners_of
from urbact_calls.calls.models import Call
from urbact_calls.database import transaction
from urbact_calls.domain.network_types.fields import FileAnswer, without_private
from urbact_calls.domain.network_types.form import IDENTITY
from urbact_calls.domain.permissions import Actor, Predicate
from urbact_calls.domain.refusal import NotFound, Refusal, Refused, Stale, or_not_found
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import PartnerRole, Role
from urbact_calls.domain.workflow.application import APPLICATION, CLOSED
from urbact_calls.files.commands import discard_step, keeping
from urbact_calls.record.commands import field_changed
from urbact_calls.storage import Storage, Stored
from urbact_calls.workflow.lives import begin

FILE_PDF = pdfs.CheckedPdf(field="file", word="file", whole="document", page="applications.application")


def locked_for(session: Session, reference: str, actor: Actor, permission: Predicate) -> Application:
    """The application, locked; NotFound for somebody who may not do this, whatever the page before allowed."""
    application = for_update(session, reference)
    if not permission(actor, relation_to(session, actor, application)):
        raise NotFound(f"application {reference}")
    return application


def draft_to_write(
    session: Session, reference: str, actor: Actor, now: datetime, permission: Predicate = may_write
) -> Application:
    """As `locked_for`. Raises Refused when the draft cannot be changed any more."""
    application = locked_for(session, reference, actor, permission)
    require_writable(application, now)
    return application


def partner_to_write_for(session: Session, application: Application, partner_id: int, actor: Actor) -> Partner:
    own = partners_to_write_for(actor, relation_to(session, actor, application), partners_of(session, application))
    return or_not_found(next((each for each in own if each.id == partner_id), None), f"partner {partner_id}")


def keep_document_step(  # noqa: PLR0913 -- one document of one partner; keyword-only after the third
    session: Session,
    partner: Partner,
    kind: str,
    *,
    stored: Stored,
    filename: str,
    actor: Actor,
    now: datetime,
    storage: Storage,
) -> str:
    """Puts a document in the place of the one of its kind; gives the name under which it is shown.

    The file of before stays while a submission names it.
    """
    row = next((each for each in partner.documents if each.kind == kind), None)
    if row is not None and not is_submitted(session, row.storage_key):
        discard_step(session, row.storage_key, storage)
    row = row or Document(partner_id=partner.id, kind=kind)
    row.storage_key, row.size, row.sha256 = stored.key, stored.size, stored.sha256
    row.filename, row.media_type = pdfs.clean_name(filename, "letter"), pdfs.MEDIA_TYPE
    row.uploaded_at, row.uploaded_by = now, actor.user_id
    session.add(row)
    return row.filename


def is_submitted(session: Session, storage_key: str) -> bool:
    """Whether a submission names a file, so that it stays when the draft names it no more."""
    named = select(SubmittedFile.id).where(SubmittedFile.storage_key == storage_key).limit(1)
    return session.scalar(named) is not None


SECTION_STALE = message("section.stale", "This section was saved by somebody else.")
PART_STALE = message("part.stale", "This part was saved by somebody else.")


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
        application = draft_to_write(session, reference, actor, now)
        kept = {field.code: answers.get(field.code, "") for field in section_of(application, code).fields}
        row = section_row(session, application, code)
        before = dict(row.answers) if row else {}
        if row is not None and before == kept:
            return
        if version != (row.version if row else 0):
            raise Stale(SECTION_STALE())

        row = row or SavedSection(application_id=application.id, code=code, version=0)
        row.save(kept, actor, now)
        session.add(row)
        if code == IDENTITY.code:
            # The two answers that lists and headings show as well.
            application.title, application.acronym = kept["title"], kept["acronym"]
        for field, after in kept.items():
            field_changed(session, application.subject, f"{code}.{field}", before.get(field, ""), after, actor, now)


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

    Raises NotFound for the part of a partner that is not the actor's to write, TooLarge or NotAPdf for a
    file that cannot be kept, Stale and Refused as `save_section` does. Nothing of a refused file stays.
    """
    contents = [upload.content for upload in files.values()]
    with keeping(contents, FILE_PDF, storage=storage, actor=actor, now=now) as put:
        session = put.session
        application = draft_to_write(session, reference, actor, now)
        put.about = application.subject
        partner = partner_to_write_for(session, application, partner_id, actor)
        section = section_of(application, code, partner)
        row = next((each for each in partner.sections if each.code == code), None)
        before = dict(row.answers) if row else {}
        kept = {each.code: answers.get(each.code, "") for each in section.fields}
        if row is not None and before == kept and not files:
            return
        if version != (row.version if row else 0):
            raise Stale(PART_STALE())

        for (field, upload), stored in zip(files.items(), put.files, strict=True):
            name = keep_document_step(
                session, partner, field, stored=stored, filename=upload.filename, actor=actor, now=now, storage=storage
            )
            kept[field] = FileAnswer(name=name, size=stored.size, sha256=stored.sha256).text
        if row is None:
            row = PartnerSection(code=code, version=0)
            partner.sections.append(row)
        row.save(kept, actor, now)
        for each in section.fields:
            # The record is read by more people than the contacts of a partner are.
            was, after = (without_private(each, text.get(each.code, "")) for text in (before, kept))
            where = f"partners.{partner.organisation.slug}.{code}.{each.code}"
            field_changed(session, application.subject, where, was, after, actor, now)


def start(call_code: str, organisation_id: int, actor: Actor, now: datetime, *, seen: int | None = None) -> str:
    """Starts a draft as `start_step` does; gives its reference.

    `seen` is how many applications of this call the actor had started when the form was opened. The same form sent
    twice starts one draft: the second time this gives the one that the first has started.
    """
    with transaction() as session:
        # The lock of `start_step`: of two requests at once the second sees what the first has started.
        session.execute(select(Call.id).where(Call.code == call_code).with_for_update())
        started = own_starts(session, call_code, actor)
        newest = started[-1] if started and seen is not None and len(started) > seen else None
        if newest is not None and partners_of(session, newest)[0].organisation_id == organisation_id:
            return newest.reference
        return start_step(session, call_code, organisation_id, actor, now).reference


def start_step(session: Session, call_code: str, organisation_id: int, actor: Actor, now: datetime) -> Application:
    """A draft of one of the actor's organisations in an open call, with its lead partner and its lead applicant.

    Raises NotFound for an unknown call, Refused when the call is not open or the actor does not work there.
    """
    # The row of the call is the lock under which numbers are given: they are never given twice.
    call = session.scalar(select(Call).where(Call.code == call_code).with_for_update())
    if call is None or call.published_at is None or actor.user_id is None:
        raise NotFound(f"call {call_code}")
    _may_start(call, organisation_id, actor, now)
    last = session.scalar(select(func.max(Application.number)).where(Application.call_id == call.id)) or 0
    application = Application(
        reference=f"{call.code}-{last + 1:03d}",
        call_id=call.id,
        number=last + 1,
        state=APPLICATION.start,
        created_at=now,
        created_by=actor.user_id,
    )
    session.add(application)
    session.flush()
    session.add(
        Partner(application_id=application.id, organisation_id=organisation_id, role=PartnerRole.LEAD, position=1)
    )
    session.add(ApplicationAccess(application_id=application.id, user_id=actor.user_id, role=Role.LEAD, granted_at=now))
    begin(session, application, actor, now)
    return application


def _may_start(call: Call, organisation_id: int, actor: Actor, now: datetime) -> None:
    if call.is_historical:
        raise Refused(Refusal(HISTORICAL()))
    if not call.takes_applications(now):
        is_early = now < call.opens_at
        raise Refused(Refusal(NOT_YET_OPEN(opens_at=call.opens_at) if is_early else CLOSED(closes_at=call.closes_at)))
    if organisation_id not in actor.organisation_ids:
        raise Refused(Refusal(NOT_YOUR_ORGANISATION(), "organisation"))


NOT_YET_OPEN = message("call.closed/not_yet_open", "The call opens on {opens_at}.")
HISTORICAL = message("call.historical", "This call is a record of the past; nothing can be started in it.")
NOT_YOUR_ORGANISATION = message("application.not_your_organisation", "Choose an organisation that you work for.")
