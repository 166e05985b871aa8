"""How an expert matches a search, in words."""

from __future__ import annotations

from datetime import date

from urbact_calls.domain.expert_match import ExpertOffer, SearchNeeds, match_of
from urbact_calls.domain.vocabulary import ExpertTrack, LanguageLevel

NEEDS = SearchNeeds(
    role=ExpertTrack.LEAD,
    task="Guide ten cities.",
    themes=("mobility", "food"),
    languages=("fr", "de"),
    days=40,
    starts_on=date(2027, 3, 1),
    ends_on=date(2027, 12, 31),
)
OFFER = ExpertOffer(
    validated_for=frozenset({ExpertTrack.LEAD, ExpertTrack.AD_HOC}),
    themes=("mobility", "safety"),
    languages=(("fr", LanguageLevel.C1), ("en", LanguageLevel.C2)),
    free_days=20,
)


def words(needs: SearchNeeds, offer: ExpertOffer) -> tuple[list[str], list[str], list[str]]:
    found = match_of(needs, offer)
    return (
        [str(each) for each in found.fits],
        [str(each) for each in found.lacks],
        [str(each) for each in found.unknown],
    )


def test_each_need_is_said_as_fitting_or_not_in_the_order_of_the_search():
    assert words(NEEDS, OFFER) == (
        ["validated as lead expert", "theme Mobility", "language French (C1)"],
        ["theme Food", "language German", "40 days from 1 March 2027 to 31 December 2027 (free: 20)"],
        [],
    )


def test_days_fit_as_long_as_so_many_are_free():
    fits, lacks, _ = words(NEEDS, ExpertOffer(validated_for=OFFER.validated_for, themes=(), languages=(), free_days=40))

    assert fits[-1] == "40 days from 1 March 2027 to 31 December 2027"
    assert lacks == ["theme Mobility", "theme Food", "language French", "language German"]


def test_availability_that_nobody_stated_is_not_known():
    offer = ExpertOffer(validated_for=OFFER.validated_for, themes=(), languages=(), free_days=None)

    assert words(NEEDS, offer)[2] == ["days from 1 March 2027 to 31 December 2027 (no availability stated)"]


def test_what_a_network_leaves_open_is_not_compared():
    anything = SearchNeeds(role=ExpertTrack.AD_HOC, task="One workshop.")

    assert words(anything, OFFER) == (["validated as ad hoc expert"], [], [])
