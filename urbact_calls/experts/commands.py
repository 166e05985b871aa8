"""Commands on expert profiles: experts save and submit theirs, the office validates or refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from operator import attrgetter

from sqlalchemy.orm import Session

from urbact_calls import pdfs
from urbact_calls.accounts import reads as accounts_reads
from urbact_calls.accounts.commands import accounts
from urbact_calls.accounts.models import User
from urbact_calls.database import StoredValues, add_or_refuse, transaction
from urbact_calls.domain.expert_days import DaysWithin, why_not_available
from urbact_calls.domain.expertise_readings import why_not_read
from urbact_calls.domain.permissions import Actor, account_of, office
from urbact_calls.domain.refusal import NotFound, Refusal, Refused, Stale, or_not_found
from urbact_calls.domain.slugs import free_slug, slug_of
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import Expertise, ExpertProfileState, ExpertTrack, LanguageLevel, Role
from urbact_calls.domain.workflow.expert_profile import (
    EXPERT_PROFILE,
    READ,
    ROLES_OF,
    VALIDITY_CHANGED,
    readers,
    why_not_until,
)
from urbact_calls.experts import reads
from urbact_calls.experts.models import ExpertAvailability, ExpertiseReading, ExpertProfile, ProfileMessage
from urbact_calls.files.commands import discard_step, keeping
from urbact_calls.record.commands import change_fields, field_changed
from urbact_calls.storage import Storage
from urbact_calls.workflow.lives import Life, Step, begin, note_act, register, take

AGAIN = message("expert.again", "Somebody with your name registered just now. Save once more.")


def create(session: Session, user: User, actor: Actor, now: datetime) -> ExpertProfile:
    """An empty profile; with it the person holds the role of an expert. The caller has locked the account."""
    name = slug_of(user.name)
    # The address of the open searches, which stands beside those of the experts.
    name = "expert" if name in ("", "searches") else name
    slug = free_slug(name, str(user.id), StoredValues(session, ExpertProfile.slug))
    profile = ExpertProfile(user_id=user.id, slug=slug, created_at=now)
    add_or_refuse(session, profile, Refusal(AGAIN()))
    accounts.grant_step(session, user, Role.EXPERT, now, by=actor)
    return profile


def describe(session: Session, profile: ExpertProfile, text: ProfileText, actor: Actor, now: datetime) -> None:
    """Writes what the expert says. Recorded field by field."""
    texts = {field.name: getattr(text, field.name) for field in fields(text)}
    change_fields(session, profile.subject, profile, texts, actor=actor, now=now)
    profile.version += 1


def _keep_validation(session: Session, profile: ExpertProfile, step: Step) -> None:
    """What two readers found, who decided, and until when it holds."""
    profile.validated_kinds = tuple(kind for kind in Expertise if kind in step.facts.validated)
    profile.valid_until = step.facts.until
    profile.decided_by, profile.reason = step.actor.user_id, None


def _keep_refusal(session: Session, profile: ExpertProfile, step: Step) -> None:
    profile.validated_kinds, profile.valid_until = (), None
    profile.suspended_from = profile.suspended_until = None
    profile.decided_by, profile.reason = step.actor.user_id, step.event.reason


def _begin_reading(session: Session, profile: ExpertProfile, step: Step) -> None:
    """What was read before was another version; the profile is read anew."""
    profile.round += 1
    profile.validated_kinds = ()
    profile.suspended_from = profile.suspended_until = None


def _keep_suspension(session: Session, profile: ExpertProfile, step: Step) -> None:
    profile.suspended_from = ExpertProfileState.with_code(step.event.source or "")
    profile.suspended_until = step.facts.until
    profile.decided_by, profile.reason = step.actor.user_id, step.event.reason


def _end_suspension(session: Session, profile: ExpertProfile, step: Step) -> None:
    profile.suspended_from = profile.suspended_until = profile.reason = None
    profile.decided_by = step.actor.user_id


register(
    Life(
        kind=SubjectKind.EXPERT_PROFILE,
        machine=EXPERT_PROFILE,
        facts=lambda session, profile, now: reads.facts_of(session, profile),
        relation=lambda session, actor, profile: reads.relation_to(actor, profile),
        args=lambda profile, event: ProfileMessage(profile=profile.id),
        effects={
            "reading": _begin_reading,
            "validation": _keep_validation,
            "pool": _keep_refusal,
            "suspension": _keep_suspension,
            "pause": _end_suspension,
        },
        sees_internal=readers,
    )
)


CV = pdfs.CheckedPdf(field="cv", word="curriculum vitae", whole="curriculum vitae", page="experts.mine")


EXPERT_GONE = message("expert.gone", "This profile is not here any more.")
EXPERT_SAVED_ELSEWHERE = message("expert.saved_elsewhere", "Your profile was saved in another window.")
CHANGED_ELSEWHERE = message("expert.changed_elsewhere", "The profile was changed since you opened the page.")
LOCKED = message("expert.locked", "The profile is “{state}”: it cannot be changed now.")


def save(text: ProfileText, *, version: int, actor: Actor, now: datetime) -> None:
    """Keeps what an expert says; the first time, this makes the profile. Raises Stale, Refused after submission."""
    with transaction() as session:
        # The account is locked first: two first savings at once make one profile.
        user = accounts_reads.for_update(session, account_of(actor))
        profile = reads.of_user(session, user.id)
        if profile is None:
            if version != 0:
                raise Stale(EXPERT_GONE())
            profile = create(session, user, actor, now)
            begin(session, profile, actor, now)
        else:
            profile = reads.of_user_for_update(session, user.id)
            if version != profile.version:
                raise Stale(EXPERT_SAVED_ELSEWHERE())
        _require_writable(profile)
        describe(session, profile, text, actor, now)


def write_summary(summary: str, *, actor: Actor, now: datetime) -> None:
    """Changes the text on the public page, at any time: nobody validates it. Raises NotFound."""
    with transaction() as session:
        profile = reads.of_user_for_update(session, account_of(actor))
        texts = {"summary": summary or None}
        change_fields(session, profile.subject, profile, texts, actor=actor, now=now)
        profile.version += 1


def keep_cv(*, content: bytes, filename: str, actor: Actor, now: datetime, storage: Storage) -> None:
    """Keeps a curriculum vitae in place of the one before. Raises pdfs.TooLarge, pdfs.NotAPdf, NotFound, Refused."""
    with keeping([content], CV, storage=storage, actor=actor, now=now) as put:
        session, (stored,) = put.session, put.files
        profile = reads.of_user_for_update(session, account_of(actor))
        put.about = profile.subject
        _require_writable(profile)
        old_key = profile.cv_key
        field_changed(session, profile.subject, "cv", profile.cv_sha256, stored.sha256, actor, now)
        profile.cv_key, profile.cv_size, profile.cv_sha256 = stored.key, stored.size, stored.sha256
        profile.cv_filename, profile.cv_uploaded_at = pdfs.clean_name(filename, "cv"), now
        if old_key is not None:
            discard_step(session, old_key, storage)


def consent(*, actor: Actor, now: datetime) -> None:
    """Allows the public page. It is shown as long as the profile is validated."""
    _change_consent(now, actor=actor, now=now)


def withdraw_consent(*, actor: Actor, now: datetime) -> None:
    """Takes the public page away at once."""
    _change_consent(None, actor=actor, now=now)


def take_transition(  # noqa: PLR0913 -- the act, its reason, the day it lasts to, and which version it saw
    profile_id: int,
    name: str,
    actor: Actor,
    now: datetime,
    *,
    reason: str | None = None,
    until: date | None = None,
    version: int | None = None,
) -> None:
    """Takes one step of a profile's life, as it stood at `version` where one is given. `until` is the last day of a
    validation or of a suspension.

    Raises Refused with every reason, MovedOn, NotFound for a stranger.
    """
    with transaction() as session:
        profile = reads.for_update(session, profile_id)
        if profile.state is ExpertProfileState.DRAFT and profile.user_id != actor.user_id:
            raise NotFound(f"expert profile {profile_id}")
        take(
            session,
            profile,
            name,
            actor,
            now,
            seen=version,
            reason=reason,
            facts=reads.facts_of(session, profile, until),
        )


NO_REASON = message("expert.no_reason", "Say in a sentence where the profile proves it, or what is missing.")
NOT_WAITING = message("expert.not_waiting", "The profile is “{state}”: it is not read now.")
NOT_VALID = message("expert.not_valid", "The profile is “{state}”: there is no validation that could end.")


def read_expertise(  # noqa: PLR0913 -- who reads what of whom, and finds what; keyword-only after the kind
    profile_id: int, kind: Expertise, *, is_proven: bool, reason: str, actor: Actor, now: datetime
) -> None:
    """Keeps what one reader finds of one kind of expertise. Readers are people of the office, two for each kind, and a
    third where they differ; nobody reads his or her own profile, and nobody twice.

    Raises NotFound for everybody else, Refused with every reason.
    """
    with transaction() as session:
        profile = _of_the_office(session, profile_id, actor)
        refusals = list(why_not_read(kind, profile.kinds, reads.answers_of(session, profile), account_of(actor)))
        if profile.state is not ExpertProfileState.SUBMITTED:
            refusals = [Refusal(NOT_WAITING(state=profile.state.text))]
        if not reason:
            refusals.append(Refusal(NO_REASON(), field="reason"))
        if refusals:
            raise Refused(*refusals)
        session.add(
            ExpertiseReading(
                profile_id=profile.id,
                round=profile.round,
                kind=kind,
                reader_id=actor.user_id,
                is_proven=is_proven,
                reason=reason,
                read_at=now,
            )
        )
        note_act(session, profile, READ, actor, now)


def change_validity(profile_id: int, until: date | None, *, version: int, actor: Actor, now: datetime) -> None:
    """Gives a validation another last day, or none. Raises NotFound for all but the office, Refused, Stale."""
    with transaction() as session:
        profile = _of_the_office(session, profile_id, actor)
        if version != profile.version:
            raise Stale(CHANGED_ELSEWHERE())
        if profile.state not in ROLES_OF:
            raise Refused(Refusal(NOT_VALID(state=profile.state.text)))
        if refusal := why_not_until(until, now):
            raise Refused(refusal)
        change_fields(session, profile.subject, profile, {"valid_until": until}, actor=actor, now=now)
        profile.version += 1
        note_act(session, profile, VALIDITY_CHANGED, actor, now)


def state_availability(periods: Mapping[int, DaysWithin], *, version: int, actor: Actor, now: datetime) -> None:
    """Keeps when an expert is available, in place of what was stated before; periods by the number of their row.

    Raises Refused, Stale, NotFound.
    """
    with transaction() as session:
        profile = reads.of_user_for_update(session, account_of(actor))
        if version != profile.version:
            raise Stale(EXPERT_SAVED_ELSEWHERE())
        if refusals := tuple(why_not_available(periods)):
            raise Refused(*refusals)
        stated = [
            ExpertAvailability(starts_on=one.starts_on, ends_on=one.ends_on, days=one.days)
            for one in sorted(periods.values(), key=attrgetter("starts_on"))
        ]
        before, after = ([_said(each) for each in rows] for rows in (profile.availability, stated))
        field_changed(session, profile.subject, "availability", before, after, actor, now)
        if before != after:
            profile.availability = stated
            profile.version += 1


def _said(period: ExpertAvailability) -> str:
    return f"{period.starts_on:%Y-%m-%d} to {period.ends_on:%Y-%m-%d}: {period.days}"


def _of_the_office(session: Session, profile_id: int, actor: Actor) -> ExpertProfile:
    """A profile, locked, for the people of the office who may read it. Raises NotFound for everybody else."""
    profile = reads.for_update(session, profile_id)
    relation = reads.relation_to(actor, profile)
    may = office(actor, relation) and readers(actor, relation) and profile.state is not ExpertProfileState.DRAFT
    return or_not_found(profile if may else None, f"expert profile {profile_id}")


def _change_consent(after: datetime | None, *, actor: Actor, now: datetime) -> None:
    with transaction() as session:
        profile = reads.of_user_for_update(session, account_of(actor))
        was, will_be = profile.consented_at is not None, after is not None
        field_changed(session, profile.subject, "consent", was, will_be, actor, now)
        profile.consented_at = after


def _require_writable(profile: ExpertProfile) -> None:
    if not profile.is_writable:
        raise Refused(Refusal(LOCKED(state=profile.state.text)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileText:
    """What an expert says about himself or herself; what is not said yet is empty."""

    track: ExpertTrack | None = None
    kinds: tuple[Expertise, ...] = ()
    themes: tuple[str, ...] = ()
    languages: tuple[tuple[str, LanguageLevel], ...] = ()
    country: str | None = None
    years: int | None = None
    skills: str | None = None
    summary: str | None = None
