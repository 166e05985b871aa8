"""Worklist rows of applicants and of the assessment panel: what each row is, who sees it, when it is due."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, exists, func, null, or_, select

from urbact_calls.accounts.models import User
from urbact_calls.applications.models import Application
from urbact_calls.applications.reads.applications import takes_part
from urbact_calls.applications.reads.interests import not_own
from urbact_calls.assessment.models import Allocation, ConsensusSheet, IndividualSheet, PanelMember, Signature
from urbact_calls.calls.models import Call
from urbact_calls.calls.reads import open_calls
from urbact_calls.decisions.outcomes.models import Decision
from urbact_calls.domain.eligibility.clarification import clarification_due
from urbact_calls.domain.permissions import Actor, panel_chair, panel_member, signed_in
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import ApplicationState, ConsensusSheetState, IndividualSheetState, Role
from urbact_calls.domain.workflow.application import APPLICATION, CLARIFICATION_ROUND
from urbact_calls.organisations.models import Membership, Organisation
from urbact_calls.record.models import WorkflowEvent
from urbact_calls.subjects import is_about
from urbact_calls.worklists.reads.worklist import AnySelect, Instant, RowKind, RowPage

TOTAL = func.count().over()
QUESTIONS = APPLICATION.names(lambda act: act.uses_up == CLARIFICATION_ROUND)
NAME = func.coalesce(func.nullif(Application.acronym, ""), func.nullif(Application.title, ""), Application.reference)


def row_columns(  # noqa: PLR0913 -- the columns that `RowKind.rows` selects
    label: Any, detail: Any, key: Any, *, due: Any = None, terms: Any = None, total: Any = TOTAL
) -> tuple[ColumnElement[Any], ...]:
    """The columns of a row of a worklist; without a due date or terms these are empty."""
    return (
        label.label("label"),
        detail.label("detail"),
        key.label("key"),
        (null() if due is None else due).label("due"),
        (null() if terms is None else terms).label("terms"),
        total.label("total"),
    )


def applications(due: Any, *conditions: ColumnElement[bool], terms: Any = None, total: Any = TOTAL) -> AnySelect:
    """Applications with a due date, the soonest first; without one (`None`) those of the call that closed first.

    `total` counts something else than the applications.
    """
    return (
        select(*row_columns(NAME, Application.reference, Application.reference, due=due, terms=terms, total=total))
        .join(Call, Call.id == Application.call_id)
        .where(*conditions)
        .order_by(Call.closes_at if due is None else due, Application.id)
    )


def conditions_due() -> ScalarSelect[date | None]:
    """The day until which the conditions of an announced decision must be met."""
    return (
        select(func.max(Decision.conditions_due_on))
        .where(Decision.application_id == Application.id, Decision.announced_at.is_not(None))
        .correlate(Application)
        .scalar_subquery()
    )


def _drafts(actor: Actor, now: Instant) -> AnySelect:
    """Drafts of calls that can still be submitted."""
    is_open = Application.call_id.in_(open_calls(now))
    return applications(Call.closes_at, Application.state == ApplicationState.DRAFT, takes_part(actor), is_open)


def _clarifications(actor: Actor, now: Instant) -> AnySelect:
    asked_at = (
        select(func.max(WorkflowEvent.at))
        .where(
            is_about(WorkflowEvent, SubjectKind.APPLICATION, Application.id), WorkflowEvent.transition.in_(QUESTIONS)
        )
        .correlate(Application)
        .scalar_subquery()
    )
    is_asked = Application.state == ApplicationState.CLARIFICATION
    return applications(asked_at, is_asked, takes_part(actor), terms=Call.terms)


def _conditions(actor: Actor, now: Instant) -> AnySelect:
    is_so = Application.state == ApplicationState.APPROVED_WITH_CONDITIONS
    return applications(conditions_due(), is_so, takes_part(actor))


def requests(*conditions: ColumnElement[bool]) -> AnySelect:
    """Requests to join an organisation, the oldest first."""
    return (
        select(*row_columns(User.name, Organisation.name, Organisation.slug))
        .select_from(Membership)
        .join(User, User.id == Membership.user_id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.accepted_at.is_(None), *conditions)
        .order_by(Membership.requested_at, Membership.id)
    )


def _join_requests(actor: Actor, now: Instant) -> AnySelect:
    managed = select(Membership.organisation_id).where(
        Membership.user_id == actor.user_id, Membership.is_manager, Membership.accepted_at.is_not(None)
    )
    return requests(Membership.organisation_id.in_(managed))


def _own_sheets(actor: Actor, *conditions: ColumnElement[bool]) -> AnySelect:
    """Allocations of applications that are still in the assessment."""
    return (
        applications(
            Allocation.due_on,
            Application.state == ApplicationState.ELIGIBLE,
            Allocation.user_id == actor.user_id,
            Allocation.released_at.is_(None),
            not_own(actor),
            *conditions,
        )
        .join(Allocation, Allocation.application_id == Application.id)
        .join(IndividualSheet, IndividualSheet.allocation_id == Allocation.id)
    )


def _declarations(actor: Actor, now: Instant) -> AnySelect:
    return _own_sheets(actor, Allocation.conflict.is_(None))


def _open_sheets(actor: Actor, now: Instant) -> AnySelect:
    return _own_sheets(actor, Allocation.conflict.is_not(None), IndividualSheet.state == IndividualSheetState.OPEN)


def _sheets_to_agree(actor: Actor, now: Instant) -> AnySelect:
    """Consensus sheets that are open and do not carry this person's signature; a change of the text takes it away."""
    signed = exists().where(
        Signature.sheet_id == ConsensusSheet.id,
        Signature.user_id == actor.user_id,
    )
    allocated = exists().where(
        Allocation.application_id == Application.id,
        Allocation.user_id == actor.user_id,
        Allocation.released_at.is_(None),
    )
    chaired = exists().where(
        PanelMember.call_id == Application.call_id, PanelMember.user_id == actor.user_id, PanelMember.is_chair
    )
    mine = or_(allocated, chaired) if Role.PANEL_CHAIR in actor.roles else allocated
    return applications(
        None,
        Application.state == ApplicationState.ELIGIBLE,
        ConsensusSheet.state == ConsensusSheetState.OPEN,
        ~signed,
        mine,
        not_own(actor),
    ).join(ConsensusSheet, ConsensusSheet.application_id == Application.id)


