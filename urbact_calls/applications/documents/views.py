"""Pages of documents: the application as PDF, and the letter of commitment of each partner to sign."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from urbact_calls.applications.documents.commands import request_document
from urbact_calls.applications.documents.reads import budget_table, document_status
from urbact_calls.applications.models import Application
from urbact_calls.applications.views import application_of, blueprint, may_read, page, summary_of
from urbact_calls.confined import NotNow
from urbact_calls.database import db
from urbact_calls.domain.money import Euro
from urbact_calls.domain.refusal import or_not_found
from urbact_calls.domain.words import day, euro
from urbact_calls.files.views import download
from urbact_calls.typesetting import MEDIA_TYPE, typeset
from urbact_calls.web.access import current_actor, requires

# Seconds for which a reader waits for a letter, and after which the page that stands in for it asks again. A letter
# takes less than one.
LETTER_PATIENCE, AGAIN_SECONDS = 4.0, 3
# Each time it asks again the page waits longer, so that the letter comes on a busy machine too.
MOST_TRIES = 4


@dataclass(frozen=True, slots=True)
class LetterPart:
    title: str
    opening: str
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterToSign:
    """What the letter of one partner says."""

    reference: str
    call: str
    partner: str
    facts: tuple[tuple[str, str], ...]
    parts: tuple[LetterPart, ...]
    opened: str
    source: str = (
        "The Joint Secretariat checks that a letter names the partner, its own contribution, the signatory and the "
        "function of the signatory, that it is dated after the call has opened, and that an elected representative "
        "has signed it. If the documents of the call contain an official template, use that template."
    )


def _letter(application: Application, partner_id: int) -> LetterToSign:
    """The letter of one of the partners, with its figures as they are now. Raises NotFound."""
    summary = summary_of(application)
    places = (place for place, each in enumerate(summary.partners) if each.id == partner_id)
    place = or_not_found(next(places, None), f"partner {partner_id} of {application.reference}")
    partner, lead = summary.dossier.partners[place], summary.dossier.lead.name
    costs = budget_table(summary.dossier, summary.terms).rows[place]
    own = costs.own_amount if costs.whole else None
    call = f"{application.call.title} ({application.call.code})"
    role = "as lead partner" if partner.is_lead else f"as a partner; {lead} leads the network"
    return LetterToSign(
        reference=application.reference,
        call=call,
        partner=partner.name,
        facts=(
            ("Partner", f"{partner.name}, {partner.seat_city}, {partner.country}"),
            ("Role", "Lead partner" if partner.is_lead else f"Partner; the lead partner is {lead}"),
            ("Call", call),
            ("Network", application.title or "title not known yet"),
            ("Application", application.reference),
            ("Planned budget of the partner", euro(costs.whole.cents) if costs.whole else "not known"),
            ("Rate of the fund", costs.rate),
            ("Own contribution", "not known" if own is None else euro(own.cents)),
        ),
        parts=_parts(partner.name, role, own),
        opened=day(application.call.opens_at.date()),
    )


def _parts(name: str, role: str, own: Euro | None) -> tuple[LetterPart, ...]:
    if own is None:
        amount = " from its own means. Amount, not known yet: €____________."
    else:
        amount = f" of {euro(own.cents)} from its own means."
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
        LetterPart("We pay our share", f"{name} will pay its own contribution{amount}"),
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


@blueprint.get("/applications/<reference>/pdf")
@requires(may_read, of=application_of)
def paper(application: Application) -> ResponseReturnValue:
    """The application as PDF: there, on its way, or to be asked for."""
    return page("applications/document.html", application, document_status=document_status(db.session(), application))


@blueprint.post("/applications/<reference>/pdf")
@requires(may_read, of=application_of)
def make_paper(application: Application) -> ResponseReturnValue:
    """Has the PDF made by a worker; asking twice makes one."""
    request_document(application.reference, current_actor(), g.received_at, storage=current_app.extensions["storage"])
    return redirect(url_for("applications.paper", reference=application.reference))


@blueprint.get("/applications/<reference>/application.pdf")
@requires(may_read, of=application_of)
def download_paper(application: Application) -> ResponseReturnValue:
    """The PDF of the application as it is now; without one, the page where it can be made."""
    document = document_status(db.session(), application).document
    if document is None or document.storage_key is None:
        return redirect(url_for("applications.paper", reference=application.reference))
    return download(document.storage_key, filename=f"{application.reference}.pdf", media_type=MEDIA_TYPE)


@blueprint.get("/applications/<reference>/documents/<int:partner_id>/to-sign.pdf")
@requires(may_read, of=application_of)
def letter_paper(application: Application, partner_id: int) -> ResponseReturnValue:
    """The letter of commitment of a partner, to print and to sign; or, while others are at work, a page that asks for
    it again by itself."""
    letter = _letter(application, partner_id)
    place = current_app.extensions["storage"].folder
    tries = min(MOST_TRIES, max(1, request.args.get("tries", 1, type=int)))
    patience = LETTER_PATIENCE * tries
    try:
        # One page, made at once: nothing of it is kept. Nobody else's page waits for it.
        content = typeset("letter.html", place=place, waits=0, patience=patience, letter=letter, made_at=g.received_at)
    except NotNow:
        again = url_for(
            "applications.letter_paper",
            reference=application.reference,
            partner_id=partner_id,
            tries=min(MOST_TRIES, tries + 1),
        )
        answer = page("applications/letter_coming.html", application, partner_id=partner_id, again=again)
        return answer, 503, {"Retry-After": str(AGAIN_SECONDS), "Refresh": f"{AGAIN_SECONDS}; url={again}"}
    return _attached(content, MEDIA_TYPE, f"letter-{application.reference}-{partner_id}.pdf")


@blueprint.get("/applications/<reference>/documents/<int:partner_id>/to-sign.txt")
@requires(may_read, of=application_of)
def letter_text(application: Application, partner_id: int) -> ResponseReturnValue:
    """The same letter as plain text, to put on one's own letterhead."""
    template = current_app.jinja_env.get_template("print/letter.txt")
    text = template.render(letter=_letter(application, partner_id))
    return _attached(text.encode(), "text/plain; charset=utf-8", f"letter-{application.reference}-{partner_id}.txt")


def _attached(content: bytes, media_type: str, filename: str) -> Response:
    response = Response(content, content_type=media_type)
    response.headers.set("Content-Disposition", "attachment", filename=filename)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
