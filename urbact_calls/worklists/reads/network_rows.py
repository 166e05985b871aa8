"""Worklist rows of members of networks and of experts: what each row is, who sees it, when it is due."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, exists, literal, or_, select

from urbact_calls.accounts.models import User
from urbact_calls.domain.permissions import Actor, expert, signed_in
from urbact_calls.domain.vocabulary import (
    ExpertApplicationState,
    ExpertProfileState,
    FileState,
    NetworkState,
    PartnerRole,
    Tone,
)
from urbact_calls.domain.workflow.expert_profile import ROLES_OF
from urbact_calls.experts.models import ExpertProfile
from urbact_calls.files.models import StoredFile
from urbact_calls.networks.expertise.reads import taking_applications
from urbact_calls.networks.models import Agreement, ExpertApplication, ExpertSearch, Member, Network
from urbact_calls.statements import day_in
from urbact_calls.worklists.reads.applicant_rows import row_columns
from urbact_calls.worklists.reads.worklist import AnySelect, Instant, RowKind, RowPage


def _networks(*conditions: ColumnElement[bool]) -> AnySelect:
    return (
        select(*row_columns(Network.name, literal(""), Network.slug, due=Network.starts_on))
        .join(Member, Member.network_id == Network.id)
        .where(Network.application_id.is_not(None), *conditions)
        .order_by(Network.starts_on, Network.id)
    )


def _agreements(actor: Actor, now: Instant) -> AnySelect:
    refused = exists().where(StoredFile.storage_key == Agreement.storage_key, StoredFile.state == FileState.REFUSED)
    signed = exists().where(Agreement.member_id == Member.id, ~refused)
    own = Member.organisation_id.in_(actor.organisation_ids)
    return _networks(Network.state == NetworkState.FORMING, own, ~signed)


def _led(actor: Actor) -> list[ColumnElement[bool]]:
    return [Member.role == PartnerRole.LEAD, Member.organisation_id.in_(actor.organisation_ids)]


def _networks_to_start(actor: Actor, now: Instant) -> AnySelect:
    return _networks(Network.state == NetworkState.FORMING, *_led(actor))


def _candidates(actor: Actor, now: Instant) -> AnySelect:
    return (
        select(*row_columns(Network.name, User.name, ExpertApplication.id))
        .select_from(ExpertApplication)
        .join(ExpertSearch, ExpertSearch.id == ExpertApplication.search_id)
        .join(Network, Network.id == ExpertSearch.network_id)
        .join(Member, Member.network_id == Network.id)
        .join(ExpertProfile, ExpertProfile.id == ExpertApplication.profile_id)
        .join(User, User.id == ExpertProfile.user_id)
        .where(ExpertApplication.state == ExpertApplicationState.SUBMITTED, *_led(actor))
        # While a choice waits for the Joint Secretariat, the others have their answer with it.
        .where(ExpertSearch.chosen_at.is_(None))
        .order_by(ExpertApplication.submitted_at, ExpertApplication.id)
    )


def _profiles(state: ExpertProfileState) -> Any:
    def rows(actor: Actor, now: Instant) -> AnySelect:
        return (
            select(*row_columns(literal("Your expert profile"), literal(""), ExpertProfile.id))
            .where(ExpertProfile.user_id == actor.user_id, ExpertProfile.state == state)
            .order_by(ExpertProfile.id)
        )

    return rows


def _searches(actor: Actor, now: Instant) -> AnySelect:
    """Open searches for which this expert is validated and has not applied."""
    fits = or_(*((ExpertProfile.state == state) & ExpertSearch.role.in_(roles) for state, roles in ROLES_OF.items()))
    applied = exists().where(
        ExpertApplication.search_id == ExpertSearch.id, ExpertApplication.profile_id == ExpertProfile.id
    )
    return (
        select(*row_columns(Network.name, literal(""), Network.slug))
        .select_from(ExpertSearch)
        .join(Network, Network.id == ExpertSearch.network_id)
        .join(ExpertProfile, ExpertProfile.user_id == actor.user_id)
        .where(taking_applications(day_in(0)), fits, ~applied)
        .order_by(ExpertSearch.opened_at.desc(), ExpertSearch.id)
    )


AGREEMENTS = RowPage("networks.agreements", all="worklists.dashboard", argument="slug")
NETWORK = RowPage("networks.show", all="worklists.dashboard", argument="slug")
CANDIDATE = RowPage("networks.candidate", all="worklists.dashboard", argument="application_id")
OWN_PROFILE = RowPage("experts.mine", all="experts.mine", argument="")
SEARCH = RowPage("networks.apply_to_join", all="networks.expert_applications", argument="slug")

_member = partial(RowKind, "In your networks", signed_in)
_expert = partial(RowKind, "As an expert")

NETWORK_ROWS = (
    _member(_agreements, AGREEMENTS, one="signed agreement to add", many="signed agreements to add"),
    _member(_networks_to_start, NETWORK, one="network to start", many="networks to start"),
    _member(_candidates, CANDIDATE, one="expert waits for your answer", many="experts wait for your answer"),
    _expert(
        signed_in,
        _profiles(ExpertProfileState.DRAFT),
        OWN_PROFILE,
        one="expert profile to submit",
        many="expert profiles to submit",
    ),
    _expert(
        expert,
        _profiles(ExpertProfileState.REFUSED),
        OWN_PROFILE,
        one="expert profile to change and submit again",
        many="expert profiles to change and submit again",
    ),
    _expert(
        expert,
        _profiles(ExpertProfileState.EXPIRED),
        OWN_PROFILE,
        one="expired expert profile to submit again",
        many="expired expert profiles to submit again",
    ),
    _expert(
        expert,
        _searches,
        SEARCH,
        one="network looks for an expert like you",
        many="networks look for an expert like you",
        tone=Tone.INFO,
    ),
)
"""In the order of the work."""
