"""Closing trial: many submit within the last second before a call closes, on the real servers."""
