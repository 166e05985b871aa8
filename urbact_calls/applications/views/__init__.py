"""Pages of those who write applications."""

from urbact_calls.applications.views import (
    budget,
    documents,
    invitations,
    listing,
    new_partner,
    partners,
    printing,
    sections,
)
from urbact_calls.applications.views.blueprint import blueprint

__all__ = [
    "blueprint",
    "budget",
    "documents",
    "invitations",
    "listing",
    "new_partner",
    "partners",
    "printing",
    "sections",
]
