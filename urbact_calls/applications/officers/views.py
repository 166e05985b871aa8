"""The page of officers about one application: who handles it, and their internal notes."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from urbact_calls.applications.models import Application
from urbact_calls.applications.officers import commands, reads
from urbact_calls.applications.officers.forms import HandlerForm, NoteForm
from urbact_calls.applications.reads.applications import by_reference, is_private, relation_to
from urbact_calls.applications.views import blueprint
from urbact_calls.database import db
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import NotFound
from urbact_calls.web.access import Loaded, current_actor, requires, safe_path
from urbact_calls.web.form_answers import attempt, done
from urbact_calls.web.row_numbers import after_of_request


def submitted_application(actor: Actor, reference: str) -> Loaded:
    """An application that is no private draft any more, with what the officer is to it as an applicant."""
    application = by_reference(db.session(), reference)
    if is_private(application):
        raise NotFound(reference)
    return Loaded(application, relation_to(db.session(), actor, application))


@blueprint.get("/office/applications/<reference>/notes")
@requires(reads.may_handle, of=submitted_application)
def notes(application: Application) -> ResponseReturnValue:
    """Who handles the application, and what officers noted about it, the newest first."""
    return _page(application)


@blueprint.post("/office/applications/<reference>/notes")
@requires(reads.may_handle, of=submitted_application)
def add_note(application: Application) -> ResponseReturnValue:
    """Adds a note."""
    reference, form = application.reference, NoteForm()
    if not form.validate_on_submit():
        return _page(application, note_form=form), 422
    commands.note(reference, form.text.data or "", current_actor(), g.received_at)
    return done("The note is kept.", "applications.notes", reference=reference)


@blueprint.post("/office/applications/<reference>/handler")
@requires(reads.may_handle, of=submitted_application)
def assign(application: Application) -> ResponseReturnValue:
    """Gives the application to a colleague, to oneself, or to nobody."""
    reference, form = application.reference, _handler_form(application)
    failed = attempt(form, lambda: commands.assign(reference, form.user_id, current_actor(), g.received_at))
    if failed:
        return _page(by_reference(db.session(), reference), handler_form=form), failed
    flash(f"{reference} is yours now." if form.user_id == current_actor().user_id else "Saved.", "good")
    return redirect(safe_path(request.form.get("next", ""), url_for("applications.notes", reference=reference)))


def _handler_form(application: Application) -> HandlerForm:
    session = db.session()
    current = reads.handler_of(session, application.id)
    return HandlerForm(reads.colleagues(session, application, g.received_at), current.user_id if current else None)


def _page(
    application: Application, *, note_form: NoteForm | None = None, handler_form: HandlerForm | None = None
) -> str:
    session = db.session()
    return render_template(
        "applications/notes.html",
        application=application,
        handler=reads.handler_of(session, application.id),
        page=reads.notes_of(session, application.id, after_of_request()),
        note_form=note_form or NoteForm(formdata=None),
        handler_form=handler_form or _handler_form(application),
        bad_form=note_form or handler_form,
    )
