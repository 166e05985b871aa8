"""Pages of message preferences.

The table of all messages, and what a person wants to get of those that can be switched off.
"""

from __future__ import annotations

from flask import g, render_template, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from urbact_calls.database import db
from urbact_calls.domain.permissions import signed_in
from urbact_calls.messages import commands, emails
from urbact_calls.messages.reads import message_log, message_register
from urbact_calls.messages.views import blueprint, works_on_jobs
from urbact_calls.web.access import current_actor, public, requires
from urbact_calls.web.form_answers import done
from urbact_calls.web.limits import limit_by_link


@blueprint.get("/office/messages/")
@requires(works_on_jobs)
def messages() -> ResponseReturnValue:
    """Which messages there are: to whom, at which moment, how often at most."""
    return render_template("messages/messages.html", entries=message_register.entries())


@blueprint.route("/account/messages", methods=["GET", "POST"])
@requires(signed_in)
def preferences() -> ResponseReturnValue:
    """Which reminders this person gets; all other messages always come."""
    user_id = current_actor().user_id or 0
    mutable = {email.key: email for email in message_register.mutable()}
    if request.method == "POST":
        wanted = set(request.form.getlist("wanted"))
        commands.choose_muted(user_id, set(mutable) - wanted, g.received_at)
        return done("Your choice is kept.", "messages.preferences")
    return render_template(
        "messages/preferences.html",
        mutable=mutable.values(),
        muted=message_log.muted_keys(db.session(), user_id),
    )


@blueprint.get("/messages/<token>/switch-off")
@public
def switch_off(token: str) -> ResponseReturnValue:
    """A button that switches a reminder off; programs that only look at the links of a message change nothing."""
    return _switch_page(token, is_off=False)


@blueprint.post("/messages/<token>/switch-off")
@public
@limit_by_link
def switch_off_now(token: str) -> ResponseReturnValue:
    """Switches a reminder off, by the button or by the mail program itself (RFC 8058: no cookie, no redirect)."""
    switch = emails.switch_of(token)
    if switch is not None and switch.key in {email.key for email in message_register.mutable()}:
        commands.mute(switch.user_id, switch.key, g.received_at)
    return _switch_page(token, is_off=True)


def _switch_page(token: str, *, is_off: bool) -> ResponseReturnValue:
    switch = emails.switch_of(token)
    if switch is None:
        return render_template("messages/switch_over.html"), 410
    email = next((each for each in message_register.mutable() if each.key == switch.key), None)
    return render_template("messages/switch_off.html", token=token, email=email, is_off=is_off)


@blueprint.record
def _let_mail_programs_switch_off(state: BlueprintSetupState) -> None:
    # A mail program sends no token of this site; the signature in the address is the proof.
    state.app.extensions["csrf"].exempt(f"{switch_off_now.__module__}.{switch_off_now.__name__}")
