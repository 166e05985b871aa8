"""The dates of the network are those of the call."""

from urbact_calls.domain.dossier import Dossier
from urbact_calls.domain.eligibility.finding import Answer, met, not_enforced, not_met, to_be_checked
from urbact_calls.domain.eligibility.rulebook import rule
from urbact_calls.domain.eligibility.wording import day
from urbact_calls.domain.terms import CallTerms


@rule(
    code="schedule.call_dates",
    title="Start, end and duration are those of the call",
    source="Terms of Reference, duration of the network",
)
def call_dates(dossier: Dossier, terms: CallTerms) -> Answer:
    if terms.network_start is None or terms.network_end is None:
        return not_enforced("The call fixes no dates of the network.")
    if dossier.schedule is None:
        return to_be_checked("The dossier does not say when the network starts and ends.")

    # Two dates fix the duration, so comparing it as well would report one fault twice.
    asked = f"{day(terms.network_start)} to {day(terms.network_end)}"
    if (dossier.schedule.start, dossier.schedule.end) == (terms.network_start, terms.network_end):
        return met(f"{asked}, as the call asks.")
    return not_met(
        f"{day(dossier.schedule.start)} to {day(dossier.schedule.end)}; the call asks for {asked}.",
        fix="Take the dates of the call.",
    )
