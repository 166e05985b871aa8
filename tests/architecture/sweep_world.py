"""A small world with something to leak for every role, and the values that stand in addresses."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from flask import current_app
from sqlalchemy import select, update

from tests.factories.accounts import actor_of, person, session_row
from tests.factories.applications import member, pdf, row
from tests.factories.experts import (
    applied,
    network_lead,
    network_of,
    open_search,
    sign_agreements,
    submitted_expert,
    validate,
    validated_expert,
)
from tests.factories.jobs import announced
from tests.factories.networks import recommendation_of
from tests.factories.story import Story, story
from urbact_calls.accounts.commands.tokens import create_token
from urbact_calls.accounts.models import AccountMessage, User
from urbact_calls.applications.models import ApplicationAccess, Document, PartnerInvitation, SavedSection, SubmittedFile
from urbact_calls.applications.officers import commands as officers
from urbact_calls.applications.submission.models import Submission
from urbact_calls.assessment import reads as assessment_queries
from urbact_calls.assessment.allocation import commands as assessment
from urbact_calls.assessment.models import Allocation
from urbact_calls.assessment.sheets import commands as sheets
from urbact_calls.assessment.sheets.commands import Scores
from urbact_calls.database import db, transaction
from urbact_calls.decisions.outcomes.models import Decision
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import ConflictAnswer, Role
from urbact_calls.eligibility.reports.models import ReportFinding, StoredReport
from urbact_calls.messages.models import Delivery
from urbact_calls.networks.models import Network
from urbact_calls.organisations.models import Membership, Organisation
from urbact_calls.places.models import EuropeanPlace
from urbact_calls.subjects import is_about

Variant = Literal["own", "foreign", "missing"]
NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)

OWN_TEXT = "Heron canary: what only the partners of this application write"
FOREIGN_TEXT = "Kestrel canary: what the partners of another application write"
OWN_SCORE = "Wren canary: what one assessor thinks of this application"
FOREIGN_SCORE = "Robin canary: what one assessor thinks of another application"
RECORDED = "Magpie canary: what the committee decided and nobody has announced"
OWN_ASSESSOR = "Avery Assessor-Canary"
FOREIGN_ASSESSOR = "Ashley Assessor-Canary"
FOREIGN_ADDRESS = "stranger-canary@example.org"
OWN_MOTIVATION = "Osprey canary: why this expert wants to join the own network"
FOREIGN_MOTIVATION = "Harrier canary: why another expert wants to join another network"
OWN_NOTE = "Plover canary: what officers note among themselves about this application"
FOREIGN_NOTE = "Dotterel canary: what officers note among themselves about another application"
UNPUBLISHED_NAME = "Canary Nightjar"
UNCONSENTED = "Nightjar canary: skills of an expert who did not consent to be public"


@dataclass
class World:
    """The people by role, and what each part of an address stands for, by variant."""

    people: dict[str, User]
    values: dict[Variant, dict[str, Any]] = field(default_factory=dict)
    by_endpoint: dict[str, dict[Variant, dict[str, Any]]] = field(default_factory=dict)

    def arguments(self, endpoint: str, names: set[str], variant: Variant) -> dict[str, Any]:
        """The values of an address; the endpoint's own before those of its feature and the general ones."""
        feature = endpoint.partition(".")[0]
        known = {
            **self.values[variant],
            **self.by_endpoint.get(feature, {}).get(variant, {}),
            **self.by_endpoint.get(endpoint, {}).get(variant, {}),
        }
        return {name: known[name] for name in names}


