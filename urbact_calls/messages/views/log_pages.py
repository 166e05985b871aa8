"""Pages of the message log: look one up, read what was sent, send it again."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from urbact_calls.database import db
from urbact_calls.domain.refusal import Refused
from urbact_calls.domain.vocabulary import DeliveryState
from urbact_calls.messages import commands
from urbact_calls.messages.forms import ResendForm, wanted_from
from urbact_calls.messages.models import EMAILS
from urbact_calls.messages.reads import message_log
from urbact_calls.messages.reads.message_register import message_name
from urbact_calls.messages.views import PAGE_SIZE, blueprint, works_on_jobs
from urbact_calls.subjects import names_of
from urbact_calls.web.access import current_actor, requires
from urbact_calls.web.forms import attach
from urbact_calls.web.row_numbers import after_of_request


@blueprint.get("/office/deliveries/")
@requires(works_on_jobs)
def deliveries() -> ResponseReturnValue:
    """The messages, newest first."""
    wanted = wanted_from(request.args)
    actor = current_actor()
    page = message_log.message_log(
        db.session(), wanted, actor, before=after_of_request(), size=PAGE_SIZE, now=g.received_at
    )
    asked = {"address": wanted.address, "key": wanted.key, "about": wanted.about, "state": wanted.state or ""}
    return render_template(
        "messages/deliveries.html",
        page=page,
        names=names_of(db.session(), [line.delivery.about for line in page.rows], actor),
        wanted=wanted,
        asked={name: str(value) for name, value in asked.items() if value},
        keys=sorted(EMAILS, key=message_name),
        states=list(DeliveryState),
    )


@blueprint.get("/office/deliveries/<int:delivery_id>")
@requires(works_on_jobs)
def delivery(delivery_id: int) -> ResponseReturnValue:
    """One message: whether it left, and what it says."""
    return _page(delivery_id, ResendForm(formdata=None))


@blueprint.post("/office/deliveries/<int:delivery_id>/resending")
@requires(works_on_jobs)
def resend(delivery_id: int) -> ResponseReturnValue:
    """Sends a message again."""
    message_log.require_not_own(db.session(), delivery_id, current_actor())
    form = ResendForm()
    if not form.validate():
        return _page(delivery_id, form), 422
    try:
        is_new = commands.resend(
            delivery_id,
            seen=form.seen_resends,
            reason=form.reason.data or "",
            actor=current_actor(),
            now=g.received_at,
        )
    except Refused as problem:
        attach(form, problem.refusals)
        return _page(delivery_id, form), 409
    if is_new:
        flash("It is sent again within seconds, as a new message.", "good")
    else:
        flash("Nothing was sent: it had been sent again since this page was opened.", "caution")
    return redirect(url_for("messages.delivery", delivery_id=delivery_id))


def _page(delivery_id: int, form: ResendForm) -> str:
    session = db.session()
    letter = message_log.logged_message(session, delivery_id, current_actor(), g.received_at)
    row = letter.line.delivery
    form.seen.data = str(row.resends)
    return render_template(
        "messages/delivery.html",
        letter=letter,
        line=letter.line,
        delivery=row,
        names=names_of(session, [row.about], current_actor()),
        form=form,
        refusal=commands.why_not(session, row, g.received_at),
        makes_fresh_link=row.email_key in EMAILS and EMAILS[row.email_key].anew is not None,
        email=EMAILS.get(row.email_key),
    )