OWN_APPLICATION = RowPage("applications.application", all="applications.index")
ORGANISATION = RowPage("organisations.show", all="organisations.index", argument="slug")
DECLARATION = RowPage("assessment.declare", all="assessment.desk")
SHEET = RowPage("assessment.sheet", all="assessment.desk")
CONSENSUS = RowPage("assessment.consensus", all="assessment.desk")

_applicant = partial(RowKind, "As an applicant", signed_in)
_panel = partial(RowKind, "On the assessment panel", panel_member | panel_chair)

APPLICANT_ROWS = (
    _applicant(_drafts, OWN_APPLICATION, one="draft is not submitted", many="drafts are not submitted"),
    _applicant(
        _clarifications,
        OWN_APPLICATION,
        one="question of the Joint Secretariat to answer",
        many="questions of the Joint Secretariat to answer",
        deadline=clarification_due,
    ),
    _applicant(
        _conditions,
        OWN_APPLICATION,
        one="application with conditions to meet",
        many="applications with conditions to meet",
    ),
    _applicant(
        _join_requests,
        ORGANISATION,
        one="person asks to join your organisation",
        many="people ask to join your organisation",
    ),
    _panel(_declarations, DECLARATION, one="declaration of interest to give", many="declarations of interest to give"),
    _panel(_open_sheets, SHEET, one="sheet to fill in", many="sheets to fill in"),
    _panel(
        _sheets_to_agree, CONSENSUS, one="consensus sheet to agree and sign", many="consensus sheets to agree and sign"
    ),
)
"""In the order of the work."""