def build(now: datetime = NOW) -> World:
    """Two applications under assessment, two networks and a recorded decision, each with its own people.

    Their calls opened at `now` and closed a month later.
    """
    own, foreign = (
        _assessed_story("APN-OWN", OWN_TEXT, OWN_SCORE, now),
        _assessed_story("APN-ALIEN", FOREIGN_TEXT, FOREIGN_SCORE, now),
    )
    for tale, text in ((own, OWN_NOTE), (foreign, FOREIGN_NOTE)):
        officers.assign(tale.reference, tale.officers[0].id, tale.office[0], now)
        officers.note(tale.reference, text, tale.office[0], now)
    _rename(own.assessors[0], OWN_ASSESSOR)
    _rename(foreign.assessors[0], FOREIGN_ASSESSOR)
    decided = _decided_story("APN-DECIDE", now)
    networks = [_network_story(code, now) for code in ("APN-NET", "APN-WEB")]

    agreeing = _agreeing_story("APN-AGREE", own, now)

    people = _people(own, now)
    places = [partner.organisation_id for partner in row(networks[0].reference).partners]
    stranger = foreign.draft.lead.id
    with transaction() as session:
        session.add(
            EuropeanPlace(id=1, name="Łódź", folded="lodz", country="PL", admin1="74", latitude=51.77, longitude=19.46)
        )
        session.get_one(User, stranger).email = FOREIGN_ADDRESS
        # The public reads about real networks only.
        session.execute(update(Network).values(is_demonstration=False))
        # The lead applicant and the editor have a network too; the others of its people are strangers.
        for user, place in ((people["lead"], places[0]), (people["editor"], places[1])):
            session.add(Membership(user_id=user.id, organisation_id=place, requested_at=now, accepted_at=now))
    world = World(people)
    _fill_values(world, own, foreign, decided, networks, now)
    _fill_experts(world, networks, now)
    agreement = {"reference": agreeing.reference}
    for endpoint in ("assessment.consensus", "assessment.sign"):
        world.by_endpoint[endpoint] = {"own": agreement}
    return world


def _assessed_story(code: str, text: str, score: str, now: datetime) -> Story:
    """Both assessors have declared; one has written something on a sheet that is still open."""
    tale = story(now, code)
    _write(tale, text)
    _file_a_letter(tale)
    tale.submit().close_call().settle().declare().allocate()
    for assessor in tale.assessors:
        assessment.declare(tale.reference, answer=ConflictAnswer.NONE, note="", actor=actor_of(assessor), now=tale.now)
    first = tale.assessors[0]
    version = assessment_queries.own_allocation(db.session(), row(tale.reference).id, first.id).sheet.version
    codes = list(tale.scores(3).points)
    sheet = Scores({codes[0]: 3}, {codes[0]: score}, "")
    sheets.save_sheet(tale.reference, sheet, version=version, actor=actor_of(first), now=tale.now)
    return tale


def _agreeing_story(code: str, own: Story, now: datetime) -> Story:
    """The panel of the own application has locked its sheets on this one, and talks about them."""
    tale = story(now, code)
    tale.assessors, tale.chair = own.assessors, own.chair
    return tale.submit().close_call().settle().declare().allocate().lock_sheets()


def _decided_story(code: str, now: datetime) -> Story:
    tale = story(now, code)
    tale.submit().close_call().settle().declare().allocate().lock_sheets().sign().record()
    with transaction() as session:
        decision = session.scalars(select(Decision).where(Decision.application_id == row(tale.reference).id)).one()
        session.get_one(Decision, decision.id).reasons = RECORDED
    return tale


def _network_story(code: str, now: datetime) -> Story:
    tale = story(now, code)
    tale.submit().close_call().settle().declare().allocate().lock_sheets().sign().record().announce()
    return tale


def _file_a_letter(tale: Story) -> None:
    """The letter of the second partner is on disk; of the others the row must do."""
    stored = current_app.extensions["storage"].put(pdf())
    partner_id = row(tale.reference).partners[1].id
    with transaction() as session:
        letter = session.scalars(select(Document).where(Document.partner_id == partner_id)).one()
        letter.storage_key, letter.size, letter.sha256 = stored.key, stored.size, stored.sha256


def _write(tale: Story, text: str) -> None:
    with transaction() as session:
        application_id = row(tale.reference).id
        section = session.scalars(
            select(SavedSection)
            .where(SavedSection.application_id == application_id)
            .order_by(SavedSection.id)
            .offset(1)
            .limit(1)
        ).one()
        section.answers = {
            code: text if answer.startswith("We write") else answer for code, answer in section.answers.items()
        }


def _rename(user: User, name: str) -> None:
    with transaction() as session:
        session.get_one(User, user.id).name = name


