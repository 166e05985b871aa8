"""What only a date starts in the pool of experts: a validation is about to expire, expires, or a suspension ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import partial

from sqlalchemy import String, and_, cast, select
from sqlalchemy.orm import Session

from urbact_calls.domain.permissions import SYSTEM
from urbact_calls.domain.vocabulary import ExpertProfileState
from urbact_calls.domain.words import PARIS
from urbact_calls.domain.workflow.expert_profile import EXPIRE, REINSTATE, ROLES_OF, has_expired
from urbact_calls.domain.workflow.machine import Act
from urbact_calls.experts import reads
from urbact_calls.experts.models import ExpertProfile, ExpiryMessage
from urbact_calls.job_sets import JobForEach, due_for_each
from urbact_calls.jobs import Effect
from urbact_calls.workflow.lives import take

DAYS_BEFORE = 60
HOUR = time(8)
LASTING = (*ROLES_OF, ExpertProfileState.SUSPENDED)
"""While a validation can expire."""


def announce_expiring(session: Session, now: datetime) -> Effect | None:
    """Announces the reminder, sixty days before a validation expires, once for each expert and day."""
    today = now.astimezone(PARIS).date()
    dates = session.scalars(
        select(ExpertProfile.valid_until)
        .where(ExpertProfile.state.in_(list(ROLES_OF)), ExpertProfile.valid_until >= today)
        .where(ExpertProfile.valid_until <= today + timedelta(days=DAYS_BEFORE))
        .distinct()
        .order_by(ExpertProfile.valid_until)
    )
    wanted = [_reminders(until) for until in dates if until is not None and _moment(until) <= now]
    return due_for_each(session, wanted, now)


def _moment(until: date) -> datetime:
    return datetime.combine(until - timedelta(days=DAYS_BEFORE), HOUR, PARIS)


def _reminders(until: date) -> JobForEach:
    ones = select(ExpertProfile.id).where(ExpertProfile.state.in_(list(ROLES_OF)), ExpertProfile.valid_until == until)
    return JobForEach(
        kind="mail:expert.expiring",
        rows=ones.order_by(ExpertProfile.id),
        key="mail:expert.expiring:" + cast(ExpertProfile.id, String) + f":{until:%Y%m%d}",
        args=ExpiryMessage(
            profile=0, until=until, not_after=datetime.combine(until + timedelta(days=1), time(), PARIS)
        ),
        varying={"profile": ExpertProfile.id},
        subject=(ExpertProfile.SUBJECT, ExpertProfile.id),
    )


def end_validations(session: Session, now: datetime) -> Effect | None:
    """Ends the validations whose last day has passed in Paris, and the suspensions whose last day has."""
    today = now.astimezone(PARIS).date()
    expired = and_(ExpertProfile.state.in_(LASTING), ExpertProfile.valid_until < today)
    returning = and_(ExpertProfile.state == ExpertProfileState.SUSPENDED, ExpertProfile.suspended_until < today)
    over = session.scalars(select(ExpertProfile.id).where(expired | returning).order_by(ExpertProfile.id)).all()
    return partial(_end, profile_ids=over, now=now) if over else None


def _end(session: Session, *, profile_ids: Sequence[int], now: datetime) -> None:
    for profile_id in profile_ids:
        profile = reads.for_update(session, profile_id)
        # Read again under the lock: an officer may have given another day.
        if (step := _step(profile, now)) is not None:
            take(session, profile, step.name, SYSTEM, now)


def _step(profile: ExpertProfile, now: datetime) -> Act | None:
    if profile.state in LASTING and has_expired(profile.valid_until, now):
        return EXPIRE
    if profile.suspended_from is not None and has_expired(profile.suspended_until, now):
        return REINSTATE[profile.suspended_from]
    return None
