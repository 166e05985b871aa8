"""Public pages: networks and cities, from an allow-list of published columns."""
