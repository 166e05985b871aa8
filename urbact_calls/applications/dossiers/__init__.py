"""Drafts filled from a dossier of the exchange format."""
