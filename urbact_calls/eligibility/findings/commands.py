"""Commands on findings: an officer settles one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application
from urbact_calls.applications.reads.applications import for_update
from urbact_calls.database import transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import Refusal, Refused, Stale, or_not_found
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import ApplicationState, FindingOutcome
from urbact_calls.domain.workflow.application import NO_OFFICIAL_REPORT
from urbact_calls.eligibility.findings import reads
from urbact_calls.eligibility.reports import commands
from urbact_calls.eligibility.reports.models import ReportFinding
from urbact_calls.eligibility.reports.reads.report import official_report

SHORTEST_NOTE = 10


FINDING_STALE = message("finding.stale", "A colleague has settled this finding since you opened the page.")
DECLARED_FINDINGS = message(
    "eligibility.declared/findings", "Findings can be settled during the check only; the application is now “{state}”."
)
NOT_ENFORCED = message("eligibility.not_enforced", "This call does not enforce the rule.")
OUTCOME = message("eligibility.outcome", "Choose met or not met.")
NOTE = message("eligibility.note", "Say what you have seen, in at least {shortest_note} characters.")


def settle(  # noqa: PLR0913 -- what a settlement consists of; all but the first two are keyword-only
    reference: str, code: str, *, outcome: FindingOutcome, note: str, seen: str, actor: Actor, now: datetime
) -> None:
    """Settles one finding of the official report, as an officer found it; an earlier settlement stays on record.

    `seen` is `reads.settlement_token` of the finding as the officer saw it. Raises Stale if a colleague has
    settled it since, Refused once the application has left the check, NotFound for another code.
    """
    with transaction() as session:
        application = for_update(session, reference)
        finding = _finding(session, application, code)
        _may_be_settled(application, finding, outcome, note)
        if seen != reads.settlement_token(finding):
            raise Stale(FINDING_STALE())

        commands.remember_settlement(session, finding, outcome, note, actor, now)
        finding.settled_outcome, finding.note = outcome, note
        finding.settled_by, finding.settled_at = actor.user_id, now
        commands.keep_counts(session, application)


def _finding(session: Session, application: Application, code: str) -> ReportFinding:
    report = official_report(session, application.id)
    if report is None:
        raise Refused(Refusal(NO_OFFICIAL_REPORT()))
    found = next((finding for finding in report.findings if finding.code == code), None)
    return or_not_found(found, f"finding {code} of {application.reference}")


def _may_be_settled(application: Application, finding: ReportFinding, outcome: FindingOutcome, note: str) -> None:
    state = application.state
    if state is not ApplicationState.SUBMITTED:
        raise Refused(Refusal(DECLARED_FINDINGS(state=state.text)))
    if finding.outcome is FindingOutcome.NOT_ENFORCED:
        raise Refused(Refusal(NOT_ENFORCED()))
    if outcome not in (FindingOutcome.MET, FindingOutcome.NOT_MET):
        raise Refused(Refusal(OUTCOME(), field="outcome"))
    if len(note) < SHORTEST_NOTE:
        raise Refused(Refusal(NOTE(shortest_note=SHORTEST_NOTE), "note"))
