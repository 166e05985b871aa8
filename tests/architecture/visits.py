"""Which pages are visited in a browser, by whom, and with what in them.

Every GET address of the access matrix is visited by every role that may open it, on the role's own objects of the
sweep world; nobody has to write that down. Three things are written by hand:

* what an address needs in the place of `<token>` or `<key>` that only a visit can use: `fill_values`;
* which address gives no page, and why: `NOT_PAGES`; a visit makes sure that it gives none;
* pages in another state, a form that comes back with mistakes or a draft that can still be written:
  `visited_states.py`.

Pages do not depend on the database under them, so they are visited on one of the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests import kit
from tests.architecture.access_matrix import EVERYBODY, MATRIX, SIGNED_IN
from tests.architecture.sweep_world import World
from tests.factories.accounts import person
from urbact_calls.accounts.commands import links
from urbact_calls.applications.invitations import reads as invitations
from urbact_calls.applications.models import PartnerInvitation
from urbact_calls.calls.models import Call
from urbact_calls.calls.subscriptions.commands import subscription_step
from urbact_calls.database import transaction
from urbact_calls.messages import emails as messages
from urbact_calls.messages.models import Delivery

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
    "GET /.well-known/security.txt": NotAPage("text/plain", "whoever finds a weakness reads where to report it"),
    "GET /applications/<reference>/application.pdf": NotAPage(
        REDIRECT, "nothing is printed: it leads to where one asks"
    ),
    "GET /applications/<reference>/documents/<partner_id>/to-sign.pdf": NotAPage("application/pdf", "a letter to sign"),
    "GET /applications/<reference>/documents/<partner_id>/to-sign.txt": NotAPage("text/plain", "the same as text"),
    "GET /calls/<code>/dates.ics": NotAPage("text/calendar", "a file for one's own calendar"),
    "GET /sign-in": NotAPage(REDIRECT, "who is signed in goes on to the dashboard", SIGNED_IN),
    "GET /applications/<reference>/network": NotAPage(REDIRECT, "it leads to the network"),
    "GET /applications/<reference>/submissions/<number>/files/<file_id>": NotAPage(
        "application/pdf", "a file as it was submitted"
    ),
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
    **{
        f"GET /office/record/{shelf}/<key>/record.csv": NotAPage("text/csv", "the same for spreadsheets")
        for shelf in ("applications", "calls", "networks", "organisations", "accounts")
    },
}

# The mailbox exists in the demonstration only, the patterns in the tests, for everybody; the sweep asks a real site.
NOT_ON_A_REAL_SITE = (
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
        subscription = subscription_step(session, call, "waiting@example.org", now)
        text = "Somebody tried to open an account with this address.\nYou have one already.\n"
        message = sent_message(session, "account.exists", text, now)
        invitation = session.get_one(PartnerInvitation, world.values["own"]["invitation_id"])
        invitation.invited_at = invitation.sent_at = now
        world.by_endpoint |= {
            "accounts.confirm": {"own": {"token": links.written(secret, "confirm", newcomer, now)}},
            "accounts.reset": {"own": {"token": links.written(secret, "reset", forgetful, now)}},
            "calls.confirm_subscription": {"own": {"key": subscription.key}},
            "calls.leave": {"own": {"key": subscription.key}},
            "applications.invitation": {"own": {"token": invitations.token_of(secret, invitation)}},
            "kit.page": {"own": {"name": kit.PAGES[0]}},
            "messages.switch_off": {"own": {"token": messages.switch_token_of(newcomer.id, "call.closing_soon")}},
        }
        world.values["own"]["delivery"] = message.id


def sent_message(session: Session, key: str, text: str, now: datetime) -> Delivery:
    message = Delivery(
        event=f"{key} of the visits",
        email_key=key,
        address="waiting@example.org",
        subject="A message of the visits",
        text=text,
        html="<!doctype html><html lang='en'><head><title>Account</title></head><body><p>Hello</p></body></html>",
        message_id=f"<{key}.visits@example.org>",
        created_at=now,
        sent_at=now,
    )
    session.add(message)
    session.flush()
    return message
