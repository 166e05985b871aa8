"""Reads of recommendations: one recommendation of a network."""

from __future__ import annotations

from urbact_calls.domain.refusal import NotFound
from urbact_calls.networks.models import Network, Recommendation


def recommendation_of(network: Network, recommendation_id: int) -> Recommendation:
    """A recommendation of the network, published or not. Raises NotFound."""
    found = next((each for each in network.recommendations if each.id == recommendation_id), None)
    if found is None:
        raise NotFound(f"recommendation {recommendation_id}")
    return found
