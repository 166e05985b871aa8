"""Rows for tests, built through the tables; each builder commits and returns what it made."""
