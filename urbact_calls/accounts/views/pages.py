"""Pages of accounts: registration, sign-in, forgotten passwords, one's own account, people and roles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from flask_limiter.util import get_remote_address

from urbact_calls.accounts import reads
from urbact_calls.accounts.commands import accounts, links, passwords, sessions, tokens
from urbact_calls.accounts.forms import (
    ConfirmForm,
    ForgottenForm,
    GrantForm,
    NameForm,
    PasswordForm,
    RegisterForm,
    ResetForm,
    SignInForm,
    TokenForm,
    text_of,
)
from urbact_calls.accounts.models import ApiToken, BrowserSession, User
from urbact_calls.accounts.reads import address_of
from urbact_calls.accounts.views.session import (
    close_session,
    know_browser,
    known_keys,
    open_session,
    signed_in_person,
)
from urbact_calls.database import db
from urbact_calls.domain.entries import storable_line
from urbact_calls.domain.permissions import PROGRAMME_ROLES, STRANGER, Actor, account_of, administrator, signed_in
from urbact_calls.domain.refusal import NotFound, Refused
from urbact_calls.domain.vocabulary import Role
from urbact_calls.reference.countries import country_name
from urbact_calls.web.access import Loaded, current_actor, public, requires, safe_next, safe_path
from urbact_calls.web.form_answers import answer_status, attempt, done, form_page
from urbact_calls.web.forms import BaseForm, attach
from urbact_calls.web.limits import limit, limit_by_link
from urbact_calls.web.problems import replayed_page

blueprint = Blueprint("accounts", __name__)

HOME = "/dashboard"
F = TypeVar("F", bound=BaseForm)
THEMES: dict[str, accounts.Theme | None] = {"light": "light", "dark": "dark", "device": None}


# Machines of one town hall often share one network address, so what is counted by machine is generous.
_limit_by_asker = limit("100 per 10 minutes", methods=["POST"])


@limit("100 per hour")
def _count_links() -> None:
    """Counts the links to choose a new password that one asks for, whoever they are for."""


def _asks_for_many() -> bool:
    try:
        _count_links()
    except RateLimitExceeded:
        return True
    return False


@blueprint.app_context_processor
def account_links() -> dict[str, Any]:
    """What every head and foot shows about the account."""
    if not current_actor().is_signed_in:
        return {"sign_in_href": url_for("accounts.sign_in")}
    person = signed_in_person()
    return {
        "account_href": url_for("accounts.account"),
        "sign_out_href": url_for("accounts.sign_out"),
        "theme_href": url_for("accounts.set_theme"),
        "theme": person.theme if person else None,
    }


@blueprint.route("/register", methods=["GET", "POST"])
@public
@_limit_by_asker
def register() -> ResponseReturnValue:
    """Opens an account; says the same whether or not the address has one. How often one address is written to is paced
    by the command, so that nobody can use it up for its owner. Where one wanted to go is kept in the link."""
    form, onwards = RegisterForm(), safe_next("")
    if form.validate_on_submit():
        email = address_of(text_of(form.email)) or ""
        accounts.register(email, text_of(form.name), g.received_at, onwards=onwards)
        session["sent_to"] = email
        return redirect(url_for("accounts.registered", next=onwards or None))
    return form_page("accounts/register.html", form, next=onwards)


@blueprint.route("/register/sent")
@public
def registered() -> ResponseReturnValue:
    """What to do next: open the link in the message."""
    return render_template("accounts/registered.html", sent_to=session.get("sent_to"), next=safe_next(""))


@blueprint.route("/register/confirm/<token>", methods=["GET", "POST"])
@public
@limit_by_link
def confirm(token: str) -> ResponseReturnValue:
    """Confirms an address; its owner chooses the password, is signed in, and goes on to where he or she wanted to go.

    Programs that only look at links change nothing. The link works once, and never for an account that is confirmed:
    nobody is signed in by it who has chosen a password before.
    """

    def confirm_and_choose(link: links.AccountLink, form: ConfirmForm) -> User:
        password_hash = passwords.hashed(text_of(form.password))
        return accounts.confirm(link, text_of(form.name), password_hash, g.received_at)

    def go_in(link: links.AccountLink, person: User) -> ResponseReturnValue:
        close_session()
        open_session(person)
        flash("Your e-mail address is confirmed, and you are signed in.", "good")
        return redirect(safe_path(link.onwards, HOME))

    return _by_link("confirm", token, ConfirmForm, confirm_and_choose, go_in)


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """Opens a session."""
    if request.method == "GET" and current_actor().is_signed_in:
        return redirect(safe_next(HOME))
    form = SignInForm()

    def sign_in_and_open() -> None:
        email = address_of(text_of(form.email)) or text_of(form.email)
        machine = get_remote_address()
        keys = known_keys()
        open_session(accounts.sign_in(email, text_of(form.password), g.received_at, machine=machine, keys=keys))

    status = attempt(form, sign_in_and_open)
    if status:
        return render_template("accounts/sign_in.html", form=form, next=safe_next("")), status
    return replayed_page() or redirect(safe_next(HOME))


@blueprint.route("/sign-out", methods=["POST"])
@public
def sign_out() -> ResponseReturnValue:
    """Ends the session of this browser."""
    close_session()
    flash("You are signed out.", "info")
    return redirect(url_for("accounts.sign_in"))


@blueprint.route("/forgotten-password", methods=["GET", "POST"])
@public
def forgotten() -> ResponseReturnValue:
    """Sends a link to choose a new password; says the same whether or not the address has an account.

    Nobody is refused, or others could use it up for its owner: where many links are asked for they come later.
    """
    form = ForgottenForm()
    if form.validate_on_submit():
        email = address_of(text_of(form.email)) or ""
        accounts.ask_for_reset(email, g.received_at, many_asked=_asks_for_many())
        session["sent_to"] = email
        return redirect(url_for("accounts.forgotten_sent"))
    return form_page("accounts/forgotten.html", form)


@blueprint.route("/forgotten-password/sent")
@public
def forgotten_sent() -> ResponseReturnValue:
    """What to do next: open the link in the message."""
    return render_template("accounts/forgotten_sent.html", sent_to=session.get("sent_to"))


@blueprint.route("/reset-password/<token>", methods=["GET", "POST"])
@public
@limit_by_link
def reset(token: str) -> ResponseReturnValue:
    """Chooses a new password with a link from a message."""

    def choose(link: links.AccountLink, form: ResetForm) -> User:
        return accounts.reset_password(link, passwords.hashed(text_of(form.password)), g.received_at)

    def go_to_sign_in(_: links.AccountLink, person: User) -> ResponseReturnValue:
        know_browser(person)
        words = "Your password is changed; every open session and every token has ended. Sign in with the new one."
        return done(words, "accounts.sign_in")

    return _by_link("reset", token, ResetForm, choose, go_to_sign_in)


def _by_link(
    purpose: links.Purpose,
    token: str,
    form_for: Callable[[User], F],
    act: Callable[[links.AccountLink, F], User],
    go_on: Callable[[links.AccountLink, User], ResponseReturnValue],
) -> ResponseReturnValue:
    """The form of a link from a message; done, one goes on. A link that is over says so."""
    link = links.read(current_app.config["SECRET_KEY"], purpose, token)
    try:
        person = reads.find(db.session(), link.user_id) if link else None
        if link is None or person is None or not link.opens(person, g.received_at):
            raise Refused
        form = form_for(person)
        if not form.validate_on_submit():
            return form_page(f"accounts/{purpose}.html", form, person=person)
        person = act(link, form)
    except Refused:
        return render_template("accounts/link_over.html", purpose=purpose), 410
    return go_on(link, person)


@blueprint.route("/account", methods=["GET", "POST"])
@requires(signed_in)
def account() -> ResponseReturnValue:
    """One's own account; posting changes the name."""
    form = NameForm(name=current_actor().name)
    if form.validate_on_submit():
        accounts.rename(_own_id(), text_of(form.name))
        return done("Your name is changed.", "accounts.account")
    return _account_page(name_form=form), answer_status()


