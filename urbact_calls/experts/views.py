"""Pages of expert profiles: one's own, and the pool for the Joint Secretariat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from urbact_calls import pdfs
from urbact_calls.database import db
from urbact_calls.domain.permissions import Actor, account_of, auditor, office, own_expert, signed_in
from urbact_calls.domain.refusal import NotFound, Refused, or_not_found
from urbact_calls.domain.text import say
from urbact_calls.domain.vocabulary import Expertise, ExpertProfileState
from urbact_calls.domain.words import second
from urbact_calls.domain.workflow.expert_profile import EXPERT_PROFILE, ROLES_OF, readers
from urbact_calls.experts import commands, reads
from urbact_calls.experts.forms import AvailabilityForm, CvForm, ProfileForm, ReadingForm, SummaryForm, ValidationForm
from urbact_calls.experts.models import ExpertProfile
from urbact_calls.files.views import download, limit_uploads, takes_file, why_not_kept
from urbact_calls.reference.countries import country_name
from urbact_calls.web.access import Loaded, current_actor, requires
from urbact_calls.web.edit_conflicts import edit_conflicts_of
from urbact_calls.web.form_answers import attempt, attempt_draft, done
from urbact_calls.web.forms import VersionForm, attach, own_ids
from urbact_calls.web.row_numbers import after_of_request
from urbact_calls.workflow import lives
from urbact_calls.workflow.lives import offers

blueprint = Blueprint("experts", __name__)

VALIDATING = EXPERT_PROFILE.names(lambda act: act.opens == "validation")
SUSPENDING = EXPERT_PROFILE.names(lambda act: act.opens == "suspension")
SHOWN_STATES = tuple(state for state in ExpertProfileState if state is not ExpertProfileState.DRAFT)


def own_profile(actor: Actor) -> Loaded:
    profile = or_not_found(_own(), "expert profile")
    return Loaded(profile, reads.relation_to(actor, profile))


def submitted_profile(actor: Actor, profile_id: int) -> Loaded:
    """A profile that the office may read: a draft is not there for anybody but its owner."""
    profile = reads.by_id(db.session(), profile_id)
    if profile.state is ExpertProfileState.DRAFT:
        raise NotFound(f"expert profile {profile_id}")
    return Loaded(profile, reads.relation_to(actor, profile))


@blueprint.route("/expert-profile", methods=["GET", "POST"])
@requires(signed_in)
def mine() -> ResponseReturnValue:
    """One's own profile: write it, add the CV, submit it, allow the public page."""
    form = ProfileForm.of(_own())

    def keep(written: ProfileForm) -> None:
        commands.save(written.text, version=written.version.number, actor=current_actor(), now=g.received_at)

    failed = attempt_draft(form, _stored_form(), keep, refused=409)
    if failed is None:
        return done(f"Saved {second(g.received_at)}.", "experts.mine")
    profile, conflicts = _own(), []
    if failed == 409 and (profile is None or profile.is_writable):
        conflicts = edit_conflicts_of(form, _stored_form())
    if conflicts or form.rest_is_saved:
        # What was typed stays; saving again replaces what stands there now, knowingly.
        form.version.data = str(profile.version if profile else 0)
    return _mine(form, conflicts=conflicts), failed


@blueprint.route("/expert-profile/cv", methods=["POST"])
@takes_file
@requires(own_expert, of=own_profile)
@limit_uploads
def upload_cv(profile: ExpertProfile) -> ResponseReturnValue:
    """Keeps the CV; or says beside its field why not."""
    form = CvForm()
    if refused := why_not_kept(form.cv, "curriculum vitae", commands.keep_cv):
        problem, status = refused
        form.cv.errors = [problem]
        return _mine(_stored_form(), cv_form=form), status
    return done(f"CV saved {second(g.received_at)}.", "experts.mine")


@blueprint.route("/expert-profile/cv")
@requires(own_expert, of=own_profile)
def own_cv(profile: ExpertProfile) -> ResponseReturnValue:
    """One's own CV as it was uploaded."""
    return _cv_of(profile)


