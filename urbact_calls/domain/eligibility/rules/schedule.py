"""Rules on the schedule: the dates of the network are those of the call."""

from urbact_calls.domain.dossier import Dossier
from urbact_calls.domain.eligibility.finding import Answer, met, not_enforced, not_met, to_be_checked
from urbact_calls.domain.eligibility.rulebook import rule
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.text import message

NO_DATES = message("schedule.call_dates.none", "The call fixes no dates of the network.")
NOT_SAID = message("schedule.call_dates.not_said", "The dossier does not say when the network starts and ends.")
AS_ASKED = message("schedule.call_dates.met", "{start} to {end}, as the call asks.")
OTHER_DATES = message("schedule.call_dates.other", "{start} to {end}; the call asks for {asked_start} to {asked_end}.")
TAKE_DATES = message("schedule.call_dates.fix", "Take the dates of the call.")


@rule(
    code="schedule.call_dates",
    title="Start, end and duration are those of the call",
    source="Terms of Reference, duration of the network",
)
def call_dates(dossier: Dossier, terms: CallTerms) -> Answer:
    if terms.network_start is None or terms.network_end is None:
        return not_enforced(NO_DATES())
    if dossier.schedule is None:
        return to_be_checked(NOT_SAID())

    # Two dates fix the duration, so comparing it as well would report one fault twice.
    start, end = dossier.schedule.start, dossier.schedule.end
    if (start, end) == (terms.network_start, terms.network_end):
        return met(AS_ASKED(start=start, end=end))
    return not_met(
        OTHER_DATES(start=start, end=end, asked_start=terms.network_start, asked_end=terms.network_end),
        fix=TAKE_DATES(),
    )
