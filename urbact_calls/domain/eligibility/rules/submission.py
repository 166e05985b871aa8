"""On time, complete, and in the language of the call."""

from datetime import timedelta

from urbact_calls.domain.dossier import Dossier
from urbact_calls.domain.eligibility.english import share_of_common_words
from urbact_calls.domain.eligibility.finding import Answer, met, not_met, to_be_checked
from urbact_calls.domain.eligibility.rulebook import rule
from urbact_calls.domain.eligibility.wording import count, listed, paris_time
from urbact_calls.domain.terms import CallTerms


@rule(
    code="submission.on_time",
    title="The application was received before the call closed",
    source="Terms of Reference, submission deadline",
)
def on_time(dossier: Dossier, terms: CallTerms) -> Answer:
    if dossier.submitted_at is None:
        return to_be_checked("The dossier does not say when it was received.")

    # Whole seconds: 15:00:00.999 counts as 15:00:00. When it was committed changes nothing.
    received = dossier.submitted_at.replace(microsecond=0)
    limit = terms.closes_at + timedelta(seconds=terms.tolerance_seconds)
    said = f"Received on {paris_time(received)}; the call closed on {paris_time(terms.closes_at)}"
    if terms.tolerance_seconds:
        said = f"{said}, with a tolerance of {count(terms.tolerance_seconds, 'second')}"
    if received <= limit:
        return met(f"{said}.")
    return not_met(f"{said}. That is {_delay(received - limit)} too late.")


def _delay(late: timedelta) -> str:
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if late.total_seconds() >= 2 * size:
            return f"more than {count(int(late.total_seconds() // size), unit)}"
    return count(int(late.total_seconds()), "second")


@rule(
    code="submission.complete",
    title="Every mandatory section is filled in",
    source="Terms of Reference, application form",
)
def complete(dossier: Dossier, terms: CallTerms) -> Answer:
    if dossier.sections_missing is None:
        return to_be_checked("The dossier holds no sections of the form.")
    if not dossier.sections_missing:
        return met("Every mandatory section is filled in.")
    return not_met(
        f"{count(len(dossier.sections_missing), 'mandatory section')} not filled in.",
        fix=f"Still to fill in: {listed(dossier.sections_missing)}.",
    )


@rule(
    code="submission.in_english",
    title="The form is written in English",
    source="Terms of Reference, language of the application",
)
def in_english(dossier: Dossier, terms: CallTerms) -> Answer:
    if dossier.language is not None and dossier.language not in {"en", "eng"}:
        return not_met(
            f"The form declares the language {dossier.language}; the call asks for English (en).",
            fix="Write the form in English.",
        )

    texts = [text for section in (dossier.sections or {}).values() for text in section.values()]
    share = share_of_common_words(texts)
    if share is None:
        return to_be_checked("There is too little text to tell the language; an officer reads it.")
    return to_be_checked(f"{share} of 100 words are common English words; an officer confirms the language.")
