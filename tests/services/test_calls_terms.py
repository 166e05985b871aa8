"""From a new call to a published one: terms are copied, edited, confirmed by a person, and then fixed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from tests.factories.accounts import actor_of, person
from tests.factories.calls import historical_call, open_call
from urbact_calls.calls.definition import commands as definition
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.domain.money import Euro
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.refusal import NotFound, Refused, Stale
from urbact_calls.domain.term_words import WORDS, words_of
from urbact_calls.domain.terms import TERM_NAMES, CallTerms
from urbact_calls.domain.vocabulary import CallPhase, Confidence, NetworkType, Role
from urbact_calls.domain.words import NoSuchHour, instant_of
from urbact_calls.networks import commands as networks
from urbact_calls.record.models import FieldChange
from urbact_calls.reference.known_calls import historic_terms

CODE = "TN-2027"


def stored(code: str = CODE) -> Call:
    db.session.rollback()
    return db.session.scalars(select(Call).where(Call.code == code)).one()


def terms(code: str = CODE) -> CallTerms:
    return stored(code).terms


@pytest.fixture
def officer(session):
    return actor_of(person(Role.PROGRAMME_OFFICER, name="Olga Officer"))


@pytest.fixture
def made(officer, now):
    """A call that an officer has just made from the defaults of its type."""
    make(officer, now)
    return CODE


def make(officer, now, *, network_type=NetworkType.TN, copied_from=None, code=CODE):
    definition.create(
        code=code,
        title="Transfer Networks 2027",
        network_type=network_type,
        copied_from=copied_from,
        opens_at=now + timedelta(days=30),
        closes_at=now + timedelta(days=120),
        actor=officer,
        now=now,
    )


def typed(value, *, source="Terms of Reference, section 4", version=None, note=""):
    return {"value": value, "source": source, "note": note, "version": stored().version if version is None else version}


def confirm_all(officer, now, code=CODE):
    names = terms(code).unconfirmed()
    definition.confirm_terms(
        code, names=names, source="Terms of Reference", version=stored(code).version, actor=officer, now=now
    )


class TestMaking:
    @pytest.mark.parametrize(
        ("network_type", "past"),
        [
            (NetworkType.APN, "APN-2023"),
            (NetworkType.TN, "TN-2025"),
            (NetworkType.ITN, "ITN-2024"),
            (NetworkType.AN, "AN-2026"),
        ],
    )
    def test_it_has_the_figures_of_the_past_and_none_of_its_certainty(self, officer, now, network_type, past):
        make(officer, now, network_type=network_type)

        copied, base = terms(), historic_terms(past)
        assert stored().phase(now) is CallPhase.UNPUBLISHED
        assert (copied.partners_min, copied.lead_label) == (base.partners_min, base.lead_label)
        assert copied.unconfirmed() == TERM_NAMES
        assert (copied.network_start, copied.network_end, copied.decision_date) == (None, None, None)

    @pytest.mark.parametrize("network_type", NetworkType)
    def test_a_call_of_every_type_can_be_made_with_the_texts_of_its_form(self, officer, now, network_type):
        make(officer, now, network_type=network_type)

        assert (stored().type, terms().network_type) == (network_type, network_type)
        assert terms().text_limits == KINDS[network_type].limits

    def test_a_call_of_the_same_type_can_be_copied(self, officer, now):
        open_call(db.session, now, "APN-2030", is_demonstration=False, partners_min=3)

        make(officer, now, network_type=NetworkType.APN, copied_from="APN-2030")

        assert (terms().partners_min, terms().provenance["partners_min"].note) == (3, "as in APN-2030")

    @pytest.mark.parametrize("other", ["APN-2023", "TN-NOWHERE", "APN-DEMO"])
    def test_a_call_of_another_type_or_a_demonstration_cannot(self, officer, now, other):
        historical_call(db.session, now, "APN-2023")
        open_call(db.session, now)

        with pytest.raises(Refused) as problem:
            make(officer, now, copied_from=other)

        assert problem.value.refusals[0].field == "copied_from"
        assert db.session.scalar(select(Call).where(Call.code == CODE)) is None

    def test_a_code_is_given_once(self, made, officer, now):
        with pytest.raises(Refused) as problem:
            make(officer, now)

        assert problem.value.refusals[0].code == "call.code_taken"


class TestEditing:
    def test_another_value_waits_to_be_confirmed(self, made, officer, now):
        definition.edit_term(made, "budget_ceiling", **typed(Euro.whole(700_000)), actor=officer, now=now)

        known = terms().provenance["budget_ceiling"]
        assert (terms().budget_ceiling, known.confidence) == (Euro.whole(700_000), Confidence.DEFAULT)
        assert "budget_ceiling" in terms().unconfirmed()
        change = db.session.scalars(select(FieldChange).where(FieldChange.field == "terms.budget_ceiling")).one()
        assert (change.before, change.after, change.actor_id) == (
            {"value": 750_000_00},
            {"value": 700_000_00},
            officer.user_id,
        )

    def test_confirming_keeps_who_when_and_the_source(self, made, officer, now):
        definition.confirm_term(made, "partners_max", **typed(8), actor=officer, now=now)

        known = terms().provenance["partners_max"]
        assert (known.confidence, known.source, known.confirmed_by, known.confirmed_at) == (
            Confidence.CONFIRMED,
            "Terms of Reference, section 4",
            officer.user_id,
            now,
        )
        assert "partners_max" not in terms().unconfirmed()

    def test_nothing_confirmed_reads_not_limited(self, made, officer, now):
        assert words_of(terms(), "ndici_max") == "Not known"

        definition.confirm_term(made, "ndici_max", **typed(None), actor=officer, now=now)

        assert words_of(terms(), "ndici_max") == "Not limited"
        assert terms().is_confirmed("ndici_max")

    def test_nobody_confirms_without_a_source(self, made, officer, now):
        with pytest.raises(Refused) as problem:
            definition.confirm_term(made, "partners_max", **typed(9, source=" "), actor=officer, now=now)

        assert problem.value.refusals[0].field == "source"
        assert terms().partners_max == 8

    @pytest.mark.parametrize(("value", "source"), [(9, "Terms of Reference, section 4"), (8, "A leaflet")])
    def test_another_value_or_source_ends_a_confirmation(self, made, officer, now, value, source):
        definition.confirm_term(made, "partners_max", **typed(8), actor=officer, now=now)

        definition.edit_term(made, "partners_max", **typed(value, source=source), actor=officer, now=now)

        assert "partners_max" in terms().unconfirmed()

    def test_another_note_ends_none(self, made, officer, now):
        definition.confirm_term(made, "partners_max", **typed(8), actor=officer, now=now)

        definition.edit_term(made, "partners_max", **typed(8, note="Lead included."), actor=officer, now=now)

        assert terms().provenance["partners_max"].confirmed_by == officer.user_id

    def test_the_dates_of_the_row_follow_the_terms(self, made, officer, now):
        later = now + timedelta(days=200)

        definition.edit_term(made, "closes_at", **typed(later), actor=officer, now=now)

        assert stored().closes_at == terms().closes_at == later

    def test_a_call_opens_before_it_closes(self, made, officer, now):
        with pytest.raises(Refused):
            definition.edit_term(made, "closes_at", **typed(now), actor=officer, now=now)

        assert stored().closes_at == now + timedelta(days=120)

    def test_who_saw_older_terms_is_told(self, made, officer, now):
        seen = stored().version
        definition.edit_term(made, "partners_max", **typed(9), actor=officer, now=now)

        for command in (definition.edit_term, definition.confirm_term):
            with pytest.raises(Stale):
                command(made, "partners_max", **typed(7, version=seen), actor=officer, now=now)
        with pytest.raises(Stale):
            definition.confirm_terms(made, names=["title"], source="x", version=seen, actor=officer, now=now)
        with pytest.raises(Stale):
            definition.publish(made, version=seen, actor=officer, now=now)

        assert terms().partners_max == 9

    def test_only_terms_are_confirmed(self, made, officer, now):
        with pytest.raises(NotFound):
            definition.confirm_terms(
                made, names=["provenance"], source="x", version=stored().version, actor=officer, now=now
            )
        with pytest.raises(Refused):
            definition.confirm_terms(made, names=[], source="x", version=stored().version, actor=officer, now=now)


class TestPublishing:
    def test_it_is_refused_while_a_term_is_open_and_names_it(self, made, officer, now):
        confirm_all(officer, now)
        definition.edit_term(made, "expert_days_max", **typed(100), actor=officer, now=now)

        with pytest.raises(Refused) as problem:
            definition.publish(made, version=stored().version, actor=officer, now=now)

        assert [(refusal.code, refusal.field) for refusal in problem.value.refusals] == [
            ("terms.unconfirmed", "expert_days_max")
        ]
        assert stored().published_at is None

    def test_a_call_with_every_term_confirmed_is_published_and_fixed(self, made, officer, now):
        confirm_all(officer, now)

        definition.publish(made, version=stored().version, actor=officer, now=now)

        assert stored().phase(now) is CallPhase.UPCOMING
        before = stored().terms
        for command in (definition.edit_term, definition.confirm_term):
            with pytest.raises(Refused) as problem:
                command(made, "partners_max", **typed(12), actor=officer, now=now)
            assert problem.value.refusals[0].code == "call.published"
        assert stored().terms == before

    def test_a_call_whose_closing_has_passed_is_not_published(self, made, officer, now):
        confirm_all(officer, now)

        with pytest.raises(Refused) as problem:
            definition.publish(made, version=stored().version, actor=officer, now=now + timedelta(days=121))

        assert [refusal.code for refusal in problem.value.refusals] == ["call.over"]

    @pytest.mark.parametrize(
        ("name", "value"), [("partners_min", 99), ("criterion_threshold", 9), ("duration_months", 120)]
    )
    def test_terms_that_contradict_each_other_are_not_published(self, made, officer, now, name, value):
        if name == "duration_months":
            for day, on in (("network_start", date(2027, 9, 1)), ("network_end", date(2030, 2, 28))):
                definition.edit_term(made, day, **typed(on), actor=officer, now=now)
        definition.edit_term(made, name, **typed(value), actor=officer, now=now)
        confirm_all(officer, now)

        with pytest.raises(Refused) as problem:
            definition.publish(made, version=stored().version, actor=officer, now=now)

        assert [refusal.code for refusal in problem.value.refusals] == ["terms.contradiction"]


@pytest.mark.usefixtures("session")
class TestTheCallOf2026:
    def test_it_is_there_and_not_public(self, now):
        networks.load(now)

        call = stored("AN-2026")
        assert (call.published_at, call.is_historical, call.type) == (None, False, "AN")
        assert {"budget_ceiling", "call_budget", "partners_min"} <= set(terms("AN-2026").unconfirmed())

    def test_what_an_officer_confirmed_stays_when_it_is_loaded_again(self, officer, now):
        networks.load(now)
        given = {"value": 7, "source": "Terms of Reference", "note": "", "version": stored("AN-2026").version}
        definition.confirm_term("AN-2026", "partners_min", **given, actor=officer, now=now)

        networks.load(now)

        assert terms("AN-2026").partners_min == 7
        assert terms("AN-2026").is_confirmed("partners_min")

    def test_it_cannot_be_published(self, officer, now):
        networks.load(now)

        with pytest.raises(Refused):
            definition.publish("AN-2026", version=0, actor=officer, now=now)


def test_every_term_has_words():
    assert set(WORDS) == set(TERM_NAMES)


@pytest.mark.parametrize(
    ("day", "hour", "expected"),
    [
        # Summer time begins on the last Sunday of March: 31 March in 2024, the day on which calls like to close.
        (date(2024, 3, 31), time(15), datetime(2024, 3, 31, 13, tzinfo=UTC)),
        (date(2024, 3, 30), time(15), datetime(2024, 3, 30, 14, tzinfo=UTC)),
        (date(2024, 3, 31), time(1, 59), datetime(2024, 3, 31, 0, 59, tzinfo=UTC)),
        (date(2024, 3, 31), time(3), datetime(2024, 3, 31, 1, tzinfo=UTC)),
        (date(2023, 3, 31), time(15), datetime(2023, 3, 31, 13, tzinfo=UTC)),
        (date(2024, 10, 27), time(15), datetime(2024, 10, 27, 14, tzinfo=UTC)),
    ],
)
def test_paris_time_becomes_an_instant(day, hour, expected):
    assert instant_of(day, hour) == expected


@pytest.mark.parametrize(
    ("day", "hour", "words"),
    [(date(2024, 3, 31), time(2, 30), "does not exist"), (date(2024, 10, 27), time(2, 30), "happens twice")],
)
def test_an_hour_that_the_clocks_skip_or_repeat_is_refused(day, hour, words):
    with pytest.raises(NoSuchHour, match=words):
        instant_of(day, hour)


def test_nothing_is_written_when_a_call_is_published_twice(made, officer, now):
    confirm_all(officer, now)
    definition.publish(made, version=stored().version, actor=officer, now=now)
    with pytest.raises(Refused):
        definition.publish(made, version=stored().version, actor=officer, now=now + timedelta(days=1))
    with transaction() as session:
        changes = session.scalars(select(FieldChange).where(FieldChange.field == "published_at")).all()

    assert len(changes) == 1
    assert stored().published_at == now
