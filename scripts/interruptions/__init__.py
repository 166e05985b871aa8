"""Interruptions: what somebody has typed comes back from every refusal, and only to whoever typed it."""
