"""The rule codes that every network type names."""

EVERY_NETWORK = (
    "submission.on_time",
    "submission.complete",
    "submission.in_english",
    "lead_partner.is_city",
    "lead_partner.leads_once",
    "partnership.size",
    "partnership.distinct",
    "partnership.non_city",
    "partnership.participations",
    "geography.countries",
    "geography.legal_floor",
    "geography.one_per_country",
    "geography.regional_balance",
    "geography.region_known",
    "geography.eligible_countries",
    "geography.ipa_ndici_limit",
    "documents.lead_letter",
    "documents.partner_letters",
    "budget.ceiling",
    "budget.consistent",
    "financing.rates",
    "content.theme",
    "schedule.call_dates",
    "declarations.exclusion",
)

# The lead partner passes on something that it holds: both transfer types name these as well.
TRANSFER = ("lead_partner.holds_label", "content.practice_named")
