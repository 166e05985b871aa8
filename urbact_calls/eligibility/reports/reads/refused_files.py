"""Files that were refused after they were submitted: the dossier without them."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application, Document, Partner
from urbact_calls.applications.reads.dossier import profile_gaps, profile_of
from urbact_calls.domain.dossier import Dossier
from urbact_calls.domain.network_types import kind_of
from urbact_calls.domain.vocabulary import FileState
from urbact_calls.eligibility.reports.reads.report import partners_with_letters
from urbact_calls.files.models import StoredFile
from urbact_calls.files.reads import counts


def without_refused_files(session: Session, application: Application, dossier: Dossier) -> Dossier:
    """The dossier as if the files that were refused since it was submitted had never been brought."""
    # Of thousands of applications hardly one has such a file.
    refused = exists().where(
        Partner.application_id == application.id,
        Document.partner_id == Partner.id,
        StoredFile.storage_key == Document.storage_key,
        StoredFile.state == FileState.REFUSED,
    )
    if not session.scalar(select(refused)):
        return dossier
    partners = partners_with_letters(session, application.id)
    # Nobody adds or removes partners after a submission; should it ever happen, nobody loses a file of another.
    if len(partners) != len(dossier.partners):
        return dossier
    for number, partner in enumerate(partners):
        if not all(counts(document.file) for document in partner.documents):
            dossier = _without_files_of(dossier, number, partner, application)
    return dossier


def _without_files_of(dossier: Dossier, number: int, partner: Partner, application: Application) -> Dossier:
    facts, profiles = list(dossier.partners), list(dossier.profiles or ())
    missing = list(dossier.sections_missing or ())
    terms = application.call.terms
    if partner.letter is None:
        facts[number] = replace(facts[number], letter_of_commitment=False)
    if number < len(profiles):
        profiles[number] = profile_of(partner, terms)
    kind, name = kind_of(terms), f"Profile of {partner.organisation.name}"
    if kind and profile_gaps(partner, kind) and name not in missing:
        missing.append(name)
    return replace(
        dossier,
        partners=tuple(facts),
        profiles=None if dossier.profiles is None else tuple(profiles),
        sections_missing=None if dossier.sections_missing is None else tuple(missing),
    )
