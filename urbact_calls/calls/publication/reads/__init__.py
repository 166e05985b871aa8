"""Reads of published calls."""
