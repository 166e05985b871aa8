"""The play of the demonstration: made-up applications go their way by the commands of the site."""

from __future__ import annotations

from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import func, select

from urbact_calls import demonstration
from urbact_calls.applications.models import Application
from urbact_calls.assessment.models import ConsensusSheet
from urbact_calls.calls.models import Call
from urbact_calls.database import db
from urbact_calls.decisions.outcomes.models import Decision
from urbact_calls.demonstration.accounts_page import progress
from urbact_calls.demonstration.play import acts
from urbact_calls.demonstration.played_applications import CALLS, DECIDED, IN_ASSESSMENT, IN_CHECK, Fate, played
from urbact_calls.demonstration.prose import subjects, towns
from urbact_calls.demonstration.written_answers import answers, partner_answers
from urbact_calls.domain.eligibility.city_names import fold
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.network_types.fields import FieldKind
from urbact_calls.domain.vocabulary import ApplicationState, NetworkType, PartnerRole
from urbact_calls.networks.models import Network
from urbact_calls.record.models import FieldChange, WorkflowEvent
from urbact_calls.reference.gazetteer import other_names, places


def one(call, fate):
    """The first application of a call that goes so far."""
    return next(each for each in played() if each.call is call and each.fate is fate)


CHOSEN = (one(IN_CHECK, Fate.ANSWERED), one(IN_ASSESSMENT, Fate.DISAGREEMENT), one(DECIDED, Fate.APPROVED))


def play() -> None:
    for act in acts(CHOSEN):
        act.do()
        db.session.rollback()


def counts() -> tuple[int, ...]:
    db.session.rollback()
    return tuple(
        db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in (Application, WorkflowEvent, FieldChange, ConsensusSheet, Decision, Network)
    )


@pytest.mark.usefixtures("session")
def test_applications_come_as_far_as_they_are_meant_to_and_a_second_play_changes_nothing(now):
    demonstration.load(now)
    play()
    first = counts()

    found = (
        select(Application.acronym, Application.state)
        .join(Application.call)
        .where(Call.code.in_([call.code for call in CALLS]))
    )
    assert dict(db.session.execute(found).all()) == {
        CHOSEN[0].acronym: ApplicationState.SUBMITTED,
        CHOSEN[1].acronym: ApplicationState.ELIGIBLE,
        CHOSEN[2].acronym: ApplicationState.IN_NETWORK,
    }
    assert db.session.scalars(select(Network.is_demonstration)).all() == [True]
    assert progress() == (3, 84)

    play()
    assert counts() == first


def test_no_town_takes_part_more_than_twice_in_a_call_or_leads_twice():
    takes_part = Counter((each.call.code, town) for each in played() for town in each.towns)
    leads = Counter((each.call.code, each.towns[0]) for each in played())
    assert max(takes_part.values()) <= 2
    assert max(leads.values()) == 1


def test_the_calls_hold_twelve_twenty_and_fifty_two_applications():
    assert Counter(each.call.code for each in played()) == {
        IN_CHECK.code: 12,
        IN_ASSESSMENT.code: 20,
        DECIDED.code: 52,
    }


def test_no_made_up_town_has_the_name_of_a_place_that_exists():
    made_up = {fold(town.name): town.name for town in towns()}
    real = {place.folded for place in places()} | {folded for _, folded in other_names()}
    assert [name for folded, name in made_up.items() if folded in real] == []


def test_every_question_is_answered_within_its_limit_and_no_two_applications_say_the_same():
    kind = KINDS[NetworkType.APN]
    seen: Counter[str] = Counter()
    for each in played():
        for section in kind.sections:
            for field in section.fields:
                answer = answers(each, section)[field.code]
                assert field.is_filled(answer) or not field.required, (each.acronym, section.code, field.code)
                assert field.limit is None or len(answer) <= field.limit
                assert field.kind is FieldKind.TABLE or not {"{", "}"} & set(answer)
                if field.code in ("challenge", "rationale", "exchange"):
                    seen[answer] += 1
        for section in kind.sections_of(PartnerRole.PARTNER):
            told = partner_answers(each, each.towns[-1], section)
            assert all(field.is_filled(told[field.code]) or not field.required for field in section.fields)
    assert max(seen.values()) == 1


def test_the_subjects_name_eighty_four_networks_once_each():
    acronyms = [acronym for subject in subjects() for acronym, _ in subject.networks]
    assert len(acronyms) == len(set(acronyms)) == 84


def test_a_site_that_is_no_demonstration_has_no_page_of_it(app: Flask):
    assert not [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/demonstration")]
