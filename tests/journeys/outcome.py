"""What is read of a decision before and after its announcement, by the applicant and by the public."""

from __future__ import annotations

from tests.journeys.people import Cast
from tests.journeys.plots import Plot


def make_the_paper(cast: Cast, reference: str, plot: Plot) -> None:
    """The application as PDF, which everybody who may read it can save from now on."""
    lead = cast.person(plot.call)
    lead.open(f"/applications/{reference}/pdf")
    lead.press("Make the PDF")
    lead.hears(f"/applications/{reference}/pdf", "The PDF is ready")


def assert_the_decision_is_kept(cast: Cast, reference: str, plot: Plot) -> None:
    """Before the announcement the applicant reads that the decision is pending."""
    lead, page = cast.person(plot.call), f"/applications/{reference}/"
    lead.hears(page, "Decision pending")
    assert plot.reasons not in lead.reads(page)


def read_the_outcome(cast: Cast, reference: str, plot: Plot) -> None:
    lead = cast.person(plot.call)
    lead.hears(f"/applications/{reference}/", "Network founded")
    assert "pproved" in lead.message("Decision", plot.lead.email)


def read_the_public_page(cast: Cast, plot: Plot) -> None:
    """Every city with the plan of its place in the network, and that all this is a demonstration."""
    public = cast.known.get("public") or cast.newcomer("public")
    public.open(f"/networks/{plot.slug}")
    public.sees("Demonstration")
    for city in (plot.city.name, *plot.partners):
        row = public.page.get_by_role("row").filter(has=public.page.get_by_role("rowheader", name=city))
        plan = plot.plan_of_lead if city == plot.city.name else plot.plan_of_partner
        assert row.count() == 1, city
        assert plan in row.inner_text(), f"{city}: {row.inner_text()}"
