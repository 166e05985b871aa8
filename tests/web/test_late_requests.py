"""Whoever sends a step late, or twice, is answered alike, whatever has the state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from tests.factories import applications as make
from tests.factories import experts
from tests.factories.accounts import actor_of, at, person, sign_in
from tests.factories.calls import open_call
from tests.factories.networks import founded_network
from tests.factories.story import story
from tests.web_client import CleanClient
from urbact_calls.accounts.models import User
from urbact_calls.applications.models import Application
from urbact_calls.assessment import reads as assessment_queries
from urbact_calls.assessment.allocation import commands as assessment
from urbact_calls.assessment.consensus import commands as consensus
from urbact_calls.assessment.models import ConsensusSheet
from urbact_calls.assessment.sheets import commands as sheets
from urbact_calls.database import db
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import ConflictAnswer, Role
from urbact_calls.experts.models import ExpertProfile
from urbact_calls.networks.models import ExpertApplication, Network
from urbact_calls.record.models import RefusedAttempt, WorkflowEvent
from urbact_calls.subjects import is_about
from urbact_calls.workflow.lives import LIVES

pytestmark = pytest.mark.usefixtures("session")


@dataclass(frozen=True)
class Case:
    """A step that `who` may take now: its address, what the form says, and what it says to have seen."""

    who: User
    model: Any
    row_id: int
    address: str
    form: dict[str, str]
    field: str
    seen: int
    now: datetime

    @property
    def row(self) -> Any:
        db.session.rollback()
        return db.session.get_one(self.model, self.row_id)

    def send(self, client: CleanClient, seen: int) -> Any:
        return client.post(self.address, data={**self.form, self.field: str(seen)})

    def events(self) -> list[WorkflowEvent]:
        about = self.row.subject
        rows = select(WorkflowEvent).where(is_about(WorkflowEvent, about.kind, about.id))
        return list(db.session.scalars(rows.order_by(WorkflowEvent.number)))


def application(now: datetime) -> Case:
    draft = make.complete_draft(open_call(db.session, now), now)
    address = f"/applications/{draft.reference}/transitions/submit"
    return Case(draft.lead, Application, make.row(draft.reference).id, address, {}, "seen", 1, now)


def individual_sheet(now: datetime) -> Case:
    tale = story(now).submit().close_call().settle().declare().allocate()
    actor = actor_of(tale.assessors[0])
    assessment.declare(tale.reference, answer=ConflictAnswer.NONE, note="", actor=actor, now=tale.now)
    sheets.save_sheet(tale.reference, tale.scores(3), version=1, actor=actor, now=tale.now)
    sheet = assessment_queries.own_allocation(db.session(), make.row(tale.reference).id, actor.user_id).sheet
    address = f"/assessment/applications/{tale.reference}/sheet/transitions/submit_sheet"
    return Case(tale.assessors[0], type(sheet), sheet.id, address, {}, "version", sheet.version, tale.now)


def consensus_sheet(now: datetime) -> Case:
    tale = story(now).submit().close_call().settle().declare().allocate().lock_sheets()
    actor = actor_of(tale.assessors[0])
    consensus.save_consensus(tale.reference, tale.scores(4), version=1, actor=actor, now=tale.now)
    sheet = db.session.scalars(select(ConsensusSheet)).one()
    address = f"/assessment/applications/{tale.reference}/consensus/transitions/sign"
    return Case(tale.assessors[0], ConsensusSheet, sheet.id, address, {}, "version", sheet.text_version, tale.now)


def expert_profile(now: datetime) -> Case:
    profile = experts.submitted_expert(now)
    address = f"/office/experts/{profile.id}/transitions/refuse"
    form = {"reason": "The CV does not show any network."}
    officer = person(Role.PROGRAMME_OFFICER)
    return Case(officer, ExpertProfile, profile.id, address, form, "version", profile.version, now)


def expert_application(now: datetime) -> Case:
    draft, network = founded_network(open_call(db.session, now), now)
    search = experts.open_search(network.slug, draft.actor, now)
    application_id = experts.applied(network.slug, search, experts.validated_expert(now), now)
    address = f"/expert-applications/{application_id}/transitions/decline"
    form = {"reason": "Others know more of ports."}
    return Case(draft.lead, ExpertApplication, application_id, address, form, "version", 1, now)


def network(now: datetime) -> Case:
    draft, founded = founded_network(open_call(db.session, now), now)
    slug, network_id = founded.slug, founded.id
    search = experts.open_search(slug, draft.actor, now)
    candidate = experts.applied(slug, search, experts.validated_expert(now), now)
    experts.appoint(candidate, draft.actor, now)
    experts.sign_agreements(slug, now)
    version = db.session.get_one(Network, network_id).version
    return Case(draft.lead, Network, network_id, f"/networks/{slug}/transitions/activate", {}, "version", version, now)


BUILDERS: dict[SubjectKind, Callable[[datetime], Case]] = {
    SubjectKind.APPLICATION: application,
    SubjectKind.INDIVIDUAL_SHEET: individual_sheet,
    SubjectKind.CONSENSUS_SHEET: consensus_sheet,
    SubjectKind.EXPERT_PROFILE: expert_profile,
    SubjectKind.EXPERT_APPLICATION: expert_application,
    SubjectKind.NETWORK: network,
}
every_life = pytest.mark.parametrize("kind", list(BUILDERS))


@pytest.fixture
def case(kind: SubjectKind, client: CleanClient, now: datetime) -> Case:
    found = BUILDERS[kind](now)
    at(client, found.now)
    sign_in(client, found.who)
    return found


def test_every_life_is_tried_here():
    assert set(BUILDERS) == set(LIVES)


@every_life
def test_a_request_that_comes_late_is_answered_alike(case: Case, client: CleanClient):
    before = (case.row.state, case.row.version, len(case.events()))

    answer = case.send(client, case.seen + 1)

    assert answer.status_code == 409
    assert "Something has happened here since you opened the page." in answer.text
    assert "It is now “" in answer.text
    assert (case.row.state, case.row.version, len(case.events())) == before
    assert db.session.scalars(select(RefusedAttempt)).one().refusals[0]["code"] == "workflow.moved_on"


@every_life
def test_the_same_request_again_gets_the_outcome_of_the_first(case: Case, client: CleanClient):
    first = case.send(client, case.seen)
    taken = len(case.events())

    again = case.send(client, case.seen)

    assert (first.status_code, again.status_code) == (302, 302)
    assert again.location == first.location
    assert len(case.events()) == taken
    assert db.session.scalars(select(RefusedAttempt)).all() == []


@every_life
def test_a_step_raises_the_version_of_its_subject(case: Case, client: CleanClient):
    before = case.row.version

    case.send(client, case.seen)

    assert case.row.version == before + 1
    assert case.events()[-1].version == case.row.version