@blueprint.route("/account/password", methods=["POST"])
@requires(signed_in)
@_limit_by_asker
def change_password() -> ResponseReturnValue:
    """Changes one's password; other sessions end, this one goes on as a new one."""
    person = reads.by_id(db.session(), _own_id())
    form = PasswordForm(person)

    def change() -> None:
        new = passwords.hashed(text_of(form.password))
        open_session(accounts.change_password(person.id, text_of(form.current), new, g.received_at))

    status = attempt(form, change)
    if status:
        return _account_page(password_form=form), status
    return done(
        "Your password is changed. Everywhere else you are signed out, and tokens made before have ended.",
        "accounts.account",
    )


@blueprint.route("/account/theme", methods=["POST"])
@requires(signed_in)
def set_theme() -> ResponseReturnValue:
    """Light or dark colours, or those of the device."""
    accounts.choose_theme(_own_id(), THEMES.get(request.form.get("theme", "")))
    # Back to the page whose foot was used.
    return redirect(safe_path((request.referrer or "").removeprefix(request.host_url.rstrip("/")), HOME))


def _own_session(actor: Actor, session_id: int) -> Loaded:
    return Loaded(reads.own_session(db.session(), account_of(actor), session_id), STRANGER)


@blueprint.route("/account/sessions/<int:session_id>/end", methods=["POST"])
@requires(signed_in, of=_own_session)
def end_session(browser_session: BrowserSession) -> ResponseReturnValue:
    """Ends one session of this person, in whatever browser it is."""
    browser = browser_session.browser
    sessions.end_session(browser_session.id, g.received_at)
    return done(f"Signed out: {browser}.", "accounts.account")


