"""Pages of organisations and their members: enter one, ask to join one, accept colleagues."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from urbact_calls.database import db
from urbact_calls.domain.eligibility.city_names import has_only_signs
from urbact_calls.domain.entries import storable_line
from urbact_calls.domain.permissions import (
    Actor,
    Relation,
    account_of,
    auditor,
    holds_here,
    is_conflicted,
    national_point,
    office,
    signed_in,
)
from urbact_calls.domain.refusal import Refused
from urbact_calls.domain.vocabulary import Role
from urbact_calls.organisations import commands, reads
from urbact_calls.organisations.forms import LONGEST_NAME, OwnOrganisationForm
from urbact_calls.organisations.models import Organisation
from urbact_calls.organisations.reads import region_statuses
from urbact_calls.places import reads as places
from urbact_calls.places.reads import PlacesFound
from urbact_calls.reference.countries import country_name
from urbact_calls.reference.gazetteer import ATTRIBUTION
from urbact_calls.web.access import Loaded, current_actor, requires, safe_next
from urbact_calls.web.form_answers import done, form_page
from urbact_calls.web.forms import attach
from urbact_calls.web.limits import limit

blueprint = Blueprint("organisations", __name__)

# In an organisation the editor is its manager and the viewer is whoever works for it.
manager_here = holds_here(Role.EDITOR, "a manager of the organisation")
member_here = holds_here(Role.VIEWER, "a member of the organisation")
national_point_here = holds_here(Role.NATIONAL_POINT, "the National URBACT Point of its country") & ~is_conflicted
confirms_managers = office | national_point_here

Decision = Callable[[str, int, Actor, datetime], None]


def loaded(actor: Actor, slug: str) -> Loaded:
    """The organisation and what the actor is in it. Its own people are no office there."""
    organisation = reads.by_slug(db.session(), slug)
    roles: set[Role] = set()
    for membership in organisation.memberships:
        if membership.user_id == actor.user_id and membership.accepted_at is not None:
            roles |= {Role.VIEWER, Role.EDITOR} if membership.is_manager else {Role.VIEWER}
    is_own = bool(roles)
    if national_point(actor) and organisation.country in db.session.scalars(reads.countries_of(actor)).all():
        roles.add(Role.NATIONAL_POINT)
    return Loaded(organisation, Relation(frozenset(roles), is_conflicted=is_own))


@blueprint.route("/organisations/")
@requires(signed_in)
def index() -> ResponseReturnValue:
    """Where one works, and how to find one's organisation."""
    actor = current_actor()
    typed = storable_line(request.args.get("q", ""))
    memberships = reads.memberships_of(db.session(), actor.user_id or 0)
    return render_template(
        "organisations/index.html",
        memberships=memberships,
        typed=typed,
        unconfirmed=reads.unconfirmed_managers(db.session(), actor) if (office | national_point)(actor) else [],
        found=reads.search(db.session(), typed),
        has_only_signs=has_only_signs(typed),
        own_ids={membership.organisation_id for membership in memberships},
        requests=reads.open_requests(db.session(), actor) if office(actor) else [],
        shortest=reads.SHORTEST_SEARCH,
        country_name=country_name,
    )


@blueprint.route("/organisations/new", methods=["GET", "POST"])
@requires(signed_in)
@limit("20 per day", methods=["POST"], deduct_when=lambda answer: answer.status_code == 302)
def new() -> ResponseReturnValue:
    """Enters an organisation, unless the search finds it; one that is here already is offered for joining instead.

    Afterwards its writer goes on to where he or she wanted to go, as to the call in which to start an application.
    """
    typed = storable_line(request.args.get("q", ""), LONGEST_NAME)
    form = OwnOrganisationForm(_places_called) if request.method == "POST" else _form_for(typed)
    namesakes: Sequence[Organisation] = ()
    if form.validate_on_submit():
        try:
            slug = commands.create(form.new, is_another=form.is_another.data, actor=current_actor(), now=g.received_at)
        except Refused as problem:
            attach(form, problem.refusals)
            namesakes = reads.namesakes(db.session(), form.new.name, form.new.country)
        else:
            flash(
                "The organisation is entered. You are its manager, unconfirmed until the Joint Secretariat or the "
                "National URBACT Point of its country confirms you.",
                "good",
            )
            return redirect(safe_next(url_for("organisations.show", slug=slug)))
    memberships = reads.memberships_of(db.session(), account_of(current_actor()))
    return form_page(
        "organisations/new.html",
        form,
        typed=typed,
        found=reads.search(db.session(), typed),
        has_only_signs=has_only_signs(typed),
        shortest=reads.SHORTEST_SEARCH,
        namesakes=namesakes,
        own_ids={each.organisation_id for each in memberships},
        asked=[each.organisation for each in memberships if each.accepted_at is None],
        next=safe_next(""),
        attribution=ATTRIBUTION,
    )


