"""Whether an agency that a city owns is a city: each call says it, and the dossier follows."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.factories.applications import draft, row
from tests.factories.calls import open_call
from urbact_calls.applications.reads.dossier import build_dossier
from urbact_calls.database import db, transaction
from urbact_calls.domain.eligibility.rulebook import RULEBOOK
from urbact_calls.domain.vocabulary import OrganisationCategory, PartnerKind
from urbact_calls.organisations.models import Organisation

pytestmark = pytest.mark.usefixtures("session")


@pytest.mark.parametrize(
    ("counts", "category", "kind", "outcome"),
    [
        (True, OrganisationCategory.CITY_AGENCY, PartnerKind.CITY, "to_be_checked"),
        (False, OrganisationCategory.CITY_AGENCY, PartnerKind.NON_CITY, "not_met"),
        (False, OrganisationCategory.CITY_METRO, PartnerKind.CITY, "to_be_checked"),
    ],
)
def test_an_agency_leads_where_its_call_counts_it_as_a_city(
    now: datetime, counts: bool, category: OrganisationCategory, kind: PartnerKind, outcome: str
):
    call = open_call(db.session, now, agency_counts_as_city=counts)
    terms, started = call.terms, draft(call, now)
    with transaction() as session:
        session.get_one(Organisation, started.organisation.id).category = category

    dossier = build_dossier(db.session(), row(started.reference), now)

    assert dossier.lead.kind is kind
    assert RULEBOOK["lead_partner.is_city"].examine(dossier, terms, is_named=True).outcome == outcome
