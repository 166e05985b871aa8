"""The sections of the form, of the network and of each partner: written while the draft is open, read afterwards."""

from __future__ import annotations

from flask import current_app, g, url_for
from flask.typing import ResponseReturnValue

from urbact_calls.applications import services
from urbact_calls.applications.models import Application, Partner
from urbact_calls.applications.operations import partners_to_write_for
from urbact_calls.applications.outline import Outline, Profile, outline_of
from urbact_calls.applications.queries import document_of, section_row
from urbact_calls.applications.services import Upload
from urbact_calls.applications.views.answering import Place, answer, show
from urbact_calls.applications.views.blueprint import application_of, blueprint, is_writable, may_read, may_write
from urbact_calls.database import db
from urbact_calls.domain.network_types import kind_of
from urbact_calls.domain.network_types.fields import FieldKind
from urbact_calls.domain.permissions import auditor, office
from urbact_calls.domain.refusal import NotFound
from urbact_calls.web.access import current_actor, requires
from urbact_calls.web.downloads import download

PARTNER = "/applications/<reference>/partners/<int(max=2147483647):partner_id>"


@blueprint.route("/applications/<reference>/sections/<section>")
@requires(may_read, of=application_of)
def section(application: Application, section: str) -> ResponseReturnValue:
    """A section with its answers, to write or to read."""
    return show(_place(application, section))


@blueprint.route("/applications/<reference>/sections/<section>", methods=["POST"])
@requires(may_write, of=application_of)
def save_section(application: Application, section: str) -> ResponseReturnValue:
    """Keeps the answers, or gives the page back with every typed character."""

    def keep(answers: dict[str, str], files: dict[str, Upload], version: int) -> None:
        services.save_section(
            application.reference, section, answers=answers, version=version, actor=current_actor(), now=g.received_at
        )

    return answer(lambda: _place(application, section), keep)


@blueprint.route(f"{PARTNER}/sections/<section>")
@requires(may_read, of=application_of)
def partner_section(application: Application, partner_id: int, section: str) -> ResponseReturnValue:
    """What one partner says about itself, to write or to read."""
    return show(_partner_place(application, partner_id, section))


@blueprint.route(f"{PARTNER}/sections/<section>", methods=["POST"])
@requires(may_write, of=application_of)
def save_partner_section(application: Application, partner_id: int, section: str) -> ResponseReturnValue:
    """Keeps the answers of one partner; to others than its people and the lead partner this page does not exist."""
    outline = outline_of(db.session(), application, g.received_at)
    _own_profile(outline, partner_id)

    def keep(answers: dict[str, str], files: dict[str, Upload], version: int) -> None:
        services.save_partner_section(
            application.reference,
            partner_id,
            section,
            answers=answers,
            files=files,
            version=version,
            actor=current_actor(),
            now=g.received_at,
            storage=current_app.extensions["storage"],
        )

    return answer(lambda: _partner_place(application, partner_id, section), keep)


@blueprint.route(f"{PARTNER}/files/<field>")
@requires(may_read, of=application_of)
def partner_file(application: Application, partner_id: int, field: str) -> ResponseReturnValue:
    """A file of a partner's part, to be saved and not shown by the browser."""
    outline = outline_of(db.session(), application, g.received_at)
    profile = _profile(outline, partner_id)
    asked = {each.code for section in profile.sections for each in section.fields if each.kind is FieldKind.FILE}
    if field not in asked:
        raise NotFound(f"file {field}")
    document = document_of(db.session(), application, partner_id, field)
    return download(document.storage_key, filename=document.filename, media_type=document.media_type)


def _place(application: Application, code: str) -> Place:
    terms, reference = application.call.terms, application.reference
    kind = kind_of(terms)
    codes = [each.code for each in kind.sections] if kind else []
    if kind is None or code not in codes:
        raise NotFound(f"section {code}")
    after = codes[codes.index(code) + 1 :]
    return Place(
        application=application,
        terms=terms,
        section=kind.section(code),
        saved=section_row(db.session(), application, code),
        address=url_for("applications.section", reference=reference, section=code),
        next_address=url_for("applications.section", reference=reference, section=after[0])
        if after
        else url_for("applications.partners", reference=reference),
        find_outline=lambda: outline_of(db.session(), application, g.received_at),
        find_following=lambda outline: outline.part_after(code),
        part=code,
        is_writable=is_writable(application),
    )


def _partner_place(application: Application, partner_id: int, code: str) -> Place:
    outline = outline_of(db.session(), application, g.received_at)
    profile = _profile(outline, partner_id)
    found = next((each for each in profile.sections if each.code == code), None)
    if found is None:
        raise NotFound(f"section {code}")
    part = next(each for each in profile.parts if each.code == code)
    following = next((each for each in profile.parts if each.number == part.number + 1), None)
    is_own = _writes_for(outline, profile.partner)
    return Place(
        application=application,
        terms=outline.terms,
        section=found,
        saved=next((each for each in profile.partner.sections if each.code == code), None),
        address=url_for(
            "applications.partner_section", reference=application.reference, partner_id=partner_id, section=code
        ),
        next_address=following.href if following else None,
        find_outline=lambda: outline,
        find_following=lambda _: following,
        part="profiles",
        is_writable=is_own and is_writable(application),
        partner=profile.partner,
        sees_private=is_own or office(current_actor(), g.relation) or auditor(current_actor(), g.relation),
    )


def _profile(outline: Outline, partner_id: int) -> Profile:
    profile = outline.profile(partner_id)
    if profile is None:
        raise NotFound(f"partner {partner_id}")
    return profile


def _own_profile(outline: Outline, partner_id: int) -> Profile:
    profile = _profile(outline, partner_id)
    if not _writes_for(outline, profile.partner):
        raise NotFound(f"partner {partner_id}")
    return profile


def _writes_for(outline: Outline, partner: Partner) -> bool:
    own = partners_to_write_for(current_actor(), g.relation, outline.partners)
    return any(each.id == partner.id for each in own)
