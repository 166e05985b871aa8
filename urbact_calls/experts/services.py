"""What experts do with their profile, and what the office decides on it. Each command is one act."""

from __future__ import annotations

from datetime import datetime

import urbact_calls.accounts.queries as accounts
from urbact_calls import pdfs
from urbact_calls.audit.operations import field_changed
from urbact_calls.database import transaction
from urbact_calls.domain.permissions import Actor, account_of
from urbact_calls.domain.refusal import NotFound, Refusal, Refused, Stale
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import Expertise, ExpertProfileState
from urbact_calls.experts import operations, queries
from urbact_calls.experts.models import ExpertProfile
from urbact_calls.experts.operations import Described
from urbact_calls.storage import Storage
from urbact_calls.workflow.take import begin, take

CV = pdfs.Paper(field="cv", word="curriculum vitae", whole="curriculum vitae")


EXPERT_GONE = message("expert.gone", "This profile is not here any more.")
EXPERT_SAVED_ELSEWHERE = message("expert.saved_elsewhere", "Your profile was saved in another window.")
LOCKED = message("expert.locked", "The profile is “{state}”: it cannot be changed now.")


def save(said: Described, *, version: int, actor: Actor, now: datetime) -> None:
    """Keeps what an expert says; the first time, this makes the profile. Raises Stale, Refused after submission."""
    with transaction() as session:
        # The account is locked first: two first savings at once make one profile.
        user = accounts.for_update(session, account_of(actor))
        profile = queries.of_user(session, user.id)
        if profile is None:
            if version != 0:
                raise Stale(EXPERT_GONE(), current={})
            profile = operations.create(session, user, actor, now)
            begin(session, profile, actor, now)
        else:
            profile = queries.of_user_for_update(session, user.id)
            if version != profile.version:
                current = {"skills": profile.skills or "", "summary": profile.summary or ""}
                raise Stale(EXPERT_SAVED_ELSEWHERE(), current=current)
        _require_writable(profile)
        operations.describe(session, profile, said, actor, now)


def write_summary(summary: str, *, actor: Actor, now: datetime) -> None:
    """Changes the text on the public page, at any time: nobody validates it. Raises NotFound."""
    with transaction() as session:
        profile = queries.of_user_for_update(session, account_of(actor))
        field_changed(
            session,
            subject=profile.subject,
            field="summary",
            before=profile.summary,
            after=summary or None,
            actor=actor,
            now=now,
        )
        profile.summary = summary or None
        profile.version += 1


def keep_cv(*, content: bytes, filename: str, actor: Actor, now: datetime, storage: Storage) -> None:
    """Keeps a curriculum vitae in place of the one before. Raises pdfs.TooLarge, pdfs.NotAPdf, NotFound, Refused."""
    pdfs.check(content, CV)
    stored = storage.put(content)
    try:
        with transaction() as session:
            profile = queries.of_user_for_update(session, account_of(actor))
            _require_writable(profile)
            old_key = profile.cv_key
            field_changed(
                session,
                subject=profile.subject,
                field="cv",
                before=profile.cv_sha256,
                after=stored.sha256,
                actor=actor,
                now=now,
            )
            profile.cv_key, profile.cv_size, profile.cv_sha256 = stored.key, stored.size, stored.sha256
            profile.cv_filename, profile.cv_uploaded_at = pdfs.clean_name(filename, "cv"), now
    except BaseException:
        storage.remove(stored.key)
        raise
    if old_key is not None:
        storage.remove(old_key)


def consent(*, actor: Actor, now: datetime) -> None:
    """Allows the public page. It is shown as long as the profile is validated."""
    _change_consent(now, actor=actor, now=now)


def withdraw_consent(*, actor: Actor, now: datetime) -> None:
    """Takes the public page away at once."""
    _change_consent(None, actor=actor, now=now)


def take_transition(  # noqa: PLR0913 -- the act, its reason, what the office ticked and which version it saw
    profile_id: int,
    name: str,
    actor: Actor,
    now: datetime,
    *,
    reason: str | None = None,
    validated: frozenset[Expertise] = frozenset(),
    version: int | None = None,
) -> None:
    """Takes one step of a profile's life, as it stood at `version` where one is given.

    Raises Refused with every reason, MovedOn, NotFound for a stranger.
    """
    with transaction() as session:
        profile = queries.for_update(session, profile_id)
        if profile.state is ExpertProfileState.DRAFT and profile.user_id != actor.user_id:
            raise NotFound(f"expert profile {profile_id}")
        take(session, profile, name, actor, now, seen=version, reason=reason, known={"validated": validated})


def _change_consent(after: datetime | None, *, actor: Actor, now: datetime) -> None:
    with transaction() as session:
        profile = queries.of_user_for_update(session, account_of(actor))
        field_changed(
            session,
            subject=profile.subject,
            field="consent",
            before=profile.consented_at is not None,
            after=after is not None,
            actor=actor,
            now=now,
        )
        profile.consented_at = after


def _require_writable(profile: ExpertProfile) -> None:
    if not profile.is_writable:
        raise Refused(Refusal(LOCKED(state=profile.state.text)))
