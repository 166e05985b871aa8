"""Pages of documents: the application as PDF, and the letter of commitment of each partner to sign."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, current_app, g, redirect, url_for
from flask.typing import ResponseReturnValue

from urbact_calls.applications.documents.commands import request_document
from urbact_calls.applications.documents.reads import budget_table, document_status
from urbact_calls.applications.models import Application, Partner
from urbact_calls.applications.views import application_of, blueprint, may_read, page
from urbact_calls.applications.views.summary import Summary, summary_of
from urbact_calls.database import db
from urbact_calls.domain.refusal import NotFound
from urbact_calls.domain.vocabulary import PartnerRole
from urbact_calls.domain.words import day, euro
from urbact_calls.typesetting import MEDIA_TYPE, typeset
from urbact_calls.web.access import current_actor, requires
from urbact_calls.web.downloads import download

SOURCE = (
    "The Joint Secretariat checks that a letter names the partner, its own contribution, the signatory and the "
    "function of the signatory, that it is dated after the call has opened, and that an elected representative has "
    "signed it. If the documents of the call contain an official template, use that template."
)


@dataclass(frozen=True, slots=True)
class LetterPart:
    title: str
    opening: str
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterToSign:
    """What the letter of one partner says; empty names are lines to write on."""

    reference: str
    call: str
    partner: str
    facts: tuple[tuple[str, str], ...]
    parts: tuple[LetterPart, ...]
    opened: str
    signatory_name: str = ""
    signatory_function: str = ""
    source: str = SOURCE


def letter_to_sign(summary: Summary, partner: Partner) -> LetterToSign:
    """The letter of one of the partners of the summary, with its figures as they are now."""
    application = summary.application
    call, number = application.call, [each.id for each in summary.partners].index(partner.id)
    budget = budget_table(summary.dossier, summary.terms)
    planned, financing = budget.rows[number].whole, budget.financing[number]
    own = euro(financing.own_amount.cents) if financing.own_amount is not None and planned else "not known"
    name = partner.organisation.name
    lead = summary.dossier.lead.name
    is_lead = partner.role == PartnerRole.LEAD
    return LetterToSign(
        reference=application.reference,
        call=f"{call.title} ({call.code})",
        partner=name,
        facts=(
            ("Partner", f"{name}, {partner.organisation.seat_city}, {partner.organisation.country}"),
            ("Role", "Lead partner" if is_lead else f"Partner; the lead partner is {lead}"),
            ("Call", f"{call.title} ({call.code})"),
            ("Network", application.title or "title not known yet"),
            ("Application", application.reference),
            ("Planned budget of the partner", euro(planned.cents) if planned else "not known"),
            ("Rate of the fund", financing.rate),
            ("Own contribution", own),
        ),
        parts=_parts(name, lead, own, is_lead=is_lead),
        opened=day(call.opens_at.date()),
    )


def _parts(name: str, lead: str, own: str, *, is_lead: bool) -> tuple[LetterPart, ...]:
    role = "as lead partner" if is_lead else f"as a partner; {lead} leads the network"
    from_own_means = f"{name} will pay its own contribution"
    known = own != "not known"
    amount = f" of {own} from its own means." if known else " from its own means. Amount, not known yet: €____________."
    return (
        LetterPart(
            "We take part",
            f"With this letter {name} confirms that it wants to take part in the network named above, {role}. "
            "If the network is approved, we will:",
            (
                "take part in its work from its start to its end, and name a person who is responsible for it;",
                "build and lead an URBACT Local Group with those whom the theme concerns;",
                "give the staff and the time that the application plans for us.",
            ),
        ),
        LetterPart("We pay our share", from_own_means + amount),
        LetterPart(
            "What we declare",
            f"{name} declares that:",
            (
                "what the application says about us is true and complete;",
                "the costs that are planned for us are not paid by another programme of the European Union;",
                "we keep to the rules of the programme and to the law of the Union and of our country, among them the "
                "rules on public procurement and on State aid.",
            ),
        ),
    )


@blueprint.route("/applications/<reference>/pdf")
@requires(may_read, of=application_of)
def paper(application: Application) -> ResponseReturnValue:
    """The application as PDF: there, on its way, or to be asked for."""
    return page("applications/document.html", application, document_status=document_status(db.session(), application))


@blueprint.route("/applications/<reference>/pdf", methods=["POST"])
@requires(may_read, of=application_of)
def make_paper(application: Application) -> ResponseReturnValue:
    """Has the PDF made by a worker; asking twice makes one."""
    request_document(application.reference, current_actor(), g.received_at, storage=current_app.extensions["storage"])
    return redirect(url_for("applications.paper", reference=application.reference))


@blueprint.route("/applications/<reference>/application.pdf")
@requires(may_read, of=application_of)
def download_paper(application: Application) -> ResponseReturnValue:
    """The PDF of the application as it is now; without one, the page where it can be made."""
    document = document_status(db.session(), application).document
    if document is None or document.storage_key is None:
        return redirect(url_for("applications.paper", reference=application.reference))
    return download(document.storage_key, filename=f"{application.reference}.pdf", media_type=MEDIA_TYPE)


@blueprint.route("/applications/<reference>/documents/<int(max=2147483647):partner_id>/to-sign.pdf")
@requires(may_read, of=application_of)
def letter_paper(application: Application, partner_id: int) -> ResponseReturnValue:
    """The letter of commitment of a partner, to print and to sign."""
    letter = _letter(application, partner_id)
    # One page, made at once: nothing of it is kept.
    content = typeset("letter.html", letter=letter, made_at=g.received_at)
    return _attached(content, MEDIA_TYPE, f"letter-{application.reference}-{partner_id}.pdf")


@blueprint.route("/applications/<reference>/documents/<int(max=2147483647):partner_id>/to-sign.txt")
@requires(may_read, of=application_of)
def letter_text(application: Application, partner_id: int) -> ResponseReturnValue:
    """The same letter as plain text, to put on one's own letterhead."""
    template = current_app.jinja_env.get_template("print/letter.txt")
    text = template.render(letter=_letter(application, partner_id))
    return _attached(text.encode(), "text/plain; charset=utf-8", f"letter-{application.reference}-{partner_id}.txt")


def _letter(application: Application, partner_id: int) -> LetterToSign:
    summary = summary_of(db.session(), application, g.received_at)
    partner = next((each for each in summary.partners if each.id == partner_id), None)
    if partner is None:
        raise NotFound(f"partner {partner_id} of {application.reference}")
    return letter_to_sign(summary, partner)


def _attached(content: bytes, media_type: str, filename: str) -> Response:
    response = Response(content, content_type=media_type)
    response.headers.set("Content-Disposition", "attachment", filename=filename)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