def _people(own: Story, now: datetime) -> dict[str, User]:
    roles = {
        "expert": Role.EXPERT,
        "programme_officer": Role.PROGRAMME_OFFICER,
        "programme_manager": Role.PROGRAMME_MANAGER,
        "managing_authority": Role.MANAGING_AUTHORITY,
        "committee": Role.COMMITTEE,
        "national_point": Role.NATIONAL_POINT,
        "auditor": Role.AUDITOR,
        "administrator": Role.ADMINISTRATOR,
    }
    partners = row(own.reference).partners
    second = db.session.get_one(Organisation, partners[1].organisation_id)
    # The own organisation is in the country of the National URBACT Point, the foreign one is not.
    countries = {"national_point": second.country}
    people = {name: person(role, country=countries.get(name)) for name, role in roles.items()}
    people |= {"lead": own.draft.lead, "assessor": own.assessors[0], "panel_chair": own.chair}
    people["editor"] = member(second, now)
    people["viewer"] = person()
    with transaction() as session:
        session.add(
            ApplicationAccess(
                application_id=row(own.reference).id, user_id=people["viewer"].id, role="viewer", granted_at=now
            )
        )
    return people


def _fill_values(  # noqa: PLR0913 -- all that stands in addresses
    world: World, own: Story, foreign: Story, decided: Story, networks: list[Story], now: datetime
) -> None:
    for variant, tale, network in (("own", own, networks[0]), ("foreign", foreign, networks[1])):
        application = row(tale.reference)
        founded = db.session.scalars(select(Network).where(Network.application_id == row(network.reference).id)).one()
        partner = application.partners[1]
        allocation = db.session.scalars(select(Allocation).where(Allocation.application_id == application.id)).first()
        organisation = db.session.get_one(Organisation, partner.organisation_id)
        assert allocation is not None
        world.values[variant] = {  # type: ignore[index]
            "reference": tale.reference,
            "code": tale.call.code,
            "partner_id": partner.id,
            "section": application.sections[0].code,
            "field": "file",
            "name": "withdraw",
            "allocation_id": allocation.id,
            "slug": founded.slug,
            "member_id": founded.members[1].id,
            "plan_id": founded.members[1].plans[0].id,
            "recommendation_id": recommendation_of(founded.slug, network_lead(founded.slug), now),
            "user_id": tale.draft.lead.id,
            "invitation_id": _invitation(partner.id, f"guest-{variant}@example.org", tale.draft.lead.id, now),
            "delivery_id": db.session.scalars(
                select(Delivery.id).where(is_about(Delivery, SubjectKind.APPLICATION, row(tale.reference).id))
            ).first(),
            "role": "assessor",
            "audience": "city",
            "token": "not-a-token",
            "key": "not-a-key",
            "term": "partners_min",
            "job_id": announced(
                "mail:account.exists",
                now,
                key=f"a job of the sweep, {variant}",
                args=AccountMessage(user=1, at=now),
                subject=application.subject,
            ),
            "place_id": 1,
            "number": 1,
            "file_id": _submitted_file(application.id),
            "token_id": _token(tale.draft.lead, now),
            "session_id": session_row(tale.draft.lead, f"the {variant} key of the sweep").id,
        }
        if variant == "own":
            joined = {"slug": organisation.slug, "user_id": world.people["editor"].id}
        else:
            joined = {"slug": foreign.draft.organisation.slug, "user_id": foreign.draft.lead.id}
        world.by_endpoint.setdefault("organisations", {})[variant] = joined  # type: ignore[index]
        for endpoint in ("applications.partner_section", "applications.save_partner_section"):
            world.by_endpoint.setdefault(endpoint, {})[variant] = {"section": "organisation"}  # type: ignore[index]
        keys = {
            "applications": tale.reference,
            "calls": tale.call.code,
            "networks": founded.slug,
            "organisations": joined["slug"],
            "accounts": str(tale.assessors[0].id),
        }
        for shelf, key in keys.items():
            for endpoint in (f"record.{shelf}", f"record.{shelf}_file"):
                world.by_endpoint.setdefault(endpoint, {})[variant] = {"key": key}  # type: ignore[index]
        world.by_endpoint.setdefault("assessment.dismiss", {})[variant] = {"user_id": tale.assessors[1].id}  # type: ignore[index]
        world.by_endpoint.setdefault("eligibility.settle", {})[variant] = {"code": tale_code(tale)}  # type: ignore[index]
        world.by_endpoint.setdefault("networks.of_application", {})[variant] = {"reference": network.reference}  # type: ignore[index]
        world.by_endpoint.setdefault("networks.transition", {})[variant] = {"name": "activate"}  # type: ignore[index]
        world.by_endpoint.setdefault("catalogue.city", {})[variant] = {"slug": founded.members[1].organisation.slug}  # type: ignore[index]
    world.values["missing"] = {
        **world.values["own"],
        "reference": "APN-OWN-999",
        "code": "APN-NONE",
        "partner_id": 999_999,
        "section": "no-such-section",
        "field": "no-such-field",
        "allocation_id": 999_999,
        "slug": "no-such-slug",
        "member_id": 999_999,
        "plan_id": 999_999,
        "recommendation_id": 999_999,
        "user_id": 999_999,
        "audience": "nobody",
        "job_id": 999_999,
        "invitation_id": 999_999,
        "delivery_id": 999_999,
        "number": 999_999,
        "file_id": 999_999,
        "session_id": 999_999,
        "token_id": 999_999,
    }
    decision = {"reference": decided.reference, "code": decided.call.code}
    world.by_endpoint["decisions"] = {"own": decision, "foreign": decision}


