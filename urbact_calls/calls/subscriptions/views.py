"""Pages of subscriptions to a call: by e-mail, confirmed and left with one button."""

from __future__ import annotations

from flask import g, redirect, render_template, session, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from urbact_calls.accounts.reads import address_of
from urbact_calls.calls import reads
from urbact_calls.calls.publication.forms import SubscribeForm
from urbact_calls.calls.publication.views import call_page
from urbact_calls.calls.subscriptions import commands
from urbact_calls.calls.subscriptions import reads as subscriptions
from urbact_calls.calls.views import blueprint
from urbact_calls.database import db
from urbact_calls.domain.refusal import NotFound
from urbact_calls.web.access import public
from urbact_calls.web.form_answers import attempt, done
from urbact_calls.web.forms import ButtonForm
from urbact_calls.web.limits import limit, limit_by_link


@blueprint.route("/calls/<code>/subscriptions", methods=["POST"])
@public
@limit("100 per 10 minutes", methods=["POST"])
def subscribe(code: str) -> ResponseReturnValue:
    """Asks an address to confirm; says the same whether or not it is on the list already."""
    call = reads.published(db.session(), code, g.received_at)
    form = SubscribeForm()
    failed = attempt(form, lambda: commands.subscribe(code, address_of(str(form.email.data)) or "", g.received_at))
    if failed is None:
        session["asked_for"] = address_of(str(form.email.data))
        return redirect(url_for("calls.subscribed", code=code))
    db.session.rollback()
    return call_page(call, form), failed


@blueprint.route("/calls/<code>/subscriptions/sent")
@public
def subscribed(code: str) -> ResponseReturnValue:
    """What to do next: open the link in the message."""
    call = reads.published(db.session(), code, g.received_at)
    return render_template("calls/subscribed.html", call=call, sent_to=session.get("asked_for"))


@blueprint.route("/calls/subscriptions/<key>/confirm", methods=["GET", "POST"])
@public
@limit_by_link
def confirm_subscription(key: str) -> ResponseReturnValue:
    """Puts an address on the list. Programs that only look at the links of a message change nothing."""
    form = ButtonForm()
    try:
        call = subscriptions.subscription_by_key(db.session(), key, g.received_at).call
        if form.validate_on_submit():
            code = commands.confirm_subscription(key, g.received_at)
            return done("You are on the list. We write once, when the call opens.", "calls.show", code=code)
    except NotFound:
        return render_template("calls/link_over.html"), 410
    return render_template("calls/confirm_subscription.html", call=call, form=form), 400 if form.errors else 200


@blueprint.route("/calls/subscriptions/<key>/leave")
@public
def leave(key: str) -> ResponseReturnValue:
    """A button to leave the list; the same for a key that is not known."""
    return render_template("calls/leave.html", key=key, has_left=False)


@blueprint.route("/calls/subscriptions/<key>/leave", methods=["POST"])
@public
@limit_by_link
def leave_now(key: str) -> ResponseReturnValue:
    """Leaves the list, by the button or by the mail program itself (RFC 8058: no cookie, no redirect)."""
    commands.leave(key)
    return render_template("calls/leave.html", key=key, has_left=True)


@blueprint.record
def _let_mail_programs_leave(state: BlueprintSetupState) -> None:
    # A mail program sends no token of this site; the key in the address is the proof.
    state.app.extensions["csrf"].exempt(f"{leave_now.__module__}.{leave_now.__name__}")
