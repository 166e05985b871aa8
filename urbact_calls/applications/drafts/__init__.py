"""Drafts: the sections of the form, written and read."""
