"""Pages of invitations: inviting people to work for a partner, and what they see who open the link."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import current_app, g, render_template, request
from flask.typing import ResponseReturnValue

from urbact_calls.accounts.commands import passwords
from urbact_calls.accounts.forms import text_of
from urbact_calls.accounts.views.session import open_session, signed_in_person
from urbact_calls.applications.invitations import commands, reads
from urbact_calls.applications.invitations.forms import InvitedForm, InviteForm
from urbact_calls.applications.models import Application, PartnerInvitation
from urbact_calls.applications.views import application_of, blueprint, is_writable, page
from urbact_calls.database import db
from urbact_calls.domain.permissions import lead_applicant
from urbact_calls.domain.refusal import Refused
from urbact_calls.organisations.reads import unconfirmed
from urbact_calls.web.access import current_actor, public, requires
from urbact_calls.web.form_answers import attempt, done
from urbact_calls.web.forms import BaseForm, ButtonForm
from urbact_calls.web.limits import limit, limit_by_link

INVITATION = "/applications/<reference>/invitations/<int:invitation_id>"
_limit_emails = limit(
    "30 per day",
    key_func=lambda: f"invites {current_actor().user_id}",
    methods=["POST"],
    deduct_when=lambda answer: answer.status_code == 302,
)


@blueprint.get("/applications/<reference>/invitations")
@requires(lead_applicant, of=application_of)
def invited(application: Application) -> ResponseReturnValue:
    """Who was invited, and a form to invite somebody."""
    return _page(application)


@blueprint.post("/applications/<reference>/invitations")
@requires(lead_applicant, of=application_of)
@_limit_emails
def invite(application: Application) -> ResponseReturnValue:
    """Invites somebody; says the same whether or not the address has an account."""
    form = _form(application)

    def command(reference: str, **by: Any) -> None:
        commands.invite(reference, partner_id=int(form.partner.data), address=form.address, **by)

    return _act(application, form, command, f"We have written to {form.address}.")


@blueprint.post(f"{INVITATION}/resending")
@requires(lead_applicant, of=application_of)
@_limit_emails
def send_invitation_again(application: Application, invitation_id: int) -> ResponseReturnValue:
    """Sends an invitation again."""
    command = partial(commands.send_again, invitation_id=invitation_id)
    words = "Sent again. The link of the message before does not work any more."
    return _act(application, ButtonForm(), command, words)


@blueprint.post(f"{INVITATION}/removal")
@requires(lead_applicant, of=application_of)
def revoke_invitation(application: Application, invitation_id: int) -> ResponseReturnValue:
    """Takes an invitation back."""
    command = partial(commands.revoke, invitation_id=invitation_id)
    return _act(application, ButtonForm(), command, "Taken back. Its link does not work any more.")


@blueprint.route("/invitations/<token>", methods=["GET", "POST"])
@public
@limit_by_link
def invitation(token: str) -> ResponseReturnValue:
    """What somebody is invited to; posting accepts, with the account that is signed in."""
    secret = current_app.config["SECRET_KEY"]
    try:
        found = reads.by_token(db.session(), secret, token, g.received_at)
        if request.method != "POST" or not current_actor().is_signed_in:
            return _invitation_page(token, found, InvitedForm(formdata=None))
        reference = found.partner.application.reference
        joined = commands.accept(secret, token, current_actor(), g.received_at)
    except Refused as problem:
        return _over(problem)
    return done(str(joined), "applications.application", reference=reference)


@blueprint.post("/invitations/<token>/account")
@public
@limit_by_link
def open_invited_account(token: str) -> ResponseReturnValue:
    """Opens an account with the address that was invited, accepts, and signs in."""
    secret, form = current_app.config["SECRET_KEY"], InvitedForm()
    try:
        found = reads.by_token(db.session(), secret, token, g.received_at)
        reference = found.partner.application.reference
        if not form.validate():
            return _invitation_page(token, found, form), 422
        password_hash = passwords.hashed(text_of(form.password))
        user = commands.register(secret, token, name=text_of(form.name), password_hash=password_hash, now=g.received_at)
    except Refused as problem:
        if problem.refusals[0].code != "account.exists":
            return _over(problem)
        form.form_errors.append("An account cannot be opened with this link. Sign in above instead.")
        found = reads.by_token(db.session(), secret, token, g.received_at)
        return _invitation_page(token, found, form), 422
    open_session(user)
    return done(
        "Your account is open, and you work on this application now.", "applications.application", reference=reference
    )


def _over(problem: Refused) -> ResponseReturnValue:
    db.session.rollback()
    refusal = problem.refusals[0]
    is_other = refusal.code == commands.OTHER_ADDRESS.code
    page = render_template("applications/invitation_over.html", is_other=is_other, has_ended=refusal == reads.ENDED)
    return page, 403 if is_other else 410


def _invitation_page(token: str, found: PartnerInvitation, form: InvitedForm) -> str:
    application = found.partner.application
    lead = next(each.organisation for each in application.partners if each.role == "lead")
    person = signed_in_person()
    return render_template(
        "applications/invitation.html",
        token=token,
        application=application,
        organisation=found.partner.organisation,
        lead_partner=lead,
        unconfirmed=unconfirmed(db.session(), [lead.id]),
        until=found.sent_at + reads.LASTS,
        person=person,
        is_other=person is not None and person.email != found.address,
        form=form,
    )


def _form(application: Application) -> InviteForm:
    return InviteForm(reads.partners_without_people(db.session(), application))


def _act(application: Application, form: BaseForm, command: Callable[..., None], words: str) -> ResponseReturnValue:
    reference = application.reference
    failed = attempt(form, lambda: command(reference, actor=current_actor(), now=g.received_at), refused=409)
    if failed:
        return _page(application, form), failed
    return done(words, "applications.invited", reference=reference)


def _page(application: Application, acted: BaseForm | None = None) -> str:
    form = acted if isinstance(acted, InviteForm) else _form(application)
    rows = reads.of_application(db.session(), application)
    return page(
        "applications/invitations.html",
        application,
        form=form,
        problem=acted or form,
        is_open=is_writable(application),
        rows=[(each, reads.can_be_used(each, g.received_at)) for each in rows],
    )
