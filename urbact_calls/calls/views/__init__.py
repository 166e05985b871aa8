"""The calls for the public, and their terms and dates for the Joint Secretariat."""

from urbact_calls.calls.views import office, public, subscriptions, terms
from urbact_calls.calls.views.blueprint import blueprint

__all__ = ["blueprint", "office", "public", "subscriptions", "terms"]
