"""Pages in states that the sweep world does not have: drafts, what a search finds, what is refused or over.

Each is one more line in a list of visits; `visits.py` says which pages are visited without one.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from tests import kit
from tests.architecture.sweep_world import World
from tests.architecture.visits import DATABASE_AWAY, Visit, sent_message
from tests.factories.accounts import person
from tests.factories.applications import city, draft, hand_in, row
from tests.factories.experts import network_lead, open_search
from tests.factories.networks import past_network
from tests.factories.organisations import member, organisation
from tests.factories.story import story
from urbact_calls.accounts.models import User
from urbact_calls.calls.models import Call
from urbact_calls.database import transaction
from urbact_calls.domain.vocabulary import ExpertTrack, Role
from urbact_calls.networks import commands as networks
from urbact_calls.places.models import EuropeanPlace

# The groups of these visits that are no groups of addresses.
STATES = ("drafts", "begun", "found", "refused")


def more_visits(world: World) -> dict[str, list[Visit]]:
    """Pages in states that the sweep world does not have, by group."""
    now = datetime.now(UTC)
    world.people["writer"], written = _writer(now)
    world.people["beginner"], begun = _beginner(now)
    world.people["hasty"], handed_in = _handed_in(now)
    world.people["manager"], managed = _manager()
    return {
        "drafts": [*written, *handed_in],
        "begun": begun,
        "found": [*managed, *_found(), *_known_of_the_past(now), *_of_messages(now), *_of_experts(world, now)],
        "refused": [*_over_and_gone(), *_with_mistakes(world), *_problems()],
        "kit": [Visit("anonymous", f"/kit/{name}") for name in kit.PAGES],
    }


def _writer(now: datetime) -> tuple[User, list[Visit]]:
    """A draft in a call that is open: every form an applicant writes in, and what comes back from an edit conflict."""
    tale = story(now, "APN-DRAFT")
    application = row(tale.reference)
    home = f"/applications/{tale.reference}"
    sections = [f"{home}/sections/{section.code}" for section in application.sections]
    paths = ["/dashboard", "/applications/", "/calls/APN-DRAFT", "/calls/APN-DRAFT/applications", f"{home}/"]
    paths += [f"{home}/{part}" for part in ("partners", "budget", "documents")]
    visits = [Visit("anonymous", "/calls/APN-DRAFT"), *(Visit("writer", path) for path in paths + sections)]
    return tale.draft.lead, [*visits, *_not_kept(home)]


def _handed_in(now: datetime) -> tuple[User, list[Visit]]:
    """An application that was handed in while many did that, and waits to be stored."""
    tale = story(now, "APN-HASTY")
    hand_in(tale.draft, now)
    home = f"/applications/{tale.reference}"
    return tale.draft.lead, [Visit("hasty", f"{home}/being-stored"), Visit("hasty", f"{home}/")]


def _beginner(now: datetime) -> tuple[User, list[Visit]]:
    """A draft in which nothing stands yet, and the search for its partners among all places of Europe."""
    with transaction() as session:
        for number, name, country, division in (
            (2, "Lodzia between two regions", "PL", "78"),
            (3, "Sarajevo", "BA", "01"),
        ):
            session.add(
                EuropeanPlace(
                    id=number,
                    name=name,
                    folded=name.lower(),
                    country=country,
                    admin1=division,
                    latitude=51.8,
                    longitude=19.5,
                )
            )
        call = session.scalars(select(Call).where(Call.code == "APN-DRAFT")).one()
    begun = draft(call, now, city("Town of the beginner", now))
    home = f"/applications/{begun.reference}"
    new = f"{home}/partners/new"
    asked = ("", "?name=lodz", "?name=zzz", "?name=warsaw", "?name=sarajevo", "?name=Here&country=PL")
    towns = ("?q=lodz", "?q=nothing", "/2", "/3")
    return begun.lead, [
        *(Visit("beginner", f"{new}{question}") for question in asked),
        *(Visit("beginner", f"/organisations/new?q={name}&next=/applications/") for name in ("lodz", "Lozd", "***")),
        *(Visit("beginner", f"{home}/{part}") for part in ("", "partners", "budget", "documents")),
        *(Visit("anonymous", f"/get-involved/town{rest}") for rest in towns),
    ]


def _manager() -> tuple[User, list[Visit]]:
    """Who decides about the people of an organisation, with somebody who asks to work for it."""
    manager, here = person(name="Ada Manager"), organisation("Łódź", nuts2="PL71")
    member(manager, here, is_manager=True)
    member(person(name="Jan Kowalski"), here)
    member(person(Role.NATIONAL_POINT, name="Łucja Nowak", country="PL"), here, accepted=False)
    return manager, [Visit("manager", f"/organisations/{here.slug}/"), Visit("manager", "/organisations/?q=lodz")]


def _found() -> list[Visit]:
    """Lists in which something was looked for."""
    return [
        Visit("anonymous", "/experts/?theme=food"),
        Visit("administrator", "/accounts/?q=nowak"),
        Visit("programme_officer", "/office/experts/?state=validated_lead"),
        Visit("programme_officer", "/office/deliveries/?state=failed"),
    ]


def _known_of_the_past(now: datetime) -> list[Visit]:
    """What is known of past calls stands in all public lists; three pages that are long because of it."""
    past_network("A network with a long name that nobody could remember", now)
    # After the others: cities that people entered stay what they are.
    networks.load(now)
    paths = ("/calls/ITN-2024", "/networks/cities-after-dark", "/networks/spark", "/cities/braga")
    return [Visit("anonymous", path) for path in paths]


def _of_messages(now: datetime) -> list[Visit]:
    """A message with a personal link, and one whose link was deleted when it was sent."""
    with transaction() as session:
        texts = {"person.invited": "Come to http://localhost:8000/invitations/secret\n", "account.reset": ""}
        sent = [sent_message(session, key, text, now).id for key, text in texts.items()]
    return [Visit("programme_officer", f"/office/deliveries/{each}") for each in sent]


def _of_experts(world: World, now: datetime) -> list[Visit]:
    """A network that looks for two kinds of experts."""
    slug = world.values["own"]["slug"]
    open_search(slug, network_lead(slug), now, ExpertTrack.AD_HOC)
    return [Visit("lead", f"/networks/{slug}/work/experts")]


def _not_kept(home: str) -> list[Visit]:
    """What was typed and not kept: somebody else saved meanwhile, or the database is away."""
    challenge, typed = f"{home}/sections/challenge", {"challenge": "Our cities lose young people."}
    return [
        Visit("writer", challenge, 409, {"version": "0", **typed}),
        Visit("writer", f"{home}/budget", 409, {"version": "0"}),
        Visit("writer", challenge, 503, {"version": "1", **typed, DATABASE_AWAY: "yes"}),
    ]


def _over_and_gone() -> list[Visit]:
    """Links of e-mails that cannot be used any more, and lists in which nothing is found."""
    over = (
        "/register/confirm/x",
        "/reset-password/x",
        "/calls/subscriptions/x/confirm",
        "/invitations/over",
        "/messages/x/switch-off",
    )
    return [
        *(Visit("anonymous", path, 410) for path in over),
        Visit("anonymous", "/calls/subscriptions/x/leave"),
        Visit("anonymous", "/networks/?q=nothing-like-that"),
        Visit("anonymous", "/cities/?q=nothing-like-that"),
        Visit("administrator", "/accounts/?q=nothing-like-that"),
    ]


def _with_mistakes(world: World) -> list[Visit]:
    """Forms that come back because nothing was filled in."""
    own = world.values["own"]
    # A name that is not sent at all stays as it is stored.
    empty = {"version": "0", "name": ""}
    forms = [
        ("anonymous", "/register"),
        ("anonymous", "/sign-in"),
        ("anonymous", "/forgotten-password"),
        ("lead", "/account"),
        ("lead", "/account/password"),
        ("lead", "/organisations/new"),
        ("lead", "/calls/APN-DRAFT/applications"),
        ("programme_officer", "/office/calls/new"),
        ("programme_officer", f"/eligibility/{own['reference']}/findings/partnership.size"),
    ]
    return [Visit(role, path, 422, empty) for role, path in forms]


def _problems() -> list[Visit]:
    """The pages that say what cannot be done; the site of the visits answers any status where it is asked to."""
    statuses = (400, 404, 405, 409, 413, 415, 422, 429, 500, 503)
    return [
        *(Visit("anonymous", f"/answer-with/{status}", status) for status in statuses),
        Visit("lead", "/accounts/", 403),
        Visit("lead", "/applications/APN-OWN-999/", 404),
    ]
