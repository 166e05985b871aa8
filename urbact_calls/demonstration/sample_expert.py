"""Expert profile of the demonstration: validated and public, and it says what it is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from urbact_calls.accounts.reads import by_email
from urbact_calls.domain.permissions import SYSTEM
from urbact_calls.domain.vocabulary import Expertise, ExpertProfileState, ExpertTrack, LanguageLevel
from urbact_calls.experts.commands import ProfileText, create, describe
from urbact_calls.experts.reads import of_user
from urbact_calls.workflow.lives import begin

EMAIL = "expert@example.org"
SAID = ProfileText(
    track=ExpertTrack.LEAD,
    kinds=tuple(Expertise),
    themes=("mobility", "public_space", "participation"),
    languages=(("en", LanguageLevel.C2), ("pt", LanguageLevel.C1)),
    country="PT",
    years=12,
    skills=(
        "This is a demonstration: the person does not exist and has done nothing of this. A real expert would say here "
        "which cities he or she has worked for, and how."
    ),
    summary="A profile made up for the demonstration.",
)


def make_expert(session: Session, now: datetime) -> str:
    """Gives the expert account its profile, once. Nobody validated it: it is born so, and marked."""
    user = by_email(session, EMAIL)
    if user is None or of_user(session, user.id) is not None:
        return ""
    profile = create(session, user, SYSTEM, now)
    describe(session, profile, SAID, SYSTEM, now)
    profile.validated_kinds = tuple(Expertise)
    profile.submitted_at = profile.decided_at = profile.consented_at = now
    profile.is_demonstration = True
    begin(session, profile, SYSTEM, now, at=ExpertProfileState.VALIDATED_LEAD)
    return "Profile of the expert added."