@blueprint.route("/expert-profile/summary", methods=["POST"])
@requires(own_expert, of=own_profile)
def write_summary(profile: ExpertProfile) -> ResponseReturnValue:
    """Changes the text of the public page."""
    form = SummaryForm()
    if not form.validate_on_submit():
        return _mine(_stored_form(), summary_form=form), 422
    commands.write_summary(form.summary.data or "", actor=current_actor(), now=g.received_at)
    return done(f"Saved {second(g.received_at)}.", "experts.mine")


@blueprint.route("/expert-profile/availability", methods=["POST"])
@requires(own_expert, of=own_profile)
def state_availability(profile: ExpertProfile) -> ResponseReturnValue:
    """Keeps when one is available for networks."""
    form = AvailabilityForm()
    failed = attempt(
        form,
        lambda: commands.state_availability(
            form.periods, version=form.version.number, actor=current_actor(), now=g.received_at
        ),
        refused=409,
    )
    if failed:
        return _mine(_stored_form(), availability_form=form), failed
    return done(f"Your availability is saved {second(g.received_at)}.", "experts.mine")


@blueprint.route("/expert-profile/consent", methods=["POST"])
@requires(own_expert, of=own_profile)
def consent(profile: ExpertProfile) -> ResponseReturnValue:
    """Allows the public page."""
    commands.consent(actor=current_actor(), now=g.received_at)
    return done(
        "You allow a public page. It is shown as soon as, and as long as, your profile is validated.", "experts.mine"
    )


@blueprint.route("/expert-profile/consent/withdrawal", methods=["POST"])
@requires(own_expert, of=own_profile)
def withdraw_consent(profile: ExpertProfile) -> ResponseReturnValue:
    """Takes the public page away at once."""
    commands.withdraw_consent(actor=current_actor(), now=g.received_at)
    return done("Your profile is not public any more.", "experts.mine")


@blueprint.route("/expert-profile/transitions/<name>", methods=["POST"])
@requires(own_expert, of=own_profile)
def own_transition(profile: ExpertProfile, name: str) -> ResponseReturnValue:
    """Submits the profile, or takes it back."""
    version = VersionForm().version.number
    commands.take_transition(profile.id, name, current_actor(), g.received_at, version=version)
    return redirect(url_for("experts.mine"))


@blueprint.route("/office/experts/")
@requires(office | auditor)
def index() -> ResponseReturnValue:
    """The profiles of the pool by state; first those that wait for the office."""
    wanted = request.args.get("state", "")
    state = next((each for each in SHOWN_STATES if each.value == wanted), ExpertProfileState.SUBMITTED)
    return render_template(
        "experts/index.html",
        state=state,
        states=SHOWN_STATES,
        counts=reads.counts_by_state(db.session()),
        page=reads.for_the_office(db.session(), state, after_of_request()),
        country_name=country_name,
    )


@blueprint.route("/office/experts/<int:profile_id>")
@requires(office | auditor, of=submitted_profile)
def show(profile: ExpertProfile) -> ResponseReturnValue:
    """One profile, for the office to decide on."""
    return _show(profile, ValidationForm(formdata=None))


@blueprint.route("/office/experts/<int:profile_id>/cv")
@requires(office, of=submitted_profile)
def cv(profile: ExpertProfile) -> ResponseReturnValue:
    """The CV, for those who validate."""
    return _cv_of(profile)


@blueprint.route("/office/experts/<int:profile_id>/transitions/<name>", methods=["POST"])
@requires(office, of=submitted_profile)
def transition(profile: ExpertProfile, name: str) -> ResponseReturnValue:
    """Validates what two readers found proven, suspends, ends a suspension, or refuses with a reason."""
    form, profile_id = ValidationForm(), profile.id
    if not form.validate_on_submit():
        return _show(profile, form), 422
    try:
        commands.take_transition(
            profile_id,
            name,
            current_actor(),
            g.received_at,
            reason=form.reason.data,
            until=form.until.data,
            version=form.version.number,
        )
    except Refused as problem:
        attach(form, problem.refusals)
        return _show(reads.by_id(db.session(), profile_id), form), 409
    return done(say(EXPERT_PROFILE.by_name[name].success), "experts.show", profile_id=profile_id)


