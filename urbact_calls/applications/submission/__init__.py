"""Submission and the life of an application: its facts, its page, the steps that can be taken."""