def _submitted_file(application_id: int) -> int:
    """The letter of the second partner, as it was submitted: its file is on disk."""
    of_application = select(SubmittedFile.id).join(Submission, Submission.id == SubmittedFile.submission_id)
    return db.session.scalars(
        of_application.where(Submission.application_id == application_id, SubmittedFile.partner == 2)
    ).one()


def _token(owner: User, now: datetime) -> int:
    return create_token(owner.email, "A token of the sweep", now).number


def _invitation(partner_id: int, address: str, inviter_id: int, now: datetime) -> int:
    with transaction() as session:
        row = PartnerInvitation(partner_id=partner_id, address=address, invited_at=now, sent_at=now)
        row.invited_by = inviter_id
        session.add(row)
    return row.id


def _fill_experts(world: World, networks: list[Story], now: datetime) -> None:
    """Each network searches; the expert of the sweep applied to the own one, a stranger to the other."""
    own = submitted_expert(now, user=world.people["expert"])
    foreign = submitted_expert(now, name=UNPUBLISHED_NAME, skills=UNCONSENTED)
    waiting = submitted_expert(now, name=UNPUBLISHED_NAME, skills=UNCONSENTED)
    for variant, tale, profile, text in (
        ("own", networks[0], own, OWN_MOTIVATION),
        ("foreign", networks[1], foreign, FOREIGN_MOTIVATION),
    ):
        slug = network_of(tale.reference).slug
        validate(profile, now)
        lead = network_lead(slug)
        search_id = open_search(slug, lead, now)
        application_id = applied(slug, search_id, profile, now, motivation=text)
        sign_agreements(slug, now)
        known = {"profile_id": waiting.id, "search_id": search_id, "application_id": application_id}
        world.values[variant] |= known  # type: ignore[index]
        values = {
            "networks.take_expert_transition": {"name": "choose"},
            "experts.transition": {"name": "refuse"},
            "experts.own_transition": {"name": "submit"},
            "experts.read_expertise": {"kind": "methods"},
            "catalogue.expert": {"slug": _public_expert(variant, now)},
            "catalogue.expert_search": {"number": search_id},
        }
        for endpoint, value in values.items():
            world.by_endpoint.setdefault(endpoint, {})[variant] = value  # type: ignore[index]
    world.values["missing"] |= {"profile_id": 999_999, "search_id": 999_999, "application_id": 999_999}
    world.by_endpoint["experts.own_transition"]["missing"] = {"name": "no-such-step"}
    world.by_endpoint["networks.take_expert_transition"]["missing"] = {"name": "choose"}
    world.by_endpoint["experts.read_expertise"]["missing"] = {"kind": "no-such-kind"}
    world.by_endpoint["catalogue.expert"]["missing"] = {"slug": "no-such-slug"}


def _public_expert(variant: str, now: datetime) -> str:
    return validated_expert(now, name=f"Public Expert {variant}").slug


def tale_code(tale: Story) -> str:
    return (
        db.session.scalars(
            select(ReportFinding.code)
            .join(StoredReport, StoredReport.id == ReportFinding.report_id)
            .where(StoredReport.application_id == row(tale.reference).id, ReportFinding.settled_at.is_not(None))
        ).first()
        or "partnership.size"
    )
