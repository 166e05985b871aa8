"""Papers: the application as PDF, and the letter of commitment of each partner to sign."""

from __future__ import annotations

from flask import Response, current_app, g, redirect, url_for
from flask.typing import ResponseReturnValue

from urbact_calls.applications.letters_to_sign import LetterToSign, letter_to_sign
from urbact_calls.applications.models import Application
from urbact_calls.applications.outline import outline_of
from urbact_calls.applications.printing import ask_for_paper, paper_of
from urbact_calls.applications.views.blueprint import application_of, blueprint, may_read, page
from urbact_calls.database import db
from urbact_calls.domain.refusal import NotFound
from urbact_calls.typesetting import MEDIA_TYPE, typeset
from urbact_calls.web.access import current_actor, requires
from urbact_calls.web.downloads import download


@blueprint.route("/applications/<reference>/pdf")
@requires(may_read, of=application_of)
def paper(application: Application) -> ResponseReturnValue:
    """The application as PDF: there, on its way, or to be asked for."""
    return page("applications/paper.html", application, paper=paper_of(db.session(), application))


@blueprint.route("/applications/<reference>/pdf", methods=["POST"])
@requires(may_read, of=application_of)
def make_paper(application: Application) -> ResponseReturnValue:
    """Has the PDF made by a worker; asking twice makes one."""
    ask_for_paper(application.reference, current_actor(), g.received_at)
    return redirect(url_for("applications.paper", reference=application.reference))


@blueprint.route("/applications/<reference>/application.pdf")
@requires(may_read, of=application_of)
def download_paper(application: Application) -> ResponseReturnValue:
    """The PDF of the application as it is now; without one, the page where it can be made."""
    document = paper_of(db.session(), application).document
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
    outline = outline_of(db.session(), application, g.received_at)
    partner = next((each for each in outline.partners if each.id == partner_id), None)
    if partner is None:
        raise NotFound(f"partner {partner_id} of {application.reference}")
    return letter_to_sign(outline, partner)


def _attached(content: bytes, media_type: str, filename: str) -> Response:
    response = Response(content, content_type=media_type)
    response.headers.set("Content-Disposition", "attachment", filename=filename)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
