"""Pages of a draft: start one, and its sections, of the network and of each partner, to write or to read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from urbact_calls.applications.drafts import commands
from urbact_calls.applications.drafts.commands import Upload
from urbact_calls.applications.drafts.forms import EditConflict, SectionForm, StartForm, section_form, with_rows_changed
from urbact_calls.applications.drafts.reads import offers_of, own_starts, section_of, section_row, sections_of
from urbact_calls.applications.models import Application, Partner, PartnerSection, SavedSection
from urbact_calls.applications.reads.applications import document_of, may_write, partner_of
from urbact_calls.applications.views import (
    FormPart,
    PartnerProfile,
    Summary,
    application_of,
    blueprint,
    is_writable,
    may_read,
    page,
    part_after,
    partners_from,
    summary_of,
)
from urbact_calls.calls.reads import published
from urbact_calls.database import db
from urbact_calls.domain.budget import per_fund
from urbact_calls.domain.money import total
from urbact_calls.domain.network_types import kind_of
from urbact_calls.domain.network_types.fields import Field, FieldKind, Section
from urbact_calls.domain.network_types.reading import reading
from urbact_calls.domain.network_types.work_plan import work_plan_of
from urbact_calls.domain.permissions import auditor, office, signed_in
from urbact_calls.domain.refusal import NotFound, Refused, Stale, or_not_found
from urbact_calls.domain.text import MONTHS, say
from urbact_calls.domain.words import day, second
from urbact_calls.files.models import StoredFile
from urbact_calls.files.views import STATUSES, download, limit_uploads
from urbact_calls.organisations.reads import of_user
from urbact_calls.pdfs import NotAPdf, TooLarge
from urbact_calls.reference.known_networks import regions
from urbact_calls.storage import NoRoom
from urbact_calls.web.access import current_actor, requires
from urbact_calls.web.form_answers import done
from urbact_calls.web.forms import NO_VERSION, attach


@dataclass(frozen=True, kw_only=True)
class OpenSection:
    """A section of an application, or of one of its partners (of `profile`), as it is stored.

    `next_address` is the page that comes after it. `sees_private` says whether this reader may read the contacts in
    full. The summary is read when a page is drawn, if not before: to save needs nothing of it.
    """

    application: Application
    section: Section
    saved: SavedSection | PartnerSection | None
    next_address: str | None
    is_writable: bool
    known_summary: Summary | None = None
    profile: PartnerProfile | None = None
    sees_private: bool = True

    @cached_property
    def summary(self) -> Summary:
        return self.known_summary or summary_of(self.application)

    @property
    def number(self) -> int:
        """Which part of the form it is, or belongs to."""
        return [part.code for part in self.summary.parts].index("profiles" if self.profile else self.section.code) + 1

    @property
    def following(self) -> FormPart | None:
        """The part that comes after it."""
        return part_after(self.profile.parts if self.profile else self.summary.parts, self.section.code)

    @property
    def answers(self) -> dict[str, str]:
        if self.profile:
            return dict(self.profile.partner.answers.get(self.section.code, {}))
        return dict(self.saved.answers) if self.saved else {}

    @property
    def refused_files(self) -> tuple[tuple[Field, StoredFile], ...]:
        """The files of this section that were refused after they came, each with the field that asks for it."""
        documents = self.profile.partner.documents if self.profile else []
        files = {each.kind: each.file for each in documents}
        found = ((field, files.get(field.code)) for field in self.section.fields)
        return tuple((field, file) for field, file in found if file is not None and file.is_refused)

    @property
    def version(self) -> int:
        return self.saved.version if self.saved else 0

    def form(self, replayed: MultiDict[str, str] | None = None) -> SectionForm:
        offers = offers_of(db.session(), self.application.call.terms)
        return section_form(self.section).showing(self.answers, self.version, offers=offers, replayed=replayed)


def network_facts(summary: Summary) -> list[tuple[str, str]]:
    """Call, type, dates, partnership, budget and who pays, each in words."""
    terms, dossier = summary.terms, summary.dossier
    lines = [
        ("Call", f"{summary.application.call.code}, {terms.title}"),
        ("Type of network", terms.network_type.label if terms.network_type else NOT_KNOWN),
        ("Start", day(terms.network_start) if terms.network_start else NOT_KNOWN),
        ("End", day(terms.network_end) if terms.network_end else NOT_KNOWN),
        ("Duration", say(MONTHS(count=terms.duration_months)) if terms.duration_months else NOT_KNOWN),
        ("Partnership", say(partners_from(dossier))),
        ("Budget", str(dossier.budget.total) if dossier.budget else "Nothing planned yet"),
    ]
    financing = dossier.budget.financing if dossier.budget else None
    lines += [(fund.label, str(paid)) for fund, paid in per_fund(financing or ()).items()]
    if financing:
        lines.append(("Own contribution of the partners", str(total([line.own_amount for line in financing]))))
    return lines


def organisation_facts(partner: Partner) -> list[tuple[str, str]]:
    """What stands with the organisation of a partner; unknown stays unknown."""
    organisation = partner.organisation
    region = regions().get(organisation.nuts2 or "")
    return [
        ("Name", organisation.name),
        ("Seat", f"{organisation.seat_city}, {organisation.country}"),
        ("What it is", organisation.category.label if organisation.category else NOT_KNOWN),
        ("Region (NUTS 2)", f"{region.name} ({region.nuts2})" if region else organisation.nuts2 or NOT_KNOWN),
        ("Category of the region", organisation.region_category or NOT_KNOWN),
    ]


NOT_KNOWN = "Not known"


def _save(find: Callable[[], OpenSection], command: Callable[..., None]) -> ResponseReturnValue:
    """Saves a section, or replays its form with every typed character.

    A button that adds a row or takes one away keeps nothing: it gives the page back with the row.
    """
    open_section = find()
    changed = with_rows_changed(open_section.section, request.form)
    if changed is not None:
        return _page(open_section, open_section.form(changed))
    form = open_section.form()
    is_valid = form.validate()
    answers = form.resolved(request.form)
    uploads = _uploads(open_section.section)
    has_more = answers != {code: open_section.answers.get(code, "") for code in answers}
    if not is_valid and not has_more and not uploads:
        return _page(open_section, form), 422
    save = partial(command, answers=answers, version=form.version.number, actor=current_actor(), now=g.received_at)
    if open_section.profile:
        # Files belong to partners.
        save = partial(save, storage=current_app.extensions["storage"], files=uploads)
    try:
        save()
    except Stale:
        # Both versions side by side. The form carries the version that is stored now: what is sent next decides.
        open_section = find()
        form = open_section.form()
        form.version.data = str(open_section.version)
        return _page(open_section, form, form.edit_conflicts(answers, request.form)), 409
    except (TooLarge, NotAPdf, NoRoom) as problem:
        attach(form, problem.refusals)
        status = STATUSES[type(problem)]
        if not has_more:
            return _page(open_section, form), status
        # The answers beside the file are kept.
        save(files={})
        return _page_of_the_rest(find(), form), status
    except Refused as problem:
        attach(form, problem.refusals)
        open_section = find()
        if open_section.saved is not None:
            form.form_errors.append(f"The last saved text is of {second(open_section.saved.updated_at)}.")
        return _page(open_section, form), 409
    if not is_valid:
        return _page_of_the_rest(find(), form), 422
    flash(f"Saved {second(g.received_at)}: {open_section.section.label}.", "good")
    following = None if "stay" in request.form else open_section.next_address
    # The form is sent to the address of its page.
    return redirect(following or request.path)


def _uploads(section: Section) -> dict[str, Upload]:
    """The files that came with this request, by the field that asks for them."""
    asked = (field.code for field in section.fields if field.kind is FieldKind.FILE)
    return {
        code: Upload(file.filename, file.stream.read())
        for code in asked
        if (file := request.files.get(code)) and file.filename
    }


def _page_of_the_rest(open_section: OpenSection, form: SectionForm) -> str:
    """The page after all was saved but what is marked in the form, which goes on from what is stored now."""
    form.stored, form.version.data = open_section.answers, str(open_section.version)
    form.rest_is_saved = True
    return _page(open_section, form)


def _page(
    open_section: OpenSection,
    form: SectionForm,
    conflicts: Mapping[str, EditConflict] | None = None,
) -> str:
    seen, kind = form.seen, open_section.summary.kind
    if not conflicts and not form.rest_is_saved:
        # A page that comes back refused still belongs to what its writer saw first; any other to what is stored.
        seen = {name: request.form.get(name, mark) for name, mark in seen.items()}
    criterion = open_section.section.criterion
    partner = open_section.profile.partner if open_section.profile else None
    return page(
        "applications/section.html",
        open_section.application,
        summary=open_section.summary,
        open_section=open_section,
        section=open_section.section,
        partner=partner,
        form=form,
        seen=seen,
        conflicts=conflicts or {},
        missing=open_section.section.missing(open_section.answers),
        # What was typed is shown even where nothing can be saved any more: it must not be lost with the page.
        shows_form=open_section.is_writable or request.method == "POST",
        answers=reading(open_section.section, open_section.answers, with_private=open_section.sees_private),
        work_plan=work_plan_of(open_section.section, open_section.answers, kind),
        network_facts=network_facts(open_section.summary),
        organisation_facts=organisation_facts(partner) if partner else (),
        criterion=kind.grid.criterion(criterion) if kind and criterion else None,
    )


PARTNER = "/applications/<reference>/partners/<int:partner_id>"


@blueprint.get("/applications/<reference>/sections/<section>")
@requires(may_read, of=application_of)
def section(application: Application, section: str) -> ResponseReturnValue:
    """A section with its answers, to write or to read."""
    open_section = _open_section(application, section)
    return _page(open_section, open_section.form())


@blueprint.post("/applications/<reference>/sections/<section>")
@requires(may_write, of=application_of)
def save_section(application: Application, section: str) -> ResponseReturnValue:
    """Saves a section, or replays its form with every typed character."""
    command = partial(commands.save_section, application.reference, section)
    return _save(partial(_open_section, application, section), command)


@blueprint.get(f"{PARTNER}/sections/<section>")
@requires(may_read, of=application_of)
def partner_section(application: Application, partner_id: int, section: str) -> ResponseReturnValue:
    """What one partner says about itself, to write or to read."""
    open_section = _open_partner_section(application, partner_id, section)
    return _page(open_section, open_section.form())


@blueprint.post(f"{PARTNER}/sections/<section>")
@requires(may_write, of=application_of)
@limit_uploads
def save_partner_section(application: Application, partner_id: int, section: str) -> ResponseReturnValue:
    """Saves a section of one partner; to others than its people and the lead partner this page does not exist."""
    if partner_id not in {each.id for each in summary_of(application).own_partners}:
        raise NotFound(f"partner {partner_id}")
    command = partial(commands.save_partner_section, application.reference, partner_id, section)
    return _save(partial(_open_partner_section, application, partner_id, section), command)


@blueprint.get(f"{PARTNER}/files/<field>")
@requires(may_read, of=application_of)
def partner_file(application: Application, partner_id: int, field: str) -> ResponseReturnValue:
    """A file of a partner's part, to be saved and not shown by the browser."""
    sections = sections_of(application, partner_of(db.session(), application, partner_id))
    asked = {each.code for section in sections for each in section.fields if each.kind is FieldKind.FILE}
    if field not in asked:
        raise NotFound(f"file {field}")
    document = document_of(db.session(), application, partner_id, field)
    return download(document.storage_key, filename=document.filename, media_type=document.media_type)


