"""One application on its whole way, by the commands that people use and the workers that follow them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from tests.factories.accounts import actor_of, person
from tests.factories.applications import Draft, complete_draft, row, ten_cities
from tests.factories.calls import open_call
from tests.factories.decisions import announced
from tests.factories.jobs import work_off
from tests.factories.regions import confirm_all_regions
from urbact_calls.accounts.models import User
from urbact_calls.applications.submission import commands as submission
from urbact_calls.assessment import reads as assessment_queries
from urbact_calls.assessment.allocation import commands as allocation
from urbact_calls.assessment.consensus import commands as consensus
from urbact_calls.assessment.models import ConsensusSheet
from urbact_calls.assessment.panel import commands as assessment
from urbact_calls.assessment.ranking import commands as ranking
from urbact_calls.assessment.sheets import commands as sheets
from urbact_calls.assessment.sheets.commands import Scores, grid_of
from urbact_calls.calls.models import Call
from urbact_calls.database import db
from urbact_calls.decisions.meetings import commands as decisions
from urbact_calls.decisions.meetings.models import Meeting
from urbact_calls.decisions.outcomes import commands as outcomes
from urbact_calls.decisions.outcomes.models import Decision
from urbact_calls.decisions.outcomes.reads import decision_token
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.vocabulary import ConflictAnswer, DecisionOutcome, FindingOutcome, ReportKind, Role
from urbact_calls.eligibility.findings import commands as eligibility
from urbact_calls.eligibility.reports.commands import announce_official_checks
from urbact_calls.eligibility.reports.reads import report as eligibility_queries
from urbact_calls.job_sets import start_due

REASONS = "The plan is clear, the partners fit together, and the first steps are described well enough."


@dataclass
class Story:
    """A call with its people, and one application in it. `now` is when the next thing happens."""

    call: Call
    draft: Draft
    officers: tuple[User, User]
    assessors: tuple[User, User]
    chair: User
    now: datetime

    @property
    def note(self) -> str:
        """What an officer writes beside a finding."""
        return "Seen by an officer."

    @property
    def reasons(self) -> str:
        """What the committee says of its decision."""
        return "Ranked first of the call."

    @property
    def remark(self) -> str:
        """What an assessor writes."""
        return REASONS

    @property
    def reference(self) -> str:
        return self.draft.reference

    @property
    def office(self) -> tuple[Actor, Actor]:
        return actor_of(self.officers[0]), actor_of(self.officers[1])

    def work(self) -> list[str]:
        return work_off(self.now)

    def step(self, name: str, actor: Actor, reason: str | None = None) -> None:
        submission.take_transition(self.reference, name, actor, self.now, reason)

    # Each of these takes the application one stage further.

    def submit(self) -> Story:
        self.step("submit", self.draft.actor)
        self.work()
        return self

    def close_call(self) -> Story:
        """The call closes, and a worker makes the official report."""
        self.now = self.call.closes_at + timedelta(hours=1)
        return self.check_officially()

    def check_officially(self) -> Story:
        start_due(announce_official_checks, self.now)
        self.work()
        return self

    def settle(self, outcome: FindingOutcome = FindingOutcome.MET) -> Story:
        """An officer settles every finding that a person must look at, and confirms the regions."""
        for code in self.waiting():
            self.settle_one(code, outcome)
        confirm_all_regions(self.reference, self.office[0], self.now)
        return self

    def settle_one(self, code: str, outcome: FindingOutcome = FindingOutcome.MET) -> None:
        eligibility.settle(
            self.reference,
            code,
            outcome=outcome,
            note=self.note,
            seen="",
            actor=self.office[0],
            now=self.now,
        )

    def waiting(self, *, is_curable: bool | None = None) -> list[str]:
        """The codes of the findings that a person must look at; only those that can be cured, or cannot."""
        application = row(self.reference)
        report = eligibility_queries.latest_report(db.session(), application.id, ReportKind.OFFICIAL)
        assert report is not None
        open_findings = [finding for finding in report.findings if finding.current_outcome == "to_be_checked"]
        return [finding.code for finding in open_findings if is_curable is None or finding.is_curable is is_curable]

    def ask_clarification(self) -> Story:
        """What cannot be cured is settled; about the rest the applicant is asked."""
        for code in self.waiting(is_curable=False):
            self.settle_one(code)
        self.step("ask_clarification", self.office[0], "The letter of Isernia is not signed.")
        self.work()
        return self

    def declare(self, outcome: str = "eligible", reason: str | None = None) -> Story:
        self.step(f"propose_{outcome}", self.office[0], reason)
        self.step(f"declare_{outcome}", self.office[1], reason)
        self.work()
        return self

    def seat_panel(self) -> None:
        code, officer = self.call.code, self.office[0]
        for member in (*self.assessors, self.chair):
            is_chair = member is self.chair
            assessment.add_to_panel(
                code, user_id=member.id, is_chair=is_chair, country="MT", actor=officer, now=self.now
            )

    def allocate(self) -> Story:
        self.seat_panel()
        officer = self.office[0]
        due_on = (self.now + timedelta(days=14)).date()
        for assessor in self.assessors:
            allocation.allocate(self.reference, user_id=assessor.id, due_on=due_on, actor=officer, now=self.now)
        self.work()
        return self

    def scores(self, points: int) -> Scores:
        codes = [criterion.code for criterion in grid_of(row(self.reference)).criteria]
        return Scores(dict.fromkeys(codes, points), dict.fromkeys(codes, self.remark), self.remark)

    def lock_sheets(self) -> Story:
        for assessor, points in zip(self.assessors, (4, 3), strict=True):
            actor = actor_of(assessor)
            allocation.declare(self.reference, answer=ConflictAnswer.NONE, note="", actor=actor, now=self.now)
            application_id = row(self.reference).id
            version = assessment_queries.own_allocation(db.session(), application_id, assessor.id).sheet.version
            sheets.save_sheet(self.reference, self.scores(points), version=version, actor=actor, now=self.now)
            sheets.submit_sheet(self.reference, version=version + 1, actor=actor, now=self.now)
        self.work()
        return self

    def sign(self) -> Story:
        first, *_ = signers = [actor_of(person) for person in (*self.assessors, self.chair)]
        consensus.save_consensus(
            self.reference, self.scores(4), version=self._consensus_version(), actor=first, now=self.now
        )
        for signer in signers:
            consensus.sign_consensus(self.reference, version=self._consensus_version(), actor=signer, now=self.now)
        self.work()
        return self

    def _consensus_version(self) -> int:
        application = row(self.reference)
        return (
            db.session.scalars(select(ConsensusSheet).where(ConsensusSheet.application_id == application.id))
            .one()
            .text_version
        )

    def record(self, outcome: DecisionOutcome = DecisionOutcome.APPROVED) -> Story:
        officer = self.office[0]
        ranking.seal_ranking(self.call.code, officer, self.now)
        decisions.open_meeting(
            self.call.code,
            reference=f"MC {self.call.code}",
            held_on=self.now.date(),
            is_written_procedure=False,
            actor=officer,
            now=self.now,
        )
        meeting = db.session.scalars(select(Meeting).where(Meeting.call_id == self.call.id)).one()
        with_conditions = outcome is DecisionOutcome.APPROVED_WITH_CONDITIONS
        verdict = outcomes.CommitteeDecision(
            outcome=outcome,
            reasons=self.reasons,
            conditions="Name a lead expert." if with_conditions else "",
            conditions_due_on=(self.now + timedelta(days=30)).date() if with_conditions else None,
        )
        known = db.session.scalars(select(Decision).where(Decision.meeting_id == meeting.id)).first()
        outcomes.record_decision(
            self.reference, verdict, meeting_id=meeting.id, seen=decision_token(known), actor=officer, now=self.now
        )
        return self

    def announce(self) -> Story:
        announced(self.call.code, self.office[1], self.now)
        self.work()
        return self


def story(now: datetime, code: str = "APN-DEMO", **changed_terms: object) -> Story:
    """A complete draft in an open call, with everybody whom its way will need.

    Each call has cities and people of its own, so that a test can have several stories.
    """
    call = open_call(db.session, now, code, **changed_terms)  # type: ignore[arg-type]

    def someone(role: Role, name: str) -> User:
        return person(role, name=name, email=f"{name.partition(' ')[0].lower()}@{code.lower()}.example.org")

    officers = (someone(Role.PROGRAMME_OFFICER, "Olga Office"), someone(Role.PROGRAMME_OFFICER, "Otto Office"))
    assessors = (someone(Role.ASSESSOR, "Asta Assessor"), someone(Role.ASSESSOR, "Arne Assessor"))
    chair = someone(Role.PANEL_CHAIR, "Clara Chair")
    cities = ten_cities(now, "" if code == "APN-DEMO" else f" of {code}")
    # A call of another type may ask for fewer partners.
    cities = cities[: call.terms.partners_max]
    return Story(call, complete_draft(call, now, cities), officers, assessors, chair, now)
