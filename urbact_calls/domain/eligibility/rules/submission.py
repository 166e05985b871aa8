"""Rules on the submission: on time, complete, and in the language of the call."""

from datetime import timedelta

from urbact_calls.domain.dossier import Dossier
from urbact_calls.domain.eligibility.english import share_of_common_words
from urbact_calls.domain.eligibility.finding import Answer, met, not_met, to_be_checked
from urbact_calls.domain.eligibility.rulebook import rule
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.text import Text, message

NOT_SAID = message("submission.on_time.not_said", "The dossier does not say when it was received.")
EARLY = message(
    "submission.on_time.early",
    "Received on {received:second}, before the call opened on {opened:second}.",
)
IN_TIME = message("submission.on_time.in_time", "Received on {received:second}; the call closed on {closed:second}.")
LATE = message(
    "submission.on_time.late",
    "Received on {received:second}; the call closed on {closed:second}. That is {delay} too late.",
)
IN_TIME_TOLERATED = message(
    "submission.on_time.in_time_tolerated",
    "Received on {received:second}; the call closed on {closed:second}, with a tolerance of {tolerance}.",
)
LATE_BEYOND_TOLERANCE = message(
    "submission.on_time.late_beyond_tolerance",
    "Received on {received:second}; the call closed on {closed:second}, with a tolerance of {tolerance}. "
    "That is {delay} too late.",
)
SECONDS = message("duration.seconds", "{count} seconds", one="{count} second")
MORE_THAN = (
    (message("duration.more_than_days", "more than {number} days"), timedelta(days=1)),
    (message("duration.more_than_hours", "more than {number} hours"), timedelta(hours=1)),
    (message("duration.more_than_minutes", "more than {number} minutes"), timedelta(minutes=1)),
)


@rule(
    code="submission.on_time",
    title="The application was received while the call was open",
    source="Terms of Reference, opening and submission deadline",
)
def on_time(dossier: Dossier, terms: CallTerms) -> Answer:
    if dossier.submitted_at is None:
        return to_be_checked(NOT_SAID())

    # Whole seconds: 15:00:00.999 counts as 15:00:00. When it was committed changes nothing.
    received = dossier.submitted_at.replace(microsecond=0)
    if received < terms.opens_at:
        return not_met(EARLY(received=received, opened=terms.opens_at))
    late = received - terms.closes_at - terms.tolerance
    if not terms.tolerance_seconds:
        if late <= timedelta():
            return met(IN_TIME(received=received, closed=terms.closes_at))
        return not_met(LATE(received=received, closed=terms.closes_at, delay=_delay(late)))
    tolerance = SECONDS(count=terms.tolerance_seconds)
    if late <= timedelta():
        return met(IN_TIME_TOLERATED(received=received, closed=terms.closes_at, tolerance=tolerance))
    return not_met(
        LATE_BEYOND_TOLERANCE(received=received, closed=terms.closes_at, tolerance=tolerance, delay=_delay(late))
    )


def _delay(late: timedelta) -> Text:
    for more_than, unit in MORE_THAN:
        if late >= 2 * unit:
            return more_than(number=late // unit)
    return SECONDS(count=late // timedelta(seconds=1))


NO_SECTIONS = message("submission.complete.no_sections", "The dossier holds no sections of the form.")
COMPLETE = message("submission.complete.met", "Every mandatory section is filled in.")
NOT_FILLED_IN = message(
    "submission.complete.missing",
    "{count} mandatory sections not filled in.",
    one="{count} mandatory section not filled in.",
)
FILL_IN = message("submission.complete.fix", "Still to fill in: {sections}.")


@rule(
    code="submission.complete",
    title="Every mandatory section is filled in",
    source="Terms of Reference, application form",
)
def complete(dossier: Dossier, terms: CallTerms) -> Answer:
    if dossier.sections_missing is None:
        return to_be_checked(NO_SECTIONS())
    if not dossier.sections_missing:
        return met(COMPLETE())
    return not_met(NOT_FILLED_IN(count=len(dossier.sections_missing)), fix=FILL_IN(sections=dossier.sections_missing))


OTHER_LANGUAGE = message(
    "submission.in_english.other", "The form declares the language {language}; the call asks for English (en)."
)
WRITE_ENGLISH = message("submission.in_english.fix", "Write the form in English.")
TOO_LITTLE = message(
    "submission.in_english.too_little", "There is too little text to tell the language; an officer reads it."
)
COMMON_WORDS = message(
    "submission.in_english.share",
    "{share} of 100 words are common English words; an officer confirms the language.",
)


@rule(
    code="submission.in_english",
    title="The form is written in English",
    source="Terms of Reference, language of the application",
)
def in_english(dossier: Dossier, terms: CallTerms) -> Answer:
    if dossier.language is not None and dossier.language not in {"en", "eng"}:
        return not_met(OTHER_LANGUAGE(language=dossier.language), fix=WRITE_ENGLISH())

    texts = [text for section in (dossier.sections or {}).values() for text in section.values()]
    share = share_of_common_words(texts)
    if share is None:
        return to_be_checked(TOO_LITTLE())
    return to_be_checked(COMMON_WORDS(share=share))
