"""Moving the dates of a demonstration call, and what its terms say in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.factories.calls import closed_call, historical_call, open_call, upcoming_call
from urbact_calls.calls import reads as calls
from urbact_calls.calls.definition import commands as definition
from urbact_calls.calls.definition.commands import demonstration_terms
from urbact_calls.calls.models import Call
from urbact_calls.calls.publication.reads import call_facts, dates
from urbact_calls.database import db
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import NotFound, Refused
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.text import say
from urbact_calls.domain.vocabulary import CallPhase, Confidence, CountryGroup
from urbact_calls.record.models import FieldChange
from urbact_calls.reference.known_calls import demo_terms, historic_terms

OFFICER = Actor(user_id=None, name="An officer")


def stored(code: str) -> Call:
    db.session.rollback()
    return db.session.scalars(select(Call).where(Call.code == code)).one()


@pytest.mark.usefixtures("session")
class TestClosing:
    def test_the_second_of_closing_still_counts(self, now):
        open_call(db.session, now)
        moment = now + timedelta(seconds=5, microseconds=400_000)

        definition.close_demonstration("APN-DEMO", OFFICER, moment)

        call = stored("APN-DEMO")
        assert call.closes_at == now + timedelta(seconds=5)
        assert call.phase(moment) is CallPhase.OPEN
        assert call.phase(moment + timedelta(seconds=1)) is CallPhase.CLOSED

    def test_row_and_terms_close_together_and_it_is_recorded(self, now):
        open_call(db.session, now)

        definition.close_demonstration("APN-DEMO", OFFICER, now)

        assert stored("APN-DEMO").terms.closes_at == now
        changes = db.session.scalars(select(FieldChange).where(FieldChange.subject_kind == SubjectKind.CALL)).all()
        assert [change.field for change in changes] == ["closes_at"]

    def test_a_call_closes_in_the_second_in_which_it_opened(self, now):
        open_call(db.session, now, opens_at=now)

        definition.close_demonstration("APN-DEMO", OFFICER, now)

        assert stored("APN-DEMO").opens_at < stored("APN-DEMO").closes_at == now

    def test_a_real_call_is_not_closed_by_hand(self, now):
        call = open_call(db.session, now, "APN-2031", is_demonstration=False)
        before = call.closes_at

        with pytest.raises(Refused):
            definition.close_demonstration("APN-2031", OFFICER, now)

        assert stored("APN-2031").closes_at == before

    def test_a_closed_call_is_not_closed_again(self, now):
        closed_call(db.session, now)

        with pytest.raises(Refused):
            definition.close_demonstration("APN-DEMO", OFFICER, now)

    def test_a_call_that_does_not_exist(self, now):
        with pytest.raises(NotFound):
            definition.close_demonstration("APN-2099", OFFICER, now)

    def test_a_closed_demonstration_opens_again_for_sixty_days(self, now):
        closed_call(db.session, now)

        definition.reopen_demonstration("APN-DEMO", OFFICER, now)

        call = stored("APN-DEMO")
        assert call.phase(now) is CallPhase.OPEN
        assert call.closes_at == datetime(2026, 5, 9, 13, 0, tzinfo=UTC)

    def test_what_was_handed_in_before_a_demonstration_opens_again_stays_on_time(self, now):
        opened = closed_call(db.session, now).opens_at

        definition.reopen_demonstration("APN-DEMO", OFFICER, now)

        assert (stored("APN-DEMO").opens_at, stored("APN-DEMO").terms.opens_at) == (opened, opened)

    def test_an_open_demonstration_is_not_opened_again(self, now):
        open_call(db.session, now)

        with pytest.raises(Refused):
            definition.reopen_demonstration("APN-DEMO", OFFICER, now)


@pytest.mark.usefixtures("session")
class TestReading:
    def test_calls_by_phase(self, now):
        for call in (open_call(db.session, now), upcoming_call(db.session, now), historical_call(db.session, now)):
            assert call.id
        hidden = open_call(db.session, now, "APN-HIDDEN")
        hidden.published_at = None
        db.session.commit()

        found = calls.by_phase(db.session(), now)

        assert [call.code for call in found.open] == ["APN-DEMO"]
        assert [call.code for call in found.upcoming] == ["APN-NEXT"]
        assert [call.code for call in found.closed] == ["APN-2023"]

    def test_a_call_that_is_not_published_is_not_found(self, now):
        call = open_call(db.session, now)
        call.published_at = now + timedelta(days=1)
        db.session.commit()

        with pytest.raises(NotFound):
            calls.published(db.session(), "APN-DEMO", now)


def call_closing(at: datetime) -> Call:
    opens_at = at - timedelta(days=90)
    terms = demo_terms(opens_at, at)
    return Call(code="X", opens_at=opens_at, closes_at=at, published_at=opens_at, terms=terms)


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=22), "22 days left"),
        (timedelta(days=4), "4 days left"),
        (timedelta(hours=72), "72 hours left"),
        (timedelta(hours=1, minutes=30), "1 hour left"),
        (timedelta(minutes=12), "12 minutes left"),
        (timedelta(minutes=1), "1 minute left"),
        (timedelta(), "0 minutes left"),
    ],
)
def test_the_time_that_is_left(now, left, words):
    assert str(dates.time_left(call_closing(now + left), now)) == words


def test_a_closed_call_has_no_time_left(now):
    assert dates.time_left(call_closing(now - timedelta(seconds=1)), now) is None


def test_days_left_are_days_of_the_calendar_in_paris():
    # 23:30 in Paris on 1 March, closing at 15:00 on 6 March: five days on the calendar, four and a half by the clock.
    now = datetime(2027, 3, 1, 22, 30, tzinfo=UTC)

    assert str(dates.time_left(call_closing(datetime(2027, 3, 6, 14, 0, tzinfo=UTC)), now)) == "5 days left"


def test_the_demonstration_closes_at_three_in_paris_in_summer_and_winter():
    winter = demonstration_terms(datetime(2026, 11, 1, 12, 0, tzinfo=UTC))
    summer = demonstration_terms(datetime(2026, 5, 1, 12, 0, tzinfo=UTC))

    assert (winter.closes_at.hour, summer.closes_at.hour) == (14, 13)


def test_what_is_not_known_says_so():
    figures = {figure.label: figure for figure in call_facts.figures(historic_terms("ITN-2024"))}

    assert figures["Regions"].value == "Not known"
    assert figures["Regions"].source.confidence is Confidence.UNKNOWN
    assert figures["Budget per network"].value == "€550,000"
    assert figures["Budget per network"].source.href is not None


def test_every_figure_of_every_past_call_has_a_confidence():
    for code in ("APN-2023", "ITN-2024", "TN-2025", "AN-2026"):
        terms = historic_terms(code)
        for figure in call_facts.figures(terms):
            assert figure.value
            known = figure.value != "Not known"
            assert known or figure.source.confidence is Confidence.UNKNOWN, (code, figure.label)


def test_a_term_that_is_confirmed_without_a_value_is_not_limited():
    terms = replace(historic_terms("APN-2023"), networks_max=None, non_city_max=None, partners_max=None)

    figures = {figure.label: figure.value for figure in call_facts.figures(terms)}

    assert figures["Networks to be approved"] == figures["Partners that are no city"] == "Not limited"
    assert figures["Partners"] == "At least 8"
    assert said_of("Regions, universities and other public bodies", terms) == (
        True, "can be partners, not lead. Their number is not limited."
    )  # fmt: skip


def said_of(who, terms):
    """Whether these can apply, and in which words."""
    return next((each.is_open, each.sentence) for each in call_facts.conditions(terms) if each.who == who)


def test_bodies_of_which_a_call_takes_none_cannot_be_partners():
    terms = replace(historic_terms("APN-2023"), non_city_max=0)

    assert said_of("Regions, universities and other public bodies", terms) == (False, "cannot be partners.")


def test_the_countries_are_those_that_the_call_has_in_its_groups():
    terms = historic_terms("APN-2023")
    groups = {**terms.country_groups, CountryGroup.IPA: ("AL", "ME")}

    assert said_of("Countries:", replace(terms, country_groups=groups)) == (
        True, "the 27 EU Member States; Norway and Switzerland; Albania and Montenegro (IPA)."
    )  # fmt: skip


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "scored by 1 assessor, who then signs a sheet with the chair of the panel."),
        (3, "scored by 3 assessors, each alone; then they agree on one sheet."),
    ],
)
def test_a_call_says_how_many_assessors_read_an_application(count, words):
    terms = replace(historic_terms("APN-2023"), assessors_per_application=count)

    assert say(call_facts.assessment(terms)) == f"Each eligible application is {words}"


def test_a_planned_day_that_has_passed_says_nothing_was_done_on_it():
    closing = datetime(2026, 3, 10, 14, 0, tzinfo=UTC)
    call = call_closing(closing)
    call.terms = replace(call.terms, decision_date=date(2026, 6, 1), network_start=date(2026, 9, 1), network_end=None)
    later = datetime(2026, 7, 1, tzinfo=UTC)

    def told(announced):
        return [(each.label, each.state, each.when) for each in dates.events(call, later, announced)][2:]

    assert told(None) == [
        ("Eligibility check, then assessment", "now", "after the call has closed"),
        ("Decision of the Monitoring Committee", "to_come", "was planned for 1 June 2026"),
        ("Networks start", "to_come", "planned for 1 September 2026"),
        ("Networks end", "to_come", "date not known"),
    ]
    assert told(date(2026, 6, 20)) == [
        ("Eligibility check, then assessment", "done", "after the call has closed"),
        ("Decision of the Monitoring Committee", "done", "announced on 20 June 2026"),
        ("Networks start", "to_come", "1 September 2026"),
        ("Networks end", "to_come", "date not known"),
    ]


def test_each_type_says_who_may_lead():
    def leader(code):
        return call_facts.conditions(historic_terms(code))[0].who

    assert leader("APN-2023") == "Cities, towns and municipalities"
    assert leader("TN-2025") == "A city that holds the Good Practice label of 2024"
    assert leader("ITN-2024") == "A city that completed an Urban Innovative Actions project"


def test_only_places_that_the_call_admits_have_a_share():
    def places(code):
        return {line.where for line in call_facts.city_shares(historic_terms(code))}

    assert "NDICI country" not in places("APN-2023")
    assert "NDICI country" in places("TN-2025")
    assert {"Norway", "Switzerland"} < places("APN-2023")


def test_shares_add_up():
    assert all(line.fund_bp + line.own_bp == 10_000 for line in call_facts.city_shares(historic_terms("APN-2023")))


def test_unconfirmed_terms_are_marked():
    terms = replace(historic_terms("APN-2023"))

    assert call_facts.source_of(terms, "agency_counts_as_city").confidence.needs_a_person
    assert call_facts.source_of(terms, "nothing").confidence is Confidence.UNKNOWN
