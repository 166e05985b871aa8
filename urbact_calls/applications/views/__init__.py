"""Pages of those who write applications."""

from urbact_calls.applications.views import budget, documents, listing, new_partner, partners, sections
from urbact_calls.applications.views.blueprint import blueprint

__all__ = ["blueprint", "budget", "documents", "listing", "new_partner", "partners", "sections"]
