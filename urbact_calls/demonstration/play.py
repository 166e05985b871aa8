"""Play of the demonstration: three calls that are over, with all that people did in them, by the commands of the site.

Each act is done at an instant of its own, in the past. What is there already is left alone, so that whoever plays again
goes on where the last one stopped, and a second time changes nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import cache

from flask import current_app
from sqlalchemy import func, select

from urbact_calls import jobs
from urbact_calls.accounts.commands.accounts import create_step, grant_step
from urbact_calls.accounts.commands.passwords import hashed
from urbact_calls.accounts.models import User
from urbact_calls.applications.budget.commands import save_budget
from urbact_calls.applications.drafts.commands import save_partner_section, save_section, start
from urbact_calls.applications.letters.commands import keep_letter
from urbact_calls.applications.models import Application, Partner
from urbact_calls.applications.partners.commands import add_partner
from urbact_calls.applications.reads.applications import section_rows
from urbact_calls.applications.reads.interests import actor_of
from urbact_calls.applications.submission.commands import take_transition
from urbact_calls.assessment import reads as assessment
from urbact_calls.assessment.allocation import commands as allocation
from urbact_calls.assessment.consensus import commands as consensus
from urbact_calls.assessment.models import Allocation, ConsensusSheet, PanelMember
from urbact_calls.assessment.panel.commands import add_to_panel
from urbact_calls.assessment.ranking.commands import seal_ranking
from urbact_calls.assessment.ranking.reads import sealed
from urbact_calls.assessment.sheets import commands as sheets
from urbact_calls.assessment.sheets.commands import Scores, grid_of
from urbact_calls.calls.definition.commands import add_call_step, change_terms_step, demonstration_terms
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.decisions.announcements.commands import announce_decisions
from urbact_calls.decisions.announcements.reads import waiting
from urbact_calls.decisions.meetings.commands import open_meeting
from urbact_calls.decisions.meetings.models import Meeting
from urbact_calls.decisions.outcomes.commands import CommitteeDecision, record_decision
from urbact_calls.decisions.outcomes.reads import decision_token, unannounced_decision
from urbact_calls.demonstration.answers import amounts, answers, partner_answers, words_of
from urbact_calls.demonstration.applications import (
    CALLS,
    DECIDED,
    IN_ASSESSMENT,
    IN_CHECK,
    NOT_ENOUGH,
    WITHOUT_A_LETTER,
    Fate,
    PlayedApplication,
    PlayedCall,
    played,
)
from urbact_calls.demonstration.made_up_cities import LEAD_CITY, MADE_UP
from urbact_calls.demonstration.people import PEOPLE
from urbact_calls.demonstration.prose import Town, Writer, towns, ways
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.permissions import SYSTEM, Actor
from urbact_calls.domain.slugs import slug_of
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import (
    ApplicationState,
    ConflictAnswer,
    ConsensusSheetState,
    DecisionOutcome,
    FindingOutcome,
    IndividualSheetState,
    JobState,
    OrganisationCategory,
    ReportKind,
    Role,
)
from urbact_calls.domain.words import PARIS, instant_of
from urbact_calls.eligibility.findings.commands import settle
from urbact_calls.eligibility.regions.commands import confirm_regions
from urbact_calls.eligibility.reports.commands import announce_official_checks
from urbact_calls.eligibility.reports.reads.partner_regions import partner_regions
from urbact_calls.eligibility.reports.reads.report import latest_report
from urbact_calls.job_sets import start_due
from urbact_calls.organisations.commands import NewOrganisation, join_step
from urbact_calls.organisations.commands import create_step as create_organisation
from urbact_calls.organisations.models import Organisation
from urbact_calls.record.models import WorkflowEvent
from urbact_calls.subjects import is_about
from urbact_calls.typesetting import typeset

# Assessors beside the two who sign in: severe ones and mild ones, by what they give more or less than is fair.
FURTHER_ASSESSORS = (
    ("Agnes Assessor", "HU", 0),
    ("Bruno Assessor", "IT", 1),
    ("Celia Assessor", "PT", -1),
    ("Dorte Assessor", "DK", 0),
    ("Emil Assessor", "RO", 1),
    ("Fintan Assessor", "IE", -1),
)
SEVERITY = {"Anna Assessor": 0, "Aron Assessor": -1} | {name: bias for name, _, bias in FURTHER_ASSESSORS}
# What a job of these kinds does belongs to the time that is played; messages leave when the workers come to them.
AT_THE_TIME = ("eligibility.", "assessment.", "decisions.take_steps", "network.")
LETTER = "demonstration_letter.html"


@dataclass(frozen=True, slots=True)
class Act:
    """A piece of the play: some seconds of work. `name` is shown while it is done."""

    name: str
    do: Callable[[], None]


def acts() -> tuple[Act, ...]:
    """All pieces, in their order."""
    made = [Act("towns and people", _make_towns_and_people)]
    for call in CALLS:
        of_call = [each for each in played() if each.call is call]
        made.append(Act(f"{call.code}: the call", _with(_open_call, call)))
        made += [Act(f"{call.code}: application {each.acronym}", _with(_apply, each)) for each in of_call]
        made.append(Act(f"{call.code}: closing and official checks", _with(_close, call)))
        made += [Act(f"{call.code}: eligibility of {each.acronym}", _with(_check, each)) for each in of_call]
        if call is not IN_CHECK:
            made.append(Act(f"{call.code}: panel", _with(_seat_panel, call)))
            made += [Act(f"{call.code}: assessment of {each.acronym}", _with(_assess, each)) for each in of_call]
    made.append(Act(f"{DECIDED.code}: decisions", _decide))
    return tuple(made)


def _with(do: Callable[..., None], *args: object) -> Callable[[], None]:
    return lambda: do(*args)


# Instants.


def _day(call: PlayedCall | None, days: int, hour: int = 10) -> datetime:
    """An hour in Paris, so many days after the day on which the demonstration was first loaded."""
    loaded = db.session.execute(select(User.created_at).where(User.email == PEOPLE[0].email)).scalar_one()
    return instant_of(loaded.astimezone(PARIS).date() + timedelta(days=days), time(hour))


def _closing(call: PlayedCall) -> datetime:
    return _day(call, call.closes, 15)


# Towns and people.


def _make_towns_and_people() -> None:
    now = _day(None, min(call.opens for call in CALLS) - 10)
    with transaction() as session:
        known = set(session.scalars(select(Organisation.slug)))
        for town in towns():
            if slug_of(town.name) not in known:
                made = create_organisation(session, _organisation(town), now)
                made.region_basis, made.provenance = None, MADE_UP
        session.flush()
        by_name = {
            row.name: row for row in session.scalars(select(Organisation).where(Organisation.provenance == MADE_UP))
        }
        emails = set(session.scalars(select(User.email)))
        # Nobody signs in to these accounts: the password is drawn and forgotten.
        unknown = hashed(secrets.token_urlsafe(24))
        for lead in sorted({each.towns[0] for each in played()} - {LEAD_CITY.name}):
            if _email_of(lead) not in emails:
                user = create_step(
                    session,
                    email=_email_of(lead),
                    name=f"Contact of {lead}",
                    password_hash=unknown,
                    now=now,
                    confirmed=True,
                )
                session.flush()
                join_step(session, by_name[lead], user.id, now, is_manager=True).confirmed_at = now
        for name, _, _ in FURTHER_ASSESSORS:
            if _email_of(name) not in emails:
                user = create_step(
                    session, email=_email_of(name), name=name, password_hash=unknown, now=now, confirmed=True
                )
                grant_step(session, user, Role.ASSESSOR, now)


def _organisation(town: Town) -> NewOrganisation:
    return NewOrganisation(
        name=town.name,
        seat_city=town.name,
        country=town.country,
        category=OrganisationCategory.CITY_MUNICIPALITY,
        nuts2=town.nuts2,
        latitude=town.latitude,
        longitude=town.longitude,
    )


def _email_of(name: str) -> str:
    return f"{slug_of(name)}@demonstration.example.org"


def _actor(email: str, now: datetime) -> Actor:
    session = db.session()
    user = session.scalars(select(User).where(User.email == email)).one()
    return actor_of(session, user.id, user.name, frozenset(grant.role for grant in user.grants), now)


def _lead(application: PlayedApplication, now: datetime) -> Actor:
    lead = application.towns[0]
    return _actor(PEOPLE[0].email if lead == LEAD_CITY.name else _email_of(lead), now)


def _officers(now: datetime) -> tuple[Actor, Actor]:
    return _actor("officer1@example.org", now), _actor("officer2@example.org", now)


# The call, and what is written in it.


def _call(call: PlayedCall) -> Call:
    """Raises NoResultFound before the call was made."""
    return db.session.scalars(select(Call).where(Call.code == call.code)).one()


def _open_call(call: PlayedCall) -> None:
    """The call, still open: it closes when its applications are there, so that no clock checks half of them."""
    if db.session.scalar(select(Call.id).where(Call.code == call.code)) is not None:
        return
    opens_at = _day(call, call.opens, 0)
    far = demonstration_terms(_day(call, 0))
    terms = replace(demonstration_terms(opens_at), code=call.code, title=call.title, closes_at=far.closes_at)
    with transaction() as session:
        add_call_step(
            session, terms=terms, summary=call.summary, published_at=opens_at, now=opens_at, is_demonstration=True
        )


def _found(played_one: PlayedApplication) -> Application | None:
    session = db.session()
    lead = (
        select(Partner.application_id)
        .join(Partner.organisation)
        .where(Partner.position == 1, Organisation.name == played_one.towns[0])
    )
    return session.scalar(
        select(Application).join(Application.call).where(Call.code == played_one.call.code, Application.id.in_(lead))
    )


def _apply(each: PlayedApplication) -> None:
    submitted = _closing(each.call) - each.submitted
    now = submitted - timedelta(days=9)
    actor = _lead(each, now)
    found = _found(each)
    if found is None:
        organisation = db.session.scalars(select(Organisation.id).where(Organisation.name == each.towns[0])).one()
        reference = start(each.call.code, organisation, actor, now)
    else:
        reference = found.reference
    if _row(reference).state is not ApplicationState.DRAFT:
        return
    _write(each, reference, actor, now)
    take_transition(reference, "submit", actor, submitted)
    _work(submitted)
    if each.fate is Fate.WITHDRAWN:
        take_transition(reference, "withdraw", actor, submitted + timedelta(hours=5), "Two partners have withdrawn.")


def _row(reference: str) -> Application:
    db.session.rollback()
    return db.session.scalars(select(Application).where(Application.reference == reference)).one()


def _write(each: PlayedApplication, reference: str, actor: Actor, now: datetime) -> None:
    storage = current_app.extensions["storage"]
    slugs = dict(db.session.execute(select(Organisation.name, Organisation.slug)).tuples().all())
    there = {partner.organisation.name for partner in _row(reference).partners}
    for town in each.towns:
        if town not in there:
            add_partner(reference, slug=slugs[town], version=_row(reference).version, actor=actor, now=now)
    application = _row(reference)
    kind = KINDS[application.call.type]
    versions = {code: row.version for code, row in section_rows(db.session(), application).items()}
    partners = [(partner.id, partner.organisation.name, partner.role) for partner in application.partners]
    parts = {(partner.id, row.code): row.version for partner in application.partners for row in partner.sections}
    for section in kind.sections:
        version = versions.get(section.code, 0)
        save_section(reference, section.code, answers=answers(each, section), version=version, actor=actor, now=now)
    for partner_id, town, role in partners:
        for section in kind.sections_of(role):
            save_partner_section(
                reference,
                partner_id,
                section.code,
                answers=partner_answers(each, town, section),
                files={},
                version=parts.get((partner_id, section.code), 0),
                actor=actor,
                now=now,
                storage=storage,
            )
    grid = {
        (partner_id, category): cents
        for partner_id, town, _ in partners
        for category, cents in amounts(each, town).items()
    }
    save_budget(reference, amounts=grid, version=_row(reference).version, actor=actor, now=now)
    missing = partners[-1][0] if each.fate in WITHOUT_A_LETTER else None
    for partner in _row(reference).partners:
        if partner.letter_document is None and partner.id != missing:
            keep_letter(
                reference, partner.id, content=_letter(), filename="letter.pdf", actor=actor, now=now, storage=storage
            )


@cache
def _letter() -> bytes:
    """The PDF that every partner brings as its letter: it says that it is made up."""
    storage = current_app.extensions["storage"]
    return typeset(LETTER, place=storage.folder, waits=60, patience=60)


# The eligibility check.


def _close(call: PlayedCall) -> None:
    """The call closes on its day, and the official reports are made as if a worker had made them then."""
    if _call(call).closes_at != _closing(call):
        with transaction() as session:
            locked = session.scalars(select(Call).where(Call.code == call.code).with_for_update()).one()
            change_terms_step(session, locked, replace(locked.terms, closes_at=_closing(call)), SYSTEM, _closing(call))
    now = _closing(call) + timedelta(hours=1)
    # What was withdrawn in time may have the list of the closing written a second time.
    for _ in range(2):
        start_due(announce_official_checks, now)
        _work(now)


def _work(now: datetime) -> None:
    """Does what is due of the kinds that belong to the time that is played, and what comes of it."""
    waits = select(jobs.Job.id, jobs.Job.kind).where(jobs.Job.state == JobState.READY, jobs.Job.next_at <= now)
    while due := [id_ for id_, kind in db.session.execute(waits).all() if kind.startswith(AT_THE_TIME)]:
        db.session.rollback()
        for job_id in due:
            jobs.run(job_id, owner="the demonstration", clock=lambda: now)
    db.session.rollback()


def _check(each: PlayedApplication) -> None:
    application = _found(each)
    if application is None or application.state not in (ApplicationState.SUBMITTED, ApplicationState.CLARIFICATION):
        return
    reference, days = application.reference, each.call.closes
    now = _day(each.call, days + 2 + each.place // 6, 9 + each.place % 6)
    first, second = _officers(now)
    if each.fate is Fate.CHECKED:
        return
    if not _has_happened(reference, "ask_clarification"):
        _settle(each, reference, first, now, only_half=each.fate is Fate.IN_PART)
    if each.fate is Fate.IN_PART:
        return
    if each.fate in WITHOUT_A_LETTER:
        _ask(each, reference, first, now + timedelta(days=3))
        return
    _confirm(reference, first, now)
    verdict = "ineligible" if each.fate in NOT_ENOUGH else "eligible"
    reason = "Seven partners where the call asks for at least eight." if each.fate in NOT_ENOUGH else None
    later = now + timedelta(days=1)
    if not _has_happened(reference, f"propose_{verdict}"):
        take_transition(reference, f"propose_{verdict}", first, later, reason)
    if each.fate not in (Fate.PROPOSED_ELIGIBLE, Fate.PROPOSED_INELIGIBLE):
        take_transition(reference, f"declare_{verdict}", second, later + timedelta(hours=4), reason)


def _has_happened(reference: str, name: str) -> bool:
    """Whether this step was taken already."""
    taken = select(WorkflowEvent.id).where(
        is_about(WorkflowEvent, SubjectKind.APPLICATION, _row(reference).id), WorkflowEvent.transition == name
    )
    return db.session.scalar(taken) is not None


def _settle(each: PlayedApplication, reference: str, officer: Actor, now: datetime, *, only_half: bool) -> None:
    """Settles what an officer must look at: not met what is not, and met the rest."""
    report = latest_report(db.session(), _row(reference).id, ReportKind.OFFICIAL)
    if report is None:
        raise RuntimeError(f"{reference} has no official report yet")
    writer = Writer(f"{reference} officer")
    curable = each.fate in WITHOUT_A_LETTER
    waiting_ = [
        finding.code
        for finding in report.findings
        if finding.settled_outcome is None
        and finding.outcome in (FindingOutcome.TO_BE_CHECKED, FindingOutcome.NOT_MET)
        and not (curable and finding.is_curable)
    ]
    unmet = {finding.code for finding in report.findings if finding.outcome is FindingOutcome.NOT_MET}
    for code in waiting_[: len(waiting_) // 2 if only_half else None]:
        settle(
            reference,
            code,
            outcome=FindingOutcome.NOT_MET if code in unmet else FindingOutcome.MET,
            note=writer.one_of("officer_notes"),
            seen="",
            actor=officer,
            now=now,
        )


def _confirm(reference: str, officer: Actor, now: datetime) -> None:
    tokens = [each.token for each in partner_regions(db.session(), _row(reference).id) if not each.is_settled]
    if tokens:
        confirm_regions(reference, tokens, actor=officer, now=now)


def _ask(each: PlayedApplication, reference: str, officer: Actor, asked: datetime) -> None:
    """The letter of a partner is missing: the office asks for it; one of the applicants has sent it."""
    if each.fate is Fate.ASKED:
        # The time to answer is not over when somebody signs in for the first time.
        asked = _day(each.call, -1)
    town = each.towns[-1]
    question = f"The letter of commitment of {town} is not attached. Please send it."
    if not _has_happened(reference, "ask_clarification"):
        take_transition(reference, "ask_clarification", officer, asked, question)
    if each.fate is Fate.ANSWERED and not _has_happened(reference, "answer_clarification"):
        now = asked + timedelta(days=2)
        actor = _lead(each, now)
        storage = current_app.extensions["storage"]
        for partner in _row(reference).partners:
            if partner.letter_document is None:
                keep_letter(
                    reference,
                    partner.id,
                    content=_letter(),
                    filename="letter.pdf",
                    actor=actor,
                    now=now,
                    storage=storage,
                )
        take_transition(reference, "answer_clarification", actor, now)
        _work(now)


# The assessment.


def _seat_panel(call: PlayedCall) -> None:
    now = _day(call, call.closes + 18)
    officer, _ = _officers(now)
    row = _call(call)
    seated = set(db.session.scalars(select(PanelMember.user_id).where(PanelMember.call_id == row.id)))
    on_panel = [(person.email, person.is_chair, person.country) for person in PEOPLE if person.is_on_panel]
    on_panel += [(_email_of(name), False, country) for name, country, _ in FURTHER_ASSESSORS]
    for email, is_chair, country in on_panel:
        user_id = _actor(email, now).user_id
        if user_id is not None and user_id not in seated:
            add_to_panel(call.code, user_id=user_id, is_chair=is_chair, country=country, actor=officer, now=now)


def _assessors_of(each: PlayedApplication) -> tuple[str, str]:
    """The e-mail addresses of the two who assess an application. Those who sign in have work of every kind."""
    panel = ["assessor1@example.org", "assessor2@example.org", *(_email_of(name) for name, _, _ in FURTHER_ASSESSORS)]
    if each.call is IN_ASSESSMENT and each.place % 2 == 0:
        return panel[0], panel[1]
    first = each.place % len(panel)
    return panel[first], panel[(first + 1 + each.place // len(panel) % (len(panel) - 1)) % len(panel)]


def _assess(each: PlayedApplication) -> None:
    application = _found(each)
    if application is None or application.state is not ApplicationState.ELIGIBLE:
        return
    reference, call = application.reference, each.call
    allocated = _day(call, call.closes + 24 if call is DECIDED else -35)
    late = each.fate is Fate.LATE
    due = (_day(call, -4) if late else allocated + timedelta(days=28) if call is DECIDED else _day(call, 9)).date()
    officer, _ = _officers(allocated)
    emails = _assessors_of(each)
    for email in emails:
        user_id = _actor(email, allocated).user_id
        known = select(Allocation.id).where(Allocation.application_id == application.id, Allocation.user_id == user_id)
        if user_id is not None and db.session.scalar(known) is None:
            allocation.allocate(reference, user_id=user_id, due_on=due, actor=officer, now=allocated)
    if each.fate is Fate.ALLOCATED:
        return
    scored = allocated + timedelta(days=6 + each.place % 9)
    if each.fate is Fate.CONFLICT:
        _declare(reference, emails[1], scored, ConflictAnswer.CONFLICT, "I advised one of the partners last year.")
        return
    for number, email in enumerate(emails):
        _declare(reference, email, scored, ConflictAnswer.NONE, "")
        locks = not late and not (each.fate is Fate.ONE_SHEET and number == 0)
        _score(each, reference, email, scored + timedelta(hours=3 + number), locks=locks)
    if late or each.fate in (Fate.ONE_SHEET, Fate.DISAGREEMENT):
        _work(scored + timedelta(days=1))
        return
    _agree(each, reference, emails, scored + timedelta(days=4))


def _declare(reference: str, email: str, now: datetime, answer: ConflictAnswer, note: str) -> None:
    actor = _actor(email, now)
    # Not `own_allocation`: whoever declared a conflict has none any more.
    answered = select(Allocation.conflict).where(
        Allocation.application_id == _row(reference).id, Allocation.user_id == actor.user_id
    )
    if db.session.scalar(answered) is None:
        db.session.rollback()
        allocation.declare(reference, answer=answer, note=note, actor=actor, now=now)


def _score(each: PlayedApplication, reference: str, email: str, now: datetime, *, locks: bool) -> None:
    actor = _actor(email, now)
    sheet = assessment.own_allocation(db.session(), _row(reference).id, actor.user_id).sheet
    if sheet.state is not IndividualSheetState.OPEN:
        return
    scores = _scores(each, reference, actor, is_whole=locks)
    sheets.save_sheet(reference, scores, version=sheet.version, actor=actor, now=now)
    if locks:
        sheet = assessment.own_allocation(db.session(), _row(reference).id, actor.user_id).sheet
        sheets.submit_sheet(reference, version=sheet.version, actor=actor, now=now)


def _scores(each: PlayedApplication, reference: str, actor: Actor, *, is_whole: bool) -> Scores:
    """What an assessor gives: about what is fair, more or less as severe as he or she is, with reasons."""
    writer = Writer(f"{each.acronym} {actor.name}", **words_of(each))
    application = _row(reference)
    codes = [criterion.code for criterion in grid_of(application).criteria]
    most = application.call.terms.scale_max or 5
    bias = SEVERITY.get(actor.name or "", 0)
    if each.fate is Fate.DISAGREEMENT and actor.name in ("Anna Assessor", "Bruno Assessor", "Emil Assessor"):
        bias += 2
    given = codes if is_whole else codes[:3]
    points = {code: min(most, max(0, each.quality + bias + writer.number(-1, 1))) for code in given}
    comments = {
        code: " ".join(
            writer.some_of("strengths", 1 + (points[code] >= 4)) + writer.some_of("weaknesses", 1 + (points[code] <= 2))
        )
        for code in given
    }
    return Scores(points, comments, writer.one_of("verdicts") if is_whole else "")


def _agree(each: PlayedApplication, reference: str, emails: Sequence[str], now: datetime) -> None:
    """The consensus sheet: written by the first, signed by both and by the chair."""
    chair = "chair@example.org"
    signers = [emails[0]] if each.fate is Fate.SIGNED_BY_ONE else [*emails, chair]
    first = _actor(emails[0], now)
    sheet = _consensus(reference)
    if sheet is None or sheet.state is not ConsensusSheetState.OPEN:
        _work(now + timedelta(days=3))
        return
    if sheet.total_points is None:
        scores = _scores(each, reference, replace(first, name="the panel"), is_whole=True)
        consensus.save_consensus(reference, scores, version=sheet.text_version, actor=first, now=now)
    for number, email in enumerate(signers):
        signed_at = now + timedelta(hours=1 + 20 * number)
        signer = _actor(email, signed_at)
        current = _consensus(reference)
        if current is not None and signer.user_id not in {each.user_id for each in current.signatures}:
            consensus.sign_consensus(reference, version=current.text_version, actor=signer, now=signed_at)
    _work(now + timedelta(days=3))


def _consensus(reference: str) -> ConsensusSheet | None:
    return assessment.consensus_of(db.session(), _row(reference).id)


# The decision.

OUTCOMES = {
    Fate.APPROVED: DecisionOutcome.APPROVED,
    Fate.WITH_CONDITIONS: DecisionOutcome.APPROVED_WITH_CONDITIONS,
    Fate.RESERVE: DecisionOutcome.RESERVE,
    Fate.NOT_APPROVED: DecisionOutcome.NOT_APPROVED,
    Fate.POSTPONED: DecisionOutcome.POSTPONED,
}


def _decide() -> None:
    """The ranking is sealed, a meeting decides, an officer records and another one announces; what is postponed waits
    for a second meeting."""
    call, days = _call(DECIDED), DECIDED.closes
    sealed_at = _day(DECIDED, days + 62)
    first, second = _officers(sealed_at)
    if sealed(db.session(), call.id) is None:
        seal_ranking(call.code, first, sealed_at)
    held = _day(DECIDED, days + 70)
    meeting = _meeting(call.code, "MC-DEMO-1", held, first)
    for each in played():
        if each.call is DECIDED and each.fate in OUTCOMES:
            _record(each, meeting, first, held + timedelta(hours=6))
    announced_at = held + timedelta(days=2)
    seen = waiting(db.session(), call.id)
    if seen.count:
        db.session.rollback()
        announce_decisions(call.code, seen=seen.fingerprint, actor=second, now=announced_at)
    _work(announced_at + timedelta(minutes=1))
    _meeting(call.code, "MC-DEMO-2", _day(DECIDED, 12), first)


def _meeting(code: str, reference: str, held: datetime, officer: Actor) -> int:
    known = select(Meeting.id).where(Meeting.reference == reference)
    if db.session.scalar(known) is None:
        db.session.rollback()
        open_meeting(
            code,
            reference=reference,
            held_on=held.astimezone(PARIS).date(),
            is_written_procedure=False,
            actor=officer,
            now=min(held, _day(None, 0)),
        )
    return db.session.scalars(known).one()


def _record(each: PlayedApplication, meeting: int, officer: Actor, now: datetime) -> None:
    application = _found(each)
    if application is None or application.state is not ApplicationState.ASSESSED:
        return
    db.session.rollback()
    known = unannounced_decision(db.session(), application.id)
    if known is not None:
        return
    outcome = OUTCOMES[each.fate]
    conditions = outcome is DecisionOutcome.APPROVED_WITH_CONDITIONS
    reasons = {
        DecisionOutcome.RESERVE: ways("committee_reserve"),
        DecisionOutcome.NOT_APPROVED: ways("committee_refusal"),
        DecisionOutcome.POSTPONED: ways("committee_postponed"),
    }
    verdict = CommitteeDecision(
        outcome=outcome,
        reasons=reasons.get(outcome) or Writer(each.acronym).one_of("committee_reasons"),
        conditions="Name a second contact, and send the agreement of the region with the plan." if conditions else "",
        conditions_due_on=_day(DECIDED, 25).date() if conditions else None,
    )
    record_decision(
        application.reference, verdict, meeting_id=meeting, seen=decision_token(None), actor=officer, now=now
    )


def progress() -> tuple[int, int]:
    """How many of the made-up applications are there, and how many there will be."""
    codes = [call.code for call in CALLS]
    there = (
        select(func.count(Application.id))
        .join(Application.call)
        .where(Call.code.in_(codes), Application.state != ApplicationState.DRAFT)
    )
    return db.session.scalar(there) or 0, len(played())
