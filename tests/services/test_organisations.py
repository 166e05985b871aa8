"""Organisations: entered once, searched without accents, joined by consent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.factories.accounts import actor_of, person
from tests.factories.jobs import work_off
from tests.factories.organisations import member, organisation
from tests.factories.places import place
from urbact_calls.database import db, transaction
from urbact_calls.domain.refusal import NotFound, Refused
from urbact_calls.domain.vocabulary import OrganisationCategory, Role
from urbact_calls.messages.models import Delivery
from urbact_calls.organisations import commands as organisations
from urbact_calls.organisations import reads as organisations_reads
from urbact_calls.organisations.commands import NewOrganisation
from urbact_calls.organisations.models import Organisation
from urbact_calls.organisations.reads import employers


def lodz(**changes: object) -> NewOrganisation:
    facts = {
        "name": "Łódź",
        "seat_city": "Łódź",
        "country": "PL",
        "category": OrganisationCategory.CITY_MUNICIPALITY,
        "nuts2": "PL71",
        **changes,
    }
    return NewOrganisation(**facts)  # type: ignore[arg-type]


def create(user, new: NewOrganisation, now, *, is_another: bool = False) -> str:
    return organisations.create(new, is_another=is_another, actor=actor_of(user), now=now)


def messages(now) -> list[tuple[str, str]]:
    work_off(now)
    return [(each.email_key, each.address) for each in db.session.query(Delivery).order_by(Delivery.id)]


def test_whoever_enters_an_organisation_is_its_manager(session, now):
    anna = person()

    slug = create(anna, lodz(), now)

    entered = organisations_reads.by_slug(session(), slug)
    assert (slug, entered.folded, entered.kind) == ("lodz", "lodz", "city")
    assert [(each.user_id, each.is_manager, each.accepted_at) for each in entered.memberships] == [(anna.id, True, now)]
    assert employers(anna.id) == {entered.id}


def test_the_category_of_region_follows_from_the_region(session, now):
    known = organisations_reads.by_slug(session(), create(person(), lodz(), now))
    unknown = organisations_reads.by_slug(session(), create(person(), lodz(name="Elsewhere", nuts2=None), now))

    assert (known.region_category, known.region_confidence) == ("less developed", "high")
    assert (unknown.region_category, unknown.region_confidence) == (None, None)


@pytest.mark.parametrize("nuts2", ["PT11", "XX99", "x" * 50])
def test_a_region_of_another_country_is_refused(session, now, nuts2):
    with pytest.raises(Refused) as refused:
        create(person(), lodz(nuts2=nuts2), now)
    assert refused.value.refusals[0].field == "nuts2"


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"name": "Win 9 000 EUR, see example.org/x"}, "name"), ({"seat_city": "www.example.org"}, "seat_city")],
)
def test_a_name_that_carries_a_message_is_refused_beside_its_field(session, now, changed, field):
    with pytest.raises(Refused) as problem:
        organisations.create(lodz(**changed), is_another=False, actor=actor_of(person()), now=now)

    assert [refusal.field for refusal in problem.value.refusals] == [field]


@pytest.mark.parametrize("name", ["Lodz", "ŁÓDŹ", "  łódź ", "Ło\u0301dz\u0301"])
def test_the_same_name_in_the_same_country_is_not_entered_twice(session, now, name):
    create(person(), lodz(), now)

    with pytest.raises(Refused) as refused:
        create(person(), lodz(name=name, seat_city="Lodz"), now, is_another=True)
    assert refused.value.refusals[0].code == "organisation.exists"


def test_a_namesake_with_another_seat_is_entered_when_the_person_says_so(session, now):
    create(person(), lodz(), now)
    other = lodz(seat_city="Wieluń")

    with pytest.raises(Refused):
        create(person(), other, now)
    assert create(person(), other, now, is_another=True) == "lodz-pl"


def test_a_namesake_in_another_country_is_another_organisation(session, now):
    assert create(person(), lodz(), now) == "lodz"
    assert create(person(), lodz(country="CZ", nuts2=None), now) == "lodz-cz"


def test_a_name_without_latin_letters_has_an_address_too(session, now):
    assert create(person(), lodz(name="Αθήνα", seat_city="Αθήνα", country="GR", nuts2=None), now) == "gr"


def test_finding_or_creating_makes_one(session, now):
    with transaction() as writing:
        first = organisations.find_or_create_step(writing, lodz(), now).id
    with transaction() as writing:
        second = organisations.find_or_create_step(writing, lodz(name="LODZ", seat_city="Lodz"), now).id

    assert first == second


def test_one_place_by_two_names_is_one_seat(session, now):
    vienna = lodz(name="Stadtwerke", seat_city="Wien", country="AT", nuts2=None, geonameid=7)
    with transaction() as writing:
        first = organisations.find_or_create_step(writing, vienna, now).id
    with transaction() as writing:
        second = organisations.find_or_create_step(writing, replace(vienna, seat_city="Vienna"), now).id

    assert first == second


def test_a_search_does_not_mind_accents_and_case(session):
    found = organisation("Żebbuġ", country="MT")
    organisation("Zagreb", country="HR")

    for text in ("zebbug", "ŻEBB", "bbuġ", "Z\u0307ebbug\u0307"):
        assert [each.id for each in organisations_reads.search(session(), text).rows] == [found.id], text
    assert organisations_reads.search(session(), "zebbug", "HR").rows == []


@pytest.mark.parametrize("text", ["", "ze", "%%%", "___", "\x00\x00\x00", "!!!!"])
def test_a_search_of_fewer_than_three_letters_finds_nothing(session, text):
    organisation("Żebbuġ", country="MT")

    assert organisations_reads.search(session(), text).rows == ()


@pytest.mark.parametrize("text", ["zebug", "Zebbgu", "ZEBBUK"])
def test_a_small_mistake_is_forgiven_where_nothing_is_called_so(session, text):
    found = organisation("Żebbuġ", country="MT")
    organisation("Zagreb", country="HR")

    near = organisations_reads.search(session(), text)

    assert ([each.id for each in near.rows], near.is_near) == ([found.id], True)


def test_an_organisation_is_found_by_the_names_of_its_seat_that_people_use(session):
    place(7, "Vienna", "AT", "09", "Wien", "Vindobona")
    found = organisation("Stadtwerke", seat_city="Wien", country="AT")
    with transaction() as writing:
        writing.get_one(Organisation, found.id).geonameid = 7

    for text in ("Wien", "VIENNA", "vindob", "stadtwerke wien", "Vindobnoa"):
        assert [each.id for each in organisations_reads.search(session(), text).rows] == [found.id], text


def test_a_search_gives_ten_and_those_that_begin_so_first(session):
    last = organisation("Porto Something")
    for number in range(12):
        organisation(f"Nova Porto {number:02}")

    found = organisations_reads.search(session(), "porto").rows

    assert len(found) == 10
    assert found[0].id == last.id


def test_a_request_is_accepted_by_a_manager(session, now):
    manager, asking = person(email="manager@example.org"), person(email="asking@example.org")
    here = organisation()
    member(manager, here, is_manager=True)

    organisations.ask_to_join(here.slug, actor_of(asking), now)
    assert employers(asking.id) == frozenset()
    organisations.accept(here.slug, asking.id, actor_of(manager), now)

    assert employers(asking.id) == {here.id}
    assert not organisations_reads.membership_for_update(session(), here.id, asking.id).is_manager
    assert messages(now) == [("membership.accepted", "asking@example.org")], "an answered request needs no message"


def test_a_manager_hears_of_a_request(session, now):
    here = organisation()
    member(person(email="manager@example.org"), here, is_manager=True)
    member(person(email="member@example.org"), here)
    person(Role.PROGRAMME_OFFICER)

    organisations.ask_to_join(here.slug, actor_of(person(name="Asking Person")), now)

    assert messages(now) == [("membership.requested", "manager@example.org")]
    letter = db.session.query(Delivery).one()
    assert "Asking Person" in letter.text
    assert "Asking Person" not in letter.subject


def test_without_a_manager_the_office_hears_and_the_first_member_manages(session, now):
    officer, asking = person(Role.PROGRAMME_OFFICER, email="office@example.org"), person()
    here = organisation()

    organisations.ask_to_join(here.slug, actor_of(asking), now)
    assert messages(now) == [("membership.requested", "office@example.org")]
    organisations.accept(here.slug, asking.id, actor_of(officer), now)

    session.rollback()
    assert organisations_reads.membership_for_update(session(), here.id, asking.id).is_manager


def test_one_asks_once_and_not_everywhere(session, now):
    asking = person()
    here = organisation()
    organisations.ask_to_join(here.slug, actor_of(asking), now)

    with pytest.raises(Refused):
        organisations.ask_to_join(here.slug, actor_of(asking), now)
    for _ in range(organisations.MOST_OPEN_REQUESTS - 1):
        organisations.ask_to_join(organisation().slug, actor_of(asking), now)
    with pytest.raises(Refused):
        organisations.ask_to_join(organisation().slug, actor_of(asking), now)


def test_a_declined_request_can_be_made_again(session, now):
    manager, asking = person(), person()
    here = organisation()
    member(manager, here, is_manager=True)

    organisations.ask_to_join(here.slug, actor_of(asking), now)
    organisations.decline(here.slug, asking.id, actor_of(manager), now)
    organisations.ask_to_join(here.slug, actor_of(asking), now)

    assert employers(asking.id) == frozenset()


def test_a_request_is_answered_once(session, now):
    manager, asking = person(), person()
    here = organisation()
    member(manager, here, is_manager=True)
    organisations.ask_to_join(here.slug, actor_of(asking), now)
    organisations.accept(here.slug, asking.id, actor_of(manager), now)

    with pytest.raises(Refused):
        organisations.accept(here.slug, asking.id, actor_of(manager), now)
    with pytest.raises(Refused):
        organisations.decline(here.slug, asking.id, actor_of(manager), now)
    with pytest.raises(NotFound):
        organisations.accept(here.slug, person().id, actor_of(manager), now)


def test_the_last_manager_stays_while_others_work_there(session, now):
    manager, colleague = person(), person()
    here = organisation()
    member(manager, here, is_manager=True)
    member(colleague, here)

    with pytest.raises(Refused):
        organisations.remove(here.slug, manager.id, actor_of(manager), now)
    organisations.make_manager(here.slug, colleague.id, actor_of(manager), now)
    organisations.remove(here.slug, manager.id, actor_of(manager), now)

    assert employers(manager.id) == frozenset()
    assert employers(colleague.id) == {here.id}


def managers_of(slug: str) -> list[tuple[str, bool]]:
    """The managers of an organisation by name, and whether nobody has confirmed them."""
    db.session.rollback()
    db.session.expire_all()
    found = organisations_reads.by_slug(db.session(), slug)
    return sorted((each.user.name, each.is_unconfirmed) for each in found.memberships if each.is_manager)


def test_whoever_enters_an_organisation_is_unconfirmed_until_somebody_else_confirms(session, now):
    founder, officer = person(name="Fay Founder"), actor_of(person(Role.PROGRAMME_OFFICER))
    slug = create(founder, lodz(), now)
    before = managers_of(slug)

    organisations.confirm_manager(slug, founder.id, officer, now)

    assert (before, managers_of(slug)) == ([("Fay Founder", True)], [("Fay Founder", False)])
    with pytest.raises(Refused):
        organisations.confirm_manager(slug, founder.id, officer, now)


def test_nobody_confirms_or_accepts_oneself(session, now):
    founder = person(Role.PROGRAMME_OFFICER, name="Fay Founder")
    slug = create(founder, lodz(), now)
    other = organisation("Gdynia")
    organisations.ask_to_join(other.slug, actor_of(founder), now)

    for act, where in ((organisations.confirm_manager, slug), (organisations.accept, other.slug)):
        with pytest.raises(Refused) as problem:
            act(where, founder.id, actor_of(founder), now)
        assert problem.value.refusals[0].code == "membership.own"

    assert managers_of(slug) == [("Fay Founder", True)]
    assert managers_of(other.slug) == []


def test_an_unconfirmed_manager_makes_unconfirmed_managers_and_a_confirmed_one_others(session, now):
    founder, second, third = person(name="A"), person(name="B"), person(name="C")
    slug = create(founder, lodz(), now)
    for colleague in (second, third):
        organisations.ask_to_join(slug, actor_of(colleague), now)
        organisations.accept(slug, colleague.id, actor_of(founder), now)

    organisations.make_manager(slug, second.id, actor_of(founder), now)
    organisations.confirm_manager(slug, founder.id, actor_of(person(Role.PROGRAMME_OFFICER)), now)
    organisations.make_manager(slug, third.id, actor_of(founder), now)

    assert managers_of(slug) == [("A", False), ("B", True), ("C", False)]


def test_the_managers_to_confirm_are_those_of_the_country_of_a_national_point(session, now):
    point = actor_of(person(Role.NATIONAL_POINT, country="PL"))
    create(person(name="Pola"), lodz(), now)
    create(person(name="Marta"), lodz(country="MT", name="Isla", seat_city="Isla", nuts2=None), now)

    found = organisations_reads.unconfirmed_managers(db.session(), point)
    of_the_office = organisations_reads.unconfirmed_managers(db.session(), actor_of(person(Role.PROGRAMME_OFFICER)))

    assert [each.user.name for each in found] == ["Pola"]
    assert [each.user.name for each in of_the_office] == ["Pola", "Marta"]