def _open_section(application: Application, code: str) -> OpenSection:
    to = partial(url_for, reference=application.reference)
    following = part_after(sections_of(application), code)
    return OpenSection(
        application=application,
        section=section_of(application, code),
        saved=section_row(db.session(), application, code),
        next_address=to("applications.section", section=following.code) if following else to("applications.partners"),
        is_writable=is_writable(application),
    )


def _open_partner_section(application: Application, partner_id: int, code: str) -> OpenSection:
    summary = summary_of(application)
    profile = or_not_found(summary.profile(partner_id), f"partner {partner_id}")
    found = section_of(application, code, profile.partner)
    following = part_after(profile.parts, code)
    is_own = profile.partner in summary.own_partners
    return OpenSection(
        application=application,
        section=found,
        saved=next((each for each in profile.partner.sections if each.code == code), None),
        next_address=following.href if following else None,
        is_writable=is_own and is_writable(application),
        known_summary=summary,
        profile=profile,
        sees_private=is_own or office(current_actor(), g.relation) or auditor(current_actor(), g.relation),
    )


@blueprint.get("/calls/<code>/applications", endpoint="new")
@blueprint.post("/calls/<code>/applications", endpoint="start")
@requires(signed_in)
def start(code: str) -> ResponseReturnValue:
    """Which of my organisations leads a new application in this call; posting starts the draft. Who works for none
    finds or enters it first."""
    call = published(db.session(), code, g.received_at)
    organisations = of_user(db.session(), current_actor().user_id or 0)
    is_open = call.takes_applications(g.received_at)
    if request.method != "POST" and is_open and not organisations:
        return redirect(url_for("organisations.new", next=request.path))
    form, status = StartForm(organisations, data={"seen": len(own_starts(db.session(), code, current_actor()))}), 200
    if request.method != "POST":
        if len(organisations) == 1:
            form.organisation.data = organisations[0].id
    elif form.validate() and form.organisation.data in {each.id for each in organisations}:
        seen = None if form.seen.number == NO_VERSION else form.seen.number
        try:
            reference = commands.start(code, form.organisation.data, current_actor(), g.received_at, seen=seen)
        except Refused as problem:
            attach(form, problem.refusals)
            status = 409
        else:
            words = f"{reference} is a draft now. Nobody but its partners can see it."
            kind = kind_of(call.terms)
            if kind is None:
                return done(words, "applications.application", reference=reference)
            return done(words, "applications.section", reference=reference, section=kind.sections[0].code)
    else:
        form.organisation.errors = ["Choose one of your organisations."]
        status = 422
    return render_template("applications/new.html", call=call, form=form, is_open=is_open), status