@blueprint.route("/account/tokens", methods=["POST"])
@requires(signed_in)
def make_token() -> ResponseReturnValue:
    """Makes a token of the interface and shows it, this once."""
    form = TokenForm()
    if form.validate_on_submit():
        email = reads.by_id(db.session(), _own_id()).email
        try:
            made = tokens.create_token(email, text_of(form.token_name), g.received_at)
        except Refused as problem:
            attach(form, problem.refusals)
        else:
            return render_template("accounts/make_token.html", made=made)
    return _account_page(token_form=form), answer_status()


def _own_token(actor: Actor, token_id: int) -> Loaded:
    return Loaded(reads.own_token(db.session(), account_of(actor), token_id), STRANGER)


@blueprint.route("/account/tokens/<int:token_id>/revoke", methods=["POST"])
@requires(signed_in, of=_own_token)
def revoke_token(token: ApiToken) -> ResponseReturnValue:
    """Ends a token of this person at once."""
    label = token.label
    tokens.revoke_token(token.id, g.received_at)
    return done(f"The token is revoked: {label}.", "accounts.account")


@blueprint.route("/account/sign-out-everywhere", methods=["POST"])
@requires(signed_in)
def sign_out_everywhere() -> ResponseReturnValue:
    """Ends every session of this person, this one too."""
    accounts.sign_out_everywhere(_own_id(), g.received_at)
    close_session()
    flash("You are signed out everywhere.", "info")
    return redirect(url_for("accounts.sign_in"))


@blueprint.route("/accounts/")
@requires(administrator)
def people() -> ResponseReturnValue:
    """Looks for people by name or address."""
    typed = storable_line(request.args.get("q", ""))
    found = reads.search(db.session(), typed, current_actor())
    return render_template("accounts/people.html", typed=typed, found=found, shortest=reads.SHORTEST_SEARCH)


@blueprint.route("/accounts/<int:user_id>")
@requires(administrator)
def person(user_id: int) -> ResponseReturnValue:
    """One account and its roles."""
    return _person_page(user_id, GrantForm(formdata=None))


@blueprint.route("/accounts/<int:user_id>/roles", methods=["POST"])
@requires(administrator)
def grant(user_id: int) -> ResponseReturnValue:
    """Gives a role of the programme."""
    form, actor = GrantForm(), current_actor()
    needs_two = current_app.extensions["settings"].two_administrators
    failed = attempt(
        form,
        lambda: accounts.grant(
            user_id, form.chosen_role, form.chosen_country, actor, g.received_at, needs_two=needs_two
        ),
    )
    if failed:
        return _person_page(user_id, form)
    role = form.chosen_role
    waits = role in {each.role for each in reads.role_requests_of(db.session(), user_id)}
    words = "A second administrator must give it too" if waits else "The role is given"
    return done(f"{words}: {role.label}.", "accounts.person", user_id=user_id)


@blueprint.route("/accounts/<int:user_id>/roles/<role>/revoke", methods=["POST"])
@requires(administrator)
def revoke(user_id: int, role: str) -> ResponseReturnValue:
    """Takes a role away."""
    if role not in PROGRAMME_ROLES:
        raise NotFound(role)
    accounts.revoke(user_id, Role(role), current_actor(), g.received_at)
    return done(f"The role is taken away: {Role(role).label}.", "accounts.person", user_id=user_id)


@blueprint.route("/accounts/<int:user_id>/disable", methods=["POST"])
@requires(administrator)
def disable(user_id: int) -> ResponseReturnValue:
    """Closes an account."""
    accounts.disable(user_id, current_actor(), g.received_at)
    return done("The account is closed. Its sessions have ended.", "accounts.person", user_id=user_id)


@blueprint.route("/accounts/<int:user_id>/enable", methods=["POST"])
@requires(administrator)
def enable(user_id: int) -> ResponseReturnValue:
    """Opens a closed account again."""
    accounts.enable(user_id, current_actor(), g.received_at)
    return done("The account is open again.", "accounts.person", user_id=user_id)


def _person_page(user_id: int, form: GrantForm) -> ResponseReturnValue:
    person = reads.looked_after(db.session(), user_id, current_actor())
    return form_page(
        "accounts/person.html",
        form,
        person=person,
        asked=reads.role_requests_of(db.session(), user_id),
        own_id=_own_id(),
        country_name=country_name,
    )


def _own_id() -> int:
    return account_of(current_actor())


def _account_page(
    *, name_form: NameForm | None = None, password_form: PasswordForm | None = None, token_form: TokenForm | None = None
) -> str:
    """The page with its three forms, one of them as it was sent."""
    person = reads.by_id(db.session(), _own_id())
    here = signed_in_person()
    return render_template(
        "accounts/account.html",
        name_form=name_form or NameForm(formdata=None, name=person.name),
        password_form=password_form or PasswordForm(person, formdata=None),
        token_form=token_form or TokenForm(formdata=None),
        person=person,
        actor=current_actor(),
        open_sessions=reads.open_sessions(db.session(), person.id, g.received_at),
        tokens=reads.tokens_in_force(db.session(), person.id, g.received_at),
        own_session_id=here.session_id if here else None,
    )
