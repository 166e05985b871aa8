"""Commands on the regions of partners: an officer confirms those that are right, and corrects one that is wrong."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application, Partner
from urbact_calls.applications.reads.applications import for_update
from urbact_calls.database import transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import Refusal, Refused, Stale
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import ApplicationState
from urbact_calls.eligibility.reports.commands import EXAMINED_WITH_REGION, examine_again
from urbact_calls.eligibility.reports.reads.partner_regions import PartnerRegion, partner_region, partner_regions
from urbact_calls.organisations.models import Organisation, RegionConfirmation
from urbact_calls.record.commands import field_changed
from urbact_calls.reference.known_networks import regions

SHORTEST_REASON = 10


REGIONS_ANY_STALE = message(
    "regions.any_stale", "A region has changed since you opened the page. Look at it as it is now."
)
NONE = message("regions.none", "Tick at least one partner.")
REGIONS_STALE = message("regions.stale", "The region has changed since you opened the page. Look at it as it is now.")
DECLARED_REGIONS = message(
    "eligibility.declared/regions", "Regions are confirmed during the check only; the application is now “{state}”."
)
REASON = message("regions.reason", "Say why, in at least {shortest} characters.")
COUNTRY = message("regions.country", "Choose a region of the partner’s country.")
UNKNOWN = message("regions.unknown", "The region of {organisation} is not known. Enter it with the reason.")


def confirm_regions(reference: str, tokens: Collection[str], *, actor: Actor, now: datetime) -> int:
    """Confirms the region and category of partners in one act; gives how many were confirmed.

    `tokens` are those of `PartnerRegion` as the officer saw them. Raises Stale if one of the regions has changed
    since, Refused for a category that is not known or outside the check. What is confirmed already stays so.
    """
    with transaction() as session:
        application = _in_the_check(session, reference)
        known = {each.token: each for each in partner_regions(session, application.id)}
        if not set(tokens) <= known.keys():
            raise Stale(REGIONS_ANY_STALE())
        wanted = [known[token] for token in sorted(set(tokens)) if not known[token].is_settled]
        if not tokens:
            raise Refused(Refusal(NONE()))
        for each in wanted:
            _confirm(session, each.status.organisation, None, actor, now)
        examine_again(session, application, actor, now, why=EXAMINED_WITH_REGION())
        return len(wanted)


def correct_region(  # noqa: PLR0913 -- who corrects what, to what and why; keyword-only after the second
    reference: str, partner_id: int, *, nuts2: str, reason: str, seen: str, actor: Actor, now: datetime
) -> None:
    """Gives the organisation of a partner another region, which is confirmed with it.

    The organisation has it everywhere: the official report of every application in the check that it takes part in
    is brought up to it. Raises Refused for a region of another country or without a reason, Stale, NotFound.
    """
    with transaction() as session:
        application = _in_the_check(session, reference)
        found = partner_region(session, application.id, partner_id)
        if found.token != seen:
            raise Stale(REGIONS_STALE())
        organisation = found.status.organisation
        _require_correction(found, nuts2, reason)

        region = regions()[nuts2]
        before = _words(organisation)
        organisation.nuts2, organisation.region_category = region.nuts2, region.category
        organisation.region_confidence, organisation.region_basis = region.confidence, "officer"
        _confirm(session, organisation, reason, actor, now, before=before)
        for each in _applications_of(session, organisation):
            examine_again(session, each, actor, now, why=EXAMINED_WITH_REGION())


def _in_the_check(session: Session, reference: str) -> Application:
    application = for_update(session, reference)
    state = application.state
    if state is not ApplicationState.SUBMITTED:
        raise Refused(Refusal(DECLARED_REGIONS(state=state.text)))
    return application


def _require_correction(found: PartnerRegion, nuts2: str, reason: str) -> None:
    region = regions().get(nuts2)
    if region is None or region.country != found.status.organisation.country:
        raise Refused(Refusal(COUNTRY(), "nuts2"))
    if len(reason) < SHORTEST_REASON:
        raise Refused(Refusal(REASON(shortest=SHORTEST_REASON), "reason"))


def _confirm(  # noqa: PLR0913 -- what a confirmation consists of
    session: Session,
    organisation: Organisation,
    reason: str | None,
    actor: Actor,
    now: datetime,
    *,
    before: dict[str, str | None] | None = None,
) -> None:
    if organisation.region_category is None:
        raise Refused(Refusal(UNKNOWN(organisation=organisation.name)))
    session.add(
        RegionConfirmation(
            organisation_id=organisation.id,
            nuts2=organisation.nuts2,
            region_category=organisation.region_category,
            reason=reason,
            confirmed_by=actor.user_id,
            confirmed_at=now,
        )
    )
    field_changed(
        session,
        organisation.subject,
        "region",
        before=before,
        after={**_words(organisation), "reason": reason, "confirmed": "yes"},
        actor=actor,
        now=now,
    )
    session.flush()


def _words(organisation: Organisation) -> dict[str, str | None]:
    return {"nuts2": organisation.nuts2, "category": organisation.region_category}


def _applications_of(session: Session, organisation: Organisation) -> list[Application]:
    """The applications in the check that the organisation takes part in, locked, in the order of their ids."""
    takes_part = select(Partner.application_id).where(Partner.organisation_id == organisation.id)
    return list(
        session.scalars(
            select(Application)
            .where(Application.id.in_(takes_part), Application.state == ApplicationState.SUBMITTED)
            .order_by(Application.id)
            .with_for_update()
        )
    )
