"""Sends anything at all through every form and the interface for programs, and says what came of it."""
