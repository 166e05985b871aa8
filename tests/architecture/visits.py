"""Which pages are visited in a browser, by whom, and with what in them.

Every GET address of the access matrix is visited by every role that may open it, on the role's own objects of the
sweep world; nobody has to write that down. Three things are written by hand:

* what an address needs in the place of `<token>` or `<key>` that only a visit can use: `fill_values`;
* which address gives no page, and why: `NOT_PAGES`; a visit makes sure that it gives none;
* pages in another state, a form that comes back with mistakes or a draft that can still be written: `more_visits`.

Pages do not depend on the database under them, so they are visited on one of the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from flask import current_app
from sqlalchemy import select

from tests.architecture.access_matrix import EVERYBODY, MATRIX, SIGNED_IN
from tests.architecture.sweep_world import World
from tests.factories.accounts import person
from tests.factories.applications import row
from tests.factories.story import story
from urbact_calls.accounts import tokens
from urbact_calls.applications import invitations
from urbact_calls.applications.models import PartnerInvitation
from urbact_calls.calls.models import Call
from urbact_calls.calls.waiting import subscription_for
from urbact_calls.database import transaction
from urbact_calls.notifications import muting
from urbact_calls.notifications.models import Delivery
from urbact_calls.web import kit

REDIRECT = "a redirect"
# A form with this field finds no database.
DATABASE_AWAY = "database-away"


@dataclass(frozen=True, slots=True)
class NotAPage:
    """What an address answers instead of a page, why, and to whom."""

    answers: str
    because: str
    roles: frozenset[str] = EVERYBODY


NOT_PAGES: Mapping[str, NotAPage] = {
    "GET /healthz": NotAPage("application/json", "a program asks whether the site lives"),
    "GET /readyz": NotAPage("application/json", "a program asks whether the site can work"),
    "GET /metrics": NotAPage("text/plain", "figures for Prometheus, with a token"),
    "GET /sitemap.xml": NotAPage("application/xml", "search engines read it"),
    "GET /robots.txt": NotAPage("text/plain", "search engines read it"),
    "GET /applications/<reference>/application.pdf": NotAPage(
        REDIRECT, "nothing is printed: it leads to where one asks"
    ),
    "GET /applications/<reference>/documents/<partner_id>/to-sign.pdf": NotAPage("application/pdf", "a letter to sign"),
    "GET /applications/<reference>/documents/<partner_id>/to-sign.txt": NotAPage("text/plain", "the same as text"),
    "GET /calls/<code>/dates.ics": NotAPage("text/calendar", "a file for one's own calendar"),
    "GET /sign-in": NotAPage(REDIRECT, "who is signed in goes on to the dashboard", SIGNED_IN),
    "GET /applications/<reference>/network": NotAPage(REDIRECT, "it leads to the network"),
    "GET /applications/<reference>/documents/<partner_id>": NotAPage("application/pdf", "a letter as it was uploaded"),
    "GET /eligibility/<reference>/letters/<partner_id>": NotAPage("application/pdf", "a letter as it was uploaded"),
    "GET /assessment/applications/<reference>/letters/<partner_id>": NotAPage(
        "application/pdf", "a letter as it was uploaded"
    ),
    "GET /networks/<slug>/work/agreements/<member_id>": NotAPage("application/pdf", "an agreement as it was uploaded"),
    "GET /expert-profile/cv": NotAPage("application/pdf", "a CV as it was uploaded"),
    "GET /mailbox/<delivery>/html": NotAPage(
        "text/html", "an e-mail as a mail program shows it: the policy lets no script run there, axe neither"
    ),
    "GET /office/experts/<profile_id>/cv": NotAPage("application/pdf", "a CV as it was uploaded"),
}

# The mailbox and the patterns exist in the demonstration only, for everybody; the sweep asks a real site.
ONLY_IN_THE_DEMONSTRATION = (
    "GET /mailbox/",
    "GET /mailbox/<delivery>",
    "GET /mailbox/<delivery>/html",
    "GET /kit/",
    "GET /kit/<name>",
)


@dataclass(frozen=True, slots=True)
class Visit:
    """One page by one person. With `form` it is what a form answers that is sent with this in it."""

    role: str
    path: str
    status: int = 200
    form: Mapping[str, str] | None = field(default=None, hash=False)

    def __str__(self) -> str:
        return f"{'GET' if self.form is None else 'POST'} {self.path} as {self.role}"


def address_group(address: str) -> str:
    """Pages are visited in groups, so that several processes can share them: `/networks/<slug>/work` in `networks`."""
    return address.split("/")[1].partition("?")[0] or "home"


GROUPS = sorted({address_group(a) for a in MATRIX if a.startswith("GET ") and not a.startswith("GET /api/")})


def fill_values(world: World) -> None:
    """Links of e-mails that can be used, and a message to read."""
    now = datetime.now(UTC)
    secret = current_app.config["SECRET_KEY"]
    newcomer, forgetful = person(confirmed=False), person()
    with transaction() as session:
        call = session.scalars(select(Call).order_by(Call.id)).first()
        assert call is not None
        subscription = subscription_for(session, call, "waiting@example.org", now)
        message = Delivery(
            event="a message of the visits",
            email_key="account.exists",
            address="waiting@example.org",
            subject="You have an account",
            text="Somebody tried to open an account with this address.\nYou have one already.\n",
            html="<!doctype html><html lang='en'><head><title>Account</title></head><body><p>Hello</p></body></html>",
            message_id="<visits@example.org>",
            created_at=now,
            sent_at=now,
        )
        session.add(message)
        session.flush()
        invitation = session.get_one(PartnerInvitation, world.values["own"]["invitation_id"])
        invitation.invited_at = invitation.sent_at = now
        world.by_endpoint |= {
            "accounts.confirm": {"own": {"token": tokens.written(secret, "confirm", newcomer, now)}},
            "accounts.reset": {"own": {"token": tokens.written(secret, "reset", forgetful, now)}},
            "calls.confirm_subscription": {"own": {"key": subscription.key}},
            "calls.leave": {"own": {"key": subscription.key}},
            "applications.invitation": {"own": {"token": invitations.token_of(secret, invitation)}},
            "notifications.switch_off": {"own": {"token": muting.token_of(newcomer.id, "call.closing_soon")}},
        }
        world.values["own"]["delivery"] = message.id
        world.values["own"]["name"] = kit.PAGES[0]


def more_visits(world: World) -> list[Visit]:
    """Pages in states that the sweep world does not have, as the group `more`."""
    world.people["writer"], draft = _writer()
    return [*draft, *_over_and_gone(), *_with_mistakes(world), *_problems()]


def _writer() -> tuple[object, list[Visit]]:
    """A draft in a call that is open: every form an applicant writes in, and what comes back from a clash."""
    tale = story(datetime.now(UTC), "APN-DRAFT")
    application = row(tale.reference)
    home = f"/applications/{tale.reference}"
    sections = [f"{home}/sections/{section.code}" for section in application.sections]
    paths = ["/dashboard", "/applications/", "/calls/APN-DRAFT", "/calls/APN-DRAFT/applications", f"{home}/"]
    paths += [f"{home}/{part}" for part in ("partners", "budget", "documents")]
    return tale.draft.lead, [*(Visit("writer", path) for path in paths + sections), *_not_kept(home)]


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
    over = ("/register/confirm/x", "/reset-password/x", "/calls/subscriptions/x/confirm")
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
    empty = {"version": "0"}
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
