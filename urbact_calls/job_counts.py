"""Counts of jobs: how many are unfinished, and how long the oldest of those that are due has waited."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from urbact_calls.domain.vocabulary import JobState
from urbact_calls.jobs import Job


def oldest_due_age(session: Session, now: datetime) -> timedelta:
    """How long the job that waits longest has been due; zero if none waits."""
    oldest = session.scalar(select(func.min(Job.next_at)).where(Job.state == JobState.READY, Job.next_at <= now))
    return now - oldest if oldest else timedelta()


def unfinished_by_state(session: Session) -> dict[JobState, int]:
    """How many jobs stand in each state but done and cancelled; every such state is named."""
    open_states = [state for state in JobState if state not in (JobState.DONE, JobState.CANCELLED)]
    found = session.execute(select(Job.state, func.count()).where(Job.state.in_(open_states)).group_by(Job.state)).all()
    return dict.fromkeys(open_states, 0) | dict(found)
