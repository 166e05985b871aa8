"""Commands on expert profiles: experts save and submit theirs, the office validates or refuses."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy.orm import Session

from urbact_calls import pdfs
from urbact_calls.accounts import reads as accounts_reads
from urbact_calls.accounts.commands import accounts
from urbact_calls.accounts.models import User
from urbact_calls.database import StoredValues, add_or_refuse, transaction
from urbact_calls.domain.permissions import Actor, account_of
from urbact_calls.domain.refusal import NotFound, Refusal, Refused, Stale
from urbact_calls.domain.slugs import free_slug, slug_of
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import Expertise, ExpertProfileState, ExpertTrack, LanguageLevel, Role
from urbact_calls.domain.workflow.expert_profile import EXPERT_PROFILE
from urbact_calls.experts import reads
from urbact_calls.experts.models import ExpertProfile, ProfileMessage
from urbact_calls.files.commands import discard_step, keeping
from urbact_calls.record.commands import change_fields, field_changed
from urbact_calls.storage import Storage
from urbact_calls.workflow.lives import Life, Step, begin, register, take

AGAIN = message("expert.again", "Somebody with your name registered just now. Save once more.")


def create(session: Session, user: User, actor: Actor, now: datetime) -> ExpertProfile:
    """An empty profile; with it the person holds the role of an expert. The caller has locked the account."""
    slug = free_slug(slug_of(user.name) or "expert", str(user.id), StoredValues(session, ExpertProfile.slug))
    profile = ExpertProfile(user_id=user.id, slug=slug, created_at=now)
    add_or_refuse(session, profile, Refusal(AGAIN()))
    accounts.grant_step(session, user, Role.EXPERT, now, by=actor)
    return profile


def describe(session: Session, profile: ExpertProfile, text: ProfileText, actor: Actor, now: datetime) -> None:
    """Writes what the expert says. Recorded field by field."""
    texts = {field.name: getattr(text, field.name) for field in fields(text)}
    change_fields(session, profile.subject, profile, texts, actor=actor, now=now)
    profile.version += 1


def _keep_decision(session: Session, profile: ExpertProfile, step: Step) -> None:
    """What the office ticked, who decided, and why."""
    profile.validated_kinds = tuple(kind for kind in Expertise if kind in step.facts.validated)
    profile.decided_by, profile.reason = step.actor.user_id, step.event.reason


register(
    Life(
        kind=SubjectKind.EXPERT_PROFILE,
        machine=EXPERT_PROFILE,
        facts=lambda session, profile, now: reads.facts_of(profile),
        relation=lambda session, actor, profile: reads.relation_to(actor, profile),
        args=lambda profile, event: ProfileMessage(profile=profile.id),
        effects={"validation": _keep_decision},
    )
)


CV = pdfs.CheckedPdf(field="cv", word="curriculum vitae", whole="curriculum vitae", page="experts.mine")


EXPERT_GONE = message("expert.gone", "This profile is not here any more.")
EXPERT_SAVED_ELSEWHERE = message("expert.saved_elsewhere", "Your profile was saved in another window.")
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
        profile = reads.for_update(session, profile_id)
        if profile.state is ExpertProfileState.DRAFT and profile.user_id != actor.user_id:
            raise NotFound(f"expert profile {profile_id}")
        facts = reads.facts_of(profile, validated)
        take(session, profile, name, actor, now, seen=version, reason=reason, facts=facts)


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