def _form_for(name: str) -> OwnOrganisationForm:
    return OwnOrganisationForm.for_search(_places_called, name, "")


def _places_called(city: str, country: str) -> PlacesFound:
    return places.called(db.session(), city, country=country)


@blueprint.route("/organisations/<slug>/")
@requires(member_here | office | auditor | national_point_here, of=loaded)
def show(organisation: Organisation) -> ResponseReturnValue:
    """One organisation and the people who work for it."""
    can_decide = (manager_here | office)(current_actor(), g.relation)
    return render_template(
        "organisations/show.html",
        organisation=organisation,
        members=[each for each in organisation.memberships if each.accepted_at],
        requests=[each for each in organisation.memberships if not each.accepted_at] if can_decide else [],
        can_decide=can_decide,
        can_confirm=confirms_managers(current_actor(), g.relation),
        own_id=current_actor().user_id,
        country_name=country_name,
        region=region_statuses(db.session(), [organisation])[0],
        category=organisation.category,
    )


@blueprint.route("/organisations/<slug>/requests", methods=["POST"])
@requires(signed_in)
@limit("20 per day", methods=["POST"])
def ask_to_join(slug: str) -> ResponseReturnValue:
    """Asks to work for an organisation."""
    commands.ask_to_join(slug, current_actor(), g.received_at)
    return done("Your request is sent. You hear by e-mail when it is accepted.", "organisations.index")


@blueprint.route("/organisations/<slug>/requests/<int:user_id>/accept", methods=["POST"])
@requires(manager_here | office, of=loaded)
def accept(organisation: Organisation, user_id: int) -> ResponseReturnValue:
    """Accepts a colleague."""
    return _decided(organisation, commands.accept, user_id, "The request is accepted.")


@blueprint.route("/organisations/<slug>/requests/<int:user_id>/decline", methods=["POST"])
@requires(manager_here | office, of=loaded)
def decline(organisation: Organisation, user_id: int) -> ResponseReturnValue:
    """Declines a request to join."""
    return _decided(organisation, commands.decline, user_id, "The request is declined.")


@blueprint.route("/organisations/<slug>/members/<int:user_id>/manager", methods=["POST"])
@requires(manager_here | office, of=loaded)
def make_manager(organisation: Organisation, user_id: int) -> ResponseReturnValue:
    """Lets a member accept requests."""
    return _decided(organisation, commands.make_manager, user_id, "This member can accept requests now.")


@blueprint.route("/organisations/<slug>/members/<int:user_id>/confirmation", methods=["POST"])
@requires(confirms_managers, of=loaded)
def confirm_manager(organisation: Organisation, user_id: int) -> ResponseReturnValue:
    """Says that a manager may speak for the organisation."""
    return _decided(organisation, commands.confirm_manager, user_id, "The manager is confirmed.")


@blueprint.route("/organisations/<slug>/members/<int:user_id>/remove", methods=["POST"])
@requires(manager_here | office, of=loaded)
def remove(organisation: Organisation, user_id: int) -> ResponseReturnValue:
    """Takes a member out."""
    months = current_app.extensions["settings"].former_members_months
    take_out = partial(commands.remove, months=months)
    return _decided(organisation, take_out, user_id, "This person does not work here any more.")


def _decided(organisation: Organisation, command: Decision, user_id: int, words: str) -> ResponseReturnValue:
    # The row of the loader belongs to a snapshot that ends with the command.
    slug = organisation.slug
    command(slug, user_id, current_actor(), g.received_at)
    flash(words, "good")
    # Whoever took themselves out does not see the organisation any more.
    if user_id == current_actor().user_id:
        return redirect(url_for("organisations.index"))
    return redirect(url_for("organisations.show", slug=slug))
