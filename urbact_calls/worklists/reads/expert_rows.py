"""Worklist rows of the Joint Secretariat about experts: choices to validate, profiles to read and to decide, appointed
experts who are not validated any more, and validations that end soon."""

from __future__ import annotations

from functools import partial

from sqlalchemy import literal, select

from urbact_calls.accounts.models import User
from urbact_calls.domain.permissions import Actor, office
from urbact_calls.domain.vocabulary import ExpertApplicationState, NetworkState, Tone
from urbact_calls.domain.workflow.expert_profile import ROLES_OF
from urbact_calls.experts.jobs import DAYS_BEFORE
from urbact_calls.experts.models import ExpertProfile
from urbact_calls.experts.reads import waits_for_decision, waits_for_reader
from urbact_calls.networks.models import Appointment, ExpertApplication, ExpertSearch, Network
from urbact_calls.statements import day_in
from urbact_calls.worklists.reads.applicant_rows import row_columns
from urbact_calls.worklists.reads.worklist import AnySelect, Instant, RowKind, RowPage


def _profiles(actor: Actor) -> AnySelect:
    return (
        select(*row_columns(User.name, literal(""), ExpertProfile.id))
        .join(User, User.id == ExpertProfile.user_id)
        .where(ExpertProfile.user_id != actor.user_id)
        .order_by(ExpertProfile.submitted_at, ExpertProfile.id)
    )


def _to_read(actor: Actor, now: Instant) -> AnySelect:
    return _profiles(actor).where(waits_for_reader(actor.user_id))


def _to_decide(actor: Actor, now: Instant) -> AnySelect:
    return _profiles(actor).where(waits_for_decision())


def _expiring(actor: Actor, now: Instant) -> AnySelect:
    return (
        select(*row_columns(User.name, literal(""), ExpertProfile.id, due=ExpertProfile.valid_until))
        .join(User, User.id == ExpertProfile.user_id)
        .where(ExpertProfile.user_id != actor.user_id)
        .where(ExpertProfile.state.in_(list(ROLES_OF)), ExpertProfile.valid_until <= day_in(DAYS_BEFORE))
        .order_by(ExpertProfile.valid_until, ExpertProfile.id)
    )


def _applications(actor: Actor) -> AnySelect:
    """Applications of experts to networks in which the officer takes no part."""
    return (
        select(*row_columns(Network.name, User.name, ExpertApplication.id))
        .select_from(ExpertApplication)
        .join(ExpertSearch, ExpertSearch.id == ExpertApplication.search_id)
        .join(Network, Network.id == ExpertSearch.network_id)
        .join(ExpertProfile, ExpertProfile.id == ExpertApplication.profile_id)
        .join(User, User.id == ExpertProfile.user_id)
        .join(Appointment, Appointment.expert_application_id == ExpertApplication.id)
        .where(
            ExpertProfile.user_id != actor.user_id,
            Network.application_id.not_in(actor.interests.applications),
            Network.state != NetworkState.COMPLETED,
        )
        .order_by(Appointment.appointed_at, ExpertApplication.id)
    )


def _choices(actor: Actor, now: Instant) -> AnySelect:
    return _applications(actor).where(ExpertApplication.state == ExpertApplicationState.CHOSEN)


def _not_validated(actor: Actor, now: Instant) -> AnySelect:
    """Appointments that run although the expert is suspended, expired or refused by now."""
    runs = ExpertApplication.state == ExpertApplicationState.APPOINTED
    return _applications(actor).where(runs, ExpertProfile.state.not_in(list(ROLES_OF)))


PROFILE = RowPage("experts.show", all="experts.index", argument="profile_id")
CHOICE = RowPage("networks.candidate", all="worklists.dashboard", argument="application_id")

_office = partial(RowKind, "Joint Secretariat", office)

EXPERT_OFFICE_ROWS = (
    _office(_choices, CHOICE, one="choice of an expert to validate", many="choices of experts to validate"),
    _office(_to_read, PROFILE, one="expert profile to read", many="expert profiles to read"),
    _office(
        _to_decide,
        PROFILE,
        one="expert profile that is read, to validate or not",
        many="expert profiles that are read, to validate or not",
    ),
    _office(
        _not_validated,
        CHOICE,
        one="appointed expert who is not validated now",
        many="appointed experts who are not validated now",
        tone=Tone.BAD,
    ),
    _office(
        _expiring,
        PROFILE,
        one="validation of an expert that expires soon",
        many="validations of experts that expire soon",
        tone=Tone.INFO,
    ),
)
"""In the order of the work."""
