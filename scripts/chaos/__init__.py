"""Chaos trial: kills parts of the running program at random while people work with it, and counts what is lost."""