@blueprint.route("/office/experts/<int:profile_id>/readings/<kind>", methods=["POST"])
@requires(office & readers, of=submitted_profile)
def read_expertise(profile: ExpertProfile, kind: str) -> ResponseReturnValue:
    """Keeps what one reader found of one kind of expertise."""
    read = or_not_found(Expertise.with_code(kind), kind)
    form, profile_id = ReadingForm(), profile.id
    failed = attempt(
        form,
        lambda: commands.read_expertise(
            profile_id,
            read,
            is_proven=form.answer.data == form.PROVEN,
            reason=form.reason.data or "",
            actor=current_actor(),
            now=g.received_at,
        ),
        refused=409,
    )
    if failed:
        return _show(reads.by_id(db.session(), profile_id), ValidationForm(formdata=None), {read: form}), failed
    return done("Your reading is kept. Others see it when two readers agree.", "experts.show", profile_id=profile_id)


@blueprint.route("/office/experts/<int:profile_id>/validity", methods=["POST"])
@requires(office & readers, of=submitted_profile)
def change_validity(profile: ExpertProfile) -> ResponseReturnValue:
    """Gives a validation another last day, or none."""
    form, profile_id = ValidationForm(), profile.id
    failed = attempt(
        form,
        lambda: commands.change_validity(
            profile_id, form.until.data, version=form.version.number, actor=current_actor(), now=g.received_at
        ),
        refused=409,
    )
    if failed:
        return _show(reads.by_id(db.session(), profile_id), form), failed
    return done("The last day of the validation is kept.", "experts.show", profile_id=profile_id)


def _mine(
    form: ProfileForm,
    *,
    cv_form: CvForm | None = None,
    summary_form: SummaryForm | None = None,
    availability_form: AvailabilityForm | None = None,
    conflicts: Sequence[Mapping[str, Any]] = (),
) -> str:
    actor = current_actor()
    profile = _own()
    return render_template(
        "experts/mine.html",
        form=form,
        cv_form=cv_form or CvForm(formdata=None),
        summary_form=summary_form or SummaryForm(formdata=None, obj=profile),
        availability_form=availability_form or (AvailabilityForm.of(profile, posted=False) if profile else None),
        conflicts=conflicts,
        profile=profile,
        offers=offers(db.session(), profile, actor, g.received_at) if profile else (),
        url_for_transition=lambda name: url_for("experts.own_transition", name=name),
        is_public=profile is not None and profile.consented_at is not None and bool(reads.validated_roles(profile)),
        largest_bytes=pdfs.LARGEST_BYTES,
        **(reads.words_of(profile) if profile else {}),
    )


def _show(profile: ExpertProfile, form: ValidationForm, reading: Mapping[Expertise, ReadingForm] | None = None) -> str:
    actor = current_actor()
    relation = reads.relation_to(actor, profile)
    found = offers(db.session(), profile, actor, g.received_at, relation=relation)
    events = lives.events_of(db.session(), profile.subject)
    forms = {kind: (reading or {}).get(kind) or ReadingForm(formdata=None) for kind in profile.kinds}
    for kind, each in forms.items():
        own_ids(each, kind.value)
    return render_template(
        "experts/show.html",
        profile=profile,
        form=form,
        read_kinds=reads.kinds_for(db.session(), profile, actor),
        reading_forms=forms,
        validating=[offer for offer in found if offer.name in VALIDATING],
        suspend=next((offer for offer in found if offer.name in SUSPENDING), None),
        others=[offer for offer in found if offer.name not in VALIDATING | SUSPENDING],
        may_change_validity=profile.state in ROLES_OF and office(actor, relation) and readers(actor, relation),
        may_read_cv=office(actor),
        events=lives.told(events, actor, relation),
        event_label=lambda event: lives.act_of(event).told,
        url_for_transition=lambda name: url_for("experts.transition", profile_id=profile.id, name=name),
        **reads.words_of(profile),
    )


def _own() -> ExpertProfile | None:
    return reads.of_user(db.session(), account_of(current_actor()))


def _stored_form() -> ProfileForm:
    """The profile as it is stored: another form of the page was posted."""
    return ProfileForm.of(_own(), posted=False)


def _cv_of(profile: ExpertProfile) -> ResponseReturnValue:
    if profile.cv_key is None or profile.cv_filename is None:
        raise NotFound("curriculum vitae")
    return download(profile.cv_key, filename=profile.cv_filename, media_type=pdfs.MEDIA_TYPE)
